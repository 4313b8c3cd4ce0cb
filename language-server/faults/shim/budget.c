/*
 * Memory in use, in bytes, as malloc_usable_size(3) has them: a layer around the real functions that is put in only where a
 * rule asks for it.
 */
#include "next.h"

static struct next real;
static size_t (*usable_size)(void *);
static atomic_size_t in_use;

size_t budget_in_use(void) { return atomic_load_explicit(&in_use, memory_order_relaxed); }

size_t budget_size_of(const void *block) {
  return block == NULL || bootstrap_has(block) || usable_size == NULL ? 0 : usable_size((void *)block);
}

static void *taken(void *block) {
  if (block != NULL) atomic_fetch_add_explicit(&in_use, usable_size(block), memory_order_relaxed);
  return block;
}

/* Blocks of before are in the sum as if they had been taken: it never falls below nothing. */
static void given_back(size_t size) {
  size_t before = budget_in_use();
  while (!atomic_compare_exchange_weak_explicit(&in_use, &before, before < size ? 0 : before - size, memory_order_relaxed,
                                                memory_order_relaxed)) {
  }
}

static void *count_malloc(size_t size) { return taken(real.malloc(size)); }

static void *count_calloc(size_t items, size_t size) { return taken(real.calloc(items, size)); }

static void count_free(void *block) {
  if (block == NULL) return;
  given_back(usable_size(block));
  real.free(block);
}

static void *count_realloc(void *block, size_t size) {
  size_t old = budget_size_of(block);
  void *moved = real.realloc(block, size);
  bool freed = size == 0 && block != NULL && moved == NULL;
  if (moved != NULL || freed) given_back(old);
  return taken(moved);
}

static int count_posix_memalign(void **block, size_t alignment, size_t size) {
  int failure = real.posix_memalign(block, alignment, size);
  if (failure == 0) taken(*block);
  return failure;
}

static void *count_aligned_alloc(size_t alignment, size_t size) { return taken(real.aligned_alloc(alignment, size)); }

static void *count_memalign(size_t alignment, size_t size) { return taken(real.memalign(alignment, size)); }

static void *count_valloc(size_t size) { return taken(real.valloc(size)); }

static void *count_pvalloc(size_t size) { return taken(real.pvalloc(size)); }

bool budget_count(void) {
  shim_look_up(&usable_size, "malloc_usable_size");
  if (usable_size == NULL) return false;
  real = next;
  next = (struct next){
      count_malloc,        count_calloc,   count_realloc, count_free,    count_posix_memalign,
      count_aligned_alloc, count_memalign, count_valloc,  count_pvalloc,
  };
  return true;
}
