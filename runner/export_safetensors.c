/*
 * safetensors: the length of a header as eight bytes, the header (JSON: for each tensor its type,
 * shape and place; texts under __metadata__) padded with blanks to a multiple of 8, the numbers of
 * all tensors without gaps (the format's documentation at huggingface/safetensors). Tensors of wide
 * numbers come first, so that all are aligned.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/text.h"
#include "runner/export.h"

static const char *const type_names[] = {
    [STORE_FLOAT32] = "F32", [STORE_FLOAT64] = "F64", [STORE_INT32] = "I32",
    [STORE_INT64] = "I64",   [STORE_UINT8] = "U8",
};

static size_t bytes_of(const struct store_array *array) {
    return (size_t)store_count(array) * store_type_size(array->type);
}

static json_t *describe(const struct store_array *array, size_t start) {
    json_t *shape = json_array();
    for (int i = 0; i < array->rank; i++)
        json_array_append_new(shape, json_integer(array->extent[i]));
    return json_pack("{s:s s:o s:[I I]}", "dtype", type_names[array->type], "shape", shape,
                     "data_offsets", (json_int_t)start, (json_int_t)(start + bytes_of(array)));
}

/* The arrays in the order of the file. */
static const struct store_array **in_order(struct arena *arena, int count,
                                           const struct store_array *arrays) {
    const struct store_array **order = ARENA_ARRAY(arena, const struct store_array *, count);
    int found = 0;
    for (size_t width = 8; width; width /= 2)
        for (int i = 0; i < count; i++)
            if (store_type_size(arrays[i].type) == width) order[found++] = &arrays[i];
    BUG_IF(found != count);
    return order;
}

static char *header_text(int count, const struct store_array *const *order,
                         const char *const *metadata) {
    json_t *header = json_object(), *texts = json_object();
    size_t at = 0;
    for (; metadata[0]; metadata += 2)
        json_object_set_new(texts, metadata[0], json_string(metadata[1]));
    json_object_set_new(header, "__metadata__", texts);
    for (int i = 0; i < count; i++) {
        json_object_set_new(header, order[i]->path, describe(order[i], at));
        at += bytes_of(order[i]);
    }
    char *text = json_dumps(header, JSON_COMPACT | JSON_PRESERVE_ORDER);
    json_decref(header);
    BUG_IF(!text);
    return text;
}

bool export_safetensors(const struct export_way *way, const char *path, int count,
                        const struct store_array *arrays, const char *const *metadata,
                        struct error *e) {
    struct arena *arena = arena_new();
    const struct store_array **order = in_order(arena, count, arrays);
    char *header = header_text(count, order, metadata);
    struct text file = {0};
    size_t length = (strlen(header) + 7) / 8 * 8;
    for (int i = 0; i < 8; i++)
        text_add_range(&file, (const char[]){(char)(length >> 8 * i & 255)}, 1);
    text_add(&file, header);
    while (file.length < 8 + length)
        text_add(&file, " ");
    for (int i = 0; i < count; i++)
        text_add_range(&file, order[i]->data, bytes_of(order[i]));
    bool ok = export_file(way, path, file.bytes, file.length, e);
    text_release(&file);
    free(header);
    arena_free(arena);
    return ok;
}
