/* Types, paths and errors of HDF5 files, common to writing and reading; see hdf5.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "files/hdf5_private.h"

static const struct {
    const char *name;
    size_t size;
} type_table[] = {
#define X(name, text, type) [STORE_##name] = {text, sizeof(type)},
    STORE_TYPE_LIST(X)
#undef X
};

size_t store_type_size(enum store_type type) {
    return type_table[type].size;
}

const char *store_type_name(enum store_type type) {
    return type_table[type].name;
}

int64_t store_count(const struct store_array *array) {
    int64_t count = 1, most = (INT64_C(1) << 62) / (int64_t)store_type_size(array->type);
    for (int i = 0; i < array->rank; i++)
        if (array->extent[i] == 0) return 0;
    for (int i = 0; i < array->rank; i++) {
        if (array->extent[i] < 0 || array->extent[i] > most / count) return -1;
        count *= array->extent[i];
    }
    return count;
}

hid_t hdf5_type(enum store_type type) {
    switch (type) {
    case STORE_FLOAT32:
        return H5T_IEEE_F32LE;
    case STORE_FLOAT64:
        return H5T_IEEE_F64LE;
    case STORE_INT32:
        return H5T_STD_I32LE;
    case STORE_INT64:
        return H5T_STD_I64LE;
    case STORE_UINT8:
        return H5T_STD_U8LE;
    }
    BUG("type %d", (int)type);
}

void hdf5_silence(void) {
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

void hdf5_close(hid_t id) {
    if (id > 0) H5Idec_ref(id);
}

/* Keeps the innermost message; a negative result ends the walk. */
static herr_t keep_first(unsigned at, const H5E_error2_t *entry, void *data) {
    (void)at;
    snprintf(data, 256, "%s", entry->desc ? entry->desc : "");
    return 1;
}

bool hdf5_error(struct error *e, enum status status, const char *format, ...) {
    char what[1200], why[256] = "";
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, why);
    H5Eclear2(H5E_DEFAULT);
    if (!why[0]) return error_set(e, status, "%s", what);
    return error_set(e, status, "%s: HDF5 says '%s'", what, why);
}

const char *hdf5_version(struct arena *arena) {
    unsigned major = 0, minor = 0, release = 0;
    H5get_libversion(&major, &minor, &release);
    return arena_format(arena, "%u.%u.%u", major, minor, release);
}
