/*
 * What the loader allocates before the real functions are known, or while they are looked up, comes from a buffer, and may be
 * freed and reallocated ever after.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "next.h"

static _Alignas(64) char buffer[65536];
static atomic_size_t used;

bool bootstrap_has(const void *block) { return (uintptr_t)block - (uintptr_t)buffer < sizeof buffer; }

/* Blocks are zero, since none is given out twice; their size stands before them. */
static void *allocate(size_t alignment, size_t size) {
  if (size > sizeof buffer || alignment > 4096) return NULL;
  if (alignment < 16) alignment = 16;
  size_t room = alignment + ((size + 31) & ~(size_t)15);
  size_t start = atomic_fetch_add(&used, room);
  if (start + room > sizeof buffer) return NULL;
  uintptr_t at = ((uintptr_t)buffer + start + 16 + alignment - 1) & ~(uintptr_t)(alignment - 1);
  memcpy((char *)at - sizeof size, &size, sizeof size);
  return (void *)at;
}

static size_t size_of(const void *block) {
  size_t size;
  memcpy(&size, (const char *)block - sizeof size, sizeof size);
  return size;
}

static void *copy_to(void *moved, const void *block, size_t size) {
  if (moved == NULL || block == NULL) return moved;
  size_t old = size_of(block);
  return memcpy(moved, block, old < size ? old : size);
}

/* ---- Before the real functions are known. ---- */

static void *early_malloc(size_t size) { return allocate(0, size); }

static void *early_calloc(size_t items, size_t size) {
  size_t total;
  return __builtin_mul_overflow(items, size, &total) ? NULL : allocate(0, total);
}

static void *early_realloc(void *block, size_t size) { return copy_to(allocate(0, size), block, size); }

static void early_free(void *block) { (void)block; }

static int early_posix_memalign(void **block, size_t alignment, size_t size) {
  *block = allocate(alignment, size);
  return *block == NULL ? ENOMEM : 0;
}

static size_t page(void) { return (size_t)sysconf(_SC_PAGESIZE); }

static void *early_valloc(size_t size) { return allocate(page(), size); }

struct next next = {
    early_malloc, early_calloc, early_realloc, early_free, early_posix_memalign, allocate, allocate, early_valloc, early_valloc,
};

/* ---- Afterwards. ---- */

static struct next real;

static void late_free(void *block) {
  if (UNLIKELY(bootstrap_has(block))) return;
  real.free(block);
}

static void *late_realloc(void *block, size_t size) {
  if (LIKELY(!bootstrap_has(block))) return real.realloc(block, size);
  return copy_to(real.malloc(size), block, size);
}

void bootstrap_leave(void) {
  if (atomic_load(&used) == 0) return;
  real = next;
  next.free = late_free;
  next.realloc = late_realloc;
}
