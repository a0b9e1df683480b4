/* Expressions that are numbers which the host can compute: whether they are, and their value. See
 * expression.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/text.h"
#include "runner/expression.h"

enum { MOST_ARGUMENTS = 64, MOST_NAMES = 8 };

/* ---- names ---- */

/* The innermost scope that knows `name`, or NULL. */
static const struct scope *find_scope(const struct scope *scope, const char *name, double *number) {
    while (scope && !scope->look_up(scope, name, number))
        scope = scope->outer;
    return scope;
}

/* Whether a scope knows the number of a call that is no host function's. */
static bool find_call(const struct scope *scope, const struct expression *call, double *number) {
    for (; scope; scope = scope->outer)
        if (scope->call && scope->call(scope, call, number)) return true;
    return false;
}

static bool report_name(const struct expression *e, const struct scope *scope,
                        struct diagnostics *diagnostics) {
    if (!diagnostics) return false;
    struct nearest nearest = {.wanted = e->name};
    for (; scope; scope = scope->outer)
        if (scope->names) scope->names(scope, &nearest);
    const char *hint = nearest_hint(diagnostics->arena, &nearest);
    if (!hint && host_function_find(e->name))
        hint = arena_format(diagnostics->arena, "it is a function: %s(...)", e->name);
    return diagnostics_add(diagnostics, &e->origin, hint, "there is no number '%s' here",
                           text_excerpt(diagnostics->arena, e->name));
}

/* ---- arguments ---- */

struct formal {
    char name[16];
    bool optional, rest;
    double standard;
};

/* The values of a call in the order that its function takes them; part NULL: `standard`, or for
 * `at` the step. */
struct binding {
    int count;
    const struct expression *part[MOST_ARGUMENTS];
    double standard[MOST_ARGUMENTS];
};

static const struct expression step_name = {.kind = EXPRESSION_NAME, .name = "step", .height = 1};

static int read_formals(const char *text, struct formal *formals) {
    int count = 0;
    while (*text) {
        struct formal *f = &formals[count++];
        size_t length = strcspn(text, " ");
        *f = (struct formal){.rest = *text == '*'};
        text += f->rest;
        length -= f->rest;
        size_t name = strcspn(text, " =");
        BUG_IF(name >= sizeof f->name || count > MOST_NAMES);
        memcpy(f->name, text, name);
        f->optional = f->rest || text[name] == '=';
        if (text[name] == '=') f->standard = strtod(text + name + 1, NULL);
        text += length;
        text += *text == ' ';
    }
    return count;
}

static bool wrong_call(const struct expression *e, struct diagnostics *diagnostics,
                       const char *message, const char *name) {
    if (!diagnostics) return false;
    const struct host_function *f = host_function_find(e->part[0]->name);
    return diagnostics_add(diagnostics, &e->origin,
                           arena_format(diagnostics->arena, "for example %s", f->example), message,
                           f->name, name);
}

/* The formal that argument `i` of the call goes to; -1: there is none. */
static int find_formal(const struct expression *e, int i, const struct formal *formals, int count) {
    bool timed = !strcmp(formals[0].name, "at");
    if (!e->keyword[i]) {
        int place = i - 1 + timed;
        if (place < count) return place;
        return formals[count - 1].rest ? count - 1 : -1;
    }
    for (int j = 0; j < count; j++)
        if (!formals[j].rest && !strcmp(formals[j].name, e->keyword[i])) return j;
    return -1;
}

/* Gives each formal its argument. Reports if diagnostics is not NULL. */
static bool bind(const struct expression *e, const struct host_function *function,
                 struct binding *binding, struct diagnostics *diagnostics) {
    struct formal formals[MOST_NAMES];
    int count = read_formals(function->arguments, formals), extra = 0;
    *binding = (struct binding){0};
    if (e->count > MOST_ARGUMENTS / 2)
        return wrong_call(e, diagnostics, "'%s' has too many arguments%s", "");
    for (int i = 1; i < e->count; i++) {
        int j = find_formal(e, i, formals, count);
        if (j < 0 && e->keyword[i])
            return wrong_call(e, diagnostics, "'%s' has no argument '%s'", e->keyword[i]);
        if (j < 0) return wrong_call(e, diagnostics, "'%s' has too many arguments%s", "");
        if (formals[j].rest) j += extra++;
        if (binding->part[j])
            return wrong_call(e, diagnostics, "'%s' has its argument '%s' twice", e->keyword[i]);
        binding->part[j] = e->part[i];
    }
    for (int j = 0; j < count; j++) {
        binding->standard[j] = formals[j].standard;
        if (binding->part[j] || formals[j].optional) continue;
        if (strcmp(formals[j].name, "at") != 0)
            return wrong_call(e, diagnostics, "'%s' lacks its argument '%s'", formals[j].name);
        binding->part[j] = &step_name;
    }
    binding->count = formals[count - 1].rest ? count - 1 + extra : count;
    return true;
}

/* ---- whether it is one ---- */

static bool check_call(const struct expression *e, const struct scope *scope,
                       struct diagnostics *diagnostics) {
    const struct expression *callee = e->part[0];
    const struct host_function *function =
        callee->kind == EXPRESSION_NAME ? host_function_find(callee->name) : NULL;
    double number;
    if (!function && find_call(scope, e, &number)) return true;
    if (!function) {
        if (!diagnostics) return false;
        struct nearest nearest = {.wanted = callee->name};
        for (const struct host_function *f = host_functions; f->name; f++)
            nearest_try(&nearest, f->name);
        const char *hint = nearest_hint(diagnostics->arena, &nearest);
        if (!hint) hint = "such as linear, cosine, steps, max; 'duel functions' lists them";
        return diagnostics_add(diagnostics, &callee->origin, hint, "'%s' is no function of numbers",
                               text_excerpt(diagnostics->arena, callee->name));
    }
    struct binding binding;
    if (!bind(e, function, &binding, diagnostics)) return false;
    double step;
    if (binding.part[0] == &step_name && !find_scope(scope, "step", &step))
        return wrong_call(e, diagnostics, "'%s' changes with the step%s, which is not known here",
                          "");
    bool good = true;
    for (int i = 1; i < e->count && (good || diagnostics); i++)
        good = expression_check_host(e->part[i], scope, diagnostics) && good;
    return good;
}

bool expression_check_host(const struct expression *e, const struct scope *scope,
                           struct diagnostics *diagnostics) {
    double number;
    bool good = true;
    switch (e->kind) {
    case EXPRESSION_NUMBER:
        return true;
    case EXPRESSION_NAME:
        return find_scope(scope, e->name, &number) || report_name(e, scope, diagnostics);
    case EXPRESSION_UNARY:
    case EXPRESSION_BINARY:
        for (int i = 0; i < e->count && (good || diagnostics); i++)
            good = expression_check_host(e->part[i], scope, diagnostics) && good;
        return good;
    case EXPRESSION_CALL:
        return check_call(e, scope, diagnostics);
    default:
        break;
    }
    static const char *const what[] = {[EXPRESSION_OUTPUT] = "an output",
                                       [EXPRESSION_INDEX] = "an index",
                                       [EXPRESSION_SLICE] = "a slice",
                                       [EXPRESSION_LIST] = "a list"};
    return diagnostics && diagnostics_add(diagnostics, &e->origin, NULL,
                                          "expected a number, found %s", what[e->kind]);
}

bool expression_is_host(const struct expression *expression, const struct scope *scope) {
    return expression_check_host(expression, scope, NULL);
}

bool expression_is_constant(const struct expression *e, const struct scope *scope) {
    double number;
    struct binding binding;
    const struct expression *const *part = e->part;
    int count = e->count;
    if (e->kind == EXPRESSION_NAME) {
        const struct scope *found = find_scope(scope, e->name, &number);
        return found && !found->changes;
    }
    if (e->kind == EXPRESSION_CALL) {
        const struct host_function *function = host_function_find(e->part[0]->name);
        if (!function) return find_call(scope, e, &number);
        if (!bind(e, function, &binding, NULL)) return false;
        part = binding.part;
        count = binding.count;
    }
    for (int i = 0; i < count; i++)
        if (part[i] && !expression_is_constant(part[i], scope)) return false;
    return true;
}

/* ---- where its names get their numbers ---- */

static void add_given(struct arena *arena, const struct expression *e, const struct scope *scope,
                      struct text *all) {
    double number;
    const struct scope *found =
        e->kind == EXPRESSION_NAME ? find_scope(scope, e->name, &number) : NULL;
    for (int i = e->kind == EXPRESSION_CALL; i < e->count; i++)
        if (e->part[i]) add_given(arena, e->part[i], scope, all);
    if (!found || found->changes || strstr(text_get(all), arena_format(arena, "'%s' is", e->name)))
        return;
    text_format(all, "%s'%s' is ", *text_get(all) ? ", and " : "", e->name);
    text_add_number(all, number);
    const struct origin *given = found->given ? found->given(found, e->name) : NULL;
    if (given) text_format(all, ", given at %s", origin_text(arena, given));
}

const char *expression_given(struct arena *arena, const struct expression *expression,
                             const struct scope *scope) {
    struct text all = {0};
    add_given(arena, expression, scope, &all);
    const char *result = all.length ? arena_text(arena, text_get(&all)) : NULL;
    text_release(&all);
    return result;
}

/* ---- its value ---- */

struct evaluation {
    const struct scope *scope;
    bool strict, failed;
    struct diagnostics *diagnostics;
};

static double evaluate(struct evaluation *v, const struct expression *e);

static double fail(struct evaluation *v, const struct expression *e, const char *message) {
    if (!v->failed) diagnostics_add(v->diagnostics, &e->origin, NULL, "%s", message);
    v->failed = true;
    return 0;
}

static double evaluate_call(struct evaluation *v, const struct expression *e) {
    const struct host_function *function = host_function_find(e->part[0]->name);
    struct binding binding;
    double number = 0;
    if (!function) {
        BUG_IF(!find_call(v->scope, e, &number));
        if (isnan(number)) v->failed = true; /* told before */
        return number;
    }
    BUG_IF(!bind(e, function, &binding, NULL));
    double arguments[MOST_ARGUMENTS];
    for (int i = 0; i < binding.count; i++)
        arguments[i] = binding.part[i] ? evaluate(v, binding.part[i]) : binding.standard[i];
    double result = function->call(arguments, binding.count);
    if (isfinite(result) || !v->strict || v->failed) return result;
    struct text text = {0};
    for (int i = 0; i < binding.count; i++) {
        text_add(&text, i ? ", " : "(");
        text_add_number(&text, arguments[i]);
    }
    char *message = arena_format(v->diagnostics->arena, "'%s' has no finite value for %s)",
                                 function->name, text_get(&text));
    text_release(&text);
    return fail(v, e, message);
}

/* The remainder with the sign of b. */
static double modulo(double a, double b) {
    double rest = fmod(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

static double evaluate_binary(struct evaluation *v, const struct expression *e) {
    double a = evaluate(v, e->part[0]);
    if (e->operator== '&' && a == 0)
        return 0; /* the right side may make sense only if the left holds */
    if (e->operator== '|' && a != 0) return 1;
    double b = evaluate(v, e->part[1]);
    if (v->strict && b == 0 && !v->failed && (e->operator== '/' || e->operator== '%'))
        return fail(v, e, "division by zero");
    switch (e->operator) {
    case '+':
        return a + b;
    case '-':
        return a - b;
    case '*':
        return a * b;
    case '/':
        return a / b;
    case '%':
        return modulo(a, b);
    case '^':
        return pow(a, b);
    case '<':
        return a < b;
    case '>':
        return a > b;
    case 'l':
        return a <= b;
    case 'g':
        return a >= b;
    case '=':
        return a == b;
    case '!':
        return a != b;
    case '&':
    case '|':
        return b != 0;
    default:
        BUG("operator '%c'", e->operator);
    }
}

static double evaluate_bare(struct evaluation *v, const struct expression *e) {
    double number = 0;
    switch (e->kind) {
    case EXPRESSION_NUMBER:
        return e->number;
    case EXPRESSION_NAME:
        BUG_IF(!find_scope(v->scope, e->name, &number));
        return number;
    case EXPRESSION_UNARY:
        number = evaluate(v, e->part[0]);
        return e->operator== 'n' ? number == 0 : - number;
    case EXPRESSION_BINARY:
        return evaluate_binary(v, e);
    case EXPRESSION_CALL:
        return evaluate_call(v, e);
    default:
        BUG("no host expression");
    }
}

static double evaluate(struct evaluation *v, const struct expression *e) {
    double number = evaluate_bare(v, e);
    if (v->strict && e->kind == EXPRESSION_NAME && isnan(number))
        v->failed = true; /* told before */
    if (!isfinite(number) && v->strict && !v->failed)
        return fail(v, e, "this is not a finite number");
    return number;
}

bool expression_number(const struct expression *expression, const struct scope *scope, bool strict,
                       double *number, struct diagnostics *diagnostics) {
    if (!expression_check_host(expression, scope, diagnostics)) return false;
    struct evaluation v = {.scope = scope, .strict = strict, .diagnostics = diagnostics};
    double result = evaluate(&v, expression);
    if (!v.failed) *number = result;
    return !v.failed;
}
