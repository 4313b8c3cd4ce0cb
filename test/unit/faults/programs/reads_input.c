/* Repeats a line of standard input from memory that it asks for; exits 3 without a word where there is none. */
#include <stdlib.h>
#include <unistd.h>

int main(void) {
  char *line = malloc(256);
  if (line == NULL) return 3;
  ssize_t length = read(0, line, 256);
  if (length <= 0 || write(1, line, (size_t)length) != length) return 4;
  free(line);
  return 0;
}
