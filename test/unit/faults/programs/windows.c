/* Allocates before main, in main, in a window, and behind it; says which were refused, and how many had been counted. */
#include <stdio.h>
#include <stdlib.h>

#include "malloc-faults.h"

static int refused[5];

static void ask(int which) {
  void *volatile block = malloc(8);
  refused[which] = block == NULL;
  free(block);
}

__attribute__((constructor)) static void before(void) { ask(0); }

int main(void) {
  ask(1);
  malloc_faults_begin();
  ask(2);
  malloc_faults_begin();
  malloc_faults_end();
  ask(3);
  malloc_faults_end();
  ask(4);
  unsigned long long count = malloc_faults_so_far();
  static char buffer[BUFSIZ];
  setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  printf("%d%d%d%d%d %llu\n", refused[0], refused[1], refused[2], refused[3], refused[4], count);
  return 0;
}
