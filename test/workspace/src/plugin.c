#include "csv.h"

/* Of libinventory-extra.so. */
long extra_round(long cents);

/* What a program with plug-ins would call. */
long plugin_price(const char *path) {
  struct csv *csv = csv_open(path);
  if (csv == NULL) return -1;
  csv_close(csv);
  return extra_round(1999);
}
