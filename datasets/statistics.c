/* Two passes over the values in double: means, then squares around them; see statistics.h. */
#include "datasets/statistics.h"

#include <math.h>

static double value_at(const struct dataset *dataset, int64_t i) {
    return dataset->type == DATA_UINT8 ? ((const uint8_t *)dataset->values)[i]
                                       : (double)((const float *)dataset->values)[i];
}

/* Every `step`-th value from `first` on. */
static struct moments measure(const struct dataset *dataset, int64_t first, int64_t step) {
    int64_t end = dataset->count * dataset_example_size(dataset);
    struct moments m = {.low = INFINITY, .high = -INFINITY};
    double sum = 0, squares = 0;
    for (int64_t i = first; i < end; i += step) {
        double value = value_at(dataset, i);
        if (!isfinite(value)) {
            m.not_finite++;
            continue;
        }
        m.count++;
        sum += value;
        m.low = fmin(m.low, value);
        m.high = fmax(m.high, value);
    }
    if (!m.count) return (struct moments){.not_finite = m.not_finite};
    m.mean = sum / (double)m.count;
    for (int64_t i = first; i < end; i += step) {
        double apart = value_at(dataset, i) - m.mean;
        if (isfinite(apart)) squares += apart * apart;
    }
    m.deviation = sqrt(squares / (double)m.count);
    return m;
}

/* The whole of parts with as many values each. */
static struct moments join(const struct moments *part, int parts) {
    struct moments all = {.low = INFINITY, .high = -INFINITY};
    double sum = 0, squares = 0;
    for (int i = 0; i < parts; i++) {
        all.not_finite += part[i].not_finite;
        if (!part[i].count) continue;
        all.count += part[i].count;
        sum += (double)part[i].count * part[i].mean;
        all.low = fmin(all.low, part[i].low);
        all.high = fmax(all.high, part[i].high);
    }
    if (!all.count) return (struct moments){.not_finite = all.not_finite};
    all.mean = sum / (double)all.count;
    for (int i = 0; i < parts; i++) {
        double apart = part[i].mean - all.mean;
        squares += (double)part[i].count * (part[i].deviation * part[i].deviation + apart * apart);
    }
    all.deviation = sqrt(squares / (double)all.count);
    return all;
}

struct statistics dataset_statistics(const struct dataset *dataset, struct arena *arena) {
    const struct extents *shape = &dataset->shape;
    int64_t parts = shape->extent[shape->rank - 1];
    struct statistics s = {.bytes = dataset->count * dataset_example_size(dataset) *
                                    (dataset->type == DATA_UINT8 ? 1 : (int64_t)sizeof(float))};
    if (parts <= STATISTICS_PARTS) {
        s.parts = (int)parts;
        for (int i = 0; i < s.parts; i++)
            s.part[i] = measure(dataset, i, parts);
        s.all = join(s.part, s.parts);
    } else {
        s.all = measure(dataset, 0, 1);
    }
    if (!dataset->labels) return s;
    s.bytes += dataset->count * (int64_t)sizeof *dataset->labels;
    s.label_count = ARENA_ARRAY(arena, int64_t, dataset->classes);
    for (int64_t i = 0; i < dataset->count; i++)
        s.label_count[dataset->labels[i]]++;
    return s;
}

struct moments moments_map(struct moments moments, double scale, double offset) {
    moments.low = scale * moments.low + offset;
    moments.high = scale * moments.high + offset;
    moments.mean = scale * moments.mean + offset;
    moments.deviation *= scale;
    return moments;
}
