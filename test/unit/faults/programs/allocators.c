/* Calls the allocator that its argument names, again and again, and says for each call what came of it. */
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char line[128];

static void say(int call, const void *block, int error) {
  int length = snprintf(line, sizeof line, "%d %s %s\n", call, block == NULL ? "NULL" : "block", strerrorname_np(error));
  if (write(1, line, length) != length) _exit(9);
}

int main(int argc, char **argv) {
  const char *which = argc > 1 ? argv[1] : "malloc";
  for (int call = 1; call <= 4; call++) {
    void *block = NULL;
    errno = 0;
    int error = -1;
    if (strcmp(which, "malloc") == 0) block = malloc(10);
    if (strcmp(which, "calloc") == 0) block = calloc(2, 5);
    if (strcmp(which, "realloc") == 0) block = realloc(NULL, 10);
    if (strcmp(which, "reallocarray") == 0) block = reallocarray(NULL, 2, 5);
    if (strcmp(which, "aligned_alloc") == 0) block = aligned_alloc(64, 128);
    if (strcmp(which, "memalign") == 0) block = memalign(64, 10);
    if (strcmp(which, "valloc") == 0) block = valloc(10);
    if (strcmp(which, "pvalloc") == 0) block = pvalloc(10);
    if (strcmp(which, "strdup") == 0) block = strdup(which);
    if (strcmp(which, "posix_memalign") == 0) error = posix_memalign(&block, 64, 10);
    say(call, block, error >= 0 ? error : errno);
    free(block);
  }
  return 0;
}
