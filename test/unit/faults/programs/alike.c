/* Allocates from stacks that look alike: one function at one depth, reached by other calls, or with a frame that grows. */
#include <alloca.h>
#include <stdlib.h>
#include <string.h>

static void keep(void *block) {
  free(block);
}

__attribute__((noinline)) static void inner(void) {
  keep(malloc(8));
  __asm__ volatile("");
}

/* Eight callers behind each other, each by one of two calls: 256 stacks, all of one depth. */
__attribute__((noinline)) static void turn(unsigned turns, int left) {
  if (left == 0) {
    inner();
  } else if (turns & 1) {
    turn(turns >> 1, left - 1);
    __asm__ volatile("");
  } else {
    turn(turns >> 1, left - 1);
    __asm__ volatile("nop");
  }
}

__attribute__((noinline)) static void grow(size_t size) {
  char *volatile room = alloca(size);
  memset(room, 1, size);
  keep(malloc(8));
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "grow") == 0) {
    for (int round = 0; round < 100; round++) {
      for (size_t size = 16; size <= 512; size += 16) grow(size);
    }
    return 0;
  }
  for (int round = 0; round < 3; round++) {
    for (unsigned turns = 0; turns < 256; turns++) turn(turns, 8);
  }
  return 0;
}
