/*
 * What the program has open, and how a copy of it gets its own: fork alone would have both read on at one place in a file, and
 * write to one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "snapshot.h"

enum { most_fds = 256 };

uint64_t descriptors_sizes[2];

/* What was open before the program was: all of its runs have that in common, by themselves too. */
static struct {
  int fd;
  ino_t inode;
  dev_t device;
} inherited[most_fds];
static size_t inherited_count;

/* The files of standard output and error, by which their descriptors are known. */
static ino_t stream_inodes[2];
static dev_t stream_device;

void descriptors_know_streams(void) {
  for (int stream = 0; stream < 2; stream++) {
    struct stat status;
    if (fstat(stream + 1, &status) != 0) continue;
    stream_inodes[stream] = status.st_ino;
    stream_device = status.st_dev;
  }
}

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

static bool is_inherited(int fd, const struct stat *status) {
  for (size_t index = 0; index < inherited_count; index++) {
    if (inherited[index].fd != fd) continue;
    return inherited[index].inode == status->st_ino && inherited[index].device == status->st_dev;
  }
  return false;
}

static const char *note_descriptor(int fd) {
  struct stat status;
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fstat(fd, &status) != 0) return NULL;
  if ((flags & O_PATH) != 0 || is_inherited(fd, &status)) return NULL;
  for (int stream = 0; stream < 2; stream++) {
    if (status.st_ino != stream_inodes[stream] || status.st_dev != stream_device) continue;
    descriptors_sizes[stream] = (uint64_t)status.st_size;
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

static const char *note_inherited(int fd) {
  struct stat status;
  if (fd <= 2 || inherited_count == most_fds || fstat(fd, &status) != 0) return NULL;
  inherited[inherited_count].fd = fd;
  inherited[inherited_count].inode = status.st_ino;
  inherited[inherited_count++].device = status.st_dev;
  return NULL;
}

const char *descriptors_each(const char *(*note)(int fd)) {
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
      if (*name != '.' && fd != folder) reason = note(fd);
      at += entry_length;
    }
  }
  close(folder);
  return reason;
}

void descriptors_know_inherited(void) { descriptors_each(note_inherited); }

const char *descriptors_note(void) {
  reader_count = writer_count = 0;
  return descriptors_each(note_descriptor);
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
    snapshot_append(path, (uint64_t)readers[index].fd);
    int file = open(path, readers[index].flags);
    if (file < 0) return false;
    if (lseek(file, readers[index].at, SEEK_SET) != readers[index].at) return false;
    if (!put(file, readers[index].fd, readers[index].closes_on_exec)) return false;
  }
  return true;
}

/* Where the program is in its own, so that it sees the same of it. All descriptors of one stream stay one open file. */
static bool redirect(const struct slot *slot) {
  for (int stream = 0; stream < 2; stream++) {
    int first = -1;
    for (size_t index = 0; index < writer_count; index++) {
      if (writers[index].stream != stream) continue;
      int file = first < 0 ? snapshot_open_capture(slot, stream) : dup(first);
      if (file < 0) return false;
      if (first < 0 && lseek(file, (off_t)slot->before[stream], SEEK_SET) < 0) return false;
      if (!put(file, writers[index].fd, writers[index].closes_on_exec)) return false;
      first = writers[index].fd;
    }
  }
  return true;
}

bool descriptors_part(const struct slot *slot) { return open_again() && redirect(slot); }
