/*
 * NPY: a magic number, a version, the length of a header, the header (a Python dictionary) padded
 * with blanks to a multiple of 64, the numbers (NumPy's documentation, numpy.lib.format).
 */
#include "base/text.h"
#include "runner/export.h"

static const char *const type_names[] = {
    [STORE_FLOAT32] = "<f4", [STORE_FLOAT64] = "<f8", [STORE_INT32] = "<i4",
    [STORE_INT64] = "<i8",   [STORE_UINT8] = "|u1",
};

bool export_npy(const struct export_way *way, const char *path, const struct store_array *array,
                struct error *e) {
    enum { BEFORE = 10, ALIGNED = 64 };
    struct text header = {0}, file = {0};
    text_format(&header, "{'descr': '%s', 'fortran_order': False, 'shape': (",
                type_names[array->type]);
    for (int i = 0; i < array->rank; i++)
        text_format(&header, "%s%lld", i ? ", " : "", (long long)array->extent[i]);
    text_add(&header, array->rank == 1 ? ",), }" : "), }");
    while ((BEFORE + header.length + 1) % ALIGNED)
        text_add(&header, " ");
    text_add(&header, "\n");
    text_add_range(&file, "\x93NUMPY\x01\x00", 8);
    text_add_range(&file, (const char[]){(char)(header.length & 255), (char)(header.length >> 8)},
                   2);
    text_add_range(&file, header.bytes, header.length);
    text_add_range(&file, array->data, (size_t)store_count(array) * store_type_size(array->type));
    bool ok = export_file(way, path, file.bytes, file.length, e);
    text_release(&header);
    text_release(&file);
    return ok;
}
