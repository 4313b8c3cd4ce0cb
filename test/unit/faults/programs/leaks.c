/* Loses something on the way out of a failure that it handles; the first argument says what. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *copy(const char *text) {
  char *block = malloc(strlen(text) + 1); /* copy */
  return block == NULL ? NULL : strcpy(block, text);
}

/* Frees neither where the second fails. */
static int two(void) {
  char *first = copy("the first");
  if (first == NULL) return -1;
  char *second = malloc(1000); /* second */
  if (second == NULL) return -1;
  free(second);
  free(first);
  return 0;
}

/* Keeps the old block's address to itself. */
static int grow(void) {
  char *block = malloc(50); /* grown */
  if (block == NULL) return -1;
  block = realloc(block, 5000);
  if (block == NULL) return -1;
  free(block);
  return 0;
}

static int file(const char *path) {
  int opened = open(path, O_RDONLY);
  void *block = malloc(70);
  if (block == NULL) return -1;
  close(opened);
  free(block);
  return 0;
}

static int stream(const char *path) {
  FILE *opened = fopen(path, "r");
  if (opened == NULL) return -1;
  char *line = malloc(80);
  if (line == NULL) return -1;
  fgets(line, 80, opened);
  free(line);
  fclose(opened);
  return 0;
}

/* Holds all that it has until the end, and then leaves it to the kernel, with a failure and without. */
static int careless(void) {
  static char *held[10];
  for (int index = 0; index < 10; index++) {
    held[index] = malloc(20);
    if (held[index] == NULL) return 0;
  }
  return 0;
}

static int tidy(void) {
  char *blocks[5] = {0};
  int failed = 0;
  for (int index = 0; index < 5; index++) {
    blocks[index] = malloc(20);
    if (blocks[index] == NULL) failed = 1;
  }
  for (int index = 0; index < 5; index++) free(blocks[index]);
  return failed ? -1 : 0;
}

int main(int count, char **arguments) {
  const char *what = arguments[1];
  int result = 0;
  if (strcmp(what, "two") == 0) result = two();
  if (strcmp(what, "grow") == 0) result = grow();
  if (strcmp(what, "file") == 0) result = file(arguments[0]);
  if (strcmp(what, "stream") == 0) result = stream(arguments[0]);
  if (strcmp(what, "careless") == 0) result = careless();
  if (strcmp(what, "tidy") == 0) result = tidy();
  /* libc allocates for this what it keeps. */
  if (result != 0) printf("there is no memory\n");
  if (result != 0) perror(arguments[0]);
  if (count > 2) fflush(NULL), _exit(result != 0);
  return result != 0;
}
