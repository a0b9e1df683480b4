/* NPY files; see npy_file.h. */
#include "datasets/npy_file.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/text.h"
#include "files/file.h"

enum { PREFIX_BYTES = 8, HEADER_MOST = 1 << 16 };

/* The types that are read, without the mark of their order of bytes. */
static const struct {
    const char *descr;
    enum array_type type;
} types[] = {{"u1", ARRAY_UINT8},
             {"i4", ARRAY_INT32},
             {"i8", ARRAY_INT64},
             {"f4", ARRAY_FLOAT32},
             {"f8", ARRAY_FLOAT64}};

struct npy_file {
    int handle;
    int64_t begin; /* of the elements */
    bool swapped;
};

/* A header that is read, from `at` on. */
struct header {
    struct array *array;
    struct npy_file *file;
    struct arena *arena;
    const char *at;
    bool has_descr, has_order, has_shape;
    struct error *error;
};

static bool fail(struct header *h, const char *why) {
    return error_set(h->error, STATUS_DATA, "%s is not a NPY file that can be read: %s",
                     h->array->path, why);
}

/* ---- the dictionary ---- */

static void skip_spaces(struct header *h) {
    h->at += strspn(h->at, " \n");
}

/* Takes `text` if it comes next. */
static bool take(struct header *h, const char *text) {
    skip_spaces(h);
    size_t length = strlen(text);
    if (strncmp(h->at, text, length) != 0) return false;
    h->at += length;
    return true;
}

/* A text in quotes, without escapes; NULL if there is none. */
static const char *take_text(struct header *h) {
    skip_spaces(h);
    char quote = *h->at;
    if (quote != '\'' && quote != '"') return NULL;
    size_t length = strcspn(h->at + 1, quote == '"' ? "\"\\" : "'\\");
    if (h->at[1 + length] != quote) return NULL;
    const char *text = arena_text_range(h->arena, h->at + 1, length);
    h->at += length + 2;
    return text;
}

static bool take_descr(struct header *h) {
    const char *descr = take_text(h);
    if (!descr) return fail(h, "its elements have parts, or its 'descr' is no text");
    bool marked = *descr && strchr("<>|=", *descr);
    h->file->swapped = *descr == '>';
    h->array->type = ARRAY_OTHER;
    h->array->type_name = text_excerpt(h->arena, descr);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (marked && !strcmp(descr + 1, types[i].descr)) {
            h->array->type = types[i].type;
            h->array->type_name = array_type_name(types[i].type);
        }
    return true;
}

static bool take_order(struct header *h) {
    h->array->fortran = take(h, "True");
    return h->array->fortran || take(h, "False") ||
           fail(h, "its 'fortran_order' is neither True nor False");
}

static bool take_extent(struct header *h) {
    struct array *array = h->array;
    int64_t extent = 0;
    skip_spaces(h);
    if (array->rank == ARRAY_RANK_MOST) return fail(h, "it has more than eight axes");
    if (*h->at < '0' || *h->at > '9') return fail(h, "its 'shape' is not a tuple of numbers");
    for (; *h->at >= '0' && *h->at <= '9'; h->at++)
        if (__builtin_mul_overflow(extent, 10, &extent) ||
            __builtin_add_overflow(extent, *h->at - '0', &extent))
            return fail(h, "its 'shape' is larger than what any memory can hold");
    array->extent[array->rank++] = extent;
    return true;
}

/* (), (3,), (3, 4), (3, 4, ) */
static bool take_shape(struct header *h) {
    if (!take(h, "(")) return fail(h, "its 'shape' is not a tuple of numbers");
    while (!take(h, ")")) {
        if (!take_extent(h)) return false;
        bool comma = take(h, ",");
        if (comma) continue;
        if (h->array->rank == 1 || !take(h, ")"))
            return fail(h, "its 'shape' is not a tuple of numbers");
        break;
    }
    return h->array->rank > 0 || fail(h, "it is a single number");
}

static bool take_entry(struct header *h) {
    const char *key = take_text(h);
    if (!key || !take(h, ":")) return fail(h, "its header is not a dictionary");
    bool *has = !strcmp(key, "descr")           ? &h->has_descr
                : !strcmp(key, "fortran_order") ? &h->has_order
                : !strcmp(key, "shape")         ? &h->has_shape
                                                : NULL;
    if (!has || *has) return fail(h, "its header has other keys than it should");
    *has = true;
    return has == &h->has_descr   ? take_descr(h)
           : has == &h->has_order ? take_order(h)
                                  : take_shape(h);
}

static bool read_dictionary(struct header *h) {
    if (!take(h, "{")) return fail(h, "its header is not a dictionary");
    while (!take(h, "}")) {
        if (!take_entry(h)) return false;
        if (take(h, ",")) continue;
        if (!take(h, "}")) return fail(h, "its header is not a dictionary");
        break;
    }
    skip_spaces(h);
    if (*h->at) return fail(h, "something follows its header's dictionary");
    return (h->has_descr && h->has_order && h->has_shape) ||
           fail(h, "its header lacks 'descr', 'fortran_order' or 'shape'");
}

/* ---- the file ---- */

/* The bytes of the header's text, or -1; `begin` gets where it begins. */
static int64_t header_bytes(struct header *h, int64_t *begin) {
    unsigned char b[PREFIX_BYTES + 4] = {0};
    if (h->array->file_bytes < (int64_t)sizeof b) return fail(h, "it is too short"), -1;
    if (!file_read_at(h->file->handle, h->array->path, 0, b, sizeof b, h->error)) return -1;
    if (!memcmp(b, "PK\3\4", 4)) {
        fail(h, "it is an archive (.npz)");
        error_hint(h->error, "take one of its arrays: numpy.save('x.npy', numpy.load('%s')['x'])",
                   h->array->path);
        return -1;
    }
    if (memcmp(b, "\x93NUMPY", 6)) return fail(h, "it does not begin with \\x93NUMPY"), -1;
    int major = b[6], minor = b[7];
    if (major < 1 || major > 3 || minor) return fail(h, "its version is not 1.0, 2.0 or 3.0"), -1;
    *begin = PREFIX_BYTES + (major == 1 ? 2 : 4);
    int64_t bytes = (int64_t)b[8] | (int64_t)b[9] << 8;
    if (major > 1) bytes |= (int64_t)b[10] << 16 | (int64_t)b[11] << 24;
    if (bytes > HEADER_MOST || bytes > h->array->file_bytes - *begin)
        return fail(h, "its header is longer than can be meant"), -1;
    return bytes;
}

static bool read_header(struct header *h) {
    int64_t begin, bytes = header_bytes(h, &begin);
    if (bytes < 0) return false;
    char *text = arena_alloc(h->arena, (size_t)bytes + 1);
    if (!file_read_at(h->file->handle, h->array->path, begin, text, bytes, h->error)) return false;
    if ((int64_t)strlen(text) != bytes) return fail(h, "its header holds a zero byte");
    h->at = text;
    h->file->begin = begin + bytes;
    return read_dictionary(h);
}

/* Compares the shape with what follows the header. */
static bool check_length(struct header *h) {
    struct array *array = h->array;
    bool other = array->type == ARRAY_OTHER; /* is refused by what wants to read it */
    int64_t expected = other ? 1 : array_type_bytes(array->type);
    int64_t found = array->file_bytes - h->file->begin;
    bool empty = false, large = false;
    for (int i = 0; i < array->rank; i++) {
        empty = empty || !array->extent[i];
        large = __builtin_mul_overflow(expected, array->extent[i], &expected) || large;
    }
    const char *shape = array_shape(array, h->arena);
    if (empty)
        return error_set(h->error, STATUS_DATA, "%s is empty: its array is %s", array->path, shape);
    if (!large && (other || expected == found)) return true;
    return error_set(h->error, STATUS_DATA,
                     "%s announces a %s array %s, but %" PRId64 " bytes follow its header",
                     array->path, array->type_name, shape, found);
}

static bool read_array(struct array *array, int64_t count, void *destination, struct error *error) {
    struct npy_file *file = array->file;
    int64_t values = count * array_entry_size(array), bytes = array_type_bytes(array->type);
    if (!file_read_at(file->handle, array->path, file->begin, destination, values * bytes, error))
        return false;
    if (file->swapped) array_swap(destination, values, bytes);
    return true;
}

static void close_file(void *object) {
    close(((struct npy_file *)object)->handle);
}

bool npy_open_array(struct array *array, const char *path, struct arena *arena,
                    struct error *error) {
    struct npy_file *file = ARENA_NEW(arena, struct npy_file);
    *array = (struct array){.name = path, .path = path, .file = file, .read = read_array};
    file->handle = file_open(path, &array->file_bytes, error);
    if (file->handle < 0) return false;
    arena_on_free(arena, close_file, file);
    struct header header = {.array = array, .file = file, .arena = arena, .error = error};
    return read_header(&header) && check_length(&header);
}
