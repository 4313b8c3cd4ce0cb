#include <pthread.h>
#include <stdlib.h>

static pthread_barrier_t started;

static void *work(void *unused) {
  pthread_barrier_wait(&started);
  volatile char *block = malloc(10);
  block[0] = 'x'; /* crash */
  free((void *)block);
  return unused;
}

int main(void) {
  pthread_t thread;
  pthread_barrier_init(&started, NULL, 2);
  if (pthread_create(&thread, NULL, work, NULL) != 0) {
    /* The start of the thread was refused itself: do its work here, with nobody to wait for. */
    pthread_barrier_init(&started, NULL, 1);
    work(NULL);
    return 0;
  }
  pthread_barrier_wait(&started);
  pthread_join(thread, NULL);
  return 0;
}
