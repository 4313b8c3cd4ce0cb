/*
 * Sees fatal signals before anybody else does, writes them into the record, and then lets happen what would have happened:
 * the program's own handler runs, or the signal kills it. The program never learns of it: sigaction(2) and its kin tell it
 * what it had set itself.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shim.h"

static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};
enum { fatal_count = sizeof fatal / sizeof fatal[0] };

/* What the program has set for each; at first, what it would have inherited. */
static struct sigaction theirs[fatal_count];
static bool watching;
/*
 * No system call of ours may be allowed when the signal comes: the kernel itself then sets it back to its default. (Only then:
 * a second thread that dies meanwhile would not wait until the first one is in the record.)
 */
static bool is_sandboxed;

/* For a stack overflow. Of the main thread only: other threads die without a stack in the record. */
static char signal_stack[256 * 1024];

static struct {
  int (*sigaction)(int, const struct sigaction *, struct sigaction *);
  sighandler_t (*signal)(int, sighandler_t);
  sighandler_t (*sysv_signal)(int, sighandler_t);
} next;

void crash_start(void) {
  shim_look_up(&next.sigaction, "sigaction");
  shim_look_up(&next.signal, "signal");
  shim_look_up(&next.sysv_signal, "__sysv_signal");
}

static int system_sigaction(int number, const struct sigaction *action, struct sigaction *old) {
  if (next.sigaction == NULL) crash_start();
  return next.sigaction(number, action, old);
}

static int index_of(int number) {
  for (int index = 0; index < fatal_count; index++) {
    if (fatal[index] == number) return index;
  }
  return -1;
}

static void let_die(int number, const siginfo_t *info) {
  struct sigaction action = {.sa_handler = SIG_DFL};
  if (!is_sandboxed) system_sigaction(number, &action, NULL);
  /* A fault comes again when the instruction does; what was sent, and what the instruction has behind it, does not. */
  bool comes_again = info->si_code > 0 && number != SIGTRAP && number != SIGSYS;
  if (!comes_again) syscall(SYS_tgkill, getpid(), (pid_t)syscall(SYS_gettid), number);
}

static void on_fatal(int number, siginfo_t *info, void *context) {
  int error = errno;
  int index = index_of(number);
  if (shim_record != NULL) {
    shim_inside++;
    record_crash(shim_record, number, info, context);
    shim_inside--;
  }
  errno = error;
  struct sigaction handler = theirs[index];
  if ((handler.sa_flags & SA_RESETHAND) != 0) theirs[index].sa_handler = SIG_DFL;
  if ((handler.sa_flags & SA_SIGINFO) != 0 && handler.sa_sigaction != NULL) {
    handler.sa_sigaction(number, info, context);
  } else if (handler.sa_handler == SIG_DFL) {
    let_die(number, info);
  } else if (handler.sa_handler != SIG_IGN) {
    handler.sa_handler(number);
  }
}

/* Sets our handler with the program's mask and flags, so that its handler runs as it asked. */
static int set_watch(int index) {
  struct sigaction action = theirs[index];
  if ((action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_IGN) {
    return system_sigaction(fatal[index], &action, NULL);
  }
  bool by_default = (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_DFL;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | (action.sa_flags & (SA_NODEFER | SA_RESTART));
  if (by_default && is_sandboxed) action.sa_flags |= SA_RESETHAND;
  action.sa_sigaction = on_fatal;
  return system_sigaction(fatal[index], &action, NULL);
}

void crash_watch(void) {
  stack_t stack = {.ss_sp = signal_stack, .ss_size = sizeof signal_stack};
  stack_t old;
  if (sigaltstack(NULL, &old) == 0 && (old.ss_flags & SS_DISABLE) != 0) sigaltstack(&stack, NULL);
  for (int index = 0; index < fatal_count; index++) {
    if (system_sigaction(fatal[index], NULL, &theirs[index]) == 0) set_watch(index);
  }
  watching = true;
}

void crash_before_sandbox(void) {
  is_sandboxed = true;
  for (int index = 0; index < fatal_count && watching; index++) set_watch(index);
}

/* In a forked child: signals go where the program wants them. */
void crash_forget(void) {
  watching = false;
  for (int index = 0; index < fatal_count; index++) system_sigaction(fatal[index], &theirs[index], NULL);
}

EXPORTED int sigaction(int number, const struct sigaction *action, struct sigaction *old) {
  int index = watching ? index_of(number) : -1;
  if (index < 0) return system_sigaction(number, action, old);
  struct sigaction before = theirs[index];
  if (action != NULL) {
    theirs[index] = *action;
    if (set_watch(index) != 0) return -1;
  }
  if (old != NULL) *old = before;
  return 0;
}

/* libc's own do not come through sigaction. BSD's way is what `signal` means by default, System V's under strict standards. */
static sighandler_t set_handler(int number, sighandler_t handler, bool system_v) {
  if (next.sigaction == NULL) crash_start();
  if (!watching || index_of(number) < 0) {
    return system_v && next.sysv_signal != NULL ? next.sysv_signal(number, handler) : next.signal(number, handler);
  }
  struct sigaction action = {.sa_handler = handler, .sa_flags = system_v ? SA_RESETHAND | SA_NODEFER : SA_RESTART};
  struct sigaction old;
  sigemptyset(&action.sa_mask);
  if (!system_v) sigaddset(&action.sa_mask, number);
  return sigaction(number, &action, &old) == 0 ? old.sa_handler : SIG_ERR;
}

EXPORTED sighandler_t signal(int number, sighandler_t handler) { return set_handler(number, handler, false); }
EXPORTED sighandler_t bsd_signal(int number, sighandler_t handler) { return set_handler(number, handler, false); }
EXPORTED sighandler_t sysv_signal(int number, sighandler_t handler) { return set_handler(number, handler, true); }
EXPORTED sighandler_t __sysv_signal(int number, sighandler_t handler) { return set_handler(number, handler, true); }
