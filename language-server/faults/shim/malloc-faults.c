/*
 * Stands in front of malloc and its kin (LD_PRELOAD) and makes calls return NULL with errno ENOMEM: those after the first
 * MALLOC_MAX_CALLED, or those that a rule names. Each process has its own count, from its first call on.
 *
 *   MALLOC_MAX_CALLED=N         N calls succeed; 0: the first one fails. Absent or empty: 1000*1000, or where there are rules,
 *                               all. Anything that is not a number is said on standard error, and the default is taken.
 *   MALLOC_FAULTS_FAIL=RULES    These fail, and no others (rules.c). What is not understood is said, and nothing fails by it.
 *   MALLOC_FAULTS_CHILDREN=0    Programs that this one starts run without the shim: the variables are taken out of the
 *                               environment. Otherwise they inherit it. What fork(2) makes is the same program and goes on
 *                               from the parent's count.
 *   MALLOC_FAULTS_RECORD=FILE   Counts and stacks are written there (shim.h). Core files are switched off.
 *   MALLOC_FAULTS_STACKS=FILE   Beside a record: a hash of the stack of each allocation, as many as the file has room for.
 *
 * The hot path has no lock and one atomic. The shim allocates nothing; what the loader allocates for it while it starts comes
 * from a buffer of its own and may be freed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "shim.h"

extern char **environ;

__thread int shim_inside __attribute__((tls_model("initial-exec")));
struct record *shim_record;

static const uint64_t default_limit = 1000 * 1000;

static struct {
  void *(*malloc)(size_t);
  void *(*calloc)(size_t, size_t);
  void *(*realloc)(void *, size_t);
  void (*free)(void *);
  int (*posix_memalign)(void **, size_t, size_t);
  void *(*aligned_alloc)(size_t, size_t);
  void *(*memalign)(size_t, size_t);
  void *(*valloc)(size_t);
  void *(*pvalloc)(size_t);
} next;

/* No allocation before this one fails. It only grows. */
static atomic_uint_least64_t next_failure;
static atomic_uint_least64_t *stacks;
static uint64_t stacks_room;
static atomic_uint_least64_t own_count;
/* In the record where there is one, so that it outlives the process. */
static atomic_uint_least64_t *count = &own_count;

/* ---- The bootstrap buffer: for what the loader allocates while the real functions are being looked up. ---- */

static _Alignas(64) char bootstrap[65536];
static atomic_size_t bootstrap_used;

static bool is_bootstrap(const void *block) {
  return (uintptr_t)block - (uintptr_t)bootstrap < sizeof bootstrap;
}

/* Blocks are zero, since none is given out twice; their size stands before them. */
static void *bootstrap_allocate(size_t alignment, size_t size) {
  if (size > sizeof bootstrap || alignment > 4096) return NULL;
  if (alignment < 16) alignment = 16;
  size_t room = alignment + ((size + 31) & ~(size_t)15);
  size_t start = atomic_fetch_add(&bootstrap_used, room);
  if (start + room > sizeof bootstrap) return NULL;
  uintptr_t at = ((uintptr_t)bootstrap + start + 16 + alignment - 1) & ~(uintptr_t)(alignment - 1);
  memcpy((char *)at - sizeof size, &size, sizeof size);
  return (void *)at;
}

static size_t bootstrap_size(const void *block) {
  size_t size;
  memcpy(&size, (const char *)block - sizeof size, sizeof size);
  return size;
}

/* ---- Start. ---- */

enum { not_started, starting, started };
static atomic_int state = not_started;

static void complain(const char *variable, const char *value, const char *instead) {
  const char *const words[] = {"malloc-faults: ", variable, value, instead};
  for (size_t index = 0; index < sizeof words / sizeof words[0]; index++) {
    if (write(2, words[index], strlen(words[index])) < 0) return;
  }
}

static bool is_number(const char *text) {
  return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

static bool is_given(const char *value) { return value != NULL && *value != '\0'; }

static void read_rules(const char *limit, const char *list) {
  if (is_given(list) && !rules_add(list)) complain("MALLOC_FAULTS_FAIL is not understood: ", list, "; nothing fails by it\n");
  if (is_given(limit) && !is_number(limit)) {
    complain("MALLOC_MAX_CALLED is not a number: ", limit, "; 1000000 is taken\n");
    limit = NULL;
  }
  if (is_given(limit)) {
    uint64_t number = 0;
    /* More calls than anybody makes. */
    for (; *limit != '\0'; limit++) number = number > UINT64_MAX / 16 ? number : number * 10 + (uint64_t)(*limit - '0');
    rules_add_all_from(number);
  } else if (!is_given(list)) {
    rules_add_all_from(default_limit);
  }
}

/* Takes the shim's own path out of a list that the loader splits at colons and spaces. In place. */
static void remove_from_list(char *list, const char *path) {
  size_t length = strlen(path);
  for (char *at = strstr(list, path); at != NULL; at = strstr(at + 1, path)) {
    bool whole = (at == list || strchr(": ", at[-1]) != NULL) && strchr(": ", at[length]) != NULL;
    if (!whole) continue;
    char *rest = at + length;
    if (*rest != '\0') rest++;
    memmove(at, rest, strlen(rest) + 1);
    size_t left = strlen(list);
    if (left > 0 && strchr(": ", list[left - 1]) != NULL) list[left - 1] = '\0';
    return;
  }
}

static const char *const variables[] = {"MALLOC_MAX_CALLED", "MALLOC_FAULTS_FAIL", "MALLOC_FAULTS_CHILDREN",
                                        "MALLOC_FAULTS_RECORD", "MALLOC_FAULTS_STACKS"};

static bool is_variable(const char *entry, const char *name) {
  size_t length = strlen(name);
  return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

static bool is_own_variable(const char *entry) {
  for (size_t index = 0; index < sizeof variables / sizeof variables[0]; index++) {
    if (is_variable(entry, variables[index])) return true;
  }
  return false;
}

/* unsetenv(3) would do, but a program may bring one of its own that allocates. */
static void leave_environment(void) {
  Dl_info self;
  if (environ == NULL || dladdr(bootstrap, &self) == 0) return;
  char **kept = environ;
  for (char **entry = environ; *entry != NULL; entry++) {
    if (is_variable(*entry, "LD_PRELOAD")) {
      char *list = *entry + sizeof "LD_PRELOAD";
      remove_from_list(list, self.dli_fname);
      if (*list == '\0') continue;
    }
    if (!is_own_variable(*entry)) *kept++ = *entry;
  }
  *kept = NULL;
}

/* A forked child has the record's pages in common with its parent: it counts for itself and leaves the record alone. */
static void after_fork(void) {
  if (shim_record == NULL) return;
  atomic_store(&own_count, atomic_load(count));
  count = &own_count;
  shim_record = NULL;
  stacks = NULL;
  crash_forget();
}

static void keep_record(const char *path, const char *stacks_path) {
  if (!is_given(path)) return;
  struct record *record = record_open(path);
  if (record == NULL) return;
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  count = &record->called;
  shim_record = record;
  record_prime();
  if (is_given(stacks_path)) stacks = record_open_stacks(stacks_path, &stacks_room);
  crash_watch();
  record->magic = record_magic;
}

/* POSIX has dlsym return a function as a pointer to data. */
void shim_look_up(void *function, const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  memcpy(function, &found, sizeof found);
}

static void start(void) {
  int expected = not_started;
  if (!atomic_compare_exchange_strong(&state, &expected, starting)) {
    while (atomic_load(&state) != started) sched_yield();
    return;
  }
  shim_inside++;
  shim_look_up(&next.malloc, "malloc");
  shim_look_up(&next.calloc, "calloc");
  shim_look_up(&next.realloc, "realloc");
  shim_look_up(&next.posix_memalign, "posix_memalign");
  shim_look_up(&next.aligned_alloc, "aligned_alloc");
  shim_look_up(&next.memalign, "memalign");
  shim_look_up(&next.valloc, "valloc");
  shim_look_up(&next.pvalloc, "pvalloc");
  shim_look_up(&next.free, "free");
  crash_start();
  read_rules(getenv("MALLOC_MAX_CALLED"), getenv("MALLOC_FAULTS_FAIL"));
  keep_record(getenv("MALLOC_FAULTS_RECORD"), getenv("MALLOC_FAULTS_STACKS"));
  if (stacks == NULL) atomic_store(&next_failure, rules_next(0));
  pthread_atfork(NULL, NULL, after_fork);
  const char *children = getenv("MALLOC_FAULTS_CHILDREN");
  if (children != NULL && strcmp(children, "0") == 0) leave_environment();
  shim_inside--;
  atomic_store(&state, started);
}

/* For programs that allocate nothing themselves: they too have to say that the shim was there. */
__attribute__((constructor)) static void start_with_program(void) {
  if (atomic_load(&state) == not_started) start();
}

/* ---- The question on the hot path. ---- */

/*
 * Whether the real functions may be called. Not while this thread looks them up, nor before libc has its environment (only
 * the loader allocates so early).
 */
static inline bool is_started(void) {
  if (LIKELY(atomic_load_explicit(&state, memory_order_acquire) == started)) return true;
  if (shim_inside != 0 || environ == NULL) return false;
  start();
  return true;
}

static __attribute__((noinline, cold)) void injected(uintptr_t caller) {
  struct record *record = shim_record;
  if (record == NULL) return;
  shim_inside++;
  if (atomic_fetch_add(&record->failed, 1) == 0) record_injection(record, caller);
  record_last_failure(record, caller);
  shim_inside--;
}

static void note_stack(uint64_t number, uintptr_t caller) {
  if (number >= stacks_room) return;
  shim_inside++;
  int error = errno;
  atomic_store_explicit(&stacks[number], record_stack_hash(caller), memory_order_relaxed);
  errno = error;
  shim_inside--;
}

/* For the allocations that the hot path cannot let pass. */
static __attribute__((noinline, cold)) bool decide(uint64_t number, size_t size, uintptr_t caller) {
  if (stacks != NULL) {
    note_stack(number, caller);
  } else {
    uint64_t later = rules_next(number + 1);
    uint64_t known = atomic_load_explicit(&next_failure, memory_order_relaxed);
    /* Where the very next one may fail, there is nothing to gain. */
    while (later > number + 1 && later > known && !atomic_compare_exchange_weak(&next_failure, &known, later)) {
    }
  }
  if (!rules_match(number, size)) return false;
  injected(caller);
  errno = ENOMEM;
  return true;
}

/*
 * No failure is passed over: what this thread knows of the next one is older than its own number, and nobody moves it past a
 * number before that has been given out. The count's order (acquire and release) is what holds the two together.
 */
static inline bool must_fail(size_t size, uintptr_t caller) {
  if (UNLIKELY(shim_inside != 0)) return false;
  uint64_t soonest = atomic_load_explicit(&next_failure, memory_order_relaxed);
  uint64_t number = atomic_fetch_add_explicit(count, 1, memory_order_acq_rel);
  return UNLIKELY(number >= soonest) && decide(number, size, caller);
}

#define CALLER ((uintptr_t)__builtin_return_address(0))

/* ---- The functions of the program. ---- */

EXPORTED void *malloc(size_t size) {
  if (!is_started()) return bootstrap_allocate(0, size);
  if (must_fail(size, CALLER)) return NULL;
  return next.malloc(size);
}

EXPORTED void *calloc(size_t items, size_t size) {
  size_t total;
  bool overflows = __builtin_mul_overflow(items, size, &total);
  if (!is_started()) return overflows ? NULL : bootstrap_allocate(0, total);
  if (must_fail(overflows ? SIZE_MAX : total, CALLER)) return NULL;
  return next.calloc(items, size);
}

EXPORTED void free(void *block) {
  if (block == NULL || UNLIKELY(is_bootstrap(block)) || !is_started()) return;
  next.free(block);
}

static void *reallocate(void *block, size_t size) {
  if (LIKELY(!is_bootstrap(block)) && is_started()) return next.realloc(block, size);
  void *moved = is_started() ? next.malloc(size) : bootstrap_allocate(0, size);
  if (moved == NULL || block == NULL) return moved;
  size_t old = bootstrap_size(block);
  return memcpy(moved, block, old < size ? old : size);
}

EXPORTED void *realloc(void *block, size_t size) {
  /* realloc(block, 0) frees in glibc: that is no request for memory, and refusing it would leak. */
  bool frees = block != NULL && size == 0;
  if (!frees && is_started() && must_fail(size, CALLER)) return NULL;
  return reallocate(block, size);
}

EXPORTED void *reallocarray(void *block, size_t items, size_t size) {
  size_t total;
  if (__builtin_mul_overflow(items, size, &total)) {
    errno = ENOMEM;
    return NULL;
  }
  bool frees = block != NULL && total == 0;
  if (!frees && is_started() && must_fail(total, CALLER)) return NULL;
  /* Not the real reallocarray: glibc's calls realloc, and would be counted twice. */
  return reallocate(block, total);
}

EXPORTED int posix_memalign(void **block, size_t alignment, size_t size) {
  if (!is_started()) {
    *block = bootstrap_allocate(alignment, size);
    return *block == NULL ? ENOMEM : 0;
  }
  /* POSIX: the error is the value; errno stays as it was. */
  int before = errno;
  if (must_fail(size, CALLER)) {
    errno = before;
    return ENOMEM;
  }
  return next.posix_memalign(block, alignment, size);
}

EXPORTED void *aligned_alloc(size_t alignment, size_t size) {
  if (!is_started()) return bootstrap_allocate(alignment, size);
  if (must_fail(size, CALLER)) return NULL;
  return next.aligned_alloc(alignment, size);
}

static void *align(size_t alignment, size_t size) {
  if (next.memalign != NULL) return next.memalign(alignment, size);
  void *block = NULL;
  int failure = next.posix_memalign(&block, alignment, size);
  if (failure == 0) return block;
  errno = failure;
  return NULL;
}

EXPORTED void *memalign(size_t alignment, size_t size) {
  if (!is_started()) return bootstrap_allocate(alignment, size);
  if (must_fail(size, CALLER)) return NULL;
  return align(alignment, size);
}

EXPORTED void *valloc(size_t size) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  if (!is_started()) return bootstrap_allocate(page, size);
  if (must_fail(size, CALLER)) return NULL;
  return next.valloc != NULL ? next.valloc(size) : align(page, size);
}

EXPORTED void *pvalloc(size_t size) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  if (!is_started()) return bootstrap_allocate(page, size);
  if (must_fail(size, CALLER)) return NULL;
  if (next.pvalloc != NULL) return next.pvalloc(size);
  size_t rounded;
  if (__builtin_add_overflow(size, page - 1, &rounded)) {
    errno = ENOMEM;
    return NULL;
  }
  return align(page, rounded & ~(page - 1));
}
