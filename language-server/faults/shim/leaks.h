#ifndef LEAKS_H
#define LEAKS_H

#include "shim.h"

#pragma GCC visibility push(hidden)

enum { most_leaks = 2048, most_files = 64, file_name_size = 256 };
enum { leaks_complete = 1, leaks_incomplete = 2 };

/* Blocks that one call stack asked for and that were not freed. language-server/faults/leak-report.ts reads it: change both. */
struct leak {
  /* As stack_hash has it: the same in each run. */
  uint64_t stack;
  uint64_t blocks, bytes, frame_count;
  uint64_t frames[stack_frames];
};

/* What is there when the program ends. */
struct leaks {
  /* 0: it did not end by itself; leaks_incomplete: there was more than could be followed. */
  uint64_t state;
  uint64_t leak_count, file_count, maps_size;
  uint64_t unused[4];
  struct leak all[most_leaks];
  /* Names of open files, as the kernel has them (readlink of /proc/self/fd/N). */
  char files[most_files][file_name_size];
  char maps[record_maps_size];
};

/* NULL: nothing is watched. A copy of the program has one of its own. */
extern struct leaks *leaks_report;
struct leaks *leaks_open(const char *path);
void leaks_watch(struct leaks *report);

#pragma GCC visibility pop

#endif
