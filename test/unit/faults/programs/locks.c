/* Fails where another of its kind runs, as programs do that write one file; makes 20 allocations that it does not need. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  int lock = open(argv[1], O_CREAT | O_EXCL | O_WRONLY, 0600);
  if (lock < 0) return write(2, "locked\n", 7) == 7 ? 1 : 3;
  for (int index = 0; index < 20; index++) {
    void *volatile block = malloc(10);
    free(block);
    usleep(2000);
  }
  return unlink(argv[1]);
}
