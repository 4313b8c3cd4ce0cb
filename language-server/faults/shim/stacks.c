/*
 * A number for the call stack of each allocation. To follow a stack by its unwind tables takes longer than most programs need
 * between two allocations. So each walk is remembered, and where on the stack it found its return addresses: if the same
 * caller comes with the same stack pointer, and all of them are still where they were, then it is the same stack. (A frame of
 * a size that changes, by alloca, moves what is outside of it, and is walked again.)
 */
#include <string.h>
#include <unwind.h>

#include "gate.h"
#include "modules.h"

enum { sets = 2048, memos = 8, farthest = 1 << 20, smallest_page = 4096 };

struct memo {
  uintptr_t pc, cfa;
  uint64_t hash;
  /* Return addresses outside of the caller's own, and how far they lie from `cfa`. */
  uint32_t count;
  uint32_t distance[stack_frames];
  uintptr_t address[stack_frames];
};

/* The callers of one function are several, and look alike from where it allocates: each stack has its place in a set. */
struct set {
  /* Somebody writes or reads it. */
  atomic_bool busy;
  /* The one to be replaced next. */
  uint32_t oldest;
  struct memo memos[memos];
};

static struct set near_table[sets], far_table[sets];

static uint64_t mix(uint64_t hash, uint64_t more) {
  hash = (hash ^ more) * 0x9e3779b97f4a7c15;
  return hash ^ (hash >> 29);
}

/* A walk under way. */
struct walk {
  struct caller caller;
  size_t count;
  uint64_t frames[stack_frames];
  bool found;
  /* Whether all return addresses lie where calls put them. */
  bool is_plain;
  struct memo memo;
};

/* Where a call of this machine leaves its return address; elsewhere that is the called function's own business. */
#if defined(__x86_64__) || defined(__i386__)
static const bool calls_push = true;
#else
static const bool calls_push = false;
#endif

static void remember_slot(struct walk *walk, uintptr_t slot, uintptr_t address) {
  struct memo *memo = &walk->memo;
  uintptr_t found;
  memcpy(&found, (const void *)slot, sizeof found);
  if (found != address || slot - walk->caller.cfa > farthest) {
    walk->is_plain = false;
    return;
  }
  memo->distance[memo->count] = (uint32_t)(slot - walk->caller.cfa);
  memo->address[memo->count++] = address;
}

static _Unwind_Reason_Code take_frame(struct _Unwind_Context *context, void *data) {
  struct walk *walk = data;
  int exact = 0;
  uintptr_t address = _Unwind_GetIPInfo(context, &exact);
  if (!walk->found && address != walk->caller.pc) return _URC_NO_REASON;
  if (address == 0 && !exact) return _URC_END_OF_STACK;
  if (exact) walk->is_plain = false;
  /* The stack pointer after the return, which the unwinder calls the frame's address, is right above the return address. */
  if (walk->found && walk->is_plain) remember_slot(walk, _Unwind_GetCFA(context) - sizeof address, address);
  walk->found = true;
  walk->frames[walk->count++] = exact ? address : address - 1;
  return walk->count == stack_frames ? _URC_END_OF_STACK : _URC_NO_REASON;
}

/* By file names and places in them, so that it is the same wherever the loader puts them: FNV-1a for a name. */
static uint64_t hash_place(uint64_t hash, uint64_t address) {
  struct module module;
  if (!module_of((uintptr_t)address, &module)) return mix(hash, address);
  const char *slash = strrchr(module.name, '/');
  uint64_t name = 0xcbf29ce484222325;
  for (const char *at = slash == NULL ? module.name : slash + 1; *at != '\0'; at++) {
    name = (name ^ (unsigned char)*at) * 0x100000001b3;
  }
  return mix(mix(hash, name), address - module.base);
}

static uint64_t hash_of(const struct walk *walk) {
  uint64_t hash = walk->count;
  for (size_t index = 0; index < walk->count; index++) hash = hash_place(hash, walk->frames[index]);
  return hash == 0 ? 1 : hash;
}

static bool is_same(const struct memo *memo, struct caller caller) {
  if (memo->pc != caller.pc || memo->cfa != caller.cfa) return false;
  for (uint32_t index = 0; index < memo->count; index++) {
    uintptr_t found;
    memcpy(&found, (const void *)(memo->cfa + memo->distance[index]), sizeof found);
    if (found != memo->address[index]) return false;
  }
  return true;
}

/*
 * Where more stacks look alike than a set has room for (a recursion has many), another set is chosen by what lies where the
 * last walk from there had found return addresses. Only what is on the page of the caller's own is surely there to be read.
 */
static uint64_t by_outer_frames(const struct memo *last, struct caller caller) {
  uint64_t hash = mix(caller.pc, caller.cfa);
  uintptr_t page = (caller.cfa - sizeof caller.pc) / smallest_page;
  for (uint32_t index = 0; index < last->count; index++) {
    uintptr_t slot = caller.cfa + last->distance[index], found;
    if (slot / smallest_page != page) break;
    memcpy(&found, (const void *)slot, sizeof found);
    hash = mix(hash, found);
  }
  return hash;
}

static const struct memo *find(const struct set *set, struct caller caller) {
  for (size_t index = 0; index < memos; index++) {
    if (is_same(&set->memos[index], caller)) return &set->memos[index];
  }
  return NULL;
}

/* Is given a new memo, if the walk can be remembered. */
static uint64_t walk_and_hash(struct caller caller, struct memo *memo, bool *is_plain) {
  struct walk walk = {.caller = caller, .is_plain = calls_push, .memo = {.pc = caller.pc, .cfa = caller.cfa}};
  _Unwind_Backtrace(take_frame, &walk);
  /* Code without unwind tables: its address has to do. */
  if (walk.count == 0) walk.frames[walk.count++] = caller.pc;
  walk.memo.hash = hash_of(&walk);
  *memo = walk.memo;
  *is_plain = walk.is_plain;
  return walk.memo.hash;
}

/* Otherwise another thread is at it, or the program that this signal handler interrupts. */
static bool take(struct set *set) {
  if (atomic_load_explicit(&set->busy, memory_order_relaxed)) return false;
  if (!gate_is_alone()) return !atomic_exchange_explicit(&set->busy, true, memory_order_acquire);
  atomic_store_explicit(&set->busy, true, memory_order_relaxed);
  atomic_signal_fence(memory_order_acquire);
  return true;
}

static void release(struct set *set) { atomic_store_explicit(&set->busy, false, memory_order_release); }

static void add(struct set *set, const struct memo *memo) { set->memos[set->oldest++ % memos] = *memo; }

/* Both sets are ours. */
static uint64_t hash_far(struct set *near, struct set *far, struct caller caller) {
  const struct memo *known = find(far, caller);
  if (known != NULL) return known->hash;
  struct memo memo;
  bool is_plain;
  uint64_t hash = walk_and_hash(caller, &memo, &is_plain);
  if (is_plain) {
    add(near, &memo);
    add(far, &memo);
  }
  return hash;
}

static uint64_t hash_near(struct set *near, struct caller caller) {
  const struct memo *known = find(near, caller);
  if (known != NULL) return known->hash;
  const struct memo *last = &near->memos[(near->oldest - 1) % memos];
  struct set *far = &far_table[by_outer_frames(last, caller) % sets];
  if (!take(far)) return walk_and_hash(caller, &(struct memo){0}, &(bool){false});
  uint64_t hash = hash_far(near, far, caller);
  release(far);
  return hash;
}

uint64_t stack_hash(struct caller caller) {
  struct set *near = &near_table[mix(caller.pc, caller.cfa) % sets];
  if (!take(near)) return walk_and_hash(caller, &(struct memo){0}, &(bool){false});
  uint64_t hash = hash_near(near, caller);
  release(near);
  return hash;
}
