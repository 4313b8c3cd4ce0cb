/* One program, one bug of each kind: the allocation that its argument names is treated as the verdict says. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void print(int file, const char *text) {
  if (write(file, text, strlen(text)) < 0) _exit(9);
}

static void handle(int number) {
  print(2, "internal error\n");
  (void)number;
  _exit(70);
}

static int recurse(volatile char *above) {
  volatile char here[4096];
  here[0] = above[0];
  return recurse(here) + here[1];
}

static void (*callback)(void);

static void call_back(void *block) {
  if (block == NULL) callback(); /* call */
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  if (strcmp(what, "handler") == 0) signal(SIGSEGV, handle);
  if (strcmp(what, "action") == 0) {
    struct sigaction action = {.sa_handler = handle};
    sigaction(SIGSEGV, &action, NULL);
  }
  for (int more = argc > 2 ? atoi(argv[2]) : 0; more > 0; more--) free(malloc(1));
  volatile char *block = malloc(100); /* allocation */
  if (strcmp(what, "crash") == 0 || strcmp(what, "handler") == 0 || strcmp(what, "action") == 0) {
    block[0] = 'x'; /* crash */
  } else if (strcmp(what, "library") == 0) {
    print(2, strlen((const char *)block) > 1000 ? "long\n" : ""); /* library */
  } else if (strcmp(what, "overflow") == 0) {
    if (block == NULL) return recurse((volatile char *)what);
  } else if (strcmp(what, "callback") == 0) {
    call_back((void *)block);
  } else if (block == NULL) {
    if (strcmp(what, "abort") == 0) abort(); /* abort */
    if (strcmp(what, "raise") == 0) raise(SIGFPE);
    if (strcmp(what, "trap") == 0) {
#ifdef __x86_64__
      __asm__ volatile("int3");
#else
      raise(SIGTRAP);
#endif
    }
    if (strcmp(what, "hang") == 0) {
      while ((block = malloc(100)) == NULL) usleep(1000); /* hang */
    }
    if (strcmp(what, "clean") == 0) return print(2, "out of memory\n"), 1;
    if (strcmp(what, "silent") == 0) return 1;
    if (strcmp(what, "wrong") == 0) return print(1, "0 items\n"), 0;
    if (strcmp(what, "warn") == 0) print(2, "no memory for a cache\n");
  }
  print(1, "1 item\n");
  free((void *)block);
  return 0;
}
