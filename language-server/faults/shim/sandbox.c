/*
 * A program that shuts itself into a sandbox (seccomp(2)) may be killed for any system call of the shim's. What those are for
 * is fetched before: prctl(2) is how a process says that it will, libseccomp does so too.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <sys/prctl.h>

#include "shim.h"

EXPORTED int prctl(int option, ...) {
  static int (*next)(int, unsigned long, unsigned long, unsigned long, unsigned long);
  unsigned long arguments[4];
  va_list list;
  va_start(list, option);
  for (size_t index = 0; index < 4; index++) arguments[index] = va_arg(list, unsigned long);
  va_end(list);
  if (next == NULL) shim_look_up(&next, "prctl");
  bool shuts_in = option == PR_SET_SECCOMP || (option == PR_SET_NO_NEW_PRIVS && arguments[0] == 1);
  if (shuts_in && shim_record != NULL) {
    record_before_sandbox(shim_record);
    crash_before_sandbox();
  }
  return next(option, arguments[0], arguments[1], arguments[2], arguments[3]);
}
