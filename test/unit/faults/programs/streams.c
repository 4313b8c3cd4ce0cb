/* Reads a file, a folder and standard input piece by piece, and prints between allocations: what fork(2) would mix up. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int failed;

static __attribute__((noinline)) void *ask(size_t size) {
  void *block = malloc(size);
  if (block == NULL) failed++;
  return block;
}

int main(int count, char **arguments) {
  int file = open(arguments[1], O_RDONLY), twin = dup(file);
  int folder = open(arguments[2], O_RDONLY | O_DIRECTORY);
  char bytes[8];
  for (int round = 0; round < 12; round++) {
    void *block = ask(100 + round);
    ssize_t got = read(round % 2 == 0 ? file : twin, bytes, sizeof bytes);
    ssize_t more = read(0, bytes, 3);
    printf("%d %zd %zd %.*s\n", round, got, more, (int)(more > 0 ? more : 0), bytes);
    if (round % 3 == 0) fflush(stdout);
    if (round % 4 == 0) dprintf(2, "round %d at %ld\n", round, (long)lseek(file, 0, SEEK_CUR));
    free(block);
  }
  DIR *entries = fdopendir(folder);
  int seen = 0;
  while (entries != NULL && readdir(entries) != NULL) {
    free(ask(50));
    seen++;
  }
  printf("%d entries\n", seen);
  if (failed > 0) dprintf(2, "%d failed\n", failed);
  return failed > 0 ? 3 : 0;
}
