/* Prints another number each time, and makes one or two allocations. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void) {
  static char buffer[BUFSIZ];
  setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  free(malloc(10));
  printf("%d\n", (int)getpid());
  return 0;
}
