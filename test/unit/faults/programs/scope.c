/* Allocates by itself and by a library, in turn; prints a line with a letter for each: lower case where it was refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *library_block(void);
void *library_copy(const char *text);
void *library_calls(void *(*give)(void));

__attribute__((noinline)) static void *own(void) {
  void *block = malloc(16);
  __asm__ volatile("");
  return block;
}

__attribute__((noinline)) static void *copies(void) {
  void *block = strdup("text");
  __asm__ volatile("");
  return block;
}

static char line[64];

static void note(char letter, void *block) {
  line[strlen(line)] = block == NULL ? letter + ('a' - 'A') : letter;
  free(block);
}

int main(void) {
  for (int round = 0; round < 2; round++) {
    note('O', own());
    note('C', copies());
    note('L', library_block());
    note('D', library_copy("text"));
    note('B', library_calls(own));
  }
  strcat(line, "\n");
  return write(1, line, strlen(line)) < 0;
}
