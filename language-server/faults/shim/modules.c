/* Which loaded file an address belongs to. Neither allocates nor, with glibc 2.35 and later, takes a lock. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>

#include "modules.h"

#ifdef DLFO_STRUCT_HAS_EH_DBASE
#pragma GCC visibility push(default)
extern __typeof__(_dl_find_object) _dl_find_object __attribute__((weak));
#pragma GCC visibility pop

static bool found_by_libc(uintptr_t address, struct module *module) {
  struct dl_find_object found;
  if (_dl_find_object((void *)address, &found) != 0) return false;
  module->base = found.dlfo_link_map->l_addr;
  module->name = found.dlfo_link_map->l_name;
  return true;
}
#endif

struct search {
  uintptr_t address;
  struct module *module;
};

static int is_there(struct dl_phdr_info *info, size_t size, void *data) {
  (void)size;
  const struct search *search = data;
  for (int index = 0; index < info->dlpi_phnum; index++) {
    const ElfW(Phdr) *segment = &info->dlpi_phdr[index];
    if (segment->p_type != PT_LOAD) continue;
    if (search->address - (info->dlpi_addr + segment->p_vaddr) >= segment->p_memsz) continue;
    search->module->base = info->dlpi_addr;
    search->module->name = info->dlpi_name;
    return 1;
  }
  return 0;
}

bool module_of(uintptr_t address, struct module *module) {
#ifdef DLFO_STRUCT_HAS_EH_DBASE
  if (_dl_find_object != NULL) return found_by_libc(address, module);
#endif
  struct search search = {address, module};
  return dl_iterate_phdr(is_there, &search) != 0;
}
