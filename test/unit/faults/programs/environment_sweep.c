/* Ends with 0 where arguments, folder, variables and standard input are as the test has given them. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
  char folder[16], byte;
  void *volatile block = malloc(10);
  free(block);
  if (argc != 3 || strcmp(argv[1], "a b") != 0 || strcmp(argv[2], "\"$x\"\n") != 0) return 1;
  if (getcwd(folder, sizeof folder) == NULL || strcmp(folder, "/") != 0) return 2;
  if (getenv("GREETING") == NULL || strcmp(getenv("GREETING"), "hello there") != 0) return 3;
  if (getenv("LD_PRELOAD") != NULL || getenv("MALLOC_MAX_CALLED") != NULL) return 4;
  return read(0, &byte, 1) == 0 ? 0 : 5;
}
