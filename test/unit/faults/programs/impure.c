/* Does something that others see between allocations; the first argument says what. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static void *nothing(void *unused) { return unused; }

/* Each from a call stack of its own, and checked; a failure is told on the way out. */
static int missing;

static __attribute__((noinline)) void some(int count) {
  for (int index = 0; index < count; index++) {
    char *block = malloc(32);
    if (block == NULL) missing++;
    free(block);
  }
}

static void does(const char *what, const char *path) {
  if (strcmp(what, "write") == 0) {
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (file < 0 || write(file, "x", 1) != 1) exit(9);
    close(file);
  } else if (strcmp(what, "stdio") == 0) {
    FILE *file = fopen(path, "a");
    if (file == NULL) exit(1);
    fputs("x", file);
    fclose(file);
  } else if (strcmp(what, "remove") == 0) {
    unlink(path);
  } else if (strcmp(what, "folder") == 0) {
    mkdir(path, 0700);
  } else if (strcmp(what, "thread") == 0) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, nothing, NULL) == 0) pthread_join(thread, NULL);
  } else if (strcmp(what, "child") == 0) {
    pid_t child = fork();
    if (child == 0) _exit(0);
    waitpid(child, NULL, 0);
  } else if (strcmp(what, "system") == 0) {
    if (system("true") != 0) exit(9);
  } else if (strcmp(what, "pipe") == 0) {
    int ends[2];
    if (pipe(ends) != 0 || write(ends[1], "x", 1) != 1) exit(9);
  } else if (strcmp(what, "socket") == 0) {
    if (socket(AF_INET, SOCK_DGRAM, 0) < 0) exit(9);
  } else if (strcmp(what, "epoll") == 0) {
    if (epoll_create1(0) < 0) exit(9);
  } else if (strcmp(what, "shared") == 0) {
    int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ++*shared;
  } else if (strcmp(what, "timer") == 0) {
    struct itimerval never = {{0, 0}, {3600, 0}};
    setitimer(ITIMER_REAL, &never, NULL);
  } else if (strcmp(what, "lock") == 0) {
    int file = open("/etc/passwd", O_RDONLY);
    flock(file, LOCK_SH);
  } else if (strcmp(what, "signal") == 0) {
    kill(getppid(), 0);
  } else if (strcmp(what, "sandbox") == 0) {
    struct sock_filter all = {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
    struct sock_fprog filter = {1, &all};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
  } else if (strcmp(what, "terminal") == 0) {
    posix_openpt(O_RDWR | O_NOCTTY);
  }
}

int main(int count, char **arguments) {
  some(3);
  does(arguments[1], arguments[2]);
  some(3);
  if (missing > 0) fprintf(stderr, "%d missing\n", missing);
  return missing > 0;
}
