/* Arenas: a list of blocks, each twice the size of the last up to a limit; see arena.h. */
#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/bug.h"

enum {
    ALIGNMENT = 64,
    HUGE_PAGE = 2 << 20,
    FIRST_BLOCK = 16 << 10,
    LARGEST_BLOCK = 1 << 20,
    STATUS_NO_MEMORY = 71
};

struct block {
    struct block *next;
    size_t size, used; /* bytes after the header */
};

struct release {
    struct release *next;
    void (*function)(void *);
    void *object;
};

struct arena {
    struct block *blocks;
    struct release *releases;
    size_t next_size;
};

_Noreturn static void out_of_memory(size_t size) {
    fprintf(stderr, "duel: out of memory: %zu bytes could not be had\n", size);
    exit(STATUS_NO_MEMORY);
}

void bug(const char *file, int line, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "duel: this is a bug, please report it: %s:%d: ", file, line);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    abort();
}

void *memory_resize(void *old, size_t size) {
    void *new = realloc(old, size ? size : 1);
    if (!new) out_of_memory(size);
    return new;
}

struct arena *arena_new(void) {
    struct arena *arena = memory_resize(NULL, sizeof *arena);
    *arena = (struct arena){.next_size = FIRST_BLOCK};
    return arena;
}

void arena_free(struct arena *arena) {
    if (!arena) return;
    for (struct release *r = arena->releases; r; r = r->next)
        r->function(r->object);
    for (struct block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    free(arena);
}

static size_t round_up(size_t size, size_t unit) {
    return (size + unit - 1) / unit * unit;
}

/* Fewer misses of the table of pages, where the kernel grants them to those who ask. */
static void use_huge_pages(void *memory, size_t size) {
#if defined MADV_HUGEPAGE
    madvise(memory, size, MADV_HUGEPAGE);
#else
    (void)memory, (void)size;
#endif
}

static struct block *block_add(struct arena *arena, size_t size) {
    size_t header = round_up(sizeof(struct block), ALIGNMENT);
    if (size > SIZE_MAX - header - HUGE_PAGE) out_of_memory(size);
    bool large = size >= HUGE_PAGE;
    size_t unit = large ? HUGE_PAGE : ALIGNMENT;
    struct block *block = aligned_alloc(unit, round_up(header + size, unit));
    if (!block) out_of_memory(size);
    if (large) use_huge_pages(block, header + size);
    *block = (struct block){.next = arena->blocks, .size = size};
    arena->blocks = block;
    return block;
}

void *arena_alloc(struct arena *arena, size_t size) {
    if (size > SIZE_MAX - 2 * ALIGNMENT) out_of_memory(size);
    size = round_up(size ? size : 1, ALIGNMENT);
    struct block *block = arena->blocks;
    if (!block || block->size - block->used < size) {
        size_t wanted = size > arena->next_size ? size : arena->next_size;
        block = block_add(arena, wanted);
        if (arena->next_size < LARGEST_BLOCK) arena->next_size *= 2;
    }
    char *memory = (char *)block + round_up(sizeof(struct block), ALIGNMENT) + block->used;
    block->used += size;
    return memset(memory, 0, size);
}

void *arena_alloc_array(struct arena *arena, size_t count, size_t size) {
    if (size && count > SIZE_MAX / size) out_of_memory(SIZE_MAX);
    return arena_alloc(arena, count * size);
}

void *arena_copy(struct arena *arena, const void *bytes, size_t size) {
    void *copy = arena_alloc(arena, size);
    return size ? memcpy(copy, bytes, size) : copy;
}

void *arena_grow(struct arena *arena, void *array, size_t count, size_t size) {
    if (count & (count - 1)) return array;
    void *larger = arena_alloc_array(arena, count ? 2 * count : 1, size);
    if (count) memcpy(larger, array, count * size);
    return larger;
}

char *arena_text(struct arena *arena, const char *text) {
    return arena_text_range(arena, text, strlen(text));
}

char *arena_text_range(struct arena *arena, const char *text, size_t length) {
    char *copy = arena_alloc(arena, length + 1);
    if (length) memcpy(copy, text, length);
    return copy;
}

char *arena_extents(struct arena *arena, int rank, const int64_t *extent) {
    char *text = arena_text(arena, "[");
    for (int i = 0; i < rank; i++)
        text = arena_format(arena, "%s%s%lld", text, i ? ", " : "", (long long)extent[i]);
    return arena_format(arena, "%s]", text);
}

const char *const *arena_texts(struct arena *arena, const char *const *texts, int count) {
    if (!count) return NULL;
    const char **copies = ARENA_ARRAY(arena, const char *, count);
    for (int i = 0; i < count; i++)
        copies[i] = arena_text(arena, texts[i]);
    return copies;
}

char *arena_format_list(struct arena *arena, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    BUG_IF(length < 0);
    char *text = arena_alloc(arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    return text;
}

char *arena_format(struct arena *arena, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = arena_format_list(arena, format, arguments);
    va_end(arguments);
    return text;
}

void arena_on_free(struct arena *arena, void (*release)(void *), void *object) {
    struct release *r = arena_alloc(arena, sizeof *r);
    *r = (struct release){arena->releases, release, object};
    arena->releases = r;
}
