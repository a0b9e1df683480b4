/* Arrays of any format; see array.h. */
#include "datasets/array.h"

#include <string.h>

#include "base/bug.h"
#include "base/text.h"

static const struct {
    int64_t bytes;
    const char *name;
} types[] = {
#define X(name, bytes, text) [ARRAY_##name] = {bytes, text},
    ARRAY_TYPE_LIST(X)
#undef X
};

int64_t array_type_bytes(enum array_type type) {
    return types[type].bytes;
}

const char *array_type_name(enum array_type type) {
    return types[type].name;
}

int64_t array_entry_size(const struct array *array) {
    int64_t size = 1;
    for (int i = 1; i < array->rank; i++)
        size *= array->extent[i];
    return size;
}

int64_t array_bytes(const struct array *array) {
    return array->extent[0] * array_entry_size(array) * array_type_bytes(array->type);
}

const char *array_shape(const struct array *array, struct arena *arena) {
    return arena_extents(arena, array->rank, array->extent);
}

void array_swap(void *elements, int64_t count, int64_t bytes) {
    char *at = elements;
    if (bytes == 1) return;
    BUG_IF(bytes != 4 && bytes != 8);
    for (int64_t i = 0; i < count; i++, at += bytes) {
        uint64_t element = 0;
        memcpy(&element, at, (size_t)bytes);
        element = __builtin_bswap64(element);
        if (bytes == 4) element >>= 32;
        memcpy(at, &element, (size_t)bytes);
    }
}
