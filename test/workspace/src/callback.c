#include <stddef.h>

/* Calls back for each number; a language that makes its closures on the stack would need the stack executable. */
void for_each(const long *numbers, size_t count, void (*visit)(long number, void *data), void *data) {
  for (size_t index = 0; index < count; index++) visit(numbers[index], data);
}
