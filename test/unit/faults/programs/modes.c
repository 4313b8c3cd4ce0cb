/* Bugs that only one way to fail shows: each behind a failure that is handled, or that comes with others. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int refuse(void) {
  return write(2, "out of memory\n", 14) == 14 ? 1 : 9;
}

/* Does without its cache, and comes to the bug if all that follows succeeds. */
static int recovers(void) {
  volatile char *cache = malloc(100); /* cache */
  void *volatile work = malloc(200);
  if (work == NULL) return refuse();
  cache[0] = 'x'; /* after recovery */
  return 0;
}

/* Tries again, and believes that this helps. */
static int retries(void) {
  volatile char *block = malloc(100);
  if (block == NULL) block = malloc(100); /* again */
  block[0] = 'x'; /* after retry */
  return 0;
}

/* Either of its two tables may be missing, but it never thought of both; what is between them has to be there. */
static int pairs(void) {
  char *volatile first = malloc(100);
  void *volatile between = malloc(5000);
  if (between == NULL) return refuse();
  char *volatile second = malloc(100); /* second table */
  if (first == NULL) second[0] = 'x'; /* both missing */
  return 0;
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  if (strcmp(what, "recovers") == 0) return recovers();
  if (strcmp(what, "retries") == 0) return retries();
  return pairs();
}
