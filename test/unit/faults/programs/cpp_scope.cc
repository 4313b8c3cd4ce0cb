// Methods and functions whose names are C++'s; says which of their allocations were refused.
#include <cstdio>
#include <new>
#include <unistd.h>

namespace shop {
struct Cart {
  __attribute__((noinline)) void *add(int) { void *block = operator new(8, std::nothrow); asm volatile(""); return block; }
  __attribute__((noinline)) void *total() const { void *block = operator new(8, std::nothrow); asm volatile(""); return block; }
};
} // namespace shop

__attribute__((noinline)) static void *plain() { void *block = operator new(8, std::nothrow); asm volatile(""); return block; }

int main() {
  shop::Cart cart;
  char text[4] = {cart.add(1) ? 'A' : 'a', cart.total() ? 'T' : 't', plain() ? 'P' : 'p', '\n'};
  return write(1, text, 4) != 4;
}
