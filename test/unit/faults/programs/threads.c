/* Eight threads, all started before, allocate at once, each a thousand times; prints how many succeeded. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static void *blocks[8][1000];
static atomic_int succeeded;
static pthread_barrier_t all_started;

static void *work(void *own) {
  void **mine = own;
  pthread_barrier_wait(&all_started);
  for (int index = 0; index < 1000; index++) {
    mine[index] = malloc(16 + index);
    if (mine[index] != NULL) succeeded++;
  }
  for (int index = 0; index < 1000; index++) free(mine[index]);
  return NULL;
}

int main(void) {
  pthread_t threads[8];
  pthread_barrier_init(&all_started, NULL, 8);
  static char buffer[BUFSIZ];
  setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  for (int index = 0; index < 8; index++) {
    if (pthread_create(&threads[index], NULL, work, blocks[index]) != 0) return 3;
  }
  for (int index = 0; index < 8; index++) pthread_join(threads[index], NULL);
  printf("%d\n", succeeded);
  return 0;
}
