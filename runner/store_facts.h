/* run.json: what a run was made of, as JSON. Only store_*.c include this. */
#ifndef RUNNER_STORE_FACTS_H
#define RUNNER_STORE_FACTS_H

#include "runner/store_run.h"

struct json; /* jansson's json_t under another name */

/* The facts of a run that begins; freed with facts_free, which ignores NULL. */
struct json *facts_new(const struct run_options *options);
/* From the text of a run.json; NULL and STATUS_DATA if it is not one. `path` is for the message. */
struct json *facts_read(const char *path, const char *text, size_t size, struct error *e);
void facts_free(struct json *facts);

void facts_resumed(struct json *facts, int64_t step, const struct run_facts *more, time_t now);
void facts_set(struct json *facts, const char *key, const char *text);
void facts_set_json(struct json *facts, const char *key, const char *text);
void facts_finish(struct json *facts, const char *status, time_t now);

/* Indented, with a newline at the end. */
const char *facts_write(struct arena *arena, const struct json *facts);
/* A text at the top, or NULL; lives as long as the facts. */
const char *facts_text(const struct json *facts, const char *key);
/* A text in the object of that key, or NULL. */
const char *facts_text_in(const struct json *facts, const char *key, const char *name);

#endif
