/* Shuts itself in with seccomp(2): what it does not need kills it. Then two allocations, of which one is not checked. */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ALLOW(number) \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static int shut_in(void) {
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      ALLOW(SYS_getrandom), ALLOW(SYS_brk), ALLOW(SYS_mmap), ALLOW(SYS_munmap),
      ALLOW(SYS_write), ALLOW(SYS_exit_group), ALLOW(SYS_rt_sigreturn),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
  };
  struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

__attribute__((noinline)) static void fill(volatile char *block) {
  block[0] = 'x'; /* unchecked */
}

int main(void) {
  if (shut_in() != 0) return 77;
  void *volatile checked = malloc(8);
  if (checked == NULL) return write(2, "no memory\n", 10) == 10 ? 1 : 2;
  fill(malloc(8)); /* asks */
  return 0;
}
