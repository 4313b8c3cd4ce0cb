/*
 * Forks again and again while four threads allocate; each child allocates, also in a signal handler. Says how many children
 * came to their end.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static atomic_bool ended;
static volatile sig_atomic_t handled;

static void *work(void *unused) {
  while (!ended) {
    void *volatile block = malloc(64);
    free(block);
  }
  return unused;
}

static void on_signal(int number) {
  (void)number;
  void *volatile block = malloc(64);
  handled = block != NULL;
  free(block);
}

static int child(void) {
  signal(SIGUSR1, on_signal);
  for (int index = 0; index < 100; index++) {
    void *volatile block = calloc(1, 64);
    if (block == NULL) return 1;
    free(block);
  }
  raise(SIGUSR1);
  return handled == 1 ? 0 : 2;
}

int main(void) {
  static char buffer[BUFSIZ];
  setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  pthread_t threads[4];
  for (int index = 0; index < 4; index++) pthread_create(&threads[index], NULL, work, NULL);
  int good = 0;
  for (int index = 0; index < 20; index++) {
    pid_t process = fork();
    if (process == 0) _exit(child());
    int status;
    if (waitpid(process, &status, 0) == process && status == 0) good++;
  }
  ended = 1;
  for (int index = 0; index < 4; index++) pthread_join(threads[index], NULL);
  printf("%d\n", good);
  return 0;
}
