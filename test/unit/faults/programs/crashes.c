#include <stdlib.h>

int main(void) {
  int *volatile nowhere = NULL;
  free(malloc(10));
  *nowhere = 1;
  return 0;
}
