/* Files to texts that can be pointed into: read whole, checked to be UTF-8 without control
 * characters. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "runner/compose.h"

struct source *source_new(struct arena *arena, const char *name, const char *text, size_t length) {
    if (length >= 3 && !memcmp(text, "\xEF\xBB\xBF", 3)) {
        text += 3;
        length -= 3;
    }
    struct source *source = ARENA_NEW(arena, struct source);
    source->name = arena_text(arena, name);
    source->text = arena_text_range(arena, text, length);
    source->length = length;
    return source;
}

static bool is_control(unsigned char c) {
    return (c < 32 && c != '\t' && c != '\n' && c != '\r') || c == 127;
}

/* The first control character before `length`, or `length`. */
static size_t find_control(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (is_control((unsigned char)text[i])) return i;
    return length;
}

bool source_check(const struct source *source, const struct origin *via,
                  struct diagnostics *diagnostics) {
    size_t invalid = text_invalid_utf8(source->text, source->length);
    size_t wrong = find_control(source->text, invalid);
    if (wrong == source->length) return true;
    struct origin *origin = ARENA_NEW(diagnostics->arena, struct origin);
    *origin =
        (struct origin){.source = source, .line = 1, .column = 1, .how = VIA_INCLUDE, .via = via};
    for (size_t i = 0; i < wrong; i += text_character_size(source->text + i, wrong - i)) {
        bool newline = source->text[i] == '\n';
        origin->line += newline;
        origin->column = newline ? 1 : origin->column + 1;
    }
    unsigned byte = (unsigned char)source->text[wrong];
    if (wrong == invalid)
        return diagnostics_add(diagnostics, origin, "save the file as UTF-8",
                               "byte 0x%02x at offset %zu is not valid UTF-8", byte, wrong);
    return diagnostics_add(diagnostics, origin, NULL,
                           byte ? "control character 0x%02x at offset %zu"
                                : "NUL byte (0x%02x) at offset %zu",
                           byte, wrong);
}

/* Reads at most CONFIG_BYTES + 1 bytes; NULL and errno if that fails. */
static char *read_all(FILE *file, struct arena *arena, size_t *length) {
    size_t room = 16 << 10;
    char *bytes = memory_resize(NULL, room);
    *length = 0;
    while (*length <= CONFIG_BYTES) {
        if (*length == room) bytes = memory_resize(bytes, room *= 2);
        size_t most = CONFIG_BYTES + 1 - *length, part = room - *length;
        size_t got = fread(bytes + *length, 1, part < most ? part : most, file);
        *length += got;
        if (!got) break;
    }
    char *copy = ferror(file) ? NULL : arena_text_range(arena, bytes, *length);
    int number = errno;
    free(bytes);
    errno = number;
    return copy;
}

/* The folder part of a path, or NULL where it has none. */
static char *folder_of(struct arena *arena, const char *path) {
    const char *slash = strrchr(path, '/');
    if (!slash) return NULL;
    return arena_text_range(arena, path, slash == path ? 1 : (size_t)(slash - path));
}

static bool read_into(struct source *source, FILE *file, struct arena *arena,
                      struct open_file *open, const char **problem) {
    struct stat status;
    if (fstat(fileno(file), &status) || S_ISDIR(status.st_mode)) {
        *problem = "is a folder, not a file";
        return false;
    }
    open->device = status.st_dev;
    open->inode = status.st_ino;
    size_t length;
    char *text = read_all(file, arena, &length);
    if (!text)
        *problem = arena_format(arena, "cannot be read: %s", strerror(errno));
    else if (length > CONFIG_BYTES)
        *problem = "is larger than 1 MiB";
    if (*problem) return false;
    struct source *read = source_new(arena, source->name, text, length);
    source->text = read->text;
    source->length = read->length;
    return true;
}

struct source *source_read(struct loader *loader, const char *path, const struct origin *at,
                           struct open_file *open) {
    struct source *source = source_new(loader->arena, path, "", 0);
    source->folder = folder_of(loader->arena, path);
    const char *problem = NULL;
    FILE *file = fopen(path, "rbe");
    if (!file) problem = arena_format(loader->arena, "cannot be read: %s", strerror(errno));
    bool good = file && read_into(source, file, loader->arena, open, &problem);
    if (file) fclose(file);
    if (good) return source;
    struct origin *whole = ARENA_NEW(loader->arena, struct origin);
    whole->source = source;
    if (at)
        diagnostics_add(loader->diagnostics, at, NULL, "'%s' %s", path, problem);
    else
        diagnostics_add(loader->diagnostics, whole, NULL, "it %s", problem);
    return NULL;
}
