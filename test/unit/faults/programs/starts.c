/* Starts the program of its arguments, and ends as that does. Allocates three times itself. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  (void)argc;
  for (int index = 0; index < 3; index++) {
    void *volatile block = malloc(8);
    if (block == NULL) return 40;
  }
  pid_t child = fork();
  if (child == 0) {
    execv(argv[1], argv + 1);
    _exit(41);
  }
  int status;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return 42;
  return WEXITSTATUS(status);
}
