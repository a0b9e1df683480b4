/* Fetching data sets; see fetch.h. */
#include "datasets/fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/text.h"
#include "datasets/hash.h"
#include "files/file.h"

enum { TRIES_MOST = 4 /* of one mirror */, CONNECT_SECONDS = 30, SILENT_SECONDS = 60 };

/* What came of one try of a mirror. */
enum outcome {
    WHOLE,  /* all bytes are there */
    BROKEN, /* it may go on from here */
    AGAIN,  /* from the start: it cannot go on */
    NOT_HERE,
    STOP, /* the error is set */
};

/* One file on its way. */
struct transfer {
    const struct fetch *fetch;
    const struct fetch_file *file;
    const char *path, *part; /* its name, and while it is not whole */
    int handle;              /* of `part` */
    int64_t done;            /* bytes of it */
    int write_error;         /* errno, after a write that failed */
    bool too_long;
    char why[CURL_ERROR_SIZE + 64]; /* the last try failed */
    struct arena *arena;
    struct text failures; /* of all mirrors */
    bool wrong;           /* one of them sent something else */
    struct error *error;
};

static void tell(const struct transfer *t, enum fetch_news news, const char *message) {
    if (t->fetch->tell) t->fetch->tell(t->fetch->context, t->file, news, t->done, message);
}

/* ---- the part ---- */

static bool cut(struct transfer *t, int64_t length) {
    t->done = length;
    return !ftruncate(t->handle, length) ||
           error_system(t->error, STATUS_IO, "cannot write '%s'", t->part);
}

/* Opens what an earlier try left, or nothing. */
static bool open_part(struct transfer *t) {
    struct stat status;
    t->handle = open(t->part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (t->handle < 0 || fstat(t->handle, &status))
        return error_system(t->error, STATUS_IO, "cannot write '%s'", t->part);
    if (flock(t->handle, LOCK_EX | LOCK_NB))
        return error_set(t->error, STATUS_IO, "'%s' is being fetched by another process", t->part);
    t->done = status.st_size;
    return t->done <= t->file->bytes || cut(t, 0);
}

/* Gives a part that is right its name. */
static bool keep_part(struct transfer *t) {
    if (fsync(t->handle) || rename(t->part, t->path))
        return error_system(t->error, STATUS_IO, "cannot write '%s'", t->path);
    if (!file_sync_folder_of(NULL, t->path, t->error)) return false;
    tell(t, FETCH_GOOD, NULL);
    return true;
}

static bool matches(const struct transfer *t, const char *path, bool *same) {
    char found[SHA256_TEXT];
    if (!hash_file(path, found, t->error)) return false;
    *same = !strcmp(found, t->file->sha256);
    return true;
}

/* ---- one request ---- */

static size_t on_bytes(char *bytes, size_t one, size_t count, void *object) {
    struct transfer *t = object;
    size_t size = one * count, written = 0;
    t->too_long = (int64_t)size > t->file->bytes - t->done;
    while (!t->too_long && written < size) {
        ssize_t now = pwrite(t->handle, bytes + written, size - written, t->done);
        if (now < 0 && errno == EINTR) continue;
        if (now < 0) {
            t->write_error = errno;
            break;
        }
        written += (size_t)now;
        t->done += now;
    }
    return written;
}

static int on_progress(void *object, curl_off_t total, curl_off_t now, curl_off_t up_total,
                       curl_off_t up) {
    struct transfer *t = object;
    (void)total, (void)now, (void)up_total, (void)up;
    tell(t, FETCH_BYTES, NULL);
    return t->fetch->stop && *t->fetch->stop;
}

/* Only these, whatever a mirror redirects to. */
static void set_protocols(CURL *curl, bool plain) {
#if LIBCURL_VERSION_NUM >= 0x075500
    const char *names = plain ? "http,https" : "https";
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, names);
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, names);
#else
    long names = plain ? CURLPROTO_HTTP | CURLPROTO_HTTPS : CURLPROTO_HTTPS;
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS, names);
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS, names);
#endif
}

static CURL *new_request(struct transfer *t, const char *mirror) {
    CURL *curl = curl_easy_init();
    if (!curl) return NULL;
    const char *slash = mirror[strlen(mirror) - 1] == '/' ? "" : "/";
    curl_easy_setopt(curl, CURLOPT_URL,
                     arena_format(t->arena, "%s%s%s", mirror, slash, t->file->name));
    set_protocols(curl, !strncmp(mirror, "http:", 5));
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "duel/" DUEL_VERSION);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)SILENT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)t->done);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, t->why);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, t);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    return curl;
}

/* Whether a connection that had been made was lost. */
static bool was_lost(CURLcode code) {
    return code == CURLE_PARTIAL_FILE || code == CURLE_RECV_ERROR || code == CURLE_GOT_NOTHING ||
           code == CURLE_OPERATION_TIMEDOUT || code == CURLE_HTTP2_STREAM || code == CURLE_HTTP2;
}

static enum outcome judge(struct transfer *t, CURLcode code, long status, int64_t before) {
    if (code == CURLE_ABORTED_BY_CALLBACK) {
        error_set(t->error, STATUS_STOPPED,
                  "stopped; what has come of '%s' is kept, and the same "
                  "command goes on with it",
                  t->file->name);
        return STOP;
    }
    if (t->write_error) {
        errno = t->write_error;
        error_system(t->error, STATUS_IO, "cannot write '%s'", t->part);
        return STOP;
    }
    if (code == CURLE_RANGE_ERROR || status == 416) return before ? AGAIN : NOT_HERE;
    if (t->too_long || (code == CURLE_OK && t->done < t->file->bytes)) {
        snprintf(t->why, sizeof t->why, "its file is %s than the published one",
                 t->too_long ? "longer" : "shorter");
        t->wrong = true;
        return before ? AGAIN : cut(t, 0) ? NOT_HERE : STOP;
    }
    if (code == CURLE_OK) return WHOLE;
    if (!t->why[0]) snprintf(t->why, sizeof t->why, "%s", curl_easy_strerror(code));
    return was_lost(code) && t->done > before ? BROKEN : NOT_HERE;
}

static enum outcome request(struct transfer *t, const char *mirror) {
    int64_t before = t->done;
    t->why[0] = '\0';
    t->too_long = false;
    CURL *curl = new_request(t, mirror);
    if (!curl) {
        error_set(t->error, STATUS_SYSTEM, "libcurl cannot be used");
        return STOP;
    }
    CURLcode code = curl_easy_perform(curl);
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    return judge(t, code, status, before);
}

/* ---- one mirror ---- */

/* A part with all its bytes: kept if it is right, else thrown away. */
static enum outcome check(struct transfer *t, int64_t before) {
    bool same;
    if (!matches(t, t->part, &same)) return STOP;
    if (same) return WHOLE;
    if (!cut(t, 0)) return STOP;
    if (before) return AGAIN; /* the beginning may be another mirror's */
    snprintf(t->why, sizeof t->why, "what it sends is not the published file (SHA-256)");
    t->wrong = true;
    return NOT_HERE;
}

/* Tries a mirror until it has given all, or will not. */
static enum outcome try_mirror(struct transfer *t, const char *mirror) {
    for (int i = 0; i < TRIES_MOST; i++) {
        int64_t before = t->done;
        enum outcome outcome = before < t->file->bytes ? request(t, mirror) : WHOLE;
        if (outcome == WHOLE) outcome = check(t, before);
        if (outcome == AGAIN && !cut(t, 0)) outcome = STOP;
        if (outcome != AGAIN && outcome != BROKEN) return outcome;
    }
    return NOT_HERE;
}

static bool set_failure(struct transfer *t) {
    error_set(t->error, t->wrong ? STATUS_DATA : STATUS_NO_INPUT, "no mirror has '%s':%s",
              t->file->name, text_get(&t->failures));
    return error_hint(t->error, "'--mirror URL' names another place that has it");
}

static bool fetch_open(struct transfer *t) {
    for (int i = 0; t->fetch->mirrors[i]; i++) {
        const char *mirror = t->fetch->mirrors[i];
        enum outcome outcome = try_mirror(t, mirror);
        if (outcome == WHOLE) return keep_part(t);
        if (outcome == STOP) return false;
        const char *failure = arena_format(t->arena, "%s: %s", mirror, t->why);
        text_format(&t->failures, "\n  %s", failure);
        tell(t, FETCH_FAILED, failure);
    }
    return set_failure(t);
}

/* ---- all files ---- */

static bool fetch_file(struct transfer *t) {
    bool same = false;
    struct stat status;
    if (!stat(t->path, &status)) {
        if (!matches(t, t->path, &same)) return false;
        if (same) {
            tell(t, FETCH_THERE, NULL);
            return true;
        }
    }
    bool ours = open_part(t), good = ours && fetch_open(t);
    if (ours && !good && !t->done) unlink(t->part);
    if (t->handle >= 0) close(t->handle);
    return good;
}

bool fetch_files(const struct fetch *fetch, struct error *error) {
    if (!file_make_folders(NULL, fetch->folder, error)) return false;
    if (curl_global_init(CURL_GLOBAL_DEFAULT))
        return error_set(error, STATUS_SYSTEM, "libcurl cannot be used");
    bool good = true;
    for (int i = 0; i < fetch->count && good; i++) {
        struct arena *arena = arena_new();
        const struct fetch_file *file = &fetch->files[i];
        struct transfer transfer = {
            .fetch = fetch,
            .file = file,
            .path = arena_format(arena, "%s/%s", fetch->folder, file->name),
            .part = arena_format(arena, "%s/%s.part", fetch->folder, file->name),
            .handle = -1,
            .arena = arena,
            .error = error,
        };
        good = fetch_file(&transfer);
        text_release(&transfer.failures);
        arena_free(arena);
    }
    curl_global_cleanup();
    return good;
}

const struct fetch_file *fetch_list(const struct dataset_row *row, int *count) {
    *count = 0;
    if (!row->remote) return NULL;
    while (row->remote->files[*count].name)
        ++*count;
    return row->remote->files;
}
