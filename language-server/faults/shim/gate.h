#ifndef GATE_H
#define GATE_H

#include "shim.h"

#pragma GCC visibility push(hidden)

/* What decides, on each request, whether it goes on or is refused. */
struct gate {
  /* Points to 0 where other threads or processes may count too (glibc's __libc_single_threaded). */
  const char *is_alone;
  /* In the record where there is one, so that it outlives the process. */
  atomic_uint_least64_t *count;
  /* Allocations with lower numbers pass. 0 where more has to be asked than a number. */
  atomic_uint_least64_t pass_below;
};
extern struct gate gate;

/* A hash of the stack of each allocation goes there, in order. */
void gate_note_stacks(atomic_uint_least64_t *into, uint64_t room);
/* The time of each of them goes there, beside its stack. */
void gate_note_times(atomic_uint_least64_t *into, uint64_t room);
/* The shim has started, and the rules are read. @counts_alone No other process has the same count. */
void gate_start(bool counts_alone);
/* In a forked child that counts for itself. */
void gate_count_for_itself(void);

/* Whether a request has to be refused that gate_passes did not let pass; errno is set then. */
bool gate_refuses(size_t size, const void *old, struct caller caller);
/* After a window has been opened or closed. */
void gate_changed(void);

static inline bool gate_is_alone(void) { return LIKELY(*gate.is_alone != 0); }

/*
 * The hot path: whether a request passes by its number, which is taken then. An increment that other threads see takes as long
 * as a small malloc: it is made only where there are any. (A handler that allocates where its signal came between the two
 * lines would be given the same number again; POSIX does not let it allocate, nor would glibc's malloc survive it.)
 */
static inline bool gate_passes(void) {
  if (!gate_is_alone()) return false;
  uint64_t number = atomic_load_explicit(gate.count, memory_order_relaxed);
  if (UNLIKELY(number >= atomic_load_explicit(&gate.pass_below, memory_order_relaxed))) return false;
  atomic_store_explicit(gate.count, number + 1, memory_order_relaxed);
  return true;
}

#pragma GCC visibility pop

#endif
