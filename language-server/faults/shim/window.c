/*
 * When allocations count: from the first one on, from main on, or while the program itself says so (malloc-faults.h). What
 * comes while the window is shut passes without a number.
 */
#define _GNU_SOURCE
#include "gate.h"

static atomic_int open_windows;
static enum start opens;
static int (*program_main)(int, char **, char **);

bool window_is_open(void) { return atomic_load_explicit(&open_windows, memory_order_relaxed) > 0; }

static void add(int windows) {
  atomic_fetch_add(&open_windows, windows);
  gate_changed();
}

void window_start(enum start start) {
  opens = start;
  atomic_store(&open_windows, start == start_with_first ? 1 : 0);
}

EXPORTED void malloc_faults_open(void) { add(1); }

EXPORTED void malloc_faults_close(void) { add(-1); }

EXPORTED unsigned long long malloc_faults_count(void) { return atomic_load(gate.count); }

/* Leaves by a jump: no stack shows it. */
static int main_reached(int count, char **arguments, char **environment) {
  if (shim_start() && opens == start_with_main) add(1);
  return program_main(count, arguments, environment);
}

/* What a program's first instructions call, with its main; constructors have run by then, or are run behind it. */
EXPORTED int __libc_start_main(int (*start)(int, char **, char **), int count, char **arguments, void (*initialize)(void),
                               void (*finish)(void), void (*loader_finish)(void), void *stack_end);

EXPORTED int __libc_start_main(int (*start)(int, char **, char **), int count, char **arguments, void (*initialize)(void),
                               void (*finish)(void), void (*loader_finish)(void), void *stack_end) {
  __typeof__(__libc_start_main) *next_start;
  shim_look_up(&next_start, "__libc_start_main");
  program_main = start;
  return next_start(main_reached, count, arguments, initialize, finish, loader_finish, stack_end);
}
