/* Prints the file of its argument, and makes one allocation that it does not need. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
  char text[16];
  void *volatile block = malloc(10);
  free(block);
  int file = argc > 1 ? open(argv[1], O_RDONLY) : -1;
  ssize_t length = read(file, text, sizeof text);
  return length > 0 && write(1, text, length) == length ? 0 : 1;
}
