/* Becomes echo(1) by the exec function that its argument names; with "none" it only fails to, and lets a child do it. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  char *const arguments[] = {"/bin/echo", "a", "b", "c", NULL};
  char *const environment[] = {"PATH=/bin", NULL};
  const char *form = argc > 1 ? argv[1] : "";
  void *volatile block = malloc(10);
  free(block);
  if (strcmp(form, "l") == 0) execl("/bin/echo", "echo", "a", "b", "c", NULL);
  if (strcmp(form, "lp") == 0) execlp("echo", "echo", "a", "b", "c", NULL);
  if (strcmp(form, "le") == 0) execle("/bin/echo", "echo", "a", "b", "c", NULL, environment);
  if (strcmp(form, "v") == 0) execv("/bin/echo", arguments);
  if (strcmp(form, "ve") == 0) execve("/bin/echo", arguments, environment);
  if (strcmp(form, "vp") == 0) execvp("echo", arguments);
  if (strcmp(form, "vpe") == 0) execvpe("echo", arguments, environment);
  if (strcmp(form, "f") == 0) fexecve(open("/bin/echo", O_RDONLY), arguments, environment);
  execv("/nonexistent", arguments);
  if (vfork() == 0) {
    execv("/bin/true", arguments);
    _exit(1);
  }
  int status;
  return wait(&status) > 0 ? status : 2;
}
