/* Its handler for SIGSEGV counts for one signal only (SA_RESETHAND), and returns to the instruction that cannot go on. */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void on_signal(int number) {
  (void)number;
  if (write(2, "dying\n", 6) != 6) _exit(9);
}

int main(void) {
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESETHAND};
  sigaction(SIGSEGV, &action, NULL);
  volatile char *block = malloc(8);
  block[0] = 'x';
  return 0;
}
