/* Decides on each request whether it is refused: the part that is not on the hot path. */
#define _GNU_SOURCE
#include <errno.h>
#include <time.h>

#include "gate.h"

/* glibc 2.32 and later: not 0 while the process has one thread. */
#pragma GCC visibility push(default)
extern char __libc_single_threaded __attribute__((weak));
#pragma GCC visibility pop

static const char never_alone;
static atomic_uint_least64_t own_count;

struct gate gate = {.is_alone = &never_alone, .count = &own_count};

/* No allocation before this one fails. It only grows. */
static atomic_uint_least64_t soonest;

static atomic_uint_least64_t *stacks;
static uint64_t stacks_room;

/* No request from `from` on has to be asked about before the one with this number. */
static uint64_t next_question(uint64_t from) {
  uint64_t rule = rules_next(from), copy = snapshot_next();
  return rule < copy ? rule : copy;
}

void gate_note_stacks(atomic_uint_least64_t *into, uint64_t room) {
  stacks = into;
  stacks_room = room;
}

static atomic_uint_least64_t *times;
static uint64_t times_room;

void gate_note_times(atomic_uint_least64_t *into, uint64_t room) {
  times = into;
  times_room = room;
}

static void note_time(uint64_t number) {
  struct timespec now;
  if (times == NULL || number >= times_room || clock_gettime(CLOCK_MONOTONIC, &now) != 0) return;
  uint64_t nanoseconds = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
  atomic_store_explicit(&times[number], nanoseconds, memory_order_relaxed);
}

/* Whether the number alone decides. */
static bool is_plain(void) { return stacks == NULL && window_is_open() && !scope_is_set(); }

void gate_changed(void) { atomic_store(&gate.pass_below, is_plain() ? atomic_load(&soonest) : 0); }

void gate_start(bool counts_alone) {
  if (counts_alone && &__libc_single_threaded != NULL) gate.is_alone = &__libc_single_threaded;
  atomic_store(&soonest, next_question(0));
  gate_changed();
}

void gate_count_for_itself(void) {
  atomic_store(&own_count, atomic_load(gate.count));
  gate.count = &own_count;
  stacks = NULL;
  gate_changed();
}

static void note_failure(struct caller caller) {
  struct record *record = shim_record;
  if (record == NULL) return;
  shim_inside++;
  if (atomic_fetch_add(&record->failed, 1) == 0) {
    record->injected_hash = stack_hash(caller);
    record_injection(record, caller.pc);
  }
  record_last_failure(record, caller.pc);
  shim_inside--;
}

static void note_stack(uint64_t number, struct caller caller) {
  note_time(number);
  if (number >= stacks_room) return;
  shim_inside++;
  int error = errno;
  atomic_store_explicit(&stacks[number], stack_hash(caller), memory_order_relaxed);
  errno = error;
  shim_inside--;
}

static void look_ahead(uint64_t number) {
  uint64_t later = next_question(number + 1);
  uint64_t known = atomic_load_explicit(&soonest, memory_order_relaxed);
  /* Where the very next one may fail, there is nothing to gain. */
  if (later <= number + 1) return;
  while (later > known && !atomic_compare_exchange_weak(&soonest, &known, later)) {
  }
  gate_changed();
}

static uint64_t take_number(void) {
  if (!gate_is_alone()) return atomic_fetch_add_explicit(gate.count, 1, memory_order_acq_rel);
  uint64_t number = atomic_load_explicit(gate.count, memory_order_relaxed);
  atomic_store_explicit(gate.count, number + 1, memory_order_relaxed);
  return number;
}

/* Does nothing. Kept, and called, for debuggers. */
EXPORTED __attribute__((noinline)) void malloc_faults_injected(uint64_t number, size_t size) {
  __asm__ volatile("" : : "r"(number), "r"(size) : "memory");
}

/*
 * No failure is passed over: what this thread knows of the next one is older than its own number, and nobody moves it past a
 * number before that has been given out. The count's order (acquire and release) is what holds the two together.
 */
bool gate_refuses(size_t size, const void *old, struct caller caller) {
  if (shim_inside != 0 || !shim_start() || !window_is_open()) return false;
  if (scope_is_set() && !scope_has(caller)) return false;
  uint64_t safe_below = atomic_load_explicit(&soonest, memory_order_relaxed);
  uint64_t number = take_number();
  if (stacks != NULL) note_stack(number, caller);
  if (LIKELY(number < safe_below)) return false;
  if (number >= snapshot_next() && snapshot_take(number)) gate.count = &shim_record->called;
  look_ahead(number);
  if (!rules_match(&(struct request){number, size, old})) return false;
  note_failure(caller);
  malloc_faults_injected(number, size);
  errno = ENOMEM;
  return true;
}
