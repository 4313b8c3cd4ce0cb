/* The program's side of snapshot mode: it becomes a child of the supervisor, and copies itself where a chosen allocation is asked for. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "snapshot.h"

struct area *snapshot_area;
struct snapshot_plan snapshot_plan;
atomic_uchar *snapshot_hangs;
int snapshot_captures[most_slots + 1][2];
char snapshot_capture_folder[40] = "/proc/";

/* In the program, while there are numbers left: the place in the plan. */
static size_t next_number;
static bool copying;
static pid_t supervisor;

uint64_t snapshot_now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Puts the decimal digits of a number to the end of a text. */
void snapshot_append(char *text, uint64_t value) {
  char digits[24];
  size_t count = 0;
  do digits[count++] = (char)('0' + value % 10);
  while ((value /= 10) != 0);
  char *at = text + strlen(text);
  while (count > 0) *at++ = digits[--count];
  *at = '\0';
}

int snapshot_open_capture(const struct slot *slot, int stream) {
  char path[64];
  strcpy(path, snapshot_capture_folder);
  snapshot_append(path, (uint64_t)snapshot_captures[slot - snapshot_area->slots][stream]);
  return open(path, O_WRONLY);
}

/* ---- Start. ---- */

/* A word of the plan; NULL behind the last. */
static const char *word(const char **at, const char *end, size_t *length) {
  while (*at != end && (**at == ' ' || **at == '\n')) (*at)++;
  const char *start = *at;
  while (*at != end && **at != ' ' && **at != '\n') (*at)++;
  *length = (size_t)(*at - start);
  return *length == 0 ? NULL : start;
}

/* The digits that a text begins with. Puts *at behind them. */
static uint64_t digits(const char **at, const char *end) {
  uint64_t value = 0;
  for (; *at != end && **at >= '0' && **at <= '9'; (*at)++) value = value * 10 + (uint64_t)(**at - '0');
  return value;
}

static uint64_t number(const char **at, const char *end) {
  size_t length;
  const char *text = word(at, end, &length);
  return text == NULL ? 0 : digits(&text, text + length);
}

/* "25" or "25:3" */
static struct planned planned(const char *text, const char *end) {
  struct planned one = {digits(&text, end), no_stack};
  if (text != end && *text++ == ':') one.stack = (uint32_t)digits(&text, end);
  return one;
}

/* "nth SLOTS COPY_DEADLINE_MS PROGRAM_DEADLINE_MS OUTPUT_BYTES HANGS NUMBER…", or "fromNth …", on standard input. */
static bool read_plan(void) {
  size_t room = 1 << 16, length = 0;
  char *text = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (text == MAP_FAILED) return false;
  for (ssize_t got; (got = read(0, text + length, room - length)) > 0;) {
    length += (size_t)got;
    if (length < room) continue;
    text = mremap(text, room, 2 * room, MREMAP_MAYMOVE);
    if (text == MAP_FAILED) return false;
    room *= 2;
  }
  const char *at = text, *end = text + length;
  size_t mode_length;
  const char *mode = word(&at, end, &mode_length);
  if (mode == NULL) return false;
  snapshot_plan.all_from = mode_length == 7;
  snapshot_plan.slots = number(&at, end);
  snapshot_plan.copy_deadline_ms = number(&at, end);
  snapshot_plan.program_deadline_ms = number(&at, end);
  snapshot_plan.output_bytes = number(&at, end);
  snapshot_plan.hangs = number(&at, end);
  /* No number has fewer than two bytes with the space behind it. */
  size_t most = length / 2 + 1;
  struct planned *all = mmap(NULL, most * sizeof *all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  snapshot_hangs = mmap(NULL, most, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED || snapshot_hangs == MAP_FAILED) return false;
  size_t count = 0, word_length;
  for (const char *one; (one = word(&at, end, &word_length)) != NULL;) all[count++] = planned(one, one + word_length);
  munmap(text, room);
  snapshot_plan.all = all;
  snapshot_plan.count = count;
  return snapshot_plan.slots >= 1 && snapshot_plan.slots <= most_slots;
}

/* For the supervisor alone to read. Nothing of it is on a disk, so that none can be full, and nothing is left behind. */
static bool make_captures(void) {
  for (size_t slot = 0; slot <= most_slots; slot++) {
    for (int stream = 0; stream < 2; stream++) {
      snapshot_captures[slot][stream] = (int)syscall(SYS_memfd_create, "output", 1U /* MFD_CLOEXEC */);
      if (snapshot_captures[slot][stream] < 0) return false;
    }
  }
  return true;
}

static void close_captures(void) {
  for (size_t slot = 0; slot <= most_slots; slot++) {
    for (int stream = 0; stream < 2; stream++) close(snapshot_captures[slot][stream]);
  }
}

/* Dies with the supervisor, and is in a group of its own: a signal to "my group" is for it alone. */
static void be_a_child(void) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if ((pid_t)syscall(SYS_getppid) != supervisor) _exit(1);
  setpgid(0, 0);
}

static bool become_program(const char *input) {
  struct slot *own = &snapshot_area->slots[most_slots];
  be_a_child();
  close_captures();
  int from = open(input, O_RDONLY);
  if (from < 0) return false;
  if (from != 0) {
    dup2(from, 0);
    close(from);
  }
  for (int stream = 0; stream < 2; stream++) {
    int to = snapshot_open_capture(own, stream);
    if (to < 0) return false;
    dup2(to, stream + 1);
    close(to);
  }
  descriptors_know_streams();
  struct rlimit files = {snapshot_plan.output_bytes, snapshot_plan.output_bytes}, cores;
  setrlimit(RLIMIT_FSIZE, &files);
  if (getrlimit(RLIMIT_CORE, &cores) == 0) {
    cores.rlim_cur = 0;
    setrlimit(RLIMIT_CORE, &cores);
  }
  return true;
}

static void refuse(const char *reason) {
  static const char start[] = "refused 0 ";
  if (write(1, start, sizeof start - 1) < 0 || write(1, reason, strlen(reason)) < 0 || write(1, "\n", 1) < 0) _exit(2);
  _exit(0);
}

struct record *snapshot_start(void) {
  const char *input = getenv("MALLOC_FAULTS_SNAPSHOT");
  if (input == NULL || *input == '\0') return NULL;
#ifndef __GLIBC__
  /* musl keeps the number of its thread: a copy that raises a signal would send it to the program. */
  refuse("is not linked with glibc, whose copies by fork are known to be whole");
#endif
  if (!read_plan()) refuse("was given a plan that cannot be read");
  snapshot_area = mmap(NULL, sizeof *snapshot_area, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (snapshot_area == MAP_FAILED) refuse("cannot be copied: there is no memory for that");
  descriptors_know_inherited();
  if (!make_captures()) refuse("cannot be copied: there is no memory for that");
  sigset_t child, before;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, &before);
  supervisor = (pid_t)syscall(SYS_getpid);
  snapshot_append(snapshot_capture_folder, (uint64_t)supervisor);
  strcat(snapshot_capture_folder, "/fd/");
  int listener = purity_listen();
  if (listener < 0) refuse("cannot be watched by this kernel, which has to hold back what a copy of it would do (seccomp user notification, Linux 5.5)");
  struct slot *own = &snapshot_area->slots[most_slots];
  own->started_ns = snapshot_now_ns();
  long program = syscall(SYS_clone, (long)purity_start_flags, 0, &own->pid, 0, 0);
  if (program < 0) refuse("cannot be forked");
  if (program > 0) supervise((pid_t)program, listener);
  close(listener);
  sigprocmask(SIG_SETMASK, &before, NULL);
  if (!become_program(input)) {
    strcpy(own->reason, "has a standard input or output that cannot be opened");
    _exit(1);
  }
  copying = snapshot_plan.count > 0;
  return &own->record;
}

struct leaks *snapshot_leaks(void) { return snapshot_area == NULL ? NULL : &snapshot_area->slots[most_slots].leaks; }

uint64_t snapshot_next(void) { return copying ? snapshot_plan.all[next_number].number : UINT64_MAX; }

/* ---- Copies. ---- */

static struct slot *find_free(void) {
  for (size_t index = 0; index < snapshot_plan.slots; index++) {
    struct slot *slot = &snapshot_area->slots[index];
    if (atomic_load(&slot->taken) == 0) return slot;
  }
  return NULL;
}

/* Waits until the supervisor has given one back. */
static struct slot *take_slot(void) {
  for (;;) {
    unsigned seen = atomic_load(&snapshot_area->given_back);
    struct slot *slot = find_free();
    if (slot != NULL) return slot;
    uint64_t since = snapshot_now_ns();
    atomic_store(&snapshot_area->waiting_since_ns, since);
    syscall(SYS_futex, &snapshot_area->given_back, FUTEX_WAIT, seen, NULL, NULL, 0);
    atomic_store(&snapshot_area->waiting_since_ns, 0);
    atomic_fetch_add(&snapshot_area->waited_ns, snapshot_now_ns() - since);
  }
}

static void become_copy(struct slot *slot, uint64_t number) {
  copying = false;
  be_a_child();
  if (!descriptors_part(slot)) {
    strcpy(slot->reason, "has a file open that cannot be opened again");
    _exit(1);
  }
  slot->record.owner = (uint64_t)syscall(SYS_getpid);
  atomic_store(&slot->record.called, number + 1);
  slot->record.magic = record_magic;
  if (leaks_report != NULL) leaks_report = &slot->leaks;
  char rule[24] = "";
  snapshot_append(rule, number);
  if (snapshot_plan.all_from) rules_add_all_from(number);
  else rules_add(rule);
}

static bool copy(struct planned one) {
  const char *reason = descriptors_note();
  if (reason != NULL) {
    copying = false;
    strcpy(snapshot_area->reason, reason);
    /* A call of which the supervisor is asked: it reads the reason, and ends what has nothing more to tell. */
    syscall(SYS_kill, supervisor, 0);
    return false;
  }
  struct slot *slot = take_slot();
  slot->number = one.number;
  slot->stack = one.stack;
  slot->reason[0] = '\0';
  slot->before[0] = descriptors_sizes[0];
  slot->before[1] = descriptors_sizes[1];
  slot->started_ns = snapshot_now_ns();
  atomic_store(&slot->taken, 1);
  long made = syscall(SYS_clone, (long)purity_copy_flags, 0, &slot->pid, 0, 0);
  if (made > 0) return false;
  if (made == 0) {
    become_copy(slot, one.number);
    shim_record = &slot->record;
    return true;
  }
  /* The machine has no room for one more process now: its verdict has to come from elsewhere. */
  atomic_store(&slot->taken, 0);
  return false;
}

static bool hangs_too_often(uint32_t stack) {
  return snapshot_plan.hangs > 0 && stack != no_stack && atomic_load(&snapshot_hangs[stack]) >= snapshot_plan.hangs;
}

bool snapshot_take(uint64_t number) {
  int error = errno;
  bool is_copy = false;
  while (copying && snapshot_plan.all[next_number].number <= number) {
    struct planned one = snapshot_plan.all[next_number];
    if (++next_number == snapshot_plan.count) copying = false;
    if (one.number == number && !hangs_too_often(one.stack)) is_copy = copy(one);
  }
  errno = error;
  return is_copy;
}
