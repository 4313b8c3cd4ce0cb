/* Four bugs in C++ and threads, and code that copes; each is reached whatever the others do. */
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <pthread.h>
#include <string>
#include <vector>

namespace shop {

struct Item {
  std::string name;
  int amount;
};

class Stock {
 public:
  void add(const char *name, int amount) {
    std::string text(name); /* string */
    items.resize(items.size() + 1); /* vector */
    items.back().name.swap(text);
    items.back().amount = amount;
  }
  int total() const {
    int sum = 0;
    for (const Item &item : items) sum += item.amount;
    return sum;
  }

 private:
  std::vector<Item> items;
};

static int *scratch(std::size_t count) {
  return new (std::nothrow) int[count]; /* nothrow */
}

static int careful() {
  try {
    std::unique_ptr<char[]> block(new char[4000]); /* caught */
    return block[0] = 1;
  } catch (const std::bad_alloc &) {
    return 1;
  }
}

}  // namespace shop

static void *work(void *) {
  char *block = static_cast<char *>(std::malloc(333)); /* thread */
  std::memset(block, 1, 333); /* thread crash */
  std::free(block);
  return nullptr;
}

int main() {
  shop::Stock stock;
  stock.add("a name that is longer than what a string keeps within itself", 3);
  int *numbers = shop::scratch(10);
  numbers[9] = stock.total(); /* nothrow crash */
  pthread_t thread;
  if (pthread_create(&thread, nullptr, work, nullptr) != 0) {
    std::fputs("no thread\n", stderr);
    return 1;
  }
  pthread_join(thread, nullptr);
  int careful = shop::careful();
  char *note = static_cast<char *>(std::malloc(50)); /* wrong */
  char text[32];
  std::snprintf(text, sizeof text, "%d %d %s\n", numbers[9], careful, note == nullptr ? "?" : "!");
  std::fwrite(text, 1, std::strlen(text), stdout);
  std::free(note);
  delete[] numbers;
  return 0;
}
