/* Two allocations, then a fork: parent and child go on counting from there, each for itself. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int successes(void) {
  int count = 0;
  for (int index = 0; index < 10; index++) count += malloc(8) != NULL;
  return count;
}

int main(void) {
  void *volatile first = malloc(8), *volatile second = malloc(8);
  if (first == NULL || second == NULL) return 50;
  pid_t child = fork();
  if (child == 0) _exit(successes());
  int status;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return 51;
  return WEXITSTATUS(status) * 16 + successes();
}
