/*
 * libgcc's unwinder asks glibc where the unwind tables of an address are (_dl_find_object, glibc 2.35), if it was built for such
 * a glibc. That of a distribution is, also where it is linked for musl, which has no such function: there this one is it.
 */
#define _GNU_SOURCE
#include <link.h>

#include "shim.h"

#ifndef __GLIBC__

/* As glibc's dlfcn.h has it, and libgcc reads it. */
struct dl_find_object {
  unsigned long long flags;
  void *map_start, *map_end;
  const struct link_map *link_map;
  void *eh_frame;
#ifdef __i386__
  void *eh_dbase;
  int padding;
#endif
  unsigned long long reserved[7];
};

struct search {
  uintptr_t address;
  struct dl_find_object *found;
};

static int is_there(struct dl_phdr_info *info, size_t size, void *data) {
  (void)size;
  const struct search *search = data;
  bool covers = false;
  uintptr_t tables = 0;
  for (int index = 0; index < info->dlpi_phnum; index++) {
    const ElfW(Phdr) *segment = &info->dlpi_phdr[index];
    uintptr_t start = info->dlpi_addr + segment->p_vaddr;
    if (segment->p_type == PT_GNU_EH_FRAME) tables = start;
    if (segment->p_type != PT_LOAD || search->address - start >= segment->p_memsz) continue;
    covers = true;
    search->found->map_start = (void *)start;
    search->found->map_end = (void *)(start + segment->p_memsz);
  }
  if (!covers || tables == 0) return 0;
  search->found->eh_frame = (void *)tables;
  return 1;
}

int _dl_find_object(void *address, struct dl_find_object *found);

int _dl_find_object(void *address, struct dl_find_object *found) {
  struct search search = {(uintptr_t)address, found};
  *found = (struct dl_find_object){0};
  return dl_iterate_phdr(is_there, &search) != 0 ? 0 : -1;
}

#endif
