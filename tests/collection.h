/* Collections of images for tests: archives with what a test wants in them, right or wrong, and tiny PNG
 * files of one colour. Include after tests/data.h. */
#ifndef TESTS_COLLECTION_H
#define TESTS_COLLECTION_H

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <png.h>

#include "base/bug.h"

struct file_bytes {
    const void *bytes;
    size_t size;
};

/* A PNG of width x height pixels that are all (red, 100, 200). */
static inline struct file_bytes png_of(struct fixture *f, int width, int height, int red) {
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)width,
                       .height = (png_uint_32)height,
                       .format = PNG_FORMAT_RGB};
    size_t count = (size_t)(width * height);
    uint8_t *pixels = ARENA_ARRAY(f->arena, uint8_t, count * 3);
    for (size_t i = 0; i < count; i++)
        memcpy(pixels + 3 * i, (uint8_t[]){(uint8_t)red, 100, 200}, 3);
    png_alloc_size_t size = 4096 + count * 4;
    void *bytes = arena_alloc(f->arena, size);
    if (!png_image_write_to_memory(&image, bytes, &size, 0, pixels, 0, NULL)) BUG("no PNG");
    return (struct file_bytes){bytes, size};
}

/* An entry of an archive: `link`, if not NULL, makes it a symbolic link. */
struct packed {
    const char *name;
    struct file_bytes file;
    const char *link;
};

enum packing { PACK_TAR, PACK_TAR_GZ, PACK_ZIP };

static inline void pack_entry(struct archive *archive, const struct packed *packed) {
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, packed->name);
    archive_entry_set_filetype(entry, packed->link ? AE_IFLNK : AE_IFREG);
    if (packed->link) archive_entry_set_symlink(entry, packed->link);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, (int64_t)packed->file.size);
    if (archive_write_header(archive, entry) != ARCHIVE_OK ||
        archive_write_data(archive, packed->file.bytes, packed->file.size) !=
            (la_ssize_t)packed->file.size)
        BUG("no archive: %s", archive_error_string(archive));
    archive_entry_free(entry);
}

/* An archive in the test's folder; its path. */
static inline const char *pack(struct fixture *f, const char *name, enum packing packing, int count,
                               const struct packed *entries) {
    const char *path = arena_format(f->arena, "%s/%s", f->folder, name);
    struct archive *archive = archive_write_new();
    if (packing == PACK_ZIP)
        archive_write_set_format_zip(archive);
    else
        archive_write_set_format_ustar(archive);
    if (packing == PACK_TAR_GZ) archive_write_add_filter_gzip(archive);
    if (archive_write_open_filename(archive, path) != ARCHIVE_OK) BUG("no archive");
    for (int i = 0; i < count; i++)
        pack_entry(archive, &entries[i]);
    if (archive_write_close(archive) != ARCHIVE_OK) BUG("no archive");
    archive_write_free(archive);
    return path;
}

/* A zip whose names are marked as UTF-8, as Python's zipfile does it. */
static inline const char *pack_utf8(struct fixture *f, const char *name, int count,
                                    const struct packed *entries) {
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (!utf8) BUG("no locale C.UTF-8");
    locale_t before = uselocale(utf8);
    const char *path = pack(f, name, PACK_ZIP, count, entries);
    uselocale(before);
    freelocale(utf8);
    return path;
}

/* The same files in a folder. */
static inline const char *put_files(struct fixture *f, const char *name, int count,
                                    const struct packed *entries) {
    for (int i = 0; i < count; i++) {
        char *path = arena_format(f->arena, "%s/%s/%s", f->folder, name, entries[i].name);
        for (char *slash = strchr(path + strlen(f->folder) + 1, '/'); slash;
             slash = strchr(slash + 1, '/')) {
            *slash = '\0';
            mkdir(path, 0700);
            *slash = '/';
        }
        write_bytes(f, path + strlen(f->folder) + 1, entries[i].file.bytes, entries[i].file.size);
    }
    return arena_format(f->arena, "%s/%s", f->folder, name);
}

/* A request of images in a collection, decoded into memory. */
static inline struct dataset_request images_request(struct fixture *f, const char *path) {
    struct dataset_request request = request_of(f, "images");
    *(const char **)option(&request, "path") = path;
    *(bool *)option(&request, "cache") = false;
    return request;
}

static inline void set_size(const struct dataset_request *request, const char *name, int64_t height,
                            int64_t width) {
    *(struct extents *)option(request, name) = (struct extents){2, {height, width}};
}

#endif
