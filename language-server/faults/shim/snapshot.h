#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include <sys/types.h>

#include "leaks.h"

/*
 * Snapshot mode: one run of the program gives the verdict of many allocations. Where a chosen one is asked for, the program
 * is copied by fork; the copy sees the failure and goes on alone, the original goes on as if nothing were. Three kinds of
 * processes:
 *
 *   the supervisor   what was started. It never becomes the program; it starts it, and is the parent of the copies too.
 *   the program      runs cleanly to its end, and waits where as many copies run as are allowed.
 *   the copies       one for each chosen allocation, each with standard output and error, file offsets and a record of its own.
 *
 * The supervisor reads what it is to do from its standard input, and writes what came of it to its standard output:
 * language-server/faults/snapshot/messages.ts reads that.
 */
enum { most_slots = 16, most_reason = 96 };

/* Of a copy while it lasts; of the program, in the slot behind the last. */
struct slot {
  atomic_uint taken;
  /* Written by the kernel before the copy runs. */
  pid_t pid;
  uint64_t number;
  uint32_t stack;
  uint64_t started_ns;
  /* What the program had written before, in bytes: these come first in what the copy has written. */
  uint64_t before[2];
  /* Why it cannot be judged; empty: it can. A copy of the program that writes a file, say: none may be written. */
  char reason[most_reason];
  struct record record;
  struct leaks leaks;
};

/* What all of these processes share. */
struct area {
  /* Counts the slots that were given back; the program waits for it to change. */
  atomic_uint given_back;
  /* Time that the program spent waiting; since when it has been, 0: it is not. */
  atomic_uint_least64_t waited_ns, waiting_since_ns;
  /* Why the program could not be copied any more; empty: it could. */
  char reason[most_reason];
  struct slot slots[most_slots + 1];
};

struct planned {
  uint64_t number;
  /* The same for allocations from the same call stack; no_stack: it is not known. */
  uint32_t stack;
};
static const uint32_t no_stack = UINT32_MAX;

struct snapshot_plan {
  /* Ascending. */
  const struct planned *all;
  size_t count;
  bool all_from;
  uint64_t slots;
  uint64_t copy_deadline_ms, program_deadline_ms;
  /* Of each of the two streams. */
  uint64_t output_bytes;
  /* After so many copies that hung from one call stack, no more are made there; 0: no limit. */
  uint64_t hangs;
};

extern struct area *snapshot_area;
extern struct snapshot_plan snapshot_plan;
/* So many copies have hung, by their call stack. */
extern atomic_uchar *snapshot_hangs;
/* Descriptors of the supervisor's, in its process alone: files in memory for the two streams of each slot. */
extern int snapshot_captures[most_slots + 1][2];
/* "/proc/SUPERVISOR/fd/": where the others open them. */
extern char snapshot_capture_folder[40];

/* descriptors.c. */
/* Each descriptor of this process, until one gives a reason, which is returned. */
const char *descriptors_each(const char *(*note)(int fd));
/* In the supervisor, before it opens anything. */
void descriptors_know_inherited(void);
/* In the program, once it has its own standard output and error. */
void descriptors_know_streams(void);
/* In the program, just before it is copied. Returns why it cannot be with what it has open, to stand behind "it "; NULL: it can. */
const char *descriptors_note(void);
/* In the copy, while the program may read and write on. False: something could not be opened again. */
bool descriptors_part(const struct slot *slot);
/* What the program has written to standard output and error, in bytes, when descriptors_note was called last. */
extern uint64_t descriptors_sizes[2];

/* Puts the decimal digits of a number to the end of a text. */
void snapshot_append(char *text, uint64_t value);
/* For writing, the file of a stream of a slot; -1: it cannot be opened. */
int snapshot_open_capture(const struct slot *slot, int stream);

/* supervise.c. Does not return. */
void supervise(pid_t program, int listener);

/* purity.c. */
/* From here on, what would be seen outside of the process that does it is asked for first. Returns the descriptor on which it is; -1: cannot be. */
int purity_listen(void);
/* Whether the clone(2) that copies the program, with these flags, passes unasked. */
enum { purity_start_flags = 0x00100000 | 17, purity_copy_flags = 0x00100000 | 0x00008000 | 17 };
struct seccomp_notif;
/* NULL: harmless. Else what it is, to stand behind "it ". */
const char *purity_judge(const struct seccomp_notif *asked);

uint64_t snapshot_now_ns(void);

#endif
