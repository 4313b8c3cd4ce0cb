/* Prints how many allocations succeed before one fails. */
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  static char buffer[BUFSIZ];
  setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  long count = 0;
  for (void *block; (block = malloc(8)) != NULL; count++) free(block);
  printf("%ld\n", count);
  return 0;
}
