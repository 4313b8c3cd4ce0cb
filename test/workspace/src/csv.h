#ifndef CSV_H
#define CSV_H

#include <stddef.h>

/* Reads files of comma-separated values, one row at a time. */

struct csv;

struct csv_row {
  size_t count;
  char **fields;
};

/* NULL with errno set where the file cannot be opened. */
struct csv *csv_open(const char *path);

/* 1: a row was read, give it to csv_row_free. 0: end of the file. -1: errno says what failed. */
int csv_read(struct csv *csv, struct csv_row *row);

void csv_row_free(struct csv_row *row);
void csv_close(struct csv *csv);

#endif
