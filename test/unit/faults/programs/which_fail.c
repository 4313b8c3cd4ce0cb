/* Allocates so many times (first argument), 16 bytes more each time; prints the numbers of those that failed. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  static char failed[100000], buffer[BUFSIZ];
  int count = argc > 1 ? atoi(argv[1]) : 0;
  for (int number = 0; number < count; number++) {
    void *volatile block = malloc(16 * (size_t)(number + 1));
    failed[number] = block == NULL;
    free(block);
  }
  setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  for (int number = 0; number < count; number++) {
    if (failed[number]) printf("%d ", number);
  }
  return 0;
}
