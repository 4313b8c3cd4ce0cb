// Each form of operator new, by number; says what its caller sees where it is refused.
#include <cstdio>
#include <cstdlib>
#include <new>
#include <unistd.h>

struct alignas(64) Wide { char bytes[64]; };

template <class Make> static char outcome(Make make) {
  try {
    return make() == nullptr ? '0' : 'B';
  } catch (const std::bad_alloc &) {
    return 'T';
  }
}

int main() {
  const char told[] = {
      outcome([]() -> void * { return new int; }),
      outcome([]() -> void * { return new int[4]; }),
      outcome([]() -> void * { return new (std::nothrow) int; }),
      outcome([]() -> void * { return new (std::nothrow) int[4]; }),
      outcome([]() -> void * { return new Wide; }),
      outcome([]() -> void * { return new Wide[2]; }),
      outcome([]() -> void * { return new (std::nothrow) Wide; }),
      outcome([]() -> void * { return new (std::nothrow) Wide[2]; }),
      '\n'};
  return write(1, told, sizeof told) != sizeof told;
}
