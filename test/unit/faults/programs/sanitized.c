/* An error for each sanitizer, by the first argument: of ours when the allocation fails, or at once ("now"). */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct point { int x, y; };

static volatile int shared;

static void *race(void *unused) {
  (void)unused;
  shared++; /* race */
  return NULL;
}

static void use_after_free(void) {
  char *volatile gone = malloc(10);
  free(gone);
  gone[3] = 'x'; /* freed */
}

static void lose(void) {
  void *volatile lost = malloc(77); /* lost */
  lost = NULL;
}

static int overflow(int number) { return number + 0x7fffffff; /* overflow */ }

static int use_uninitialized(void) {
  int *volatile numbers = malloc(40);
  if (numbers[3] > 0) return 1; /* uninitialized */
  return 0;
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  if (strcmp(what, "freed") == 0) use_after_free();
  if (strcmp(what, "lost") == 0) lose();
  if (strcmp(what, "overflow") == 0) printf("%d\n", overflow(argc));
  if (strcmp(what, "uninitialized") == 0) printf("%d\n", use_uninitialized());
  if (strcmp(what, "race") == 0) {
    pthread_t thread;
    pthread_create(&thread, NULL, race, NULL);
    race(NULL);
    pthread_join(thread, NULL);
  }
  struct point *volatile point = malloc(sizeof *point); /* allocation */
  if (strcmp(what, "null") == 0) {
    if (point == NULL) printf("%d\n", overflow(argc));
    return 0;
  }
  free(point);
  return 0;
}
