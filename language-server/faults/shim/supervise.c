/*
 * The supervisor of snapshot mode: parent of the program and of its copies. It keeps their deadlines, answers what the kernel
 * asks about them, and tells what came of each, a line a message; bytes are in hexadecimal:
 *
 *   output STREAM BYTES        what the program has written since the last of these to its stream 0 (standard output) or 1
 *   part STREAM BYTES          what the copy that comes next wrote
 *   maps WHICH BYTES           the executable mappings of records from here on: 0 of the injection, 1 of the crash, 2 of the end
 *   lost STATE                 what the copy that comes next left behind (leaks.h), in messages until its own:
 *   leak STACK BLOCKS BYTES FRAMES
 *   file NAME
 *   ran N STATUS KILLED MICROSECONDS BEFORE0 BEFORE1 RECORD
 *                              of the copy that had allocation N fail: what wait(2) says, 1 where it passed its deadline, how
 *                              much of the program's two streams comes before its own, and the front of its record
 *   again N REASON             no verdict of that copy: it "REASON"
 *   refused N REASON           there are no copies behind allocation N: the program "REASON"
 *   ended STATUS RECORD        the program came to its own end; this is the last message, as is `refused`
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "snapshot.h"

enum { record_front = offsetof(struct record, unused_too), longest_line = 1 << 15, look_every_ms = 20 };

static struct {
  pid_t program;
  bool program_ended;
  int program_status;
  bool killed[most_slots];
  /* A program that is held in a system call, and not to go on. */
  bool refusing;
  /* Of the program's streams, so much was told. */
  off_t told[2];
  char maps[3][record_maps_size];
  uint64_t maps_size[3];
} own;

/* ---- Messages. ---- */

static char line[2 * longest_line + 256];
static size_t line_length;

static void put_text(const char *text) {
  size_t length = strlen(text);
  memcpy(line + line_length, text, length);
  line_length += length;
}

static void put_number(uint64_t value) {
  char digits[24];
  size_t count = 0;
  do digits[count++] = (char)('0' + value % 10);
  while ((value /= 10) != 0);
  line[line_length++] = ' ';
  while (count > 0) line[line_length++] = digits[--count];
}

static void put_bytes(const void *bytes, size_t size) {
  static const char digits[] = "0123456789abcdef";
  const unsigned char *at = bytes;
  line[line_length++] = ' ';
  for (size_t index = 0; index < size; index++) {
    line[line_length++] = digits[at[index] >> 4];
    line[line_length++] = digits[at[index] & 15];
  }
}

/* Waits where the reader is slower. Nobody reads any more: everything ends with this process. */
static void send(void) {
  line[line_length++] = '\n';
  for (size_t sent = 0; sent < line_length;) {
    ssize_t written = write(1, line + sent, line_length - sent);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) _exit(1);
    sent += (size_t)written;
  }
  line_length = 0;
}

/* The bytes of a file from `from` on. Returns where they end. */
static off_t send_file(const char *kind, int stream, int file, off_t from) {
  unsigned char bytes[longest_line];
  for (ssize_t got; (got = pread(file, bytes, sizeof bytes, from)) > 0; from += got) {
    put_text(kind);
    put_number((uint64_t)stream);
    put_bytes(bytes, (size_t)got);
    send();
  }
  return from;
}

static void send_maps(int which, const char *maps, uint64_t size) {
  if (size == 0 || size > record_maps_size) return;
  if (size == own.maps_size[which] && memcmp(maps, own.maps[which], size) == 0) return;
  memcpy(own.maps[which], maps, size);
  own.maps_size[which] = size;
  for (uint64_t from = 0; from < size; from += longest_line) {
    put_text(from == 0 ? "maps" : "more");
    put_number((uint64_t)which);
    put_bytes(maps + from, size - from < longest_line ? size - from : longest_line);
    send();
  }
}

/* ---- Copies. ---- */

static off_t size_of(int file) {
  struct stat status;
  return fstat(file, &status) == 0 ? status.st_size : 0;
}

static void tell_output(void) {
  for (int stream = 0; stream < 2; stream++) {
    own.told[stream] = send_file("output", stream, snapshot_captures[most_slots][stream], own.told[stream]);
  }
}

/* Its output was cut, so that it may have done otherwise than it would have. */
static bool is_cut(size_t index) {
  for (int stream = 0; stream < 2; stream++) {
    if (size_of(snapshot_captures[index][stream]) >= (off_t)snapshot_plan.output_bytes) return true;
  }
  return false;
}

static void tell_leaks(const struct leaks *leaks) {
  if (leaks->state == 0) return;
  put_text("lost");
  put_number(leaks->state);
  send();
  send_maps(2, leaks->maps, leaks->maps_size);
  for (uint64_t at = 0; at < leaks->leak_count && at < most_leaks; at++) {
    const struct leak *leak = &leaks->all[at];
    put_text("leak");
    put_number(leak->stack);
    put_number(leak->blocks);
    put_number(leak->bytes);
    put_bytes(leak->frames, (leak->frame_count < stack_frames ? leak->frame_count : stack_frames) * sizeof leak->frames[0]);
    send();
  }
  for (uint64_t at = 0; at < leaks->file_count && at < most_files; at++) {
    put_text("file");
    put_bytes(leaks->files[at], strnlen(leaks->files[at], file_name_size));
    send();
  }
}

static void tell(size_t index, int status) {
  struct slot *slot = &snapshot_area->slots[index];
  if (slot->reason[0] == '\0' && is_cut(index)) strcpy(slot->reason, "prints too much to be kept in memory");
  if (slot->reason[0] != '\0') {
    put_text("again");
    put_number(slot->number);
    put_text(" ");
    put_text(slot->reason);
    send();
    return;
  }
  tell_output();
  for (int stream = 0; stream < 2; stream++) {
    send_file("part", stream, snapshot_captures[index][stream], (off_t)slot->before[stream]);
  }
  send_maps(0, slot->record.injected_maps, slot->record.injected_maps_size);
  send_maps(1, slot->record.crash_maps, slot->record.crash_maps_size);
  tell_leaks(&slot->leaks);
  put_text("ran");
  put_number(slot->number);
  put_number((uint64_t)(unsigned)status);
  put_number(own.killed[index]);
  put_number((snapshot_now_ns() - slot->started_ns) / 1000);
  put_number(slot->before[0]);
  put_number(slot->before[1]);
  put_bytes(&slot->record, record_front);
  send();
}

static void give_back(size_t index) {
  struct slot *slot = &snapshot_area->slots[index];
  for (int stream = 0; stream < 2; stream++) {
    if (ftruncate(snapshot_captures[index][stream], 0) != 0) _exit(2);
  }
  memset(&slot->record, 0, sizeof slot->record);
  if (slot->leaks.state != 0) memset(&slot->leaks, 0, sizeof slot->leaks);
  own.killed[index] = false;
  slot->pid = 0;
  atomic_store(&slot->taken, 0);
  atomic_fetch_add(&snapshot_area->given_back, 1);
  syscall(SYS_futex, &snapshot_area->given_back, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static bool is_busy(void) {
  for (size_t index = 0; index < snapshot_plan.slots; index++) {
    if (atomic_load(&snapshot_area->slots[index].taken) != 0) return true;
  }
  return false;
}

static void reap(void) {
  int status;
  for (pid_t ended; (ended = waitpid(-1, &status, WNOHANG)) > 0;) {
    if (ended == own.program) {
      own.program_ended = true;
      own.program_status = status;
      continue;
    }
    for (size_t index = 0; index < snapshot_plan.slots; index++) {
      if (snapshot_area->slots[index].pid != ended) continue;
      tell(index, status);
      give_back(index);
    }
  }
}

/* Not kill(2), of which this process would be asked itself. */
static void kill_process(pid_t process) { syscall(SYS_tkill, process, SIGKILL); }

static void finish(void) {
  tell_output();
  struct slot *program = &snapshot_area->slots[most_slots];
  if (snapshot_area->reason[0] != '\0') {
    put_text("refused");
    put_number(atomic_load(&program->record.called));
    put_text(" ");
    put_text(snapshot_area->reason);
  } else {
    put_text("ended");
    put_number((uint64_t)(unsigned)own.program_status);
    put_bytes(&program->record, record_front);
  }
  send();
  _exit(0);
}

/* What has passed its deadline ends. The program's time is that in which it could run. */
static void keep_deadlines(void) {
  uint64_t now = snapshot_now_ns();
  for (size_t index = 0; index < snapshot_plan.slots; index++) {
    struct slot *slot = &snapshot_area->slots[index];
    if (atomic_load(&slot->taken) == 0 || slot->pid == 0 || own.killed[index]) continue;
    if (now < slot->started_ns + snapshot_plan.copy_deadline_ms * 1000000) continue;
    own.killed[index] = true;
    if (slot->stack != no_stack && snapshot_hangs[slot->stack] < UCHAR_MAX) snapshot_hangs[slot->stack]++;
    kill_process(slot->pid);
  }
  if (own.program_ended || own.refusing) return;
  uint64_t waiting_since = atomic_load(&snapshot_area->waiting_since_ns);
  uint64_t waited = atomic_load(&snapshot_area->waited_ns) + (waiting_since == 0 ? 0 : now - waiting_since);
  if (now - snapshot_area->slots[most_slots].started_ns < waited + snapshot_plan.program_deadline_ms * 1000000) return;
  strcpy(snapshot_area->reason, "takes too long while it is copied");
  own.refusing = true;
}

/* ---- Questions of the kernel. ---- */

static struct slot *slot_of(pid_t process) {
  for (size_t index = 0; index < snapshot_plan.slots; index++) {
    if (snapshot_area->slots[index].pid == process) return &snapshot_area->slots[index];
  }
  return NULL;
}

static void answer(int listener) {
  struct seccomp_notif asked;
  memset(&asked, 0, sizeof asked);
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) != 0) return;
  const char *reason = purity_judge(&asked);
  pid_t process = (pid_t)asked.pid;
  if (reason == NULL) {
    struct seccomp_notif_resp go_on = {asked.id, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &go_on);
    return;
  }
  struct slot *slot = slot_of(process);
  if (slot == NULL) {
    /* The program stays where it is until its copies have ended: what it is about to do could disturb them. */
    if (snapshot_area->reason[0] == '\0') strcpy(snapshot_area->reason, reason);
    own.refusing = true;
    return;
  }
  strcpy(slot->reason, reason);
  kill_process(process);
}

void supervise(pid_t program, int listener) {
  own.program = program;
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  int ended = signalfd(-1, &child, SFD_NONBLOCK | SFD_CLOEXEC);
  if (ended < 0) _exit(2);
  /* What its copies could be asked about is known from here on alone: nobody else has it open. */
  for (;;) {
    reap();
    keep_deadlines();
    bool busy = is_busy();
    if (!busy && own.program_ended) finish();
    if (!busy && own.refusing) {
      kill_process(program);
      finish();
    }
    struct pollfd ready[] = {{ended, POLLIN, 0}, {listener, POLLIN, 0}};
    if (poll(ready, 2, look_every_ms) <= 0) continue;
    if ((ready[1].revents & POLLIN) != 0) answer(listener);
    struct signalfd_siginfo ignored;
    while (read(ended, &ignored, sizeof ignored) > 0) {
    }
  }
}
