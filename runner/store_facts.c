/* run.json: provenance that is found out here (version, host, processor, time), and what the caller
 * knows. */
#include "runner/store_facts.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/bug.h"
#include "base/text.h"
#include "runner/store_checkpoint.h"
#include "runner/store_digest.h"

#ifndef DUEL_GIT
#define DUEL_GIT "" /* what `git describe` said when this was built */
#endif

static json_t *object_of(struct json *facts) {
    return (json_t *)facts;
}

static const json_t *constant_object_of(const struct json *facts) {
    return (const json_t *)facts;
}

/* A text that JSON can hold: bytes that are not UTF-8 (in arguments, say) become '?'. */
static json_t *new_text(const char *text) {
    struct text valid = {0};
    for (size_t left = strlen(text), good; left; text += good, left -= good) {
        good = text_invalid_utf8(text, left);
        text_add_range(&valid, text, good);
        if (good == left) break;
        text_add(&valid, "?");
        good++;
    }
    json_t *value = json_string(text_get(&valid));
    text_release(&valid);
    BUG_IF(!value);
    return value;
}

static void set_text(json_t *object, const char *key, const char *text) {
    if (text && text[0]) json_object_set_new(object, key, new_text(text));
}

/* "2026-11-21T10:15:00+0100" */
static void set_time(json_t *object, const char *key, time_t time) {
    char text[64];
    struct tm local;
    localtime_r(&time, &local);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S%z", &local);
    set_text(object, key, text);
}

static void set_processor(json_t *object) {
    FILE *file = fopen("/proc/cpuinfo", "re");
    char line[512];
    bool found = false;
    while (file && !found && fgets(line, sizeof line, file)) {
        const char *colon = strchr(line, ':');
        found = !strncmp(line, "model name", 10) && colon;
        line[strcspn(line, "\n")] = 0;
        if (found) set_text(object, "cpu", colon + 1 + strspn(colon + 1, " "));
    }
    if (file) fclose(file);
}

static void set_host(json_t *object) {
    struct utsname system;
    char text[256];
    if (uname(&system) != 0) return;
    set_text(object, "host", system.nodename);
    snprintf(text, sizeof text, "%.80s %.80s %.80s", system.sysname, system.release,
             system.machine);
    set_text(object, "system", text);
    set_processor(object);
}

static void set_libraries(json_t *object, const struct run_facts *facts) {
    struct arena *arena = arena_new();
    json_t *libraries = json_object();
    set_text(libraries, "hdf5", hdf5_version(arena));
    for (int i = 0; i < facts->library_count; i++)
        set_text(libraries, facts->libraries[i].name, facts->libraries[i].text);
    json_object_set_new(object, "libraries", libraries);
    arena_free(arena);
}

/* The digest of the only data set, or of each stream under its name. */
static void set_data(json_t *object, const struct run_facts *facts) {
    json_t *streams = NULL;
    for (int i = 0; i < facts->data_count; i++) {
        const struct run_fact *fact = &facts->data[i];
        if (*fact->name && !streams) {
            streams = json_object();
            json_object_set_new(object, "data_sha256", streams);
        }
        set_text(streams ? streams : object, streams ? fact->name : "data_sha256", fact->text);
    }
}

static void set_facts(json_t *object, const struct run_facts *facts) {
    set_text(object, "version", DUEL_VERSION);
    set_text(object, "git", DUEL_GIT);
    set_host(object);
    set_text(object, "device", facts->device);
    set_text(object, "isa", facts->isa);
    if (facts->threads) json_object_set_new(object, "threads", json_integer(facts->threads));
    set_libraries(object, facts);
    json_t *arguments = json_array();
    for (int i = 0; i < facts->argument_count; i++)
        json_array_append_new(arguments, new_text(facts->arguments[i]));
    json_object_set_new(object, "arguments", arguments);
    set_text(object, "kernels", facts->kernels);
    set_data(object, facts);
}

struct json *facts_new(const struct run_options *options) {
    json_t *object = json_object();
    char digest[DIGEST_TEXT];
    json_object_set_new(object, "format", json_integer(STORE_FORMAT));
    set_text(object, "name", options->name);
    if (options->seed <= INT64_MAX)
        json_object_set_new(object, "seed", json_integer((json_int_t)options->seed));
    else
        json_object_set_new(object, "seed",
                            json_sprintf("%llu", (unsigned long long)options->seed));
    set_text(object, "status", "running");
    set_time(object, "started", options->started);
    if (options->config_text) {
        digest_bytes(NULL, options->config_text, strlen(options->config_text), digest);
        set_text(object, "config_sha256", digest);
    }
    set_facts(object, &options->facts);
    return (struct json *)object;
}

struct json *facts_read(const char *path, const char *text, size_t size, struct error *e) {
    json_error_t why;
    json_t *object = json_loadb(text, size, 0, &why);
    json_int_t format = json_integer_value(json_object_get(object, "format"));
    if (!object)
        error_set(e, STATUS_DATA, "%s:%d:%d: %s", path, why.line, why.column, why.text);
    else if (format < 1)
        error_set(e, STATUS_DATA, "'%s' was not written by duel: it has no 'format'", path);
    else if (format > STORE_FORMAT) {
        error_set(e, STATUS_DATA, "'%s' has format %lld; this duel reads formats up to %d", path,
                  (long long)format, STORE_FORMAT);
        error_hint(e, "it was written by a newer duel, which is needed to go on with the run");
    } else
        return (struct json *)object;
    json_decref(object);
    return NULL;
}

void facts_free(struct json *facts) {
    json_decref(object_of(facts));
}

void facts_resumed(struct json *facts, int64_t step, const struct run_facts *more, time_t now) {
    json_t *object = object_of(facts), *list = json_object_get(object, "resumed");
    if (!json_is_array(list)) {
        list = json_array();
        json_object_set_new(object, "resumed", list);
    }
    json_t *entry = json_object();
    set_time(entry, "started", now);
    json_object_set_new(entry, "step", json_integer(step));
    set_facts(entry, more);
    json_array_append_new(list, entry);
    set_text(object, "status", "running");
    json_object_del(object, "ended");
}

void facts_set(struct json *facts, const char *key, const char *text) {
    set_text(object_of(facts), key, text);
}

void facts_set_json(struct json *facts, const char *key, const char *text) {
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
    BUG_IF(!value);
    json_object_set_new(object_of(facts), key, value);
}

void facts_finish(struct json *facts, const char *status, time_t now) {
    set_text(object_of(facts), "status", status);
    set_time(object_of(facts), "ended", now);
}

const char *facts_write(struct arena *arena, const struct json *facts) {
    char *text = json_dumps(constant_object_of(facts), JSON_INDENT(2));
    BUG_IF(!text);
    const char *copy = arena_format(arena, "%s\n", text);
    free(text);
    return copy;
}

const char *facts_text(const struct json *facts, const char *key) {
    return json_string_value(json_object_get(constant_object_of(facts), key));
}

const char *facts_text_in(const struct json *facts, const char *key, const char *name) {
    const json_t *object = json_object_get(constant_object_of(facts), key);
    return json_string_value(*name ? json_object_get(object, name) : object);
}
