/* The program's side of snapshot mode: it becomes a child of the supervisor, and copies itself where a chosen allocation is asked for. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/kcmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "snapshot.h"

struct area *snapshot_area;
struct snapshot_plan snapshot_plan;
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

/* The files of standard output and error, by which their descriptors are known, and what is in them so far, in bytes. */
static ino_t stream_inodes[2];
static dev_t stream_device;
static uint64_t stream_sizes[2];

/* ---- Start. ---- */

/* A word of the plan; NULL behind the last. */
static const char *word(const char **at, const char *end, size_t *length) {
  while (*at != end && (**at == ' ' || **at == '\n')) (*at)++;
  const char *start = *at;
  while (*at != end && **at != ' ' && **at != '\n') (*at)++;
  *length = (size_t)(*at - start);
  return *length == 0 ? NULL : start;
}

static uint64_t number(const char **at, const char *end) {
  size_t length;
  const char *text = word(at, end, &length);
  uint64_t value = 0;
  for (size_t index = 0; text != NULL && index < length; index++) value = value * 10 + (uint64_t)(text[index] - '0');
  return value;
}

/* "nth SLOTS COPY_DEADLINE_MS PROGRAM_DEADLINE_MS OUTPUT_BYTES NUMBER…", or "fromNth …", on standard input. */
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
  /* No number has fewer than two bytes with the space behind it. */
  uint64_t *numbers = mmap(NULL, (length / 2 + 1) * sizeof *numbers, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (numbers == MAP_FAILED) return false;
  size_t count = 0, ignored;
  for (const char *ahead = at; word(&ahead, end, &ignored) != NULL;) numbers[count++] = number(&at, end);
  munmap(text, room);
  snapshot_plan.numbers = numbers;
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

/* Puts the decimal digits of a number to the end of a text. */
static void append(char *text, uint64_t value) {
  char digits[24];
  size_t count = 0;
  do digits[count++] = (char)('0' + value % 10);
  while ((value /= 10) != 0);
  char *at = text + strlen(text);
  while (count > 0) *at++ = digits[--count];
  *at = '\0';
}

static int open_capture(const struct slot *slot, int stream) {
  char path[64];
  strcpy(path, snapshot_capture_folder);
  append(path, (uint64_t)snapshot_captures[slot - snapshot_area->slots][stream]);
  return open(path, O_WRONLY);
}

/* Dies with the supervisor, and is in a group of its own: a signal to "my group" is for it alone. */
static void be_a_child(void) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if ((pid_t)syscall(SYS_getppid) != supervisor) _exit(1);
  setpgid(0, 0);
}

static void know_streams(void) {
  for (int stream = 0; stream < 2; stream++) {
    struct stat status;
    if (fstat(stream + 1, &status) != 0) continue;
    stream_inodes[stream] = status.st_ino;
    stream_device = status.st_dev;
  }
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
    int to = open_capture(own, stream);
    if (to < 0) return false;
    dup2(to, stream + 1);
    close(to);
  }
  know_streams();
  struct rlimit files = {snapshot_plan.output_bytes, snapshot_plan.output_bytes}, none = {0, 0};
  setrlimit(RLIMIT_FSIZE, &files);
  setrlimit(RLIMIT_CORE, &none);
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
  if (!read_plan()) refuse("its plan cannot be read");
  snapshot_area = mmap(NULL, sizeof *snapshot_area, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (snapshot_area == MAP_FAILED || !make_captures()) refuse("there is no memory for copies of it");
  sigset_t child, before;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, &before);
  supervisor = (pid_t)syscall(SYS_getpid);
  append(snapshot_capture_folder, (uint64_t)supervisor);
  strcat(snapshot_capture_folder, "/fd/");
  int listener = purity_listen();
  if (listener < 0) refuse("this kernel cannot hold back what a copy of it would do (seccomp user notification, Linux 5.5)");
  struct slot *own = &snapshot_area->slots[most_slots];
  own->started_ns = snapshot_now_ns();
  long program = syscall(SYS_clone, (long)purity_start_flags, 0, &own->pid, 0, 0);
  if (program < 0) refuse("it cannot be forked");
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

uint64_t snapshot_next(void) { return copying ? snapshot_plan.numbers[next_number] : UINT64_MAX; }

/* ---- Descriptors. ---- */

/* Files that are open for reading, and where they are read next: a copy needs its own place in them. */
static struct {
  int fd, flags;
  bool closes_on_exec;
  /* Another descriptor, before this one, of the same open file; -1: none. */
  int twin;
  off_t at;
  ino_t inode;
  dev_t device;
} readers[most_fds];
static size_t reader_count;
/* Of the two streams. */
static struct {
  int fd;
  int stream;
  bool closes_on_exec;
} writers[most_fds];
static size_t writer_count;

struct linux_dirent {
  uint64_t inode, offset;
  unsigned short length;
  unsigned char type;
  char name[];
};

static bool is_same_file(int a, int b) {
  long self = syscall(SYS_getpid);
  return syscall(SYS_kcmp, self, self, KCMP_FILE, (unsigned long)a, (unsigned long)b) == 0;
}

static const char *note_reader(int fd, int flags, const struct stat *status) {
  off_t at = lseek(fd, 0, SEEK_CUR);
  if (at < 0) return "has a file open that cannot be opened again";
  if (reader_count == most_fds) return "has too many files open";
  int twin = -1;
  for (size_t index = 0; index < reader_count && twin < 0; index++) {
    if (readers[index].inode == status->st_ino && readers[index].device == status->st_dev && readers[index].at == at &&
        is_same_file(readers[index].fd, fd)) {
      twin = readers[index].fd;
    }
  }
  readers[reader_count].fd = fd;
  readers[reader_count].flags = flags & ~(O_CREAT | O_EXCL | O_TRUNC | O_NOFOLLOW);
  readers[reader_count].closes_on_exec = (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
  readers[reader_count].twin = twin;
  readers[reader_count].at = at;
  readers[reader_count].inode = status->st_ino;
  readers[reader_count].device = status->st_dev;
  reader_count++;
  return NULL;
}

static const char *note_descriptor(int fd) {
  struct stat status;
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fstat(fd, &status) != 0) return NULL;
  if ((flags & O_PATH) != 0) return NULL;
  for (int stream = 0; stream < 2; stream++) {
    if (status.st_ino != stream_inodes[stream] || status.st_dev != stream_device) continue;
    stream_sizes[stream] = (uint64_t)status.st_size;
    if (writer_count == most_fds) return "has too many files open";
    writers[writer_count].fd = fd;
    writers[writer_count].stream = stream;
    writers[writer_count++].closes_on_exec = (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
    return NULL;
  }
  switch (status.st_mode & S_IFMT) {
    case S_IFREG:
    case S_IFDIR:
      return (flags & O_ACCMODE) == O_RDONLY ? note_reader(fd, flags, &status) : "writes files";
    case S_IFCHR:
      /* null, zero, full, random, urandom: they have no place to read from. */
      if (major(status.st_rdev) == 1) return NULL;
      return "has a device or terminal open";
    case S_IFIFO:
      return "has a pipe open";
    case S_IFSOCK:
      return "has a socket open";
    default:
      return "has something open that processes share (epoll, eventfd, a timer)";
  }
}

/* Why the program cannot be copied with what it has open; NULL: it can. */
static const char *note_descriptors(void) {
  reader_count = writer_count = 0;
  int folder = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return "cannot see its open files (/proc is not there)";
  const char *reason = NULL;
  _Alignas(8) char buffer[4096];
  for (long length; reason == NULL && (length = syscall(SYS_getdents64, folder, buffer, sizeof buffer)) > 0;) {
    for (long at = 0; at < length && reason == NULL;) {
      unsigned short entry_length;
      memcpy(&entry_length, buffer + at + offsetof(struct linux_dirent, length), sizeof entry_length);
      const char *name = buffer + at + offsetof(struct linux_dirent, name);
      int fd = 0;
      for (const char *digit = name; *digit >= '0' && *digit <= '9'; digit++) fd = fd * 10 + (*digit - '0');
      if (*name != '.' && fd != folder) reason = note_descriptor(fd);
      at += entry_length;
    }
  }
  close(folder);
  return reason;
}

static bool put(int file, int fd, bool closes_on_exec) {
  if (file < 0) return false;
  bool done = file == fd || dup3(file, fd, closes_on_exec ? O_CLOEXEC : 0) == fd;
  if (file != fd) close(file);
  return done;
}

/* In the copy, while the program may be reading on. */
static bool open_again(void) {
  for (size_t index = 0; index < reader_count; index++) {
    if (readers[index].twin >= 0) {
      if (dup3(readers[index].twin, readers[index].fd, readers[index].closes_on_exec ? O_CLOEXEC : 0) < 0) return false;
      continue;
    }
    char path[64] = "/proc/self/fd/";
    append(path, (uint64_t)readers[index].fd);
    int file = open(path, readers[index].flags);
    if (file < 0) return false;
    if (lseek(file, readers[index].at, SEEK_SET) != readers[index].at) return false;
    if (!put(file, readers[index].fd, readers[index].closes_on_exec)) return false;
  }
  return true;
}

/* Where the program is in its own, so that it sees the same of it. All descriptors of one stream stay one open file. */
static bool redirect(struct slot *slot) {
  for (int stream = 0; stream < 2; stream++) {
    int first = -1;
    for (size_t index = 0; index < writer_count; index++) {
      if (writers[index].stream != stream) continue;
      int file = first < 0 ? open_capture(slot, stream) : dup(first);
      if (file < 0) return false;
      if (first < 0 && lseek(file, (off_t)slot->before[stream], SEEK_SET) < 0) return false;
      if (!put(file, writers[index].fd, writers[index].closes_on_exec)) return false;
      first = writers[index].fd;
    }
  }
  return true;
}

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
  if (!open_again() || !redirect(slot)) {
    strcpy(slot->reason, "has a file open that cannot be opened again");
    _exit(1);
  }
  slot->record.owner = (uint64_t)syscall(SYS_getpid);
  atomic_store(&slot->record.called, number + 1);
  slot->record.magic = record_magic;
  char digits[24] = "";
  append(digits, number);
  if (snapshot_plan.all_from) rules_add_all_from(number);
  else rules_add(digits);
}

static bool copy(uint64_t number) {
  const char *reason = note_descriptors();
  if (reason != NULL) {
    copying = false;
    strcpy(snapshot_area->reason, reason);
    /* A call of which the supervisor is asked: it reads the reason, and ends what has nothing more to tell. */
    syscall(SYS_kill, supervisor, 0);
    return false;
  }
  struct slot *slot = take_slot();
  slot->number = number;
  slot->reason[0] = '\0';
  slot->before[0] = stream_sizes[0];
  slot->before[1] = stream_sizes[1];
  slot->started_ns = snapshot_now_ns();
  atomic_store(&slot->taken, 1);
  long made = syscall(SYS_clone, (long)purity_copy_flags, 0, &slot->pid, 0, 0);
  if (made > 0) return false;
  if (made == 0) {
    become_copy(slot, number);
    shim_record = &slot->record;
    return true;
  }
  /* The machine has no room for one more process now: its verdict has to come from elsewhere. */
  atomic_store(&slot->taken, 0);
  return false;
}

bool snapshot_take(uint64_t number) {
  int error = errno;
  bool is_copy = false;
  while (copying && snapshot_plan.numbers[next_number] <= number) {
    bool is_it = snapshot_plan.numbers[next_number] == number;
    if (++next_number == snapshot_plan.count) copying = false;
    if (is_it) is_copy = copy(number);
  }
  errno = error;
  return is_copy;
}
