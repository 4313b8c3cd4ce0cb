/* realloc that fails leaves the old block as it is; realloc to nothing is a free and cannot fail. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
  char *text = malloc(8);
  strcpy(text, "kept");
  errno = 0;
  if (realloc(text, 1 << 20) != NULL) return 1;
  if (errno != ENOMEM || strcmp(text, "kept") != 0) return 2;
  text[5] = 'x';
  errno = 0;
  if (realloc(text, 0) != NULL || errno != 0) return 3;
  return 0;
}
