/* Allocates twice, has a child allocate three times, one after the other, and then becomes another program. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int asks(int times) {
  int refused = 0;
  for (int index = 0; index < times; index++) {
    void *volatile block = malloc(8);
    refused += block == NULL;
  }
  return refused;
}

int main(int argc, char **argv) {
  if (asks(2) > 0) return 2;
  pid_t child = fork();
  if (child == 0) _exit(asks(3) > 0 ? 3 : 0);
  int status;
  if (waitpid(child, &status, 0) != child) return 9;
  if (status != 0) return WEXITSTATUS(status);
  if (argc > 1) execv(argv[1], argv + 1);
  return 0;
}
