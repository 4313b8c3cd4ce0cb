#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct total {
  const char *category;
  long cents;
};

static size_t count_items(const struct item *items) {
  size_t count = 0;
  for (; items != NULL; items = items->next) count++;
  return count;
}

static void print_item(const struct item *item) {
  printf("%-14s %5ld x %4ld.%02ld\n", item->name, item->quantity, item->cents / 100, item->cents % 100);
}

static int by_name(const void *a, const void *b) {
  return strcmp((*(const struct item *const *)a)->name, (*(const struct item *const *)b)->name);
}

/* The item whose name comes next after `name`: slow, but needs no memory. */
static const struct item *next_by_name(const struct item *items, const char *name) {
  const struct item *best = NULL;
  for (; items != NULL; items = items->next) {
    if (name != NULL && strcmp(items->name, name) <= 0) continue;
    if (best == NULL || strcmp(items->name, best->name) < 0) best = items;
  }
  return best;
}

/* Right: without memory for an index it goes the slow way, and prints the same. */
static void print_items(const struct item *items) {
  size_t count = count_items(items);
  const struct item **index = malloc(count * sizeof *index);
  if (index == NULL) {
    for (const struct item *item = next_by_name(items, NULL); item != NULL; item = next_by_name(items, item->name)) {
      print_item(item);
    }
    return;
  }
  size_t used = 0;
  for (; items != NULL; items = items->next) index[used++] = items;
  qsort(index, count, sizeof *index, by_name);
  for (size_t at = 0; at < count; at++) print_item(index[at]);
  free(index);
}

static struct total *add_up(const struct item *items, size_t *count) {
  struct total *totals = calloc(count_items(items), sizeof *totals);
  *count = 0;
  if (totals == NULL) return NULL; /* Bug: the caller takes "no memory" for "no categories". */
  for (; items != NULL; items = items->next) {
    size_t at = 0;
    while (at < *count && strcmp(totals[at].category, items->category) != 0) at++;
    if (at == *count) totals[(*count)++].category = items->category;
    totals[at].cents += items->quantity * items->cents;
  }
  return totals;
}

void print_report(const struct item *items) {
  size_t count;
  struct total *totals = add_up(items, &count);
  print_items(items);
  for (size_t at = 0; at < count; at++) {
    printf("%-14s total %8ld.%02ld\n", totals[at].category, totals[at].cents / 100, totals[at].cents % 100);
  }
  free(totals);
}
