#include "csv.h"
#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(const char *what) {
  fprintf(stderr, "inventory: %s: %s\n", what, strerror(errno));
  return EXIT_FAILURE;
}

static struct item *add_item(struct item *items, const struct csv_row *row) {
  struct item *item = malloc(sizeof *item);
  item->next = items; /* Bug: malloc may have failed. */
  item->name = strdup(row->fields[0]);
  item->category = strdup(row->fields[1]);
  item->quantity = strtol(row->fields[2], NULL, 10);
  item->cents = strtol(row->fields[3], NULL, 10);
  return item;
}

static void free_items(struct item *items) {
  while (items != NULL) {
    struct item *next = items->next;
    free(items->name);
    free(items->category);
    free(items);
    items = next;
  }
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "Usage: inventory FILE.csv (name,category,quantity,cents)\n");
    return 2;
  }
  struct csv *csv = csv_open(argv[1]);
  if (csv == NULL) return fail(argv[1]);
  struct item *items = NULL;
  struct csv_row row;
  int status;
  while ((status = csv_read(csv, &row)) == 1) {
    if (row.count >= 4) items = add_item(items, &row);
    csv_row_free(&row);
    if (items != NULL && (items->name == NULL || items->category == NULL)) {
      status = -1; /* Right: strdup says so with errno. */
      break;
    }
  }
  if (status < 0) return fail(argv[1]);
  csv_close(csv);
  print_report(items);
  free_items(items);
  return EXIT_SUCCESS;
}
