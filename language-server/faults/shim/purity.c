/*
 * Sees to it that no copy of a program does anything that another one, or anybody else, could notice: the kernel holds each
 * such system call and asks the supervisor (seccomp_unotify(2), Linux 5.5). What is harmless goes on; else the call is never made.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "snapshot.h"

_Static_assert(purity_start_flags == (CLONE_PARENT_SETTID | SIGCHLD), "snapshot.h");
_Static_assert(purity_copy_flags == (CLONE_PARENT_SETTID | CLONE_PARENT | SIGCHLD), "snapshot.h");

#if defined(__x86_64__)
enum { machine = (int)AUDIT_ARCH_X86_64 };
#elif defined(__aarch64__)
enum { machine = (int)AUDIT_ARCH_AARCH64 };
#elif defined(__i386__)
enum { machine = (int)AUDIT_ARCH_I386 };
#else
enum { machine = 0 };
#endif

static const char writes[] = "writes files";
static const char starts[] = "starts other processes";
static const char threads[] = "starts threads";
static const char becomes[] = "becomes another program";
static const char talks[] = "talks over sockets";
static const char shares[] = "shares memory with other processes";
static const char timers[] = "sets timers";
static const char locks[] = "locks files";
static const char signals[] = "sends signals to other processes";
static const char sandbox[] = "puts itself into a sandbox";
static const char other[] = "asks the kernel for things that cannot be undone";

struct watched {
  int call;
  const char *what;
};

/* These are always asked for. Those whose arguments tell have a rule in `filter` or in `purity_judge` besides. */
static const struct watched watched[] = {
#ifdef SYS_open
    {SYS_creat, writes},      {SYS_unlink, writes},  {SYS_rename, writes},  {SYS_link, writes},
    {SYS_symlink, writes},    {SYS_mkdir, writes},   {SYS_rmdir, writes},   {SYS_mknod, writes},
    {SYS_chmod, writes},      {SYS_chown, writes},   {SYS_lchown, writes},  {SYS_utime, writes},
    {SYS_utimes, writes},     {SYS_futimesat, writes},
    {SYS_fork, starts},       {SYS_vfork, starts},   {SYS_alarm, timers},
#endif
#ifdef SYS_renameat
    {SYS_renameat, writes},
#endif
    {SYS_openat2, writes},    {SYS_unlinkat, writes},  {SYS_renameat2, writes}, {SYS_linkat, writes},
    {SYS_symlinkat, writes},  {SYS_mkdirat, writes},   {SYS_mknodat, writes},   {SYS_fchmodat, writes},
    {SYS_fchmod, writes},     {SYS_fchown, writes},    {SYS_fchownat, writes},  {SYS_utimensat, writes},
    {SYS_truncate, writes},   {SYS_setxattr, writes},  {SYS_lsetxattr, writes}, {SYS_fsetxattr, writes},
    {SYS_removexattr, writes}, {SYS_lremovexattr, writes}, {SYS_fremovexattr, writes},
    {SYS_clone3, threads},    {SYS_execve, becomes},   {SYS_execveat, becomes},
    {SYS_kill, signals},      {SYS_tgkill, signals},   {SYS_rt_sigqueueinfo, signals}, {SYS_pidfd_send_signal, signals},
    {SYS_ptrace, other},      {SYS_process_vm_writev, other},
#ifdef SYS_connect
    {SYS_connect, talks},     {SYS_bind, talks},       {SYS_sendmsg, talks},    {SYS_sendmmsg, talks},
    {SYS_sendto, talks},
#endif
#ifdef SYS_socketcall
    {SYS_socketcall, talks},
#endif
#ifdef SYS_shmget
    {SYS_shmget, shares},     {SYS_shmat, shares},     {SYS_msgget, shares},    {SYS_semget, shares},
#endif
    {SYS_mq_open, shares},    {SYS_flock, locks},      {SYS_setitimer, timers}, {SYS_timer_create, timers},
    {SYS_seccomp, sandbox},   {SYS_io_uring_setup, other}, {SYS_userfaultfd, other}, {SYS_perf_event_open, other},
    {SYS_bpf, other},         {SYS_mount, other},      {SYS_umount2, other},    {SYS_unshare, other},
    {SYS_setns, other},       {SYS_chroot, other},     {SYS_pivot_root, other}, {SYS_reboot, other},
    {SYS_sethostname, other}, {SYS_settimeofday, other}, {SYS_clock_settime, other}, {SYS_add_key, other},
    {SYS_keyctl, other},      {SYS_sched_setscheduler, other},
};
enum { watched_count = sizeof watched / sizeof watched[0], most_instructions = 64 + 2 * watched_count };

struct program {
  struct sock_filter all[most_instructions];
  unsigned short length;
};

static void add(struct program *program, struct sock_filter instruction) {
  program->all[program->length++] = instruction;
}

#define LOAD_AT(offset) ((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(offset)))
#define LOAD(field) LOAD_AT(offsetof(struct seccomp_data, field))
#define RETURN(action) ((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, (action)))
#define IF_EQUAL(value, yes, no) ((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (yes), (no)))
#define IF_ANY(bits, yes, no) ((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), (yes), (no)))

enum { ask = (int)SECCOMP_RET_USER_NOTIF, pass = (int)SECCOMP_RET_ALLOW };

/* Low half of an argument. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LOAD_ARGUMENT(index) LOAD(args[index])
#else
#define LOAD_ARGUMENT(index) LOAD_AT(offsetof(struct seccomp_data, args[index]) + 4)
#endif

static void add_if_flags(struct program *program, int call, int argument, uint32_t bits) {
  add(program, IF_EQUAL((uint32_t)call, 0, 4));
  add(program, LOAD_ARGUMENT(argument));
  add(program, IF_ANY(bits, 0, 1));
  add(program, RETURN(ask));
  add(program, RETURN(pass));
}

static void add_mmap(struct program *program, int call) {
  add(program, IF_EQUAL((uint32_t)call, 0, 8));
  add(program, LOAD_ARGUMENT(3));
  add(program, IF_ANY(MAP_SHARED, 0, 5));
  add(program, IF_ANY(MAP_ANONYMOUS, 3, 0));
  add(program, LOAD_ARGUMENT(2));
  add(program, IF_ANY(PROT_WRITE, 1, 0));
  add(program, RETURN(pass));
  add(program, RETURN(ask));
  add(program, RETURN(pass));
}

static void add_clone(struct program *program) {
  add(program, IF_EQUAL(SYS_clone, 0, 5));
  add(program, LOAD_ARGUMENT(0));
  add(program, IF_EQUAL(purity_start_flags, 2, 0));
  add(program, IF_EQUAL(purity_copy_flags, 1, 0));
  add(program, RETURN(ask));
  add(program, RETURN(pass));
}

static void add_values(struct program *program, int call, int argument, const uint32_t *values, size_t count) {
  add(program, IF_EQUAL((uint32_t)call, 0, (unsigned char)(2 + 2 * count)));
  add(program, LOAD_ARGUMENT(argument));
  for (size_t index = 0; index < count; index++) {
    add(program, IF_EQUAL(values[index], 0, 1));
    add(program, RETURN(ask));
  }
  add(program, RETURN(pass));
}

static void write_program(struct program *program) {
  static const uint32_t opens = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;
  static const uint32_t fcntls[] = {F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW, F_SETLEASE, F_NOTIFY};
  static const uint32_t prctls[] = {PR_SET_SECCOMP, PR_SET_DUMPABLE};
  add(program, LOAD(arch));
  add(program, IF_EQUAL((uint32_t)machine, 1, 0));
  add(program, RETURN(ask));
  add(program, LOAD(nr));
#ifdef SYS_open
  add_if_flags(program, SYS_open, 1, opens);
#endif
  add_if_flags(program, SYS_openat, 2, opens);
#ifdef SYS_mmap
  add_mmap(program, SYS_mmap);
#endif
#ifdef SYS_mmap2
  add_mmap(program, SYS_mmap2);
#endif
  add_clone(program);
  add_values(program, SYS_fcntl, 1, fcntls, sizeof fcntls / sizeof fcntls[0]);
#ifdef SYS_fcntl64
  add_values(program, SYS_fcntl64, 1, fcntls, sizeof fcntls / sizeof fcntls[0]);
#endif
  add_values(program, SYS_prctl, 0, prctls, sizeof prctls / sizeof prctls[0]);
  for (size_t index = 0; index < watched_count; index++) {
    add(program, IF_EQUAL((uint32_t)watched[index].call, 0, 1));
    add(program, RETURN(ask));
  }
  add(program, RETURN(pass));
}

int purity_listen(void) {
  static struct program program;
  if (machine == 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  write_program(&program);
  struct sock_fprog given = {program.length, program.all};
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &given);
}

/* ---- Judgement, in the supervisor. ---- */

static bool read_memory(pid_t process, uint64_t address, void *into, size_t size) {
  struct iovec local = {into, size}, remote = {(void *)(uintptr_t)address, size};
  return process_vm_readv(process, &local, 1, &remote, 1, 0) == (ssize_t)size;
}

/* Reads no further than the page of its end, behind which there may be nothing. */
static bool read_text(pid_t process, uint64_t address, char *into, size_t room) {
  for (size_t length = 0; length < room; length++) {
    if (!read_memory(process, address + length, &into[length], 1)) return false;
    if (into[length] == '\0') return true;
  }
  return false;
}

/* What is written there is gone, or goes to nobody. */
static bool is_sink(pid_t process, uint64_t address) {
  static const char *const sinks[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/tty"};
  char path[64];
  if (!read_text(process, address, path, sizeof path)) return false;
  if (strncmp(path, snapshot_capture_folder, strlen(snapshot_capture_folder)) == 0) return true;
  for (size_t index = 0; index < sizeof sinks / sizeof sinks[0]; index++) {
    if (strcmp(path, sinks[index]) == 0) return true;
  }
  return false;
}

/* libc asks there for the names of users before it reads /etc/passwd. */
static bool is_name_service(pid_t process, uint64_t address, uint64_t size) {
  struct sockaddr_un given;
  memset(&given, 0, sizeof given);
  size_t length = size < sizeof given ? (size_t)size : sizeof given;
  if (!read_memory(process, address, &given, length) || given.sun_family != AF_UNIX) return false;
  given.sun_path[sizeof given.sun_path - 1] = '\0';
  return strcmp(given.sun_path, "/var/run/nscd/socket") == 0;
}

/* clone3(2): the flags come first in a structure. */
static const char *judge_clone(uint64_t flags) {
  return (flags & CLONE_THREAD) != 0 ? threads : starts;
}

const char *purity_judge(const struct seccomp_notif *asked) {
  const struct seccomp_data *data = &asked->data;
  pid_t process = (pid_t)asked->pid;
  if (data->arch != (uint32_t)machine) return other;
  uint64_t flags = 0;
  void *address = NULL;
  switch (data->nr) {
#ifdef SYS_open
    case SYS_open:
      return is_sink(process, data->args[0]) ? NULL : writes;
    case SYS_alarm:
      return data->args[0] == 0 ? NULL : timers;
#endif
    case SYS_openat:
      return is_sink(process, data->args[1]) ? NULL : writes;
    case SYS_clone:
      return judge_clone(data->args[0]);
    case SYS_clone3:
      return read_memory(process, data->args[0], &flags, sizeof flags) ? judge_clone(flags) : threads;
    case SYS_kill:
      return (pid_t)data->args[0] == process || data->args[0] == 0 ? NULL : signals;
    case SYS_tgkill:
    case SYS_rt_sigqueueinfo:
      return (pid_t)data->args[0] == process ? NULL : signals;
#ifdef SYS_connect
    case SYS_connect:
      return is_name_service(process, data->args[1], data->args[2]) ? NULL : talks;
    case SYS_sendto:
      return data->args[4] == 0 ? NULL : talks;
    case SYS_sendmsg:
      /* Without an address it goes over a connected socket; and none is, but libc's to the name service. */
      return read_memory(process, data->args[1], &address, sizeof address) && address == NULL ? NULL : talks;
#endif
#ifdef SYS_mmap
    case SYS_mmap:
      return shares;
#endif
#ifdef SYS_mmap2
    case SYS_mmap2:
      return shares;
#endif
    case SYS_fcntl:
#ifdef SYS_fcntl64
    case SYS_fcntl64:
#endif
      return locks;
    case SYS_prctl:
      return data->args[0] == PR_SET_SECCOMP ? sandbox : other;
    default:
      for (size_t index = 0; index < watched_count; index++) {
        if (watched[index].call == data->nr) return watched[index].what;
      }
      return other;
  }
}
