/* Says without end that it has no memory. */
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  for (int index = 0; index < 6; index++) {
    void *block = malloc(10);
    while (block == NULL && index == 3) puts("there is no memory, there is no memory, there is no memory, there is no memory");
    free(block);
  }
  return 0;
}
