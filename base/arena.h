/*
 * Memory with a lifetime: what is allocated from an arena lives until the arena is freed, all at
 * once. Running out of memory ends the program here and nowhere else (exit status 71, EX_OSERR).
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/* A new, empty arena; the caller frees it. */
struct arena *arena_new(void);

/* Runs the releases registered with `arena`, last first, then gives all of its memory back. NULL is
 * ignored. */
void arena_free(struct arena *arena);

/* `size` zeroed bytes, aligned to 64; owned by the arena. A size of 0 gives a unique pointer. */
void *arena_alloc(struct arena *arena, size_t size);

/* A zeroed array of `count` elements; ends the program if count * size overflows. */
void *arena_alloc_array(struct arena *arena, size_t count, size_t size);
#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count)                                                            \
    ((type *)arena_alloc_array((arena), (size_t)(count), sizeof(type)))

/* Copies `size` bytes into the arena. */
void *arena_copy(struct arena *arena, const void *bytes, size_t size);

/*
 * Makes room for element `count` in a growing array that holds `count` elements and doubles at
 * powers of two: list = ARENA_GROW(arena, list, count); list[count++] = item;
 */
void *arena_grow(struct arena *arena, void *array, size_t count, size_t size);
#define ARENA_GROW(arena, array, count)                                                            \
    arena_grow((arena), (array), (size_t)(count), sizeof *(array))

/* NUL-terminated copies; owned by the arena. */
char *arena_text(struct arena *arena, const char *text);
char *arena_text_range(struct arena *arena, const char *text, size_t length);
char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_format_list(struct arena *arena, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* "[60000, 28, 28]", "[]". */
char *arena_extents(struct arena *arena, int rank, const int64_t *extent);

/* A list of copies; NULL for none. */
const char *const *arena_texts(struct arena *arena, const char *const *texts, int count);

/* Calls release(object) when the arena is freed: for library handles, files and threads. */
void arena_on_free(struct arena *arena, void (*release)(void *object), void *object);

/* Memory that does not belong to an arena but must not fail: malloc and realloc that end the
 * program instead. */
void *memory_resize(void *old, size_t size);

#endif
