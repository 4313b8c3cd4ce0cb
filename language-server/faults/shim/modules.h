#ifndef MODULES_H
#define MODULES_H

#include "shim.h"

#pragma GCC visibility push(hidden)

struct module {
  /* What is added to the addresses that its file names. */
  uintptr_t base;
  /* As the loader opened it; empty for the program itself. */
  const char *name;
};

/* False for code that is in no file: made at run time, or not code. */
bool module_of(uintptr_t address, struct module *module);

#pragma GCC visibility pop

#endif
