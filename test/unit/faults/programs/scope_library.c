/* A library for scope.c: allocates itself, through libc, and on behalf of a helper of its own. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

__attribute__((noinline)) static void *helper(size_t size) {
  void *block = malloc(size);
  __asm__ volatile("");
  return block;
}

void *library_block(void) {
  void *block = helper(32);
  __asm__ volatile("");
  return block;
}

void *library_copy(const char *text) {
  void *block = strdup(text);
  __asm__ volatile("");
  return block;
}

/* Calls back: the program allocates within the library. */
void *library_calls(void *(*give)(void)) {
  void *block = give();
  __asm__ volatile("");
  return block;
}
