/*
 * Writing HDF5 in memory (core driver, nothing behind it) and saving the image as one atomic file;
 * see hdf5.h. Same content, same bytes: no object times, no order but that of creation, and
 * the library fills every gap with zeros.
 */
#include <stdlib.h>
#include <string.h>

#include "files/hdf5_private.h"

enum { MEMORY_STEP = 1 << 20, CHUNK_BYTES = 128 << 10, DEFLATE_LEVEL = 6 };

/* The memory of a file, given to the driver through its callbacks. */
struct image {
    char *bytes;
    size_t room;
};

struct hdf5_writer {
    struct image image;
    hid_t file;         /* 0 when it was saved */
    hid_t group_plist;  /* for new groups */
    hid_t parent_plist; /* for links: makes the groups above */
    struct error *e;
};

static bool working(const struct hdf5_writer *w) {
    return w->e->status == STATUS_OK;
}

static void writer_release(void *object) {
    struct hdf5_writer *w = object;
    hdf5_close(w->group_plist);
    hdf5_close(w->file);
    w->group_plist = w->file = 0;
    free(w->image.bytes);
    w->image.bytes = NULL;
}

static void *image_resize(void *old, size_t size, H5FD_file_image_op_t op, void *data) {
    struct image *image = data;
    (void)old, (void)op;
    image->bytes = memory_resize(image->bytes, size);
    image->room = size;
    return image->bytes;
}

static void *image_new(size_t size, H5FD_file_image_op_t op, void *data) {
    return image_resize(NULL, size, op, data);
}

static void *image_copy(void *dst, const void *src, size_t size, H5FD_file_image_op_t op,
                        void *data) {
    (void)op, (void)data;
    return memcpy(dst, src, size);
}

/* The file is closed: its memory stays ours. */
static herr_t image_keep(void *bytes, H5FD_file_image_op_t op, void *data) {
    (void)bytes, (void)op, (void)data;
    return 0;
}

static void *same_data(void *data) {
    return data;
}

static herr_t leave_data(void *data) {
    (void)data;
    return 0;
}

static hid_t new_access_plist(struct image *image) {
    hid_t plist = H5Pcreate(H5P_FILE_ACCESS);
    H5FD_file_image_callbacks_t callbacks = {.image_malloc = image_new,
                                             .image_memcpy = image_copy,
                                             .image_realloc = image_resize,
                                             .image_free = image_keep,
                                             .udata_copy = same_data,
                                             .udata_free = leave_data,
                                             .udata = image};
    H5Pset_fapl_core(plist, MEMORY_STEP, false);
    H5Pset_file_image_callbacks(plist, &callbacks);
    H5Pset_libver_bounds(plist, H5F_LIBVER_V18, H5F_LIBVER_V18);
    return plist;
}

static hid_t new_group_plist(hid_t class) {
    hid_t plist = H5Pcreate(class);
    H5Pset_link_creation_order(plist, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    H5Pset_obj_track_times(plist, false);
    return plist;
}

struct hdf5_writer *hdf5_writer_new(struct arena *arena, struct error *e) {
    hdf5_silence();
    struct hdf5_writer *w = ARENA_NEW(arena, struct hdf5_writer);
    w->e = e;
    w->group_plist = new_group_plist(H5P_GROUP_CREATE);
    hid_t create = new_group_plist(H5P_FILE_CREATE), access = new_access_plist(&w->image);
    w->file =
        H5Fcreate("duel.h5", H5F_ACC_TRUNC, create, access); /* no file of this name comes to be */
    if (w->file < 0) hdf5_error(e, STATUS_IO, "cannot make an HDF5 file in memory");
    hdf5_close(create);
    hdf5_close(access);
    arena_on_free(arena, writer_release, w);
    return w;
}

/* Paths come from the program, so a wrong one is a bug: empty parts, "." and a leading slash. */
static void check_path(const char *path) {
    BUG_IF(strlen(path) >= STORE_PATH_MOST);
    for (const char *at = path;; at++) {
        size_t size = strcspn(at, "/");
        if (size == 0 || (size == 1 && *at == '.'))
            BUG("the path '%s' has a part without a name", path);
        at += size;
        if (!*at) return;
    }
}

/* Makes the groups of the first `length` bytes of `path` that are not there yet. */
static void make_groups(struct hdf5_writer *w, const char *path, size_t length) {
    char part[STORE_PATH_MOST];
    for (size_t i = 1; i <= length && working(w); i++) {
        if (i < length && path[i] != '/') continue;
        memcpy(part, path, i);
        part[i] = 0;
        if (H5Lexists(w->file, part, H5P_DEFAULT) > 0) continue;
        hid_t group = H5Gcreate2(w->file, part, H5P_DEFAULT, w->group_plist, H5P_DEFAULT);
        if (group < 0) hdf5_error(w->e, STATUS_IO, "cannot make the group '%s' in HDF5", part);
        hdf5_close(group);
    }
}

static void make_groups_above(struct hdf5_writer *w, const char *path) {
    check_path(path);
    const char *slash = strrchr(path, '/');
    make_groups(w, path, slash ? (size_t)(slash - path) : 0);
}

void hdf5_add_group(struct hdf5_writer *w, const char *path) {
    if (!working(w)) return;
    check_path(path);
    make_groups(w, path, strlen(path));
}

static hid_t new_space(const struct store_array *array) {
    hsize_t extent[STORE_RANK_MOST];
    BUG_IF(array->rank < 0 || array->rank > STORE_RANK_MOST || store_count(array) < 0);
    for (int i = 0; i < array->rank; i++)
        extent[i] = (hsize_t)array->extent[i];
    return array->rank ? H5Screate_simple(array->rank, extent, NULL) : H5Screate(H5S_SCALAR);
}

/* Chunks of whole rows, about CHUNK_BYTES each. */
static void set_chunks(hid_t plist, const struct store_array *array) {
    hsize_t extent[STORE_RANK_MOST] = {0};
    struct store_array row = *array;
    row.extent[0] = 1;
    int64_t row_bytes = store_count(&row) * (int64_t)store_type_size(array->type);
    int64_t rows = row_bytes > 0 ? CHUNK_BYTES / row_bytes : 1;
    if (rows > array->extent[0]) rows = array->extent[0];
    for (int i = 0; i < array->rank; i++)
        extent[i] = (hsize_t)(array->extent[i] > 0 ? array->extent[i] : 1);
    extent[0] = (hsize_t)(rows > 0 ? rows : 1);
    H5Pset_chunk(plist, array->rank, extent);
    H5Pset_shuffle(plist);
    H5Pset_deflate(plist, DEFLATE_LEVEL);
    H5Pset_fletcher32(plist);
}

/* A data set of `type` over `space`, filled from `data`; takes over the ids. */
static void add_set(struct hdf5_writer *w, const char *path, hid_t type, hid_t space, hid_t plist,
                    const void *data) {
    H5Pset_obj_track_times(plist, false);
    make_groups_above(w, path);
    hid_t set =
        working(w) ? H5Dcreate2(w->file, path, type, space, H5P_DEFAULT, plist, H5P_DEFAULT) : -1;
    bool ok = set >= 0;
    if (ok && H5Sget_simple_extent_npoints(space) > 0)
        ok = H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0;
    if (!ok && working(w)) hdf5_error(w->e, STATUS_IO, "cannot write '%s' into HDF5", path);
    hdf5_close(set);
    hdf5_close(plist);
    hdf5_close(space);
}

void hdf5_add(struct hdf5_writer *w, const struct store_array *array, enum hdf5_layout layout) {
    if (!working(w)) return;
    hid_t plist = H5Pcreate(H5P_DATASET_CREATE);
    if (layout == HDF5_COMPRESSED && array->rank > 0)
        set_chunks(plist, array);
    else
        H5Pset_alloc_time(plist, H5D_ALLOC_TIME_EARLY);
    add_set(w, array->path, hdf5_type(array->type), new_space(array), plist, array->data);
}

/* A text of this length, padded with zeros, since HDF5 has no texts of length 0. */
static hid_t text_type(const char *text) {
    size_t length = strlen(text);
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, length ? length : 1);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

void hdf5_add_text(struct hdf5_writer *w, const char *path, const char *text) {
    if (!working(w)) return;
    hid_t type = text_type(text);
    add_set(w, path, type, H5Screate(H5S_SCALAR), H5Pcreate(H5P_DATASET_CREATE), text);
    hdf5_close(type);
}

/* An attribute of the object at `path`; takes over the space. */
static void set_attribute(struct hdf5_writer *w, const char *path, const char *name, hid_t type,
                          hid_t space, const void *value) {
    hid_t attribute = H5Acreate_by_name(w->file, path[0] ? path : "/", name, type, space,
                                        H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0 || H5Awrite(attribute, type, value) < 0)
        hdf5_error(w->e, STATUS_IO, "cannot write the attribute '%s' of '/%s' into HDF5", name,
                   path);
    hdf5_close(attribute);
    hdf5_close(space);
}

void hdf5_set_integer(struct hdf5_writer *w, const char *path, const char *name, int64_t value) {
    if (!working(w)) return;
    set_attribute(w, path, name, H5T_STD_I64LE, H5Screate(H5S_SCALAR), &value);
}

void hdf5_set_bytes(struct hdf5_writer *w, const char *path, const char *name, int count,
                    const uint8_t *values) {
    if (!working(w)) return;
    hsize_t extent = (hsize_t)count;
    set_attribute(w, path, name, H5T_STD_U8LE, H5Screate_simple(1, &extent, NULL), values);
}

void hdf5_set_text(struct hdf5_writer *w, const char *path, const char *name, const char *text) {
    if (!working(w)) return;
    hid_t type = text_type(text);
    set_attribute(w, path, name, type, H5Screate(H5S_SCALAR), text);
    hdf5_close(type);
}

void hdf5_set_scale(struct hdf5_writer *w, const char *path, int axis, const char *scale) {
    if (!working(w)) return;
    hid_t set = H5Dopen2(w->file, path, H5P_DEFAULT),
          coordinate = H5Dopen2(w->file, scale, H5P_DEFAULT);
    const char *slash = strrchr(scale, '/');
    bool ok = set >= 0 && coordinate >= 0;
    if (ok && H5DSis_scale(coordinate) == 0)
        ok = H5DSset_scale(coordinate, slash ? slash + 1 : scale) >= 0;
    if (ok) ok = H5DSattach_scale(set, coordinate, (unsigned)axis) >= 0;
    if (!ok) hdf5_error(w->e, STATUS_IO, "cannot make '%s' the scale of '%s' in HDF5", scale, path);
    hdf5_close(set);
    hdf5_close(coordinate);
}

bool hdf5_save(struct hdf5_writer *w, const struct file_calls *calls, const char *path) {
    if (!working(w)) return false;
    BUG_IF(w->file == 0);
    ssize_t size =
        H5Fflush(w->file, H5F_SCOPE_GLOBAL) < 0 ? -1 : H5Fget_file_image(w->file, NULL, 0);
    bool ok = size > 0 && H5Fclose(w->file) >= 0;
    if (!ok)
        hdf5_error(w->e, STATUS_IO, "cannot make the HDF5 file '%s'", path);
    else
        w->file = 0;
    BUG_IF(ok && w->image.room < (size_t)size);
    ok = ok && file_write(calls, path, w->image.bytes, (size_t)size, w->e);
    writer_release(w);
    return ok;
}
