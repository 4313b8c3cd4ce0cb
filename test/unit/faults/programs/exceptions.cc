// operator new throws std::bad_alloc: caught for "caught", given as null for "nothrow", uncaught otherwise.
#include <cstring>
#include <new>
#include <unistd.h>

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  if (std::strcmp(what, "nothrow") == 0) return new (std::nothrow) int[50] == nullptr ? 3 : 0;
  if (std::strcmp(what, "caught") != 0) return new int[50] == nullptr; /* uncaught */
  try {
    return new int[50] == nullptr;
  } catch (const std::bad_alloc &) {
    return write(2, "caught\n", 7) == 7 ? 4 : 5;
  }
}
