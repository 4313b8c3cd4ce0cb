/* Asks for more than can be counted; what was there before has to stay. Ends with 0 where all is as POSIX has it. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
  volatile size_t many = SIZE_MAX / 2;
  char *block = malloc(8);
  strcpy(block, "kept");
  errno = 0;
  if (reallocarray(block, many, 4) != NULL || errno != ENOMEM || strcmp(block, "kept") != 0) return 1;
  errno = 0;
  if (calloc(many, 4) != NULL || errno != ENOMEM) return 2;
  errno = 0;
  if (realloc(block, SIZE_MAX - 64) != NULL || errno != ENOMEM || strcmp(block, "kept") != 0) return 3;
  free(block);
  return 0;
}
