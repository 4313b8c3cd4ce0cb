/*
 * Which allocations count at all, by the stack that asks: what is out of scope passes without a number, so that numbers run
 * through those that are in scope. Terms, with commas between them:
 *
 *   library:GLOB           the caller's file is one of these; where the C or C++ library asks on somebody's behalf (strdup,
 *                          operator new) and is none itself, that somebody counts as the caller
 *   frames:COUNT:GLOB      one of so many innermost frames is in one of these files
 *   code:FILE+0xA-0xB      one of the innermost record_frames frames is in this code of a file, as its symbol table has it
 *   stack:HASH             the stack has this number (stacks.c)
 *
 * A glob has * and ?, and is held against a file's name, or with a slash in it against its path.
 */
#define _GNU_SOURCE
#include <string.h>
#include <unistd.h>

#include "gate.h"
#include "modules.h"

enum { most_terms = 512, most_characters = 65536, most_frames = record_frames };

enum kind { by_library, by_frames, by_code, by_stack, kinds };

struct term {
  enum kind kind;
  /* The frames that are looked at. */
  size_t frames;
  const char *glob;
  /* Of code, relative to the file's base; or a stack's number. */
  uint64_t first, last;
};

struct list {
  struct term terms[most_terms];
  size_t count;
  char text[most_characters];
};

static struct list included, excluded;
/* So many frames are looked at by any term. */
static size_t deepest = stack_frames;
static char program[4096];

/* ---- Words. ---- */

static bool matches_glob(const char *glob, const char *text) {
  const char *star = NULL, *rest = NULL;
  while (*text != '\0') {
    if (*glob == '*') {
      star = ++glob;
      rest = text;
    } else if (*glob == '?' || *glob == *text) {
      glob++;
      text++;
    } else if (star != NULL) {
      glob = star;
      text = ++rest;
    } else {
      return false;
    }
  }
  return glob[strspn(glob, "*")] == '\0';
}

static const char *name_in(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash == NULL ? path : slash + 1;
}

static bool is_hex(char byte) { return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f'); }

/* "0x1f". Returns where the digits end; NULL where there is none, or more than fit. */
static const char *read_hex(const char *text, uint64_t *number) {
  if (text[0] != '0' || text[1] != 'x' || !is_hex(text[2])) return NULL;
  const char *at = text + 2;
  for (*number = 0; is_hex(*at); at++) *number = *number << 4 | (uint64_t)(*at <= '9' ? *at - '0' : *at - 'a' + 10);
  return at - text > 18 ? NULL : at;
}

static bool is_prefix(char **text, const char *prefix) {
  size_t length = strlen(prefix);
  if (strncmp(*text, prefix, length) != 0) return false;
  *text += length;
  return true;
}

static bool parse_frames(char *text, struct term *term) {
  char *colon = strchr(text, ':');
  if (colon == NULL || colon == text || colon - text > 2) return false;
  for (const char *at = text; at != colon; at++) {
    if (*at < '0' || *at > '9') return false;
    term->frames = term->frames * 10 + (size_t)(*at - '0');
  }
  term->glob = colon + 1;
  return term->frames > 0 && term->frames <= most_frames && *term->glob != '\0';
}

static bool parse_code(char *text, struct term *term) {
  char *plus = strrchr(text, '+');
  if (plus == NULL) return false;
  const char *dash = read_hex(plus + 1, &term->first);
  if (dash == NULL || *dash != '-') return false;
  const char *end = read_hex(dash + 1, &term->last);
  *plus = '\0';
  term->glob = text;
  return end != NULL && *end == '\0' && term->last > term->first;
}

static bool parse(char *text, struct term *term) {
  *term = (struct term){0};
  if (is_prefix(&text, "library:")) {
    *term = (struct term){.kind = by_library, .glob = text, .frames = stack_frames};
    return *text != '\0';
  }
  if (is_prefix(&text, "frames:")) {
    term->kind = by_frames;
    return parse_frames(text, term);
  }
  if (is_prefix(&text, "code:")) {
    *term = (struct term){.kind = by_code, .frames = most_frames};
    return parse_code(text, term);
  }
  if (!is_prefix(&text, "stack:")) return false;
  term->kind = by_stack;
  const char *end = read_hex(text, &term->first);
  return end != NULL && *end == '\0';
}

static bool add(struct list *list, const char *text) {
  if (text == NULL || *text == '\0') return true;
  if (strlen(text) >= most_characters) return false;
  strcpy(list->text, text);
  char *at = list->text;
  for (char *end = at; end != NULL; at = end + 1) {
    end = strchr(at, ',');
    if (end != NULL) *end = '\0';
    if (list->count == most_terms || !parse(at, &list->terms[list->count])) {
      list->count = 0;
      return false;
    }
    if (list->terms[list->count].frames > deepest) deepest = list->terms[list->count].frames;
    list->count++;
    if (end == NULL) break;
  }
  return true;
}

bool scope_set(const char *include, const char *exclude) {
  if (!add(&included, include) || !add(&excluded, exclude)) {
    included.count = excluded.count = 0;
    return false;
  }
  ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  program[length < 0 ? 0 : length] = '\0';
  return true;
}

bool scope_is_set(void) { return included.count + excluded.count > 0; }

/* ---- Questions. ---- */

/* A stack, of which no more is found out than is asked. */
struct stack {
  struct caller caller;
  bool is_walked, is_hashed;
  size_t count;
  uint64_t frames[most_frames];
  uint64_t hash;
};

static const uint64_t *frames_of(struct stack *stack) {
  if (!stack->is_walked) stack->count = record_walk(stack->frames, deepest, stack->caller.pc);
  stack->is_walked = true;
  return stack->frames;
}

static const char *path_of(const struct module *module) { return *module->name == '\0' ? program : module->name; }

static bool names(const char *glob, const struct module *module) {
  const char *path = path_of(module);
  return matches_glob(glob, strchr(glob, '/') == NULL ? name_in(path) : path);
}

/* What allocates because its caller asked for it. */
static bool is_runtime(const struct module *module) {
  static const char *const globs[] = {"libc.so*", "libstdc++.so*", "libc++.so*", "ld-musl-*", "libc.musl-*", "libasan.so*"};
  for (size_t index = 0; index < sizeof globs / sizeof globs[0]; index++) {
    if (names(globs[index], module)) return true;
  }
  return false;
}

static bool is_in_library(const struct term *term, struct stack *stack) {
  const uint64_t *frames = frames_of(stack);
  struct module module;
  for (size_t index = 0; index < stack->count; index++) {
    if (!module_of((uintptr_t)frames[index], &module)) return false;
    if (names(term->glob, &module)) return true;
    if (!is_runtime(&module)) return false;
  }
  return false;
}

static bool is_in_frames(const struct term *term, struct stack *stack) {
  const uint64_t *frames = frames_of(stack);
  struct module module;
  for (size_t index = 0; index < stack->count && index < term->frames; index++) {
    if (!module_of((uintptr_t)frames[index], &module) || !names(term->glob, &module)) continue;
    uint64_t offset = frames[index] - module.base;
    if (term->kind == by_frames || (offset >= term->first && offset < term->last)) return true;
  }
  return false;
}

static bool matches(const struct term *term, struct stack *stack) {
  switch (term->kind) {
    case by_library:
      return is_in_library(term, stack);
    case by_frames:
    case by_code:
      return is_in_frames(term, stack);
    case by_stack:
      if (!stack->is_hashed) stack->hash = stack_hash(stack->caller);
      stack->is_hashed = true;
      return stack->hash == term->first;
    default:
      return false;
  }
}

/* One of each kind that is given; and none that is excluded. */
static bool is_in(struct stack *stack) {
  bool given[kinds] = {false}, met[kinds] = {false};
  for (size_t index = 0; index < included.count; index++) {
    const struct term *term = &included.terms[index];
    given[term->kind] = true;
    if (!met[term->kind]) met[term->kind] = matches(term, stack);
  }
  for (size_t kind = 0; kind < kinds; kind++) {
    if (given[kind] && !met[kind]) return false;
  }
  for (size_t index = 0; index < excluded.count; index++) {
    if (matches(&excluded.terms[index], stack)) return false;
  }
  return true;
}

bool scope_has(struct caller caller) {
  struct stack stack;
  stack.caller = caller;
  stack.is_walked = stack.is_hashed = false;
  shim_inside++;
  bool has = is_in(&stack);
  shim_inside--;
  return has;
}
