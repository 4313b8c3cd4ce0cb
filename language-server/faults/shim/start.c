/*
 * Starts the shim with the program's first request, or with its constructors: reads the variables, looks the real functions up.
 *
 *   MALLOC_MAX_CALLED=N         N calls succeed; 0: the first one fails. Absent or empty: 1000*1000, or where there are rules,
 *                               all. Anything that is not a number is said on standard error, and the default is taken.
 *   MALLOC_FAULTS_FAIL=RULES    These fail, and no others (rules.c). What is not understood is said, and nothing fails by it.
 *   MALLOC_FAULTS_INCLUDE=TERMS, MALLOC_FAULTS_EXCLUDE=TERMS
 *                               Only what is included, and not excluded, is counted and may fail (scope.c).
 *   MALLOC_FAULTS_START=main    What comes before main is not counted; =program: what comes in no window of the program's
 *                               (malloc-faults.h).
 *   MALLOC_FAULTS_FOLLOW=1      With a record: the programs that this process becomes, and all children, have one count with
 *                               it and write into its record.
 *   MALLOC_FAULTS_CHILDREN=0    Programs that this one starts run without the shim: the variables are taken out of the
 *                               environment. Otherwise they inherit it. What fork(2) makes is the same program and goes on
 *                               from the parent's count.
 *   MALLOC_FAULTS_PROGRAM=PATH  Only the process whose file (/proc/self/exe) this is counts and fails: what starts it, a debugger's
 *                               shell for example, runs as ever and hands the variables on.
 *   MALLOC_FAULTS_RECORD=FILE   Counts and stacks are written there (shim.h). Core files are switched off.
 *   MALLOC_FAULTS_STACKS=FILE   Beside a record: a hash of the stack of each allocation, as many as the file has room for.
 *   MALLOC_FAULTS_LEAKS=FILE    With a record: what is left when the program ends is written there (leaks.h).
 *   MALLOC_FAULTS_TIMES=FILE    Beside those: when each allocation was asked for, in nanoseconds by CLOCK_MONOTONIC.
 *   MALLOC_FAULTS_SNAPSHOT=FILE One run for many failures (snapshot.h), with FILE as standard input of the program.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gate.h"
#include "leaks.h"
#include "next.h"

extern char **environ;

__thread int shim_inside __attribute__((tls_model("initial-exec")));
struct record *shim_record;
bool shim_follows;

static const uint64_t default_limit = 1000 * 1000;

enum { not_started, starting, started };
static atomic_int state = not_started;

/* ---- The variables. ---- */

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

static bool is_on(const char *value) { return is_given(value) && strcmp(value, "0") != 0; }

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

static void read_scope(const char *include, const char *exclude) {
  if (scope_set(include, exclude)) return;
  rules_forget();
  complain("MALLOC_FAULTS_INCLUDE or MALLOC_FAULTS_EXCLUDE is not understood: ", is_given(include) ? include : exclude,
           "; nothing fails\n");
}

static void read_start(const char *start) {
  if (is_given(start) && strcmp(start, "main") == 0) {
    window_start(start_with_main);
  } else if (is_given(start) && strcmp(start, "program") == 0) {
    window_start(start_by_program);
  } else {
    if (is_given(start)) complain("MALLOC_FAULTS_START is neither main nor program: ", start, "; all count from the first on\n");
    window_start(start_with_first);
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

static const char *const variables[] = {
    "MALLOC_MAX_CALLED",    "MALLOC_FAULTS_FAIL",   "MALLOC_FAULTS_INCLUDE", "MALLOC_FAULTS_EXCLUDE", "MALLOC_FAULTS_START",
    "MALLOC_FAULTS_FOLLOW", "MALLOC_FAULTS_RECORD", "MALLOC_FAULTS_STACKS",  "MALLOC_FAULTS_CHILDREN",
    "MALLOC_FAULTS_SNAPSHOT", "MALLOC_FAULTS_LEAKS", "MALLOC_FAULTS_PROGRAM",  "MALLOC_FAULTS_TIMES",
};

static bool is_meant(const char *program) {
  if (!is_given(program)) return true;
  char self[4096];
  ssize_t length = readlink("/proc/self/exe", self, sizeof self);
  return length < 0 || (strlen(program) == (size_t)length && memcmp(program, self, (size_t)length) == 0);
}

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
  if (environ == NULL || dladdr(&default_limit, &self) == 0) return;
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
  if (shim_record == NULL || shim_follows) return;
  gate_count_for_itself();
  shim_record = NULL;
  crash_forget();
}

static void keep_record(const char *path, const char *stacks_path, const char *times_path) {
  struct record *record = snapshot_start();
  if (record == NULL && is_given(path)) record = record_open(path, shim_follows);
  if (record == NULL) return;
  gate.count = &record->called;
  shim_record = record;
  record_prime();
  if (is_given(stacks_path)) {
    uint64_t room = 0;
    atomic_uint_least64_t *stacks = record_open_stacks(stacks_path, &room);
    gate_note_stacks(stacks, room);
    if (stacks != NULL && is_given(times_path)) {
      atomic_uint_least64_t *times = record_open_stacks(times_path, &room);
      gate_note_times(times, room);
    }
  }
  crash_watch();
  record->magic = record_magic;
}

static void keep_leaks(const char *path) {
  if (!is_given(path) || shim_record == NULL) return;
  struct leaks *report = snapshot_leaks();
  if (report == NULL) report = leaks_open(path);
  if (report != NULL) leaks_watch(report);
}

/* ---- The real functions. ---- */

/* POSIX has dlsym return a function as a pointer to data. */
void shim_look_up(void *function, const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  memcpy(function, &found, sizeof found);
}

static size_t page(void) { return (size_t)sysconf(_SC_PAGESIZE); }

/* For allocators without the older functions. */
static void *align(size_t alignment, size_t size) {
  void *block = NULL;
  int failure = next.posix_memalign(&block, alignment, size);
  if (failure == 0) return block;
  errno = failure;
  return NULL;
}

static void *align_to_page(size_t size) { return align(page(), size); }

static void *align_pages(size_t size) {
  size_t rounded;
  if (__builtin_add_overflow(size, page() - 1, &rounded)) {
    errno = ENOMEM;
    return NULL;
  }
  return align(page(), rounded & ~(page() - 1));
}

static void look_up(void) {
  struct next found;
  shim_look_up(&found.malloc, "malloc");
  shim_look_up(&found.calloc, "calloc");
  shim_look_up(&found.realloc, "realloc");
  shim_look_up(&found.free, "free");
  shim_look_up(&found.posix_memalign, "posix_memalign");
  shim_look_up(&found.aligned_alloc, "aligned_alloc");
  shim_look_up(&found.memalign, "memalign");
  shim_look_up(&found.valloc, "valloc");
  shim_look_up(&found.pvalloc, "pvalloc");
  if (found.aligned_alloc == NULL) found.aligned_alloc = align;
  if (found.memalign == NULL) found.memalign = align;
  if (found.valloc == NULL) found.valloc = align_to_page;
  if (found.pvalloc == NULL) found.pvalloc = align_pages;
  next = found;
}

/* ---- Start. ---- */

static void arm(void) {
  read_rules(getenv("MALLOC_MAX_CALLED"), getenv("MALLOC_FAULTS_FAIL"));
  read_scope(getenv("MALLOC_FAULTS_INCLUDE"), getenv("MALLOC_FAULTS_EXCLUDE"));
  read_start(getenv("MALLOC_FAULTS_START"));
  if (rules_have_budget() && !budget_count()) complain("budget: ", "the allocator tells no sizes", "; nothing fails by it\n");
  bootstrap_leave();
  shim_follows = is_on(getenv("MALLOC_FAULTS_FOLLOW"));
  keep_record(getenv("MALLOC_FAULTS_RECORD"), getenv("MALLOC_FAULTS_STACKS"), getenv("MALLOC_FAULTS_TIMES"));
  keep_leaks(getenv("MALLOC_FAULTS_LEAKS"));
  pthread_atfork(NULL, NULL, after_fork);
  const char *children = getenv("MALLOC_FAULTS_CHILDREN");
  if (is_given(children) && strcmp(children, "0") == 0) leave_environment();
}

static void start(void) {
  int expected = not_started;
  if (!atomic_compare_exchange_strong(&state, &expected, starting)) {
    while (atomic_load(&state) != started) sched_yield();
    return;
  }
  shim_inside++;
  look_up();
  crash_start();
  if (is_meant(getenv("MALLOC_FAULTS_PROGRAM"))) {
    arm();
  } else {
    window_start(start_with_first);
    bootstrap_leave();
  }
  shim_inside--;
  gate_start(!shim_follows || shim_record == NULL);
  atomic_store(&state, started);
}

bool shim_start(void) {
  if (LIKELY(atomic_load_explicit(&state, memory_order_acquire) == started)) return true;
  if (shim_inside != 0 || environ == NULL) return false;
  start();
  return true;
}

/* For programs that allocate nothing themselves: they too have to say that the shim was there. */
__attribute__((constructor)) static void start_with_program(void) {
  if (atomic_load(&state) == not_started) start();
}
