/* Three rounds with two bugs each, and a third bug after them. */
#include <stdlib.h>

static void fill(void) {
  volatile int *first = malloc(4);
  first[0] = 1; /* first */
  volatile int *second = malloc(4);
  second[0] = 2; /* second */
  free((void *)first);
  free((void *)second);
}

int main(void) {
  for (int round = 0; round < 3; round++) fill();
  void *volatile last = malloc(4);
  if (last == NULL) return 5;
  free(last);
  return 0;
}
