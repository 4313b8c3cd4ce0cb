#ifndef SHIM_H
#define SHIM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the shim writes down, in a file that the sweep made and mapped MAP_SHARED: nothing is lost however the program dies.
 * All numbers have eight bytes in the machine's order. language-server/faults/record.ts reads it: change both.
 */
enum { record_frames = 64, record_last = 32, record_maps_size = 61440 };

struct record {
  uint64_t magic;               /*    0: set when the shim is in force. */
  atomic_uint_least64_t owner;  /*    8: process that the record is about. */
  atomic_uint_least64_t called; /*   16: allocations asked for, the failed ones too. */
  atomic_uint_least64_t failed; /*   24: of them, those that were made to fail. */
  uint64_t injected_count;      /*   32: frames of the first failed allocation. */
  uint64_t injected_maps_size;  /*   40 */
  uint64_t signal;              /*   48: the last fatal signal; 0: none. */
  uint64_t signal_by_fault;     /*   56: 1: the processor raised it; 0: somebody sent it. */
  uint64_t signal_address;      /*   64: si_addr. */
  uint64_t crash_count;         /*   72 */
  uint64_t crash_maps_size;     /*   80 */
  uint64_t last_count;          /*   88: frames of the last failed allocation. */
  uint64_t injected_hash;       /*   96: number of the first failed allocation's stack. */
  uint64_t unused[19];
  uint64_t injected[record_frames]; /*  256: addresses inside the call instructions, innermost first. */
  uint64_t crash[record_frames];    /*  768: the same where the signal came. */
  uint64_t last[record_last];       /* 1280: the same for the last failed allocation; to be read by crash_maps. */
  char replaced_by[1024];           /* 1536: the program that it became by exec; empty: none. */
  uint64_t unused_too[192];
  char injected_maps[record_maps_size]; /*  4096: the executable lines of /proc/self/maps at that time. */
  char crash_maps[record_maps_size];    /* 65536 */
};

/*
 * Beside it, where it is asked for: an array of one number for each allocation in its order, a hash of its innermost
 * stack_frames frames; 0 where it was not taken. Equal means the same stack, in other runs too.
 */
enum { stack_frames = 12 };

static const uint64_t record_magic = 0x3130544c55414644; /* "DFAULT01" in little-endian order. */

/* What the files of the shim share stays among them, and is reached without the loader's tables. */
#pragma GCC visibility push(hidden)

#define EXPORTED __attribute__((visibility("default")))
#define LIKELY(condition) __builtin_expect((condition), 1)
#define UNLIKELY(condition) __builtin_expect((condition), 0)

/* The shim works on this thread: allocations that come now are its own or the loader's for it, and pass uncounted. */
extern __thread int shim_inside __attribute__((tls_model("initial-exec")));

/* Who called a function of the shim: where that returns to, and what the stack pointer will be there. */
struct caller {
  uintptr_t pc, cfa;
};
#define CALLER ((struct caller){(uintptr_t)__builtin_return_address(0), (uintptr_t)__builtin_dwarf_cfa()})

/* NULL: nobody asked for a record, or this process is not the one that it is about. */
extern struct record *shim_record;

/* All processes that come of this one have one count and one record. */
extern bool shim_follows;

struct request {
  /* From 0. */
  uint64_t number;
  /* In bytes. */
  size_t size;
  /* To be reallocated; else NULL. */
  const void *old;
};

/* rules.c */
/* Takes "5,8-20,30-", "every:3", "probability:0.01:SEED", "size:64-4096", "budget:1000000", "total:1000000", or any of them
 * behind commas. False, and nothing taken, where it is not understood or there are more than 256. */
bool rules_add(const char *list);
void rules_add_all_from(uint64_t number);
void rules_forget(void);
/* Whether a rule is about the memory in use. */
bool rules_have_budget(void);
/* To be asked once for each request from the one on that rules_next has told. */
bool rules_match(const struct request *request);
/* No allocation from `from` on fails before the one with this number. It may be that this one does not fail either. */
uint64_t rules_next(uint64_t from);

/* budget.c, in bytes. */
size_t budget_in_use(void);
/* 0 where it is not known. */
size_t budget_size_of(const void *block);

/* scope.c */
/* False, and nothing is out of scope, where the terms are not understood. */
bool scope_set(const char *include, const char *exclude);
bool scope_is_set(void);
bool scope_has(struct caller caller);

/* window.c */
enum start { start_with_first, start_with_main, start_by_program };
void window_start(enum start start);
bool window_is_open(void);

/* record.c. None of it allocates; all of it may be called in a signal handler. */
/* A record that another process has already is only joined. NULL where there is no such file, or it may not be joined. */
struct record *record_open(const char *path, bool join);
void record_prime(void);
/* Maps the file of stacks. Returns its first number, and how many there are; NULL where there is no such file. */
atomic_uint_least64_t *record_open_stacks(const char *path, uint64_t *room);
/* Addresses inside the call instructions, innermost first, from the caller on. Returns how many. */
size_t record_walk(uint64_t *frames, size_t room, uintptr_t caller);
/* From here on, it makes no system call. */
void record_before_sandbox(struct record *record);
void record_injection(struct record *record, uintptr_t caller);
void record_last_failure(struct record *record, uintptr_t caller);
void record_crash(struct record *record, int number, const void *info, const void *context);

/* stacks.c. Equal for equal stacks, in other runs too (but for code in no file); never 0. */
uint64_t stack_hash(struct caller caller);

/* start.c */
/*
 * Whether the real functions may be called; starts the shim where that is possible by now. Not while this thread looks them
 * up, nor before libc has its environment (only the loader allocates so early).
 */
bool shim_start(void);
/* Writes the address of the next object's function to the pointer at `function`; NULL where there is none. */
void shim_look_up(void *function, const char *name);

/* snapshot.c. */
/* Where snapshot mode is asked for: returns in the program, as a child of the process that called it, with its record. NULL: it is not. */
struct record *snapshot_start(void);
/* Where the program is to report what it loses; NULL: it is in no snapshot mode. */
struct leaks *snapshot_leaks(void);
/* The next allocation that is to be told to snapshot_take; UINT64_MAX: none. */
uint64_t snapshot_next(void);
/* True in a copy of the program in which this allocation is to fail, and that has a record of its own from now on. */
bool snapshot_take(uint64_t number);

/* crash.c */
void crash_start(void);
void crash_watch(void);
void crash_before_sandbox(void);
void crash_forget(void);

#pragma GCC visibility pop

#endif
