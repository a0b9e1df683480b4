/* The arguments of a call as a map, for the rows of parameters to read; see read.h. */
#include "runner/read.h"

static struct config *argument(struct arena *arena, const struct expression *e) {
    struct config *c;
    if (e->kind == EXPRESSION_LIST) {
        c = config_new_list(arena);
        for (int i = 0; i < e->count; i++)
            config_append(arena, c, argument(arena, e->part[i]));
    } else if (e->kind == EXPRESSION_NUMBER) {
        c = e->name ? config_new_bool(arena, e->number != 0) : config_new_number(arena, e->number);
    } else {
        struct text text = {0};
        expression_write(e, &text);
        c = config_new_text(arena, text_get(&text));
        text_release(&text);
    }
    c->origin = e->origin;
    return c;
}

struct config *read_call(const struct expression *call, int first, const char *what,
                         const struct parameter *rows, struct diagnostics *diagnostics) {
    struct arena *arena = diagnostics->arena;
    struct config *map = config_new_map(arena), *list = config_new_list(arena);
    bool listed = rows->name && (rows->type == PARAMETER_SHAPE || rows->type == PARAMETER_NUMBERS);
    map->origin = list->origin = call->origin;
    for (int i = first, at = 0; call->kind == EXPRESSION_CALL && i < call->count; i++) {
        struct config *part = argument(arena, call->part[i]);
        if (call->keyword[i]) {
            config_add(arena, map, call->keyword[i], part);
            map->keys[map->count - 1]->origin = part->origin;
        } else if (listed && part->kind != CONFIG_LIST) {
            config_append(arena, list, part);
        } else if (listed) {
            for (int k = 0; k < part->count; k++)
                config_append(arena, list, part->items[k]);
        } else if (rows[at].name) {
            config_add(arena, map, rows[at++].name, part);
        } else {
            diagnostics_add(diagnostics, &call->part[i]->origin, NULL, "%s has too many arguments",
                            what);
            return NULL;
        }
    }
    if (list->count) config_add(arena, map, rows->name, list);
    return map;
}
