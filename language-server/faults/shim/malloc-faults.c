/*
 * Stands in front of malloc and its kin (LD_PRELOAD) and makes calls return NULL with errno ENOMEM: those after the first
 * MALLOC_MAX_CALLED, or those that a rule names. Each process has its own count, from its first call on. docs/malloc-faults.md
 * lists the variables that it reads (start.c).
 *
 * The hot path has no lock and one increment (gate.h), and leaves by a jump. The shim allocates nothing; what the loader
 * allocates for it while it starts comes from a buffer of its own and may be freed (bootstrap.c).
 */
#define _GNU_SOURCE
#include <errno.h>

#include "gate.h"
#include "next.h"

#define COLD __attribute__((noinline, cold))

/*
 * What gate_passes lets pass goes straight on, by a jump and without a frame. What has to ask does so in a function of its own,
 * of whose frame the hot path is free.
 */

static COLD void *malloc_asking(size_t size, struct caller caller) {
  return gate_refuses(size, NULL, caller) ? NULL : next.malloc(size);
}

EXPORTED void *malloc(size_t size) {
  return gate_passes() ? next.malloc(size) : malloc_asking(size, CALLER);
}

static COLD void *calloc_asking(size_t items, size_t size, struct caller caller) {
  size_t total;
  if (__builtin_mul_overflow(items, size, &total)) total = SIZE_MAX;
  return gate_refuses(total, NULL, caller) ? NULL : next.calloc(items, size);
}

EXPORTED void *calloc(size_t items, size_t size) {
  return gate_passes() ? next.calloc(items, size) : calloc_asking(items, size, CALLER);
}

EXPORTED void free(void *block) { next.free(block); }

static COLD void *realloc_asking(void *block, size_t size, struct caller caller) {
  return gate_refuses(size, block, caller) ? NULL : next.realloc(block, size);
}

/* realloc(block, 0) frees in glibc: that is no request for memory, and refusing it would leak. */
EXPORTED void *realloc(void *block, size_t size) {
  bool frees = size == 0 && block != NULL;
  return frees || gate_passes() ? next.realloc(block, size) : realloc_asking(block, size, CALLER);
}

/* ---- The rest are rarer. ---- */

static inline bool refuses(size_t size, const void *old, struct caller caller) {
  return !gate_passes() && gate_refuses(size, old, caller);
}

/* Not the real reallocarray: glibc's calls realloc, and would be counted twice. */
EXPORTED void *reallocarray(void *block, size_t items, size_t size) {
  size_t total;
  if (__builtin_mul_overflow(items, size, &total)) {
    errno = ENOMEM;
    return NULL;
  }
  bool frees = total == 0 && block != NULL;
  return !frees && refuses(total, block, CALLER) ? NULL : next.realloc(block, total);
}

/* POSIX: the error is the value; errno stays as it was. */
EXPORTED int posix_memalign(void **block, size_t alignment, size_t size) {
  int before = errno;
  if (refuses(size, NULL, CALLER)) {
    errno = before;
    return ENOMEM;
  }
  return next.posix_memalign(block, alignment, size);
}

EXPORTED void *aligned_alloc(size_t alignment, size_t size) {
  return refuses(size, NULL, CALLER) ? NULL : next.aligned_alloc(alignment, size);
}

EXPORTED void *memalign(size_t alignment, size_t size) {
  return refuses(size, NULL, CALLER) ? NULL : next.memalign(alignment, size);
}

EXPORTED void *valloc(size_t size) { return refuses(size, NULL, CALLER) ? NULL : next.valloc(size); }

EXPORTED void *pvalloc(size_t size) { return refuses(size, NULL, CALLER) ? NULL : next.pvalloc(size); }
