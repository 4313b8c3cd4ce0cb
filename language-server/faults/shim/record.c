/* The record of one process: its stacks and the lines of /proc/self/maps by which their addresses are read. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>
#include <unwind.h>

#include "shim.h"

_Static_assert(offsetof(struct record, injected) == 256, "record.ts");
_Static_assert(offsetof(struct record, crash) == 768, "record.ts");
_Static_assert(offsetof(struct record, last) == 1280, "record.ts");
_Static_assert(offsetof(struct record, replaced_by) == 1536, "record.ts");
_Static_assert(offsetof(struct record, injected_maps) == 4096, "record.ts");
_Static_assert(offsetof(struct record, crash_maps) == 65536, "record.ts");

struct record *record_open(const char *path, bool join) {
  int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return NULL;
  struct record *record = NULL;
  if (lseek(file, 0, SEEK_END) >= (off_t)sizeof *record) {
    void *mapped = mmap(NULL, sizeof *record, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED) record = mapped;
  }
  close(file);
  if (record == NULL) return NULL;
  uint_least64_t nobody = 0;
  if (atomic_compare_exchange_strong(&record->owner, &nobody, (uint64_t)getpid()) || join) {
    /* A sweep makes the program die a thousand times: without core files. */
    struct rlimit cores;
    if (getrlimit(RLIMIT_CORE, &cores) == 0) {
      cores.rlim_cur = 0;
      setrlimit(RLIMIT_CORE, &cores);
    }
    return record;
  }
  munmap(record, sizeof *record);
  return NULL;
}

atomic_uint_least64_t *record_open_stacks(const char *path, uint64_t *room) {
  int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return NULL;
  off_t size = lseek(file, 0, SEEK_END);
  void *mapped = MAP_FAILED;
  if (size > 0) mapped = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (mapped == MAP_FAILED) return NULL;
  *room = (uint64_t)size / sizeof(uint64_t);
  return mapped;
}

struct walk {
  uint64_t *frames;
  size_t count, room;
  /* The frames before the one with this address are the shim's, and left out. */
  uintptr_t from;
  bool found;
};

static _Unwind_Reason_Code take_frame(struct _Unwind_Context *context, void *data) {
  struct walk *walk = data;
  int exact = 0;
  uintptr_t address = _Unwind_GetIPInfo(context, &exact);
  if (!walk->found && address != walk->from) return _URC_NO_REASON;
  walk->found = true;
  /* Behind the outermost function there is nothing to return to. */
  if (address == 0 && !exact) return _URC_END_OF_STACK;
  /* A return address may belong to the next line already, or to the next function: step back into the call. */
  walk->frames[walk->count++] = exact ? address : address - 1;
  return walk->count == walk->room ? _URC_END_OF_STACK : _URC_NO_REASON;
}

size_t record_walk(uint64_t *frames, size_t room, uintptr_t from) {
  struct walk walk = {frames, 0, room, from, false};
  _Unwind_Backtrace(take_frame, &walk);
  return walk.count;
}

/* The unwinder sets itself up on its first use: better now than where an allocation has just failed. */
void record_prime(void) {
  uint64_t frames[record_frames];
  record_walk(frames, record_frames, (uintptr_t)__builtin_return_address(0));
}

/* Copies the lines of executable mappings ("start-end r-xp …"), as many as there is room for. Returns their size in bytes. */
static size_t copy_maps(char *into, size_t room) {
  int file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  size_t used = 0, line = 0;
  bool wanted = false;
  int fields = 0, permission = 0;
  char buffer[2048];
  for (ssize_t length; (length = read(file, buffer, sizeof buffer)) > 0;) {
    for (ssize_t at = 0; at < length; at++) {
      char byte = buffer[at];
      if (used == room) break;
      into[used++] = byte;
      if (byte == '\n') {
        if (wanted) line = used;
        else used = line;
        wanted = false;
        fields = permission = 0;
      } else if (byte == ' ') {
        fields++;
      } else if (fields == 1 && permission++ == 2) {
        wanted = byte == 'x';
      }
    }
  }
  close(file);
  return line;
}

/* What was mapped before is in the record. */
static bool is_sandboxed;

static void copy_injected_maps(struct record *record) {
  if (!is_sandboxed) record->injected_maps_size = copy_maps(record->injected_maps, sizeof record->injected_maps);
}

static void copy_crash_maps(struct record *record) {
  if (!is_sandboxed) record->crash_maps_size = copy_maps(record->crash_maps, sizeof record->crash_maps);
}

void record_before_sandbox(struct record *record) {
  if (record->injected_maps_size == 0) copy_injected_maps(record);
  copy_crash_maps(record);
  is_sandboxed = true;
}

void record_injection(struct record *record, uintptr_t caller) {
  record->injected_count = record_walk(record->injected, record_frames, caller);
  copy_injected_maps(record);
}

/* Which of two threads comes last is theirs to settle; the stack is only as good as that. */
void record_last_failure(struct record *record, uintptr_t caller) {
  uint64_t frames[record_last];
  size_t count = record_walk(frames, record_last, caller);
  memcpy(record->last, frames, sizeof frames);
  record->last_count = count;
}

/* Reads memory of this process that may not be there. */
static bool peek(uintptr_t address, void *into, size_t size) {
  struct iovec local = {into, size};
  struct iovec remote = {(void *)address, size};
  return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)size;
}

struct registers {
  uintptr_t pc, frame, sp, link;
};

static struct registers registers_of(const ucontext_t *context) {
#if defined(__x86_64__)
  const greg_t *all = context->uc_mcontext.gregs;
  return (struct registers){(uintptr_t)all[REG_RIP], (uintptr_t)all[REG_RBP], (uintptr_t)all[REG_RSP], 0};
#elif defined(__i386__)
  const greg_t *all = context->uc_mcontext.gregs;
  return (struct registers){(uintptr_t)all[REG_EIP], (uintptr_t)all[REG_EBP], (uintptr_t)all[REG_ESP], 0};
#elif defined(__aarch64__)
  const mcontext_t *all = &context->uc_mcontext;
  return (struct registers){all->pc, all->regs[29], all->sp, all->regs[30]};
#else
  (void)context;
  return (struct registers){0, 0, 0, 0};
#endif
}

/*
 * After a call through a bad pointer there is no code at the program counter, and so nothing that an unwinder could follow. The
 * caller is known all the same (on the stack, or in the link register), and behind it the chain of frame pointers.
 */
static size_t walk_by_frame_pointers(uint64_t *frames, struct registers at) {
  size_t count = 0;
  frames[count++] = at.pc;
  uintptr_t caller = at.link;
  if (caller == 0 && !peek(at.sp, &caller, sizeof caller)) return count;
  while (caller != 0 && count < record_frames) {
    frames[count++] = caller - 1;
    uintptr_t saved[2];
    if (!peek(at.frame, saved, sizeof saved) || saved[0] <= at.frame) break;
    at.frame = saved[0];
    caller = saved[1];
  }
  return count;
}

void record_crash(struct record *record, int number, const void *info, const void *context) {
  const siginfo_t *signal = info;
  struct registers at = registers_of(context);
  bool by_fault = signal->si_code > 0;
  size_t count = record_walk(record->crash, record_frames, at.pc);
  /* There is no code, or code that was linked without a table of its unwind tables. */
  if (count <= 1 && !is_sandboxed) count = walk_by_frame_pointers(record->crash, at);
  record->crash_count = count;
  copy_crash_maps(record);
  record->signal_by_fault = by_fault;
  record->signal_address = by_fault ? (uint64_t)(uintptr_t)signal->si_addr : 0;
  record->signal = (uint64_t)number;
}
