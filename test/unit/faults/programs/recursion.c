/* An allocation at each depth of a recursion, thirty times. */
#include <stdlib.h>

static int descend(int depth) {
  void *volatile block = malloc(8);
  int below = depth == 0 ? 0 : descend(depth - 1);
  free(block);
  return below + (block != NULL);
}

int main(void) {
  return descend(29) == 30 ? 0 : 1;
}
