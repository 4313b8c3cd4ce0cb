/* One program with bad manners of each kind, which its first argument names. It allocates six times from one place. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int is(const char *what, const char *name) { return strcmp(what, name) == 0; }

static void print(const char *text) {
  if (write(1, text, strlen(text)) < 0) _exit(9);
}

/* Leaves a process behind that is in no group of ours. */
static void start_daemon(void) {
  if (fork() != 0) return;
  setsid();
  if (fork() != 0) _exit(0);
  for (;;) pause();
}

static void flood(size_t blocks) {
  static char block[1 << 20];
  memset(block, 'x', sizeof block);
  for (size_t i = 0; i < blocks; i++)
    if (write(1, block, sizeof block) < 0) _exit(9);
}

static int say_size_and_grow(const char *name) {
  int file = open(name, O_RDWR | O_CREAT | O_APPEND, 0600);
  struct stat status;
  if (file < 0 || fstat(file, &status) != 0 || write(file, "x", 1) != 1) return 1;
  char text[32];
  snprintf(text, sizeof text, "%d\n", (int)status.st_size);
  print(text);
  return 0;
}

static void leave_temporary_file(void) {
  char name[4096];
  const char *folder = getenv("TMPDIR");
  snprintf(name, sizeof name, "%s/left-XXXXXX", folder == NULL ? "/tmp" : folder);
  if (mkstemp(name) < 0) _exit(8);
  print(folder == NULL ? "/tmp" : folder);
  print("\n");
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  if (is(what, "stubborn")) signal(SIGTERM, SIG_IGN);
  if (is(what, "daemon")) start_daemon();
  if (is(what, "flood")) flood(16);
  if (is(what, "temporary")) leave_temporary_file();
  for (int i = 0; i < 6; i++) {
    char *block = malloc(10); /* allocation */
    if (block != NULL) {
      free(block);
      continue;
    }
    if (is(what, "hang") || is(what, "stubborn")) for (;;) pause();
    if (is(what, "flood")) for (;;) flood(1);
    if (is(what, "careless")) *(volatile char *)block = 0;
    return 1;
  }
  if (is(what, "grow")) return say_size_and_grow("state");
  if (is(what, "delete")) {
    char folder[4096];
    if (getcwd(folder, sizeof folder) == NULL || unlink("state") != 0 || rmdir(folder) != 0) return 1;
  }
  print("done\n");
  return 0;
}
