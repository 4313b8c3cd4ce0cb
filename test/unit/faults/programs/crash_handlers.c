/* What programs make of their own death, by the first argument. */
#define _GNU_SOURCE
#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int status;

static void say(const char *text) {
  if (write(2, text, strlen(text)) < 0) _exit(9);
}

static void leave(int number) {
  (void)number;
  _exit(status);
}

static void apologize(int number) {
  (void)number;
  say("app.c:1:1: internal compiler error: Segmentation fault\n");
  _exit(4);
}

/* As Python's faulthandler does: says so, and lets the signal have its way. */
static void report(int number) {
  say("Fatal Python error: Segmentation fault\n");
  signal(number, SIG_DFL);
  raise(number);
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  if (strcmp(what, "exit-zero") == 0) signal(SIGSEGV, leave);
  if (strcmp(what, "compiler") == 0) signal(SIGSEGV, apologize);
  if (strcmp(what, "faulthandler") == 0) signal(SIGSEGV, report);
  volatile char *block = malloc(10); /* allocation */
  if (block == NULL) {
    if (strcmp(what, "glib") == 0) {
      say("\n(app:12): GLib-ERROR **: 10:00:00.000: gmem.c:106: failed to allocate 10 bytes\n");
      raise(SIGTRAP);
    }
    if (strcmp(what, "rust") == 0) {
      say("\nthread 'main' panicked at src/main.rs:5:10:\nno memory\n");
      return 101;
    }
    if (strcmp(what, "assert") == 0) assert(block != NULL); /* assert */
  }
  block[0] = 'x'; /* crash */
  if (write(1, "done\n", 5) != 5) return 9;
  free((void *)block);
  return 0;
}
