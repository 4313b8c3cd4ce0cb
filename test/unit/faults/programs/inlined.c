#include <stdlib.h>

static inline __attribute__((always_inline)) void store(char *block, char value) {
  *(volatile char *)block = value;
}

int main(int argc, char **argv) {
  (void)argv;
  char *block = malloc(10);
  store(block, (char)argc);
  free(block);
  return 0;
}
