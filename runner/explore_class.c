/* The classes that --class gives to samples; see explore.h. */
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "runner/explore.h"

/* Classes that a message names. */
enum { LISTED_MOST = 20 };

/* ---- whose class ---- */

/* What the sampler takes that is a class: labels, then latents; false where `name` is none of them. */
static bool find_input(const struct exploration *ex, const char *name, struct element *element) {
    struct diagnostics unheard = {.arena = ex->arena};
    struct session *session = &ex->model->session;
    return element_read(session->experiment, ex->sampler, name,
                        session_origin(session, "--class", name), &unheard, element) &&
           element->classes > 0;
}

static int list_inputs(const struct exploration *ex, struct element *list) {
    const struct game_sampler *sampler = ex->sampler;
    int count = 0;
    for (int i = 0; i < sampler->labels_count; i++)
        count += find_input(ex, sampler->labels[i].data->labels, &list[count]);
    for (int i = 0; i < sampler->latents_count; i++)
        count += find_input(ex, sampler->latents[i].name, &list[count]);
    return count;
}

/* "c, d and k" */
static const char *name_inputs(const struct exploration *ex, const struct element *list,
                               int count) {
    const char *names = "";
    for (int i = 0; i < count; i++)
        names = arena_format(ex->arena, "%s%s%s", names,
                             !i              ? ""
                             : i < count - 1 ? ", "
                                             : " and ",
                             list[i].text);
    return names;
}

/* The one that a class belongs to which is given without a name: the label, or the only latent that is one. */
static bool find_own(const struct exploration *ex, const char *given, struct element *element,
                     struct error *error) {
    const struct game_sampler *sampler = ex->sampler;
    struct element *list =
        ARENA_ARRAY(ex->arena, struct element, sampler->labels_count + sampler->latents_count + 1);
    const int count = list_inputs(ex, list);
    *element = list[0];
    if (count == 1 || sampler->labels_count == 1) return true;
    if (!count) {
        error_set(error, STATUS_USAGE, "'--class' is for samplers that take a class");
        return error_hint(error,
                          "a class is a label of the data, or a latent such as categorical(10)");
    }
    const char *equals = strchr(given, '='), *inputs = name_inputs(ex, list, count),
               *class = equals ? equals + 1 : given;
    if (equals)
        error_set(error, STATUS_USAGE, "'--class %s': '%.*s' is none of what the sampler takes, %s",
                  given, (int)(equals - given), given, inputs);
    else
        error_set(error, STATUS_USAGE, "'--class %s': the sampler takes several classes, %s", given,
                  inputs);
    return error_hint(error, "say whose it is, as in --class %s=%s", list[count - 1].text, class);
}

/* Reads CLASS or NAME=CLASS; `class` is what follows the name. */
static bool read_input(const struct exploration *ex, const char *given, struct element *element,
                       const char **class, struct error *error) {
    const char *equals = strchr(given, '=');
    *class = given;
    if (equals &&
        find_input(ex, arena_text_range(ex->arena, given, (size_t)(equals - given)), element)) {
        *class = equals + 1;
        return true;
    }
    return find_own(ex, given, element, error);
}

/* ---- which class ---- */

static int32_t class_at(const struct exploration *ex, const struct element *element, int i) {
    return element_class(ex->model->session.experiment, ex->sampler, element, i);
}

static struct class_names names_of(const struct exploration *ex, const struct element *element) {
    return element_class_names(ex->model->session.experiment, ex->sampler, element);
}

/* The class that is called so: by its name, by its number, or by its name in other letters; -1: none is. */
static int64_t find_class(struct class_names names, const char *text) {
    const int named = names.list ? names.count : 0;
    const char *digits = text;
    int64_t class;
    for (int i = 0; i < named; i++)
        if (!strcmp(names.list[i], text)) return i;
    if (text_take_digits(&digits, INT32_MAX, &class) && !*digits) return class;
    for (int i = 0; i < named; i++)
        if (!strcasecmp(names.list[i], text)) return i;
    return -1;
}

static bool wrong_class(const struct exploration *ex, const struct element *element,
                        const char *given, struct error *error) {
    const struct class_names names = names_of(ex, element);
    struct nearest nearest = {.wanted = given};
    const char *list = "", *begins = NULL;
    for (int i = 0; i < element->classes; i++) {
        const char *name = class_names_of(ex->arena, names, class_at(ex, element, i));
        if (i < LISTED_MOST) list = arena_format(ex->arena, "%s%s, ", list, name);
        if (!names.list) continue;
        nearest_try(&nearest, name);
        if (!begins && *given && !strncasecmp(name, given, strlen(given))) begins = name;
    }
    error_set(error, STATUS_USAGE, "'%s' has no class '%s'", element->text, given);
    const char *meant = begins ? begins : nearest.name;
    return error_hint(error, "%s%s%s'--class' wants one of %s%sor all",
                      meant ? "did you mean '" : "", meant ? meant : "", meant ? "'? " : "", list,
                      element->classes > LISTED_MOST ? "…, " : "");
}

/* Adds the class that is called so, or all. */
static bool add_class(const struct exploration *ex, const char *text, int32_t **list,
                      struct class_list *classes, struct error *error) {
    const struct element *element = &classes->element;
    const bool every = !strcmp(text, "all");
    const int64_t class = every ? -1 : find_class(names_of(ex, element), text);
    bool found = false;
    for (int i = 0; i < element->classes; i++) {
        if (!every && class_at(ex, element, i) != class) continue;
        *list = ARENA_GROW(ex->arena, *list, classes->count);
        (*list)[classes->count++] = class_at(ex, element, i);
        found = true;
    }
    return found || wrong_class(ex, element, text, error);
}

bool explore_classes(const struct exploration *ex, struct class_list *classes,
                     struct error *error) {
    static const int32_t own[] = {-1};
    const char *const *given = arguments_all(ex->arguments, "--class");
    int32_t *list = NULL;
    *classes = (struct class_list){0};
    for (int i = 0; given[i]; i++) {
        struct element element;
        const char *class;
        if (!read_input(ex, given[i], &element, &class, error)) return false;
        if (i && !element_same(&element, &classes->element))
            return error_set(error, STATUS_USAGE,
                             "'--class' gives the classes of one input, but these are of '%s' and "
                             "'%s'",
                             classes->element.text, element.text);
        classes->element = element;
        if (!add_class(ex, class, &list, classes, error)) return false;
    }
    classes->list = list;
    if (!classes->count) *classes = (struct class_list){.count = 1, .list = own};
    return true;
}

/* ---- what becomes of it ---- */

void explore_set_class(const struct class_list *classes, int32_t class,
                       struct beginnings *beginnings, int64_t i) {
    if (class >= 0) element_set(&classes->element, beginnings, i, class);
}

const char *explore_class_text(const struct exploration *ex, struct class_names names,
                               int32_t class) {
    return arena_format(ex->arena, "%s%s", names.list ? "" : "class ",
                        class_names_of(ex->arena, names, class));
}

const char *explore_row_label(const struct exploration *ex, const struct class_list *classes,
                              const char *name, int32_t class) {
    if (class < 0) return name;
    return arena_format(ex->arena, "%s%s%s", name, *name ? ", " : "",
                        explore_class_text(ex, names_of(ex, &classes->element), class));
}
