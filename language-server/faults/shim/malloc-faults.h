/*
 * For programs that say themselves when the fault shim may refuse them memory. Without the shim these do nothing, and cost a
 * comparison; there is nothing to link with.
 *
 *   malloc_faults_begin();      From here on, allocations of all threads are counted and may fail. Windows nest.
 *   malloc_faults_end();        Up to here.
 *   malloc_faults_so_far();     How many were counted: what is allocated next has this number.
 *
 * With MALLOC_FAULTS_START=program nothing outside of a window counts; without it everything does, and
 * malloc_faults_end() … malloc_faults_begin() is a part that is left out.
 */
#ifndef MALLOC_FAULTS_H
#define MALLOC_FAULTS_H

#ifdef __cplusplus
extern "C" {
#endif

void malloc_faults_open(void) __attribute__((weak));
void malloc_faults_close(void) __attribute__((weak));
unsigned long long malloc_faults_count(void) __attribute__((weak));

static inline void malloc_faults_begin(void) {
  if (malloc_faults_open) malloc_faults_open();
}

static inline void malloc_faults_end(void) {
  if (malloc_faults_close) malloc_faults_close();
}

static inline unsigned long long malloc_faults_so_far(void) {
  return malloc_faults_count ? malloc_faults_count() : 0;
}

#ifdef __cplusplus
}
#endif

#endif
