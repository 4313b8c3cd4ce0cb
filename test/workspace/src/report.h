#ifndef REPORT_H
#define REPORT_H

struct item {
  char *name;
  char *category;
  long quantity;
  long cents;
  struct item *next;
};

/* Prints the goods by name, then what each category is worth. */
void print_report(const struct item *items);

#endif
