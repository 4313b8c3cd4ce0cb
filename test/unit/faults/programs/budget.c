/* Keeps blocks of 1000 bytes up to ten; says how many it got, after which it gives all back and asks again; then reallocates. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  static char buffer[BUFSIZ];
  setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  for (int round = 0; round < 2; round++) {
    void *blocks[10];
    int count = 0;
    for (int index = 0; index < 10; index++) {
      blocks[index] = malloc(1000);
      count += blocks[index] != NULL;
    }
    for (int index = 0; index < 10; index++) free(blocks[index]);
    printf("%d ", count);
  }
  char *block = malloc(1000);
  size_t size = 1000;
  for (char *larger; block != NULL && (larger = realloc(block, size + 1000)) != NULL; block = larger) {
    size += 1000;
    if (size > 100000) break;
  }
  printf("%zu\n", size);
  return 0;
}
