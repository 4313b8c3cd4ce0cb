/* Asks for memory, waits for 30 ms, asks again. */
#include <stdlib.h>
#include <unistd.h>

int main(void) {
  free(malloc(1));
  usleep(30000);
  free(malloc(2));
  return 0;
}
