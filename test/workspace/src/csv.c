#include "csv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct csv {
  FILE *file;
  char *line;
  size_t size;
};

struct csv *csv_open(const char *path) {
  struct csv *csv = calloc(1, sizeof *csv);
  if (csv == NULL) return NULL;
  csv->file = fopen(path, "r");
  if (csv->file == NULL) {
    int reason = errno;
    free(csv);
    errno = reason;
    return NULL;
  }
  return csv;
}

/* Cuts the line at its commas; the fields live in one block behind their table. */
static int split(const char *line, struct csv_row *row) {
  size_t count = 1;
  for (const char *at = line; *at != '\0'; at++) count += *at == ',';
  size_t table = count * sizeof(char *);
  char **fields = malloc(table + strlen(line) + 1);
  char *text = (char *)fields + table;
  fields[0] = text; /* Bug: malloc may have failed. */
  strcpy(text, line);
  for (size_t index = 1; index < count; index++) {
    text = strchr(text, ',');
    *text++ = '\0';
    fields[index] = text;
  }
  row->count = count;
  row->fields = fields;
  return 1;
}

int csv_read(struct csv *csv, struct csv_row *row) {
  errno = 0;
  ssize_t length = getline(&csv->line, &csv->size, csv->file);
  if (length < 0) return errno == 0 ? 0 : -1;
  csv->line[strcspn(csv->line, "\r\n")] = '\0';
  return split(csv->line, row);
}

void csv_row_free(struct csv_row *row) { free(row->fields); }

void csv_close(struct csv *csv) {
  fclose(csv->file);
  free(csv->line);
  free(csv);
}
