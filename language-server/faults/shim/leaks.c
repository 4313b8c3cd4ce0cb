/*
 * Blocks and files that are still there when the program ends by itself: a layer around the real functions that is put in only
 * where it is asked for. What libc keeps for itself (buffers of its streams, catalogues, locales: whatever its own data leads to)
 * is not the program's to free, and left out.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "leaks.h"
#include "next.h"
#include "snapshot.h"

_Static_assert(offsetof(struct leaks, all) == 64, "leak-report.ts");
_Static_assert(sizeof(struct leak) == 128, "leak-report.ts");
_Static_assert(offsetof(struct leaks, files) == 64 + most_leaks * sizeof(struct leak), "leak-report.ts");
_Static_assert(offsetof(struct leaks, maps) == offsetof(struct leaks, files) + most_files * file_name_size, "leak-report.ts");

/* As many blocks at once as can be followed, and as many call stacks. Their pages are taken as they are used. */
enum { block_room = 1 << 22, stack_room = 1 << 14, most_started = 256 };

struct block {
  uintptr_t address;
  uint32_t stack;
  /* In bytes, at most 2 GiB; the highest bit: libc has it. */
  uint32_t size;
};
static const uint32_t libcs = UINT32_C(1) << 31;

struct leaks *leaks_report;

static struct next real;
static struct block *blocks;
static size_t block_count;
static struct leak *stacks;
static size_t stack_count;
static bool overflowed;
static atomic_flag busy = ATOMIC_FLAG_INIT;
/* Descriptors that were open before the program was. */
static int started_with[most_started];
static size_t started_count;

static void lock(void) {
  while (atomic_flag_test_and_set_explicit(&busy, memory_order_acquire)) sched_yield();
}

static void unlock(void) { atomic_flag_clear_explicit(&busy, memory_order_release); }

/* ---- Blocks, by their address: open addressing. ---- */

static size_t place_of(uintptr_t address) {
  return (size_t)((uint64_t)(address >> 4) * 0x9e3779b97f4a7c15 >> 42) & (block_room - 1);
}

static size_t find(uintptr_t address) {
  size_t at = place_of(address);
  while (blocks[at].address != 0 && blocks[at].address != address) at = (at + 1) & (block_room - 1);
  return at;
}

/* Moves those behind up into the gap that is left. */
static void take_out(size_t gap) {
  blocks[gap].address = 0;
  for (size_t at = (gap + 1) & (block_room - 1); blocks[at].address != 0; at = (at + 1) & (block_room - 1)) {
    size_t wanted = place_of(blocks[at].address);
    bool stays = gap <= at ? wanted > gap && wanted <= at : wanted > gap || wanted <= at;
    if (stays) continue;
    blocks[gap] = blocks[at];
    blocks[at].address = 0;
    gap = at;
  }
}

/* ---- Call stacks, by their number. ---- */

static uint32_t stack_of(struct caller caller) {
  uint64_t number = stack_hash(caller);
  size_t at = (size_t)number & (stack_room - 1);
  while (stacks[at].stack != 0 && stacks[at].stack != number) at = (at + 1) & (stack_room - 1);
  if (stacks[at].stack == 0) {
    if (stack_count >= stack_room / 2) {
      overflowed = true;
      return UINT32_MAX;
    }
    stack_count++;
    stacks[at].stack = number;
    stacks[at].frame_count = record_walk(stacks[at].frames, stack_frames, caller.pc);
  }
  return (uint32_t)at;
}

static void count_block(const struct block *block, uint64_t one) {
  struct leak *leak = &stacks[block->stack];
  leak->blocks += one;
  leak->bytes += one * (block->size & ~libcs);
}

static void *taken(void *address, size_t size, struct caller caller) {
  if (address == NULL || shim_inside != 0) return address;
  int error = errno;
  shim_inside++;
  lock();
  uint32_t stack = stack_of(caller);
  if (block_count >= block_room / 2) overflowed = true;
  if (!overflowed) {
    struct block *block = &blocks[find((uintptr_t)address)];
    if (block->address == 0) block_count++;
    *block = (struct block){(uintptr_t)address, stack, size < libcs ? (uint32_t)size : libcs - 1};
    count_block(block, 1);
  }
  unlock();
  shim_inside--;
  errno = error;
  return address;
}

static void given_back(void *address) {
  if (address == NULL) return;
  lock();
  size_t at = find((uintptr_t)address);
  if (blocks[at].address != 0) {
    count_block(&blocks[at], UINT64_MAX);
    block_count--;
    take_out(at);
  }
  unlock();
}

/* ---- The layer. It comes first of all, so that its caller is the program's. ---- */

static void *track_malloc(size_t size) { return taken(real.malloc(size), size, CALLER); }
static void *track_calloc(size_t items, size_t size) { return taken(real.calloc(items, size), items * size, CALLER); }

static void track_free(void *block) {
  given_back(block);
  real.free(block);
}

/* Before: another thread may have the old address as soon as it is free. */
static void *track_realloc(void *block, size_t size) {
  size_t at = 0;
  struct block old = {0, 0, 0};
  if (block != NULL) {
    lock();
    at = find((uintptr_t)block);
    old = blocks[at];
    unlock();
    given_back(block);
  }
  void *moved = real.realloc(block, size);
  if (moved != NULL) return taken(moved, size, CALLER);
  if (old.address != 0 && size != 0) {
    /* It is still there, and the same. */
    lock();
    blocks[find(old.address)] = old;
    block_count++;
    count_block(&old, 1);
    unlock();
  }
  return NULL;
}

static int track_posix_memalign(void **block, size_t alignment, size_t size) {
  int failure = real.posix_memalign(block, alignment, size);
  if (failure == 0) taken(*block, size, CALLER);
  return failure;
}

static void *track_aligned_alloc(size_t alignment, size_t size) {
  return taken(real.aligned_alloc(alignment, size), size, CALLER);
}
static void *track_memalign(size_t alignment, size_t size) { return taken(real.memalign(alignment, size), size, CALLER); }
static void *track_valloc(size_t size) { return taken(real.valloc(size), size, CALLER); }
static void *track_pvalloc(size_t size) { return taken(real.pvalloc(size), size, CALLER); }

static void *reserve(size_t size) {
  void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

static const char *note_start(int fd) {
  if (started_count < most_started) started_with[started_count++] = fd;
  return NULL;
}

void leaks_watch(struct leaks *report) {
  blocks = reserve(block_room * sizeof *blocks);
  stacks = reserve(stack_room * sizeof *stacks);
  if (blocks == NULL || stacks == NULL) return;
  leaks_report = report;
  descriptors_each(note_start);
  real = next;
  next = (struct next){
      track_malloc,        track_calloc,   track_realloc, track_free,    track_posix_memalign,
      track_aligned_alloc, track_memalign, track_valloc,  track_pvalloc,
  };
}

struct leaks *leaks_open(const char *path) {
  int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return NULL;
  void *mapped = MAP_FAILED;
  if (lseek(file, 0, SEEK_END) >= (off_t)sizeof(struct leaks)) {
    mapped = mmap(NULL, sizeof(struct leaks), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  }
  close(file);
  return mapped == MAP_FAILED ? NULL : mapped;
}

/* ---- The end. ---- */

/* What leads to other blocks, and is to be looked through: blocks of libc's, as places in `blocks`. */
static uint32_t *to_scan;
static size_t scan_count;

static void scan(uintptr_t from, uintptr_t to) {
  for (uintptr_t at = (from + sizeof at - 1) & ~(sizeof at - 1); at + sizeof at <= to; at += sizeof at) {
    uintptr_t value;
    memcpy(&value, (const void *)at, sizeof value);
    if (value < 4096) continue;
    size_t place = find(value);
    if (blocks[place].address == 0 || (blocks[place].size & libcs) != 0) continue;
    count_block(&blocks[place], UINT64_MAX);
    blocks[place].size |= libcs;
    to_scan[scan_count++] = (uint32_t)place;
  }
}

static bool ends_with_libc(const char *line, size_t length) {
  static const char *const names[] = {"/libc.so.6", "/ld-linux-x86-64.so.2", "/ld-linux-aarch64.so.1", "/ld-linux.so.2"};
  for (size_t index = 0; index < sizeof names / sizeof names[0]; index++) {
    size_t size = strlen(names[index]);
    if (length >= size && memcmp(line + length - size, names[index], size) == 0) return true;
  }
  return false;
}

static uintptr_t hexadecimal(const char **at) {
  uintptr_t value = 0;
  for (;; (*at)++) {
    char digit = **at;
    if (digit >= '0' && digit <= '9') value = value * 16 + (uintptr_t)(digit - '0');
    else if (digit >= 'a' && digit <= 'f') value = value * 16 + (uintptr_t)(digit - 'a' + 10);
    else return value;
  }
}

/* Its writable data, and the memory without a name behind that, which is its .bss. */
static void scan_libc(const char *maps, size_t size) {
  uintptr_t end_of_libc = 0;
  for (size_t at = 0; at < size;) {
    const char *line = maps + at, *stop = memchr(line, '\n', size - at);
    size_t length = stop == NULL ? size - at : (size_t)(stop - line);
    at += length + 1;
    const char *digits = line;
    uintptr_t from = hexadecimal(&digits);
    digits++;
    uintptr_t to = hexadecimal(&digits);
    bool writable = memcmp(digits, " rw", 3) == 0;
    bool is_libc = ends_with_libc(line, length);
    bool is_bss = memchr(line, '/', length) == NULL && memchr(line, '[', length) == NULL && from == end_of_libc;
    if (is_libc) end_of_libc = to;
    if (writable && (is_libc || is_bss)) scan(from, to);
  }
}

static size_t read_maps(char *into, size_t room) {
  int file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  size_t length = 0;
  for (ssize_t got; file >= 0 && length < room && (got = read(file, into + length, room - length)) > 0;) length += (size_t)got;
  if (file >= 0) close(file);
  return length;
}

static void leave_libcs_out(const char *maps, size_t size) {
  to_scan = reserve((block_count + 1) * sizeof *to_scan);
  if (to_scan == NULL) return;
  scan_libc(maps, size);
  for (size_t done = 0; done < scan_count; done++) {
    struct block block = blocks[to_scan[done]];
    scan(block.address, block.address + (block.size & ~libcs));
  }
}

static const char *note_end(int fd) {
  struct leaks *report = leaks_report;
  for (size_t index = 0; index < started_count; index++) {
    if (started_with[index] == fd) return NULL;
  }
  if (fd <= 2 || report->file_count == most_files) return NULL;
  char path[48] = "/proc/self/fd/";
  snapshot_append(path, (uint64_t)fd);
  char *name = report->files[report->file_count];
  ssize_t length = readlink(path, name, file_name_size - 1);
  if (length <= 0) return NULL;
  name[length] = '\0';
  report->file_count++;
  return NULL;
}

static void report_all(void) {
  struct leaks *report = leaks_report;
  if (report == NULL || shim_record == NULL || report->state != 0) return;
  if (atomic_load(&shim_record->owner) != (uint64_t)syscall(SYS_getpid)) return;
  shim_inside++;
  lock();
  report->state = overflowed ? leaks_incomplete : leaks_complete;
  report->maps_size = read_maps(report->maps, sizeof report->maps);
  leave_libcs_out(report->maps, report->maps_size);
  for (size_t at = 0; at < stack_room; at++) {
    if (stacks[at].blocks == 0) continue;
    if (report->leak_count == most_leaks) {
      report->state = leaks_incomplete;
      break;
    }
    report->all[report->leak_count++] = stacks[at];
  }
  descriptors_each(note_end);
  unlock();
  shim_inside--;
}

__attribute__((destructor)) static void at_exit(void) { report_all(); }

/* Past the destructors. */
EXPORTED _Noreturn void _exit(int status) {
  report_all();
  syscall(SYS_exit_group, status);
  __builtin_unreachable();
}

EXPORTED _Noreturn void _Exit(int status) { _exit(status); }
