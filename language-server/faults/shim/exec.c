/*
 * Notes that the program becomes another one: then what was counted is not what was meant. The exec functions of libc do not
 * call each other by name, so each is stood in front of; only on the way to the record, the call itself is libc's.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "shim.h"

static struct {
  int (*execv)(const char *, char *const[]);
  int (*execve)(const char *, char *const[], char *const[]);
  int (*execvp)(const char *, char *const[]);
  int (*execvpe)(const char *, char *const[], char *const[]);
  int (*fexecve)(int, char *const[], char *const[]);
} next;

static void look_up(void) {
  if (next.fexecve != NULL) return;
  shim_look_up(&next.execv, "execv");
  shim_look_up(&next.execve, "execve");
  shim_look_up(&next.execvp, "execvp");
  shim_look_up(&next.execvpe, "execvpe");
  shim_look_up(&next.fexecve, "fexecve");
}

/* Where it is the recorded process itself: after vfork(2) a child shares its memory. */
static bool note(const char *program) {
  struct record *record = shim_record;
  look_up();
  if (record == NULL || shim_follows || atomic_load(&record->owner) != (uint64_t)getpid()) return false;
  strncpy(record->replaced_by, program, sizeof record->replaced_by - 1);
  return true;
}

/* Back here, nothing has become of it. */
static int failed(bool noted, int result) {
  if (noted) shim_record->replaced_by[0] = '\0';
  return result;
}

EXPORTED int execv(const char *path, char *const arguments[]) {
  bool noted = note(path);
  return failed(noted, next.execv(path, arguments));
}

EXPORTED int execve(const char *path, char *const arguments[], char *const environment[]) {
  bool noted = note(path);
  return failed(noted, next.execve(path, arguments, environment));
}

EXPORTED int execvp(const char *file, char *const arguments[]) {
  bool noted = note(file);
  return failed(noted, next.execvp(file, arguments));
}

EXPORTED int execvpe(const char *file, char *const arguments[], char *const environment[]) {
  bool noted = note(file);
  return failed(noted, next.execvpe(file, arguments, environment));
}

EXPORTED int fexecve(int file, char *const arguments[], char *const environment[]) {
  bool noted = note(arguments[0] == NULL ? "" : arguments[0]);
  return failed(noted, next.fexecve(file, arguments, environment));
}

/* How many arguments there are, the closing NULL too. */
static size_t count_arguments(va_list list) {
  size_t count = 2;
  while (va_arg(list, char *) != NULL) count++;
  return count;
}

/* For execl and its like: an array of the arguments on the stack, and `list` behind their closing NULL. */
#define GATHER(first, list)                                                    \
  va_list list, counted;                                                       \
  va_start(list, first);                                                       \
  va_copy(counted, list);                                                      \
  size_t count = first == NULL ? 1 : count_arguments(counted);                 \
  va_end(counted);                                                             \
  char *arguments[count];                                                      \
  memcpy(&arguments[0], &first, sizeof first);                                 \
  for (size_t at = 1; at < count; at++) arguments[at] = va_arg(list, char *)

EXPORTED int execl(const char *path, const char *first, ...) {
  GATHER(first, list);
  va_end(list);
  return execv(path, arguments);
}

EXPORTED int execlp(const char *file, const char *first, ...) {
  GATHER(first, list);
  va_end(list);
  return execvp(file, arguments);
}

EXPORTED int execle(const char *path, const char *first, ...) {
  GATHER(first, list);
  char *const *environment = va_arg(list, char *const *);
  va_end(list);
  return execve(path, arguments, environment);
}
