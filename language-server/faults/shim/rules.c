/*
 * Which allocations fail: a few rules, of which one is enough. An allocation is known by how many came before it, so that
 * "5" is the one that MALLOC_MAX_CALLED=5 refuses first.
 */
#include <string.h>

#include "shim.h"

enum { most_rules = 256 };
/* So many draws at once tell when the next failure may be; behind them the question is put again. */
enum { draws_ahead = 1024 };

struct rule {
  const struct kind *kind;
  /* A range, both included; or a step; or a bound for draws, and their seed. */
  uint64_t first, last;
};

struct kind {
  const char *prefix;
  /* Takes what stands before `end`. */
  bool (*parse)(const char *text, const char *end, struct rule *rule);
  bool (*matches)(const struct rule *rule, const struct request *request);
  /* The first number from `from` on that may match. */
  uint64_t (*next)(const struct rule *rule, uint64_t from);
};

static struct rule rules[most_rules];
static size_t rule_count;

/* Bytes asked for since the start; SIZE_MAX, which overflows ask for, is held to be no more than can be counted. */
static atomic_uint_least64_t total_requested;

/* ---- Words. ---- */

/* More than anybody counts, and far from where sums would overflow. */
static const uint64_t most = UINT64_MAX / 16;

/* Returns where the digits end; NULL where there is none. */
static const char *read_number(const char *text, const char *end, uint64_t *number) {
  const char *at = text;
  for (*number = 0; at != end && *at >= '0' && *at <= '9'; at++) {
    *number = *number > most / 10 - 1 ? most : *number * 10 + (uint64_t)(*at - '0');
  }
  return at == text ? NULL : at;
}

/* "5", "8-20", "8-" */
static bool parse_range(const char *text, const char *end, struct rule *rule) {
  const char *at = read_number(text, end, &rule->first);
  if (at == NULL) return false;
  rule->last = rule->first;
  if (at == end) return true;
  if (*at++ != '-') return false;
  rule->last = UINT64_MAX;
  return at == end || (read_number(at, end, &rule->last) == end && rule->last >= rule->first);
}

static bool parse_number(const char *text, const char *end, struct rule *rule) {
  return read_number(text, end, &rule->first) == end;
}

static bool parse_step(const char *text, const char *end, struct rule *rule) {
  return parse_number(text, end, rule) && rule->first > 0;
}

/* "0.01" or "0.01:SEED". By hand: strtod(3) would look for a comma where the locale has one. */
static bool parse_probability(const char *text, const char *end, struct rule *rule) {
  double value = 0, unit = 1;
  bool digits = false, fraction = false;
  const char *at = text;
  for (; at != end && *at != ':'; at++) {
    if (*at == '.' && !fraction) {
      fraction = true;
    } else if (*at >= '0' && *at <= '9') {
      digits = true;
      if (fraction) unit /= 10;
      value = fraction ? value + unit * (*at - '0') : value * 10 + (*at - '0');
    } else {
      return false;
    }
  }
  if (!digits || value > 1) return false;
  rule->first = value >= 1 ? UINT64_MAX : (uint64_t)(value * 18446744073709551616.0);
  rule->last = 0;
  return at == end || read_number(at + 1, end, &rule->last) == end;
}

/* ---- Questions. ---- */

static bool number_matches(const struct rule *rule, const struct request *request) {
  return request->number >= rule->first && request->number <= rule->last;
}

static uint64_t next_in_range(const struct rule *rule, uint64_t from) {
  if (from > rule->last) return UINT64_MAX;
  return from < rule->first ? rule->first : from;
}

static bool step_matches(const struct rule *rule, const struct request *request) {
  return (request->number + 1) % rule->first == 0;
}

static uint64_t next_step(const struct rule *rule, uint64_t from) {
  return from / rule->first * rule->first + rule->first - 1;
}

/* SplitMix64 (Steele, Lea, Flood 2014) at a place of its sequence: the same whichever thread asks, and in which order. */
static bool draw(const struct rule *rule, uint64_t number) {
  uint64_t mixed = rule->last * 0xd1342543de82ef95 + (number + 1) * 0x9e3779b97f4a7c15;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  mixed ^= mixed >> 31;
  return mixed < rule->first || rule->first == UINT64_MAX;
}

static bool draw_matches(const struct rule *rule, const struct request *request) { return draw(rule, request->number); }

static uint64_t next_draw(const struct rule *rule, uint64_t from) {
  for (uint64_t number = from; number < from + draws_ahead; number++) {
    if (draw(rule, number)) return number;
  }
  return from + draws_ahead;
}

static bool size_matches(const struct rule *rule, const struct request *request) {
  return request->size >= rule->first && request->size <= rule->last;
}

/* Whether it would be too much beside what is in use. What a block has before it is reallocated is not needed twice. */
static bool budget_matches(const struct rule *rule, const struct request *request) {
  size_t in_use = budget_in_use(), old = budget_size_of(request->old);
  size_t others = in_use < old ? 0 : in_use - old;
  return others > rule->first || request->size > rule->first - others;
}

static bool total_matches(const struct rule *rule, const struct request *request) {
  (void)request;
  return atomic_load_explicit(&total_requested, memory_order_relaxed) > rule->first;
}

static uint64_t next_of_any_number(const struct rule *rule, uint64_t from) {
  (void)rule;
  return from;
}

/* The last has no prefix, and so takes what no other does. */
static const struct kind kinds[] = {
    {"every:", parse_step, step_matches, next_step},
    {"probability:", parse_probability, draw_matches, next_draw},
    {"size:", parse_range, size_matches, next_of_any_number},
    {"budget:", parse_number, budget_matches, next_of_any_number},
    {"total:", parse_number, total_matches, next_of_any_number},
    {"", parse_range, number_matches, next_in_range},
};
enum { kind_count = sizeof kinds / sizeof kinds[0] };

static bool add_rule(const char *text, const char *end) {
  if (rule_count == most_rules) return false;
  for (size_t index = 0; index < kind_count; index++) {
    const struct kind *kind = &kinds[index];
    size_t length = strlen(kind->prefix);
    if ((size_t)(end - text) < length || strncmp(text, kind->prefix, length) != 0) continue;
    rules[rule_count].kind = kind;
    if (!kind->parse(text + length, end, &rules[rule_count])) return false;
    rule_count++;
    return true;
  }
  return false;
}

bool rules_add(const char *list) {
  size_t before = rule_count;
  for (const char *text = list;; text++) {
    const char *end = text + strcspn(text, ",");
    if (!add_rule(text, end)) {
      rule_count = before;
      return false;
    }
    if (*end == '\0') return true;
    text = end;
  }
}

void rules_add_all_from(uint64_t number) {
  if (rule_count < most_rules) rules[rule_count++] = (struct rule){&kinds[kind_count - 1], number, UINT64_MAX};
}

void rules_forget(void) { rule_count = 0; }

bool rules_have_budget(void) {
  for (size_t index = 0; index < rule_count; index++) {
    if (rules[index].kind->matches == budget_matches) return true;
  }
  return false;
}

bool rules_match(const struct request *request) {
  uint64_t bytes = request->size < most ? request->size : most;
  if (atomic_fetch_add_explicit(&total_requested, bytes, memory_order_relaxed) > most) atomic_store(&total_requested, most);
  for (size_t index = 0; index < rule_count; index++) {
    if (rules[index].kind->matches(&rules[index], request)) return true;
  }
  return false;
}

uint64_t rules_next(uint64_t from) {
  uint64_t soonest = UINT64_MAX;
  for (size_t index = 0; index < rule_count; index++) {
    uint64_t next = rules[index].kind->next(&rules[index], from);
    if (next < soonest) soonest = next;
  }
  return soonest;
}
