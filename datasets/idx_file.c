/* IDX files; see idx_file.h. */
#include "datasets/idx_file.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/bug.h"
#include "files/file.h"

enum {
    STREAM_BUFFER = 256 << 10,
    READ_MOST = 1 << 30,  /* bytes of one gzread, whose result is an int */
    DEFLATE_RATIO = 1032, /* no byte of deflate stands for more (zlib's technical notes) */
};

const char *idx_type_name(enum idx_type type) {
    switch (type) {
#define X(name, code, bytes, text)                                                                 \
    case IDX_##name:                                                                               \
        return text;
        IDX_TYPE_LIST(X)
#undef X
    }
    return NULL;
}

static int idx_type_bytes(enum idx_type type) {
    switch (type) {
#define X(name, code, bytes, text)                                                                 \
    case IDX_##name:                                                                               \
        return bytes;
        IDX_TYPE_LIST(X)
#undef X
    }
    BUG("IDX type %d", (int)type);
}

/* The big-endian word at `bytes`. */
static uint32_t idx_word(const void *bytes) {
    const unsigned char *b = bytes;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static bool set_stream_error(struct idx_file *file, struct error *error) {
    int code;
    const char *text = gzerror(file->stream, &code);
    if (code == Z_ERRNO) return error_system(error, STATUS_IO, "reading %s failed", file->path);
    if (code == Z_MEM_ERROR)
        return error_set(error, STATUS_SYSTEM, "zlib has no memory to read %s", file->path);
    const char *colon = strstr(text, ": "); /* zlib puts its own name of the file before it */
    return error_set(error, STATUS_DATA, "%s is damaged: %s", file->path, colon ? colon + 2 : text);
}

/* Reads up to `size` bytes of the decompressed stream; how many there were, or -1 with the error
 * set. */
static int64_t read_some(struct idx_file *file, void *destination, int64_t size,
                         struct error *error) {
    int64_t done = 0;
    while (done < size) {
        unsigned part = (unsigned)(size - done < READ_MOST ? size - done : READ_MOST);
        int got = gzread(file->stream, (char *)destination + done, part);
        if (got < 0) {
            set_stream_error(file, error);
            return -1;
        }
        if (got == 0) break;
        done += got;
    }
    return done;
}

static int64_t header_bytes(const struct idx_file *file) {
    return 4 + 4 * file->rank;
}

static bool set_truncated(const struct idx_file *file, int64_t missing, struct error *error) {
    return error_set(error, STATUS_DATA,
                     "%s is truncated: %" PRId64 " of the %" PRId64
                     " bytes of its %s array %s are missing",
                     file->path, missing, file->bytes, idx_type_name(file->type), file->shape);
}

static bool read_magic(struct idx_file *file, struct error *error) {
    unsigned char magic[4] = {0};
    int64_t got = read_some(file, magic, 4, error);
    if (got < 0) return false;
    if (got < 4)
        return error_set(error, STATUS_DATA,
                         "%s is not an IDX file: it holds only %" PRId64 " bytes", file->path, got);
    if (magic[0] || magic[1] || !idx_type_name(magic[2]))
        return error_set(error, STATUS_DATA,
                         "%s is not an IDX file: it begins with %02x %02x %02x %02x, not with 00 "
                         "00, a type (08 to 0e) and a rank",
                         file->path, magic[0], magic[1], magic[2], magic[3]);
    file->type = magic[2];
    file->rank = magic[3];
    if (file->rank < 1 || file->rank > IDX_RANK_MOST)
        return error_set(error, STATUS_DATA, "%s has %d axes; 1 to %d can be read", file->path,
                         file->rank, IDX_RANK_MOST);
    return true;
}

static bool read_extents(struct idx_file *file, struct error *error) {
    unsigned char words[4 * IDX_RANK_MOST] = {0};
    int64_t got = read_some(file, words, 4 * file->rank, error);
    if (got < 0) return false;
    if (got < 4 * file->rank)
        return error_set(error, STATUS_DATA, "%s is truncated: it ends within its header",
                         file->path);
    size_t used = 0;
    bool empty = false, large = false;
    file->bytes = idx_type_bytes(file->type);
    for (int i = 0; i < file->rank; i++) {
        file->extent[i] = idx_word(words + 4 * i);
        empty = empty || !file->extent[i];
        large = __builtin_mul_overflow(file->bytes, file->extent[i], &file->bytes) || large;
        used += (size_t)snprintf(file->shape + used, sizeof file->shape - used, "%s%" PRId64,
                                 i ? ", " : "[", file->extent[i]);
    }
    snprintf(file->shape + used, sizeof file->shape - used, "]");
    if (empty)
        return error_set(error, STATUS_DATA, "%s is empty: its array is %s", file->path,
                         file->shape);
    if (large || file->bytes > INT64_MAX - header_bytes(file))
        return error_set(error, STATUS_DATA, "%s announces an array %s, which no memory can hold",
                         file->path, file->shape);
    return true;
}

static bool check_plain_length(const struct idx_file *file, struct error *error) {
    int64_t expected = header_bytes(file) + file->bytes;
    if (file->size < expected) return set_truncated(file, expected - file->size, error);
    if (file->size > expected)
        return error_set(error, STATUS_DATA,
                         "%s is too long: %" PRId64 " bytes follow its %s array %s", file->path,
                         file->size - expected, idx_type_name(file->type), file->shape);
    return true;
}

static bool set_too_long(const struct idx_file *file, struct error *error) {
    return error_set(error, STATUS_DATA, "%s is too long: more follows its %s array %s", file->path,
                     idx_type_name(file->type), file->shape);
}

/* Decompresses the whole stream into nothing to learn its length, then goes back to the array. */
static bool count_gzipped(struct idx_file *file, struct error *error) {
    char sink[16 << 10];
    int64_t expected = header_bytes(file) + file->bytes, length = 0, got = 1;
    gzrewind(file->stream);
    while (got && length <= expected) {
        got = read_some(file, sink, sizeof sink, error);
        if (got < 0) return false;
        length += got;
    }
    if (length < expected) return set_truncated(file, expected - length, error);
    if (length > expected) return set_too_long(file, error);
    gzrewind(file->stream);
    return read_some(file, sink, header_bytes(file), error) == header_bytes(file);
}

/* A gzip member ends with its length modulo 2^32, so that one of the right length is known without
   decompressing it. Where the number differs, the file may be bad or consist of several members:
   the stream itself must tell. */
static bool check_gzipped_length(struct idx_file *file, struct error *error) {
    if (file->bytes / DEFLATE_RATIO > file->size)
        return error_set(error, STATUS_DATA,
                         "%s announces a %s array %s, which its %" PRId64
                         " gzipped bytes cannot hold",
                         file->path, idx_type_name(file->type), file->shape, file->size);
    unsigned char b[4] = {0};
    if (pread(file->handle, b, sizeof b, file->size - 4) != sizeof b)
        return error_system(error, STATUS_IO, "reading %s failed", file->path);
    uint32_t length = (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
    if (length == (uint32_t)(header_bytes(file) + file->bytes)) return true;
    return count_gzipped(file, error);
}

static void close_stream(void *stream) {
    gzclose(stream);
}

static bool open_stream(struct idx_file *file, struct arena *arena, struct error *error) {
    file->handle = file_open(file->path, &file->size, error);
    if (file->handle < 0) return false;
    file->stream = gzdopen(file->handle, "rb");
    if (!file->stream) {
        close(file->handle);
        return error_set(error, STATUS_SYSTEM, "zlib has no memory to read %s", file->path);
    }
    arena_on_free(arena, close_stream, file->stream);
    gzbuffer(file->stream, STREAM_BUFFER);
    return true;
}

bool idx_open(struct idx_file *file, const char *path, struct arena *arena, struct error *error) {
    *file = (struct idx_file){.path = path};
    if (!open_stream(file, arena, error) || !read_magic(file, error) || !read_extents(file, error))
        return false;
    return gzdirect(file->stream) ? check_plain_length(file, error)
                                  : check_gzipped_length(file, error);
}

bool idx_read(struct idx_file *file, void *destination, int64_t bytes, struct error *error) {
    BUG_IF(bytes > file->bytes);
    int64_t got = read_some(file, destination, bytes, error);
    if (got < 0) return false;
    if (got < bytes) return set_truncated(file, file->bytes - got, error);
    if (bytes < file->bytes) return true;
    char more; /* asking for it makes zlib compare the check sum */
    got = read_some(file, &more, 1, error);
    if (got > 0) return set_too_long(file, error);
    return got == 0;
}

static enum array_type type_of(enum idx_type type) {
    switch (type) {
    case IDX_UINT8:
        return ARRAY_UINT8;
    case IDX_INT32:
        return ARRAY_INT32;
    case IDX_FLOAT32:
        return ARRAY_FLOAT32;
    case IDX_FLOAT64:
        return ARRAY_FLOAT64;
    default:
        return ARRAY_OTHER;
    }
}

static bool read_array(struct array *array, int64_t count, void *destination, struct error *error) {
    int64_t values = count * array_entry_size(array), bytes = array_type_bytes(array->type);
    if (!idx_read(array->file, destination, values * bytes, error)) return false;
    array_swap(destination, values, bytes);
    return true;
}

bool idx_open_array(struct array *array, const char *path, struct arena *arena,
                    struct error *error) {
    struct idx_file *file = ARENA_NEW(arena, struct idx_file);
    if (!idx_open(file, path, arena, error)) return false;
    *array = (struct array){.name = path,
                            .path = path,
                            .file_bytes = file->size,
                            .type = type_of(file->type),
                            .type_name = idx_type_name(file->type),
                            .rank = file->rank,
                            .file = file,
                            .read = read_array};
    for (int i = 0; i < file->rank; i++)
        array->extent[i] = file->extent[i];
    return true;
}
