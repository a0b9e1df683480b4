/*
 * Reading HDF5 that may come from anywhere: every object is reached part by part through hard
 * links, and what a data set says of itself is checked against what the file can hold before memory
 * is taken for it; see hdf5.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "files/hdf5_private.h"

enum {
    OBJECTS_MOST = 100000, /* in one file */
    DEPTH_MOST = 32,       /* of groups */
    TEXT_MOST = 4 << 20,   /* bytes of one text */
    DEFLATE_MOST = 1100,   /* no deflated byte stands for more (zlib's limit is 1032) */
    MEMORY_STEP = 1 << 16,
};

struct hdf5_reader {
    hid_t file;
    const char *path; /* of the file, for messages */
    int64_t size;     /* of the file */
};

static void reader_release(void *object) {
    hdf5_close(((struct hdf5_reader *)object)->file);
}

static bool check_file(const char *path, int64_t *size, struct error *e) {
    struct stat status;
    if (stat(path, &status) != 0) return error_system(e, STATUS_NO_INPUT, "cannot read '%s'", path);
    if (!S_ISREG(status.st_mode))
        return error_set(e, STATUS_NO_INPUT, "cannot read '%s': it is not a regular file", path);
    *size = status.st_size;
    return true;
}

static struct hdf5_reader *open_file(struct arena *arena, const char *path, bool in_place,
                                     struct error *e) {
    int64_t size = 0;
    if (!check_file(path, &size, e)) return NULL;
    hdf5_silence();
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    if (!in_place) H5Pset_fapl_core(access, MEMORY_STEP, false);
    errno = 0;
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, access);
    if (file < 0 && (errno == EACCES || errno == EPERM))
        error_system(e, STATUS_NO_INPUT, "cannot read '%s'", path);
    else if (file < 0)
        hdf5_error(e, STATUS_DATA, "'%s' is not a whole HDF5 file", path);
    hdf5_close(access);
    if (file < 0) return NULL;
    struct hdf5_reader *r = ARENA_NEW(arena, struct hdf5_reader);
    *r = (struct hdf5_reader){file, arena_text(arena, path), size};
    arena_on_free(arena, reader_release, r);
    return r;
}

struct hdf5_reader *hdf5_open(struct arena *arena, const char *path, struct error *e) {
    return open_file(arena, path, false, e);
}

struct hdf5_reader *hdf5_open_in_place(struct arena *arena, const char *path, struct error *e) {
    return open_file(arena, path, true, e);
}

int64_t hdf5_size(const struct hdf5_reader *r) {
    return r->size;
}

/* ---- Objects. ---- */

/* Whether `path` leads to an object through hard links alone; "" is the root. Says nothing of what
 * is there. */
static bool reachable(struct hdf5_reader *r, const char *path) {
    char part[STORE_PATH_MOST];
    size_t length = strlen(path);
    if (length >= sizeof part) return false;
    for (size_t i = 1; i <= length; i++) {
        if (i < length && path[i] != '/') continue;
        memcpy(part, path, i);
        part[i] = 0;
        H5L_info_t link;
        if (H5Lget_info(r->file, part, &link, H5P_DEFAULT) < 0 || link.type != H5L_TYPE_HARD)
            return false;
    }
    return true;
}

/* The object at `path`, of one of two types; a negative id and an error. */
static hid_t open_object(struct hdf5_reader *r, const char *path, H5O_type_t one, H5O_type_t other,
                         struct error *e) {
    H5O_info_t info;
    hid_t object = reachable(r, path) ? H5Oopen(r->file, path[0] ? path : "/", H5P_DEFAULT) : -1;
    bool ok = object >= 0 && H5Oget_info2(object, &info, H5O_INFO_BASIC) >= 0;
    if (!ok)
        hdf5_error(e, STATUS_DATA, "'%s' has no '/%s' that can be read", r->path, path);
    else if (info.type != one && info.type != other)
        ok = error_set(e, STATUS_DATA, "'/%s' in '%s' is not a %s", path, r->path,
                       one == H5O_TYPE_GROUP ? "group" : "data set");
    else if (info.rc != 1 && path[0])
        ok = error_set(e, STATUS_DATA, "'/%s' in '%s' is linked more than once", path, r->path);
    if (ok) return object;
    hdf5_close(object);
    return -1;
}

static hid_t open_set(struct hdf5_reader *r, const char *path, struct error *e) {
    return open_object(r, path, H5O_TYPE_DATASET, H5O_TYPE_DATASET, e);
}

bool hdf5_has(struct hdf5_reader *r, const char *path) {
    return reachable(r, path);
}

bool hdf5_has_attribute(struct hdf5_reader *r, const char *path, const char *name) {
    return reachable(r, path) &&
           H5Aexists_by_name(r->file, path[0] ? path : "/", name, H5P_DEFAULT) > 0;
}

/* ---- Arrays. ---- */

/* A message about the data set of `array`. */
static bool refuse(const struct hdf5_reader *r, const struct store_array *array, struct error *e,
                   const char *why) {
    return error_set(e, STATUS_DATA, "'/%s' in '%s' %s", array->path, r->path, why);
}

static bool find_type(hid_t set, enum store_type *type) {
    hid_t stored = H5Dget_type(set);
    bool found = false;
    for (enum store_type t = STORE_FLOAT32; !found && t <= STORE_UINT8; t++) {
        found = H5Tequal(stored, hdf5_type(t)) > 0;
        if (found) *type = t;
    }
    hdf5_close(stored);
    return found;
}

static bool find_extents(hid_t set, struct store_array *array) {
    hid_t space = H5Dget_space(set);
    hsize_t extent[STORE_RANK_MOST];
    H5S_class_t class = H5Sget_simple_extent_type(space);
    int rank = H5Sget_simple_extent_ndims(space);
    bool ok = (class == H5S_SCALAR || class == H5S_SIMPLE) && rank >= 0 &&
              rank <= STORE_RANK_MOST &&
              (rank == 0 || H5Sget_simple_extent_dims(space, extent, NULL) == rank);
    array->rank = ok ? rank : 0;
    for (int i = 0; ok && i < rank; i++) {
        ok = extent[i] <= INT64_MAX;
        array->extent[i] = ok ? (int64_t)extent[i] : 0;
    }
    hdf5_close(space);
    return ok && store_count(array) >= 0;
}

/* Shuffle, deflate and fletcher32, each at most once. */
static bool filters_known(hid_t plist) {
    int deflates = 0, count = H5Pget_nfilters(plist);
    if (count < 0 || count > 3) return false;
    for (int i = 0; i < count; i++) {
        unsigned flags, values[8];
        size_t value_count = 8;
        H5Z_filter_t filter =
            H5Pget_filter2(plist, (unsigned)i, &flags, &value_count, values, 0, NULL, NULL);
        if (filter == H5Z_FILTER_DEFLATE)
            deflates++;
        else if (filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_FLETCHER32)
            return false;
    }
    return deflates < 2;
}

/* Whether the chunks that are stored can hold the array, and a chunk is no larger than the file can
 * fill. */
static bool chunks_fit(const struct hdf5_reader *r, hid_t plist, const struct store_array *array,
                       int64_t bytes, int64_t stored) {
    hsize_t extent[STORE_RANK_MOST];
    if (H5Pget_chunk(plist, STORE_RANK_MOST, extent) != array->rank) return false;
    int64_t most = r->size < INT64_MAX / DEFLATE_MOST ? r->size * DEFLATE_MOST : INT64_MAX;
    int64_t chunk = (int64_t)store_type_size(array->type);
    for (int i = 0; i < array->rank; i++) {
        if (extent[i] == 0 || extent[i] > (hsize_t)(most / chunk)) return false;
        chunk *= (int64_t)extent[i];
    }
    return stored <= r->size && bytes / DEFLATE_MOST <= stored;
}

static bool check_layout(const struct hdf5_reader *r, hid_t set, hid_t plist,
                         const struct store_array *array, int64_t *offset, struct error *e) {
    H5D_layout_t layout = H5Pget_layout(plist);
    int64_t bytes = store_count(array) * (int64_t)store_type_size(array->type);
    hsize_t size = H5Dget_storage_size(set);
    int64_t stored = size <= INT64_MAX ? (int64_t)size : INT64_MAX;
    haddr_t begin = layout == H5D_CONTIGUOUS ? H5Dget_offset(set) : HADDR_UNDEF;
    *offset = begin == HADDR_UNDEF ? -1 : (int64_t)begin;
    bool fits = false;
    if (H5Pget_external_count(plist) != 0)
        return refuse(r, array, e, "has its data in another file");
    if (!filters_known(plist))
        return refuse(r, array, e, "has filters other than shuffle, deflate and fletcher32");
    if (layout == H5D_CHUNKED)
        fits = chunks_fit(r, plist, array, bytes, stored);
    else if (layout == H5D_COMPACT)
        fits = stored == bytes;
    else if (layout == H5D_CONTIGUOUS)
        fits = bytes == 0 ||
               (stored == bytes && *offset >= 0 && bytes <= r->size && *offset <= r->size - bytes);
    else
        return refuse(r, array, e, "is virtual: its data are elsewhere");
    return fits || refuse(r, array, e, "says it is larger than what the file holds");
}

static bool describe(const struct hdf5_reader *r, hid_t set, struct store_array *array,
                     int64_t *offset, struct error *e) {
    if (!find_type(set, &array->type))
        return refuse(r, array, e,
                      "has a type that is not float32, float64, int32, int64 or uint8");
    if (!find_extents(set, array)) return refuse(r, array, e, "has a shape that cannot be read");
    hid_t plist = H5Dget_create_plist(set);
    bool ok = plist >= 0
                  ? check_layout(r, set, plist, array, offset, e)
                  : hdf5_error(e, STATUS_DATA, "'/%s' in '%s' is damaged", array->path, r->path);
    hdf5_close(plist);
    return ok;
}

bool hdf5_describe(struct hdf5_reader *r, const char *path, struct store_array *array,
                   int64_t *offset, struct error *e) {
    int64_t begin;
    *array = (struct store_array){.path = path};
    hid_t set = open_set(r, path, e);
    bool ok = set >= 0 && describe(r, set, array, offset ? offset : &begin, e);
    hdf5_close(set);
    return ok;
}

bool hdf5_read(struct hdf5_reader *r, struct arena *arena, const char *path,
               struct store_array *array, struct error *e) {
    int64_t begin;
    *array = (struct store_array){.path = arena_text(arena, path)};
    hid_t set = open_set(r, path, e);
    bool ok = set >= 0 && describe(r, set, array, &begin, e);
    int64_t count = ok ? store_count(array) : 0;
    void *data = arena_alloc(arena, (size_t)count * store_type_size(array->type));
    if (count && H5Dread(set, hdf5_type(array->type), H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0)
        ok = hdf5_error(e, STATUS_DATA, "'/%s' in '%s' is damaged", path, r->path);
    array->data = ok ? data : NULL;
    hdf5_close(set);
    return ok;
}

bool hdf5_read_first(struct hdf5_reader *r, const struct store_array *array, int64_t count,
                     void *destination, struct error *e) {
    hsize_t begin[STORE_RANK_MOST] = {0}, extent[STORE_RANK_MOST];
    for (int i = 0; i < array->rank; i++)
        extent[i] = (hsize_t)array->extent[i];
    extent[0] = (hsize_t)count;
    hid_t set = open_set(r, array->path, e);
    if (set < 0) return false;
    hid_t file = H5Dget_space(set), memory = H5Screate_simple(array->rank, extent, NULL);
    H5Sselect_hyperslab(file, H5S_SELECT_SET, begin, NULL, extent, NULL);
    bool ok = H5Dread(set, hdf5_type(array->type), memory, file, H5P_DEFAULT, destination) >= 0 ||
              hdf5_error(e, STATUS_DATA, "'/%s' in '%s' is damaged", array->path, r->path);
    hdf5_close(memory);
    hdf5_close(file);
    hdf5_close(set);
    return ok;
}

/* ---- Texts and numbers: scalar data sets and attributes. ---- */

/* Bytes of a text of fixed length, or -1 for any other type. */
static int64_t text_size(hid_t type) {
    size_t size = H5Tget_size(type);
    bool ok = H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0;
    return ok && size > 0 && size <= TEXT_MOST ? (int64_t)size : -1;
}

/* The memory type that takes `size` bytes as they are. */
static hid_t text_type(int64_t size) {
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, (size_t)size);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

/* Reads the text of an open data set or attribute with these type and space; NULL if it is none. */
static const char *read_text(struct arena *arena, hid_t object, hid_t type, hid_t space,
                             bool attribute, int64_t stored_most) {
    int64_t size = text_size(type);
    if (size < 0 || size > stored_most || H5Sget_simple_extent_npoints(space) != 1) return NULL;
    char *text = arena_alloc(arena, (size_t)size + 1);
    hid_t memory = text_type(size);
    herr_t result = attribute ? H5Aread(object, memory, text)
                              : H5Dread(object, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, text);
    hdf5_close(memory);
    return result >= 0 ? text : NULL;
}

const char *hdf5_read_text(struct hdf5_reader *r, struct arena *arena, const char *path,
                           struct error *e) {
    hid_t set = open_set(r, path, e);
    if (set < 0) return NULL;
    hid_t type = H5Dget_type(set), space = H5Dget_space(set), plist = H5Dget_create_plist(set);
    H5D_layout_t layout = H5Pget_layout(plist);
    bool plain =
        (layout == H5D_CONTIGUOUS || layout == H5D_COMPACT) && H5Pget_external_count(plist) == 0;
    const char *text = plain ? read_text(arena, set, type, space, false, r->size) : NULL;
    if (!text)
        hdf5_error(e, STATUS_DATA, "'/%s' in '%s' is not a text that can be read", path, r->path);
    hdf5_close(plist);
    hdf5_close(space);
    hdf5_close(type);
    hdf5_close(set);
    return text;
}

/* An attribute, with its type and space; `id` is negative after an error. */
struct attribute {
    hid_t object, id, type, space;
};

static struct attribute open_attribute(struct hdf5_reader *r, const char *path, const char *name,
                                       struct error *e) {
    struct attribute a = {-1, -1, -1, -1};
    a.object = open_object(r, path, H5O_TYPE_GROUP, H5O_TYPE_DATASET, e);
    if (a.object < 0) return a;
    a.id = H5Aopen(a.object, name, H5P_DEFAULT);
    if (a.id < 0)
        hdf5_error(e, STATUS_DATA, "'/%s' in '%s' has no attribute '%s'", path, r->path, name);
    a.type = a.id < 0 ? -1 : H5Aget_type(a.id);
    a.space = a.id < 0 ? -1 : H5Aget_space(a.id);
    return a;
}

static void close_attribute(struct attribute *a) {
    hdf5_close(a->space);
    hdf5_close(a->type);
    hdf5_close(a->id);
    hdf5_close(a->object);
}

bool hdf5_get_integer(struct hdf5_reader *r, const char *path, const char *name, int64_t *value,
                      struct error *e) {
    struct attribute a = open_attribute(r, path, name, e);
    bool ok = a.id >= 0;
    if (ok && (H5Tequal(a.type, H5T_STD_I64LE) <= 0 || H5Sget_simple_extent_npoints(a.space) != 1))
        ok = error_set(e, STATUS_DATA, "the attribute '%s' of '/%s' in '%s' is not an int64", name,
                       path, r->path);
    if (ok && H5Aread(a.id, H5T_STD_I64LE, value) < 0)
        ok = hdf5_error(e, STATUS_DATA, "the attribute '%s' of '/%s' in '%s' is damaged", name,
                        path, r->path);
    close_attribute(&a);
    return ok;
}

const char *hdf5_get_text(struct hdf5_reader *r, struct arena *arena, const char *path,
                          const char *name, struct error *e) {
    struct attribute a = open_attribute(r, path, name, e);
    const char *text = a.id >= 0 ? read_text(arena, a.id, a.type, a.space, true, r->size) : NULL;
    if (a.id >= 0 && !text)
        hdf5_error(e, STATUS_DATA,
                   "the attribute '%s' of '/%s' in '%s' is not a text that can be read", name, path,
                   r->path);
    close_attribute(&a);
    return text;
}

/* ---- Lists. ---- */

struct link {
    const char *name;
    int64_t order; /* of creation; 0 where the file does not know it */
};

struct links {
    struct arena *arena;
    int count;
    struct link *list;
    const char *foreign; /* a link that is not hard */
};

static herr_t add_link(hid_t group, const char *name, const H5L_info_t *info, void *data) {
    (void)group;
    struct links *links = data;
    if (info->type != H5L_TYPE_HARD) {
        links->foreign = arena_text(links->arena, name);
        return 1;
    }
    links->list = ARENA_GROW(links->arena, links->list, links->count);
    links->list[links->count++] =
        (struct link){arena_text(links->arena, name), info->corder_valid ? info->corder : 0};
    return links->count > OBJECTS_MOST;
}

static int compare_links(const void *a, const void *b) {
    const struct link *x = a, *y = b;
    if (x->order != y->order) return x->order < y->order ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* The links of a group, in the order of creation where the file knows it, else by name. They are
 * sorted here: HDF5 1.10 sorts in a table, and where a file is damaged frees entries of it that were
 * never made. */
static bool list_links(struct hdf5_reader *r, const char *path, struct links *links,
                       struct error *e) {
    hid_t group = open_object(r, path, H5O_TYPE_GROUP, H5O_TYPE_GROUP, e);
    if (group < 0) return false;
    bool ok = H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, add_link, links) >= 0;
    if (!ok)
        hdf5_error(e, STATUS_DATA, "the group '/%s' in '%s' is damaged", path, r->path);
    else if (links->foreign)
        ok = error_set(e, STATUS_DATA,
                       "'/%s/%s' in '%s' is a soft or external link, which is not followed", path,
                       links->foreign, r->path);
    if (links->count) qsort(links->list, (size_t)links->count, sizeof *links->list, compare_links);
    hdf5_close(group);
    return ok;
}

struct walk {
    struct hdf5_reader *reader;
    struct arena *arena;
    int count, objects;
    const char **paths;
    int64_t bytes; /* that the arrays found so far take in the file */
};

static bool walk_group(struct walk *walk, const char *path, int depth, struct error *e);

static bool walk_object(struct walk *walk, const char *path, int depth, struct error *e) {
    struct hdf5_reader *r = walk->reader;
    if (++walk->objects > OBJECTS_MOST || depth > DEPTH_MOST || strlen(path) >= STORE_PATH_MOST)
        return error_set(e, STATUS_DATA, "'%s' has more groups in groups than can be meant",
                         r->path);
    hid_t object = open_object(r, path, H5O_TYPE_GROUP, H5O_TYPE_DATASET, e);
    if (object < 0) return false;
    bool group = H5Iget_type(object) == H5I_GROUP;
    hsize_t bytes = group ? 0 : H5Dget_storage_size(object);
    hdf5_close(object);
    if (group) return walk_group(walk, path, depth + 1, e);
    if (bytes > (hsize_t)(r->size - walk->bytes)) /* they share bytes */
        return error_set(e, STATUS_DATA, "the arrays in '%s' say they are larger than the file",
                         r->path);
    walk->bytes += (int64_t)bytes;
    walk->paths = ARENA_GROW(walk->arena, walk->paths, walk->count);
    walk->paths[walk->count++] = path;
    return true;
}

static bool walk_group(struct walk *walk, const char *path, int depth, struct error *e) {
    struct links links = {.arena = walk->arena};
    bool ok = list_links(walk->reader, path, &links, e);
    for (int i = 0; ok && i < links.count; i++) {
        const char *child =
            arena_format(links.arena, "%s%s%s", path, path[0] ? "/" : "", links.list[i].name);
        ok = walk_object(walk, child, depth, e);
    }
    return ok;
}

bool hdf5_list(struct hdf5_reader *r, struct arena *arena, const char *path, int *count,
               const char *const **paths, struct error *e) {
    struct walk walk = {.reader = r, .arena = arena};
    bool ok = walk_group(&walk, path, 0, e);
    *count = ok ? walk.count : 0;
    *paths = walk.paths;
    return ok;
}
