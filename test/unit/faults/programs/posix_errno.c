#include <errno.h>
#include <stdlib.h>

int main(void) {
  void *block = (void *)1;
  errno = EPERM;
  if (posix_memalign(&block, 64, 10) != ENOMEM) return 1;
  if (errno != EPERM || block != (void *)1) return 2;
  return 0;
}
