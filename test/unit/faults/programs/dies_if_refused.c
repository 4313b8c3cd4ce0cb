/* One allocation, unchecked. */
#include <stdlib.h>

int main(void) {
  volatile char *block = malloc(8);
  block[0] = 'x'; /* unchecked */
  return 0;
}
