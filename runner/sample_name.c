/* See sample_name.h. */
#include "runner/sample_name.h"

#include <string.h>

#include "base/text.h"

bool sample_name_equal(struct sample_name a, struct sample_name b) {
    return a.seed == b.seed && a.number == b.number;
}

bool sample_name_read(const char *text, uint64_t seed, int64_t limit, struct sample_name *name) {
    int64_t given = 0;
    bool own = !strchr(text, ':');
    if (!own && !(text_take_digits(&text, INT64_MAX, &given) && *text++ == ':')) return false;
    name->seed = own ? seed : (uint64_t)given;
    return text_take_digits(&text, limit - 1, &name->number) && !*text;
}
