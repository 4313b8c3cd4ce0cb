#ifndef NEXT_H
#define NEXT_H

#include "shim.h"

#pragma GCC visibility push(hidden)

/*
 * Where a request goes that is not refused: to the functions of the next object, and before those are known to the bootstrap
 * buffer. A layer (bootstrap.c once it has given blocks out, budget.c) keeps a copy of this table and puts its own in.
 */
struct next {
  void *(*malloc)(size_t);
  void *(*calloc)(size_t, size_t);
  void *(*realloc)(void *, size_t);
  void (*free)(void *);
  int (*posix_memalign)(void **, size_t, size_t);
  void *(*aligned_alloc)(size_t, size_t);
  void *(*memalign)(size_t, size_t);
  void *(*valloc)(size_t);
  void *(*pvalloc)(size_t);
};
extern struct next next;

/* bootstrap.c. Puts a layer in that knows the blocks of the buffer, where there are any. */
void bootstrap_leave(void);
bool bootstrap_has(const void *block);

/* budget.c. Puts a layer in that counts; false where the allocator cannot tell how large a block is. */
bool budget_count(void);

#pragma GCC visibility pop

#endif
