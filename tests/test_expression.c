/* links: config base */
/* Expressions: the tree (shown with all its parentheses), what is written, places, mistakes, and
 * numbers. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/expression.h"
#include "tests/told.h"

static struct diagnostics diagnostics;

static int begin(void **state) {
    (void)state;
    diagnostics = (struct diagnostics){.arena = arena_new()};
    return 0;
}

static int end(void **state) {
    (void)state;
    arena_free(diagnostics.arena);
    return 0;
}

static const struct expression *parse(const char *text) {
    static const struct source source = {.name = "t", .text = "", .length = 0};
    static const struct origin origin = {.source = &source, .line = 1, .column = 1};
    return expression_parse_text(text, &origin, &diagnostics);
}

static const char *write(const struct expression *e) {
    struct text text = {0};
    expression_write(e, &text);
    const char *copy = arena_text(diagnostics.arena, text_get(&text));
    text_release(&text);
    return copy;
}

/* The tree as nested lists: (+ a (* b c)). */
static void show(const struct expression *e, struct text *out) {
    static const char *const names[] = {[EXPRESSION_CALL] = "call",
                                        [EXPRESSION_INDEX] = "index",
                                        [EXPRESSION_SLICE] = "slice",
                                        [EXPRESSION_LIST] = "list"};
    if (!e) {
        text_add(out, "_");
    } else if (e->kind == EXPRESSION_NUMBER) {
        text_format(out, "%g", e->number);
    } else if (e->kind == EXPRESSION_NAME) {
        text_add(out, e->name);
    } else {
        if (e->kind == EXPRESSION_OUTPUT)
            text_format(out, "(.%s", e->name);
        else if (names[e->kind])
            text_format(out, "(%s", names[e->kind]);
        else
            text_format(out, "(%c", e->operator);
        for (int i = 0; i < e->count; i++) {
            text_format(out, " %s%s", e->keyword && e->keyword[i] ? e->keyword[i] : "",
                        e->keyword && e->keyword[i] ? "=" : "");
            show(e->part[i], out);
        }
        text_add(out, ")");
    }
}

static void trees_and_what_is_written(void **state) {
    (void)state;
    static const struct {
        const char *text, *tree, *written; /* written NULL: as the text */
    } cases[] = {
        {"a + b * c - d", "(- (+ a (* b c)) d)", NULL},
        {"a - (b - c)", "(- a (- b c))", NULL},
        {"(a - b) - c", "(- (- a b) c)", "a - b - c"},
        {"a / (b * c) % d", "(% (/ a (* b c)) d)", NULL},
        {"-x^2", "(- (^ x 2))", "-x ^ 2"},
        {"(-x)^2", "(^ (- x) 2)", "(-x) ^ 2"},
        {"2^3^4", "(^ 2 (^ 3 4))", "2 ^ 3 ^ 4"},
        {"(2^3)^4", "(^ (^ 2 3) 4)", "(2 ^ 3) ^ 4"},
        {"2^-x", "(^ 2 (- x))", "2 ^ -x"},
        {"-a * b", "(* (- a) b)", NULL},
        {"-(a * b)", "(- (* a b))", NULL},
        {"--+a", "(- (- a))", "--a"},
        {"a - -b", "(- a (- b))", NULL},
        {"f(x)^2", "(^ (call f x) 2)", "f(x) ^ 2"},
        {"not a and b or c", "(| (& (n a) b) c)", NULL},
        {"not (a and b)", "(n (& a b))", NULL},
        {"a and (b or c)", "(& a (| b c))", NULL},
        {"not not a < b", "(n (n (< a b)))", NULL},
        {"(a <= b) == (c >= d)", "(= (l a b) (g c d))", NULL},
        {"a != b + 1", "(! a (+ b 1))", NULL},
        {"(not a) * 2", "(* (n a) 2)", NULL},
        {"f()", "(call f)", NULL},
        {"f(a, b=2, c=g(x))", "(call f a b=2 c=(call g x))", NULL},
        {"net.out(z).logit[0]", "(index (.logit (call (.out net) z)) 0)", NULL},
        {"x[1, 2:, :3, ::2, 1:2:3, :]",
         "(index x 1 (slice 2 _ _) (slice _ 3 _) (slice _ _ 2) (slice 1 2 3) (slice _ _ _))", NULL},
        {"[1, [a], []]", "(list 1 (list a) (list))", NULL},
        {"weights(generator/body, d)", "(call weights (/ generator body) d)", NULL},
        {"f(generator/body)", "(call f (/ generator body))", "f(generator / body)"},
        {"weights(a / 2)", "(call weights (/ a 2))", NULL},
        {"true + false", "(+ 1 0)", NULL},
        {"1e-8 + .5 + 2. + 10e3", "(+ (+ (+ 1e-08 0.5) 2) 10000)", "1e-8 + 0.5 + 2 + 1e4"},
        {"a\n+\tb", "(+ a b)", "a + b"},
        {"((((x))))", "x", "x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct expression *e = parse(cases[i].text);
        assert_string_equal(told_short(&diagnostics), "");
        struct text tree = {0}, again = {0};
        show(e, &tree);
        assert_string_equal(text_get(&tree), cases[i].tree);
        assert_string_equal(write(e), cases[i].written ? cases[i].written : cases[i].text);
        assert_string_equal(e->text, cases[i].text);
        show(parse(write(e)), &again);
        assert_string_equal(text_get(&again), cases[i].tree);
        text_release(&tree);
        text_release(&again);
    }
}

static void mistakes_are_told(void **state) {
    (void)state;
    static const struct {
        const char *text, *told;
    } cases[] = {
        {"", "1:1+1 expected an expression, found an empty text"},
        {"  ", "1:1+1 expected an expression, found an empty text"},
        {"a b", "1:3+1 expected an operator or the end, found 'b'"},
        {"a +", "1:4+1 expected a value, found the end"},
        {"(a", "1:1+1 this '(' is never closed: expected ')', found the end"},
        {"f(a, (b)", "1:2+1 this '(' is never closed: expected ')', found the end"},
        {"(a]", "1:3+1 expected ')', found ']'"},
        {"[a", "1:1+1 this '[' is never closed: expected ']', found the end"},
        {"x[", "1:3+1 expected a value, found the end"},
        {"x[1:2:3:4]", "1:8+1 expected ']', found ':'"},
        {"f(a,)", "1:5+1 expected a value, found ')'"},
        {"a)", "1:2+1 expected an operator or the end, found ')'"},
        {"a < b < c", "1:7+1 comparisons are not chained = write a < b and b < c"},
        {"a = b", "1:3+1 expected an operator or the end, found '=' = '==' compares"},
        {"a ** b", "1:4+1 expected a value, found '*' = '^' is the power"},
        {"a && b", "1:3+1 expected an operator or the end, found '&' = write 'and'"},
        {"a | b", "1:3+1 expected an operator or the end, found '|' = write 'or'"},
        {"!a", "1:1+1 expected a value, found '!' = write 'not'"},
        {"a + not b", "1:5+3 expected a value, found 'not' = put 'not ...' into parentheses"},
        {"2x", "1:1+2 expected an operator after this number = a product is written 2 * x"},
        {"1_000", "1:1+5 a number has no '_' in it"},
        {"1e999", "1:1+5 this number is too large"},
        {"f(a=1, 2)", "1:8+1 arguments without a keyword come first"},
        {"f(a=1, a=2)", "1:8+3 the argument 'a' is given twice"},
        {"2(x)", "1:2+1 only a name can be called = a product is written a * (b)"},
        {"f(x)(y)", "1:5+1 only a name can be called = a product is written a * (b)"},
        {"x.1", "1:2+2 expected an operator or the end, found '.1'"},
        {"x.", "1:3+1 expected a name after '.', found the end"},
        {"and", "1:1+3 expected a value, found 'and'"},
        {"f(and=1)", "1:3+3 expected a keyword, found 'and'"},
        {"\xC3\xA9 + 1", "1:1+1 expected a value, found '\xC3\xA9'"},
        {"\xC3\xA9", "1:1+1 expected a value, found '\xC3\xA9'"},
        {"a + \xE2\x88\x92 1", "1:5+1 expected a value, found '\xE2\x88\x92'"},
        {"a : b", "1:3+1 expected an operator or the end, found ':'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        diagnostics.count = 0;
        assert_null(parse(cases[i].text));
        assert_string_equal(told_short(&diagnostics), cases[i].told);
    }
}

/* Where the name `bad` is found in a scalar of a configuration, however it is quoted and folded. */
static const struct expression *find_bad(const struct expression *e) {
    if (e->kind == EXPRESSION_NAME && !strcmp(e->name, "bad")) return e;
    for (int i = 0; i < e->count; i++) {
        const struct expression *found = e->part[i] ? find_bad(e->part[i]) : NULL;
        if (found) return found;
    }
    return NULL;
}

static void places_are_exact(void **state) {
    (void)state;
    static const struct {
        const char *yaml;
        int line, column, length;
    } cases[] = {
        {"a: x + bad", 1, 8, 3},
        {"a: 'x + bad'", 1, 9, 3},
        {"a: \"x + bad\"", 1, 9, 3},
        {"\xC3\xA9\xC3\xA9: {a: x + bad}", 1, 13, 3},
        {"a: x\n   + bad", 2, 6, 3},
        {"a: 'x\n\n   + bad'", 3, 6, 3},
        {"a: >\n  x\n    + bad\n", 3, 7, 3},
        {"a: |- # why\n  x\n  + bad\n", 3, 5, 3},
        {"a: &name !!str x + bad", 1, 20, 3},
        {"a: \"x +\\x20bad\"", 1, 4, 12}, /* escapes: the scalar as a whole */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct config *root = parsed(cases[i].yaml, &diagnostics);
        struct config *value =
            root->items[0]->kind == CONFIG_MAP ? root->items[0]->items[0] : root->items[0];
        const struct expression *e = expression_parse(value, &diagnostics);
        assert_string_equal(told(&diagnostics), "");
        const struct origin *origin = &find_bad(e)->origin;
        assert_int_equal(origin->line, cases[i].line);
        assert_int_equal(origin->column, cases[i].column);
        assert_int_equal(origin->length, cases[i].length);
    }
    const struct expression *e = expression_parse(parsed("f(x)\n + 1", &diagnostics), &diagnostics);
    assert_int_equal(e->origin.length, 4); /* the part in its first line */
}

static void other_values_are_expressions_or_told(void **state) {
    (void)state;
    assert_string_equal(write(expression_parse(parsed("true", &diagnostics), &diagnostics)),
                        "true");
    assert_string_equal(write(expression_parse(parsed("-0x10", &diagnostics), &diagnostics)
                                  ? parse("1")
                                  : expression_parse(parsed("0x10", &diagnostics), &diagnostics)),
                        "16");
    diagnostics.count = 0;
    static const struct {
        const char *yaml, *told;
    } cases[] = {
        {"a: .inf", "1:4+4 expected a finite number, found .inf"},
        {"a: 'x + y '' z'", "1:11+1 expected an operator or the end, found '''"},
        {"a:", "1:3+0 expected an expression, found nothing"},
        {"a: [x, y]",
         "1:4+1 expected an expression, found a list = quote this expression: \"[x, y]\""},
        {"a:\n  - mean(x)",
         "2:3+1 expected an expression, found a list = quote this expression: \"- mean(x)\""},
        {"a:\n  - x\n  - y", "2:3+1 expected an expression, found a list"},
        {"a: {x: 1}", "1:4+1 expected an expression, found a map"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        diagnostics.count = 0;
        assert_null(
            expression_parse(config_get(parsed(cases[i].yaml, &diagnostics), "a"), &diagnostics));
        assert_string_equal(told_short(&diagnostics), cases[i].told);
    }
}

static char *repeated(const char *before, const char *text, const char *after, int times) {
    struct text all = {0};
    for (int i = 0; i < times; i++)
        text_add(&all, before);
    text_add(&all, text);
    for (int i = 0; i < times; i++)
        text_add(&all, after);
    char *copy = arena_text(diagnostics.arena, text_get(&all));
    text_release(&all);
    return copy;
}

static void nothing_overflows(void **state) {
    (void)state;
    static const char *const deep[][3] = {{"(", "x", ")"},   {"[", "x", "]"},     {"-", "x", ""},
                                          {"not ", "x", ""}, {"f(", "x", ")"},    {"2^", "x", ""},
                                          {"", "x", ".a"},   {"", "x", "[0]"},    {"", "x", " + 1"},
                                          {"x[", "1", "]"},  {"", "x", " and x"}, {"(", "", ""}};
    for (size_t i = 0; i < sizeof deep / sizeof *deep; i++) {
        diagnostics.count = 0;
        assert_null(parse(repeated(deep[i][0], deep[i][1], deep[i][2], 10000)));
        assert_string_equal(diagnostics.list[0].message,
                            "this expression is nested too deeply; give parts of it names");
        if (*deep[i][1]) assert_non_null(parse(repeated(deep[i][0], deep[i][1], deep[i][2], 150)));
    }
    diagnostics.count = 0;
    assert_null(parse(repeated("f(x), ", "", "", 20000)));
    assert_string_equal(diagnostics.list[0].message, "this expression is larger than 64 KiB");
}

/* ---- numbers ---- */

static const char *const names[] = {"width", "step", "i", "zero"};
static const double values[] = {64, 1000, 2, 0};

static bool look_up(const struct scope *scope, const char *name, double *number) {
    for (int i = *(const int *)scope->context; i < 4; i += 2)
        if (!strcmp(names[i], name)) {
            *number = values[i];
            return true;
        }
    return false;
}

static void offer(const struct scope *scope, struct nearest *nearest) {
    for (int i = *(const int *)scope->context; i < 4; i += 2)
        nearest_try(nearest, names[i]);
}

static const int even = 0, odd = 1;
static const struct scope changing = {
    .look_up = look_up, .names = offer, .context = &odd, .changes = true}; /* step, zero */
static const struct scope scope = {
    .look_up = look_up, .names = offer, .context = &even, .outer = &changing};

static void numbers_are_computed(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double number;
    } cases[] = {
        {"2 * width", 128},
        {"-2^2", -4},
        {"2^3^2", 512},
        {"7 / 2", 3.5},
        {"7 % 3", 1},
        {"-7 % 3", 2},
        {"7 % -3", -2},
        {"6 % 3", 0},
        {"6 % -3", 0},
        {"1 < 2", 1},
        {"1 >= 2", 0},
        {"1 == 1 and 2 != 2", 0},
        {"0 or 3", 1},
        {"not 0", 1},
        {"true + true", 2},
        {"i != 0 and 1 / i < 1", 1},
        {"zero != 0 and 1 / zero < 1", 0},
        {"zero == 0 or 1 / zero < 1", 1},
        {"min(3, 1, 2)", 1},
        {"max(3)", 3},
        {"abs(-2)", 2},
        {"ceil(1.2)", 2},
        {"floor(-1.2)", -2},
        {"round(2.5)", 2},
        {"round(3.5)", 4},
        {"sqrt(16)", 4},
        {"exp(0)", 1},
        {"log(1)", 0},
        {"sin(0)", 0},
        {"cos(0)", 1},
        {"tanh(0)", 0},
        {"pow(2, 10)", 1024},
        {"clamp(5, 0, 1)", 1},
        {"clamp(x=-5, high=1, low=0)", 0},
        {"pick(i, 5, 6, 7)", 7},
        {"lerp(10, 20, 0.25)", 12.5},
        {"linear(10, 20, end=2000)", 15},
        {"linear(10, 20, start=1000, end=2000)", 10},
        {"linear(10, 20, 1500, 2000)", 10},
        {"linear(10, 20, end=500)", 20},
        {"linear(10, 20, start=1000, end=1000)", 20},
        {"linear(10, 20, start=500, end=1500)", 15},
        {"linear(10, 20, end=100, at=25)", 12.5},
        {"cosine(10, 20, end=2000)", 15},
        {"cosine(10, 20, end=1000)", 20},
        {"exponential(8, 0.5, 500)", 2},
        {"exponential(8, 0.25, 1000, start=500)", 4},
        {"exponential(8, 0.25, 1000, start=1500)", 8},
        {"exponential(8, 0.5, 2, at=4)", 2},
        {"steps(warmup(2000), 1000, linear(1, 3, start=1000, end=2000), 1500, 9)", 1},
        {"warmup(2000) * exponential(8, 0.5, 500) + cosine(10, 20, end=2000)", 1001 / 1000.0 + 15},
        {"warmup(2002)", 0.5},
        {"warmup(1001)", 1},
        {"warmup(10)", 1},
        {"steps(1)", 1},
        {"steps(1, 1000, 2)", 2},
        {"steps(1, 1001, 2)", 1},
        {"steps(1, 10, 2, 100, 3, 1e6, 4)", 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct expression *e = parse(cases[i].text);
        double number = -1;
        assert_true(expression_is_host(e, &scope));
        assert_true(expression_number(e, &scope, true, &number, &diagnostics));
        assert_string_equal(told(&diagnostics), "");
        if (fabs(number - cases[i].number) > 1e-12) fail_msg("%s is %.17g", cases[i].text, number);
    }
}

static void what_is_no_number_is_told(void **state) {
    (void)state;
    static const struct {
        const char *text, *told;
        bool host;
    } cases[] = {
        {"widht * 2", "1:1+5 there is no number 'widht' here = did you mean 'width'?", false},
        {"stp + 1", "1:1+3 there is no number 'stp' here = did you mean 'step'?", false},
        {"sqrt + 1", "1:1+4 there is no number 'sqrt' here = it is a function: sqrt(...)", false},
        {"sqr(2) + foo",
         "1:1+3 'sqr' is no function of numbers = did you mean 'sqrt'?\n1:10+3 there is no number "
         "'foo' here",
         false},
        {"randint(x)",
         "1:1+7 'randint' is no function of numbers = such as linear, cosine, steps, max; 'duel "
         "functions' lists them",
         false},
        {"sqrt()", "1:1+6 'sqrt' lacks its argument 'x' = for example sqrt(2)", false},
        {"sqrt(1, 2)", "1:1+10 'sqrt' has too many arguments = for example sqrt(2)", false},
        {"sqrt(y=1)", "1:1+9 'sqrt' has no argument 'y' = for example sqrt(2)", false},
        {"clamp(1, 2, x=3)",
         "1:1+16 'clamp' has its argument 'x' twice = for example clamp(step / 1000, 0, 1)", false},
        {"linear(1, 2)",
         "1:1+12 'linear' lacks its argument 'end' = for example linear(2e-4, 0, start=50000, "
         "end=100000)",
         false},
        {"[1]", "1:1+3 expected a number, found a list", false},
        {"width[0]", "1:1+8 expected a number, found an index", false},
        {"width.x", "1:1+7 expected a number, found an output", false},
        {"1 / zero", "1:1+8 division by zero", true},
        {"1 + 2 % (i - 2)", "1:5+11 division by zero", true},
        {"10^400", "1:1+6 this is not a finite number", true},
        {"1 + pick(3, 5, 6)", "1:5+13 'pick' has no finite value for (3, 5, 6)", true},
        {"sqrt(-1)", "1:1+8 'sqrt' has no finite value for (-1)", true},
        {"steps(1, 2)", "1:1+11 'steps' has no finite value for (1000, 1, 2)", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        diagnostics.count = 0;
        const struct expression *e = parse(cases[i].text);
        double number = 42;
        assert_int_equal(expression_is_host(e, &scope), cases[i].host);
        assert_false(expression_number(e, &scope, true, &number, &diagnostics));
        assert_string_equal(told_short(&diagnostics), cases[i].told);
        assert_true(number == 42);
        if (cases[i].host) assert_true(expression_number(e, &scope, false, &number, &diagnostics));
    }
    diagnostics.count = 0;
    double number;
    assert_false(expression_number(parse("warmup(10)"), NULL, true, &number, &diagnostics));
    assert_string_equal(told_short(&diagnostics),
                        "1:1+10 'warmup' changes with the step, which is not known here = for "
                        "example 2e-4 * warmup(1000)");
}

static void constants_are_known(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool constant;
    } cases[] = {{"1 + 2", true},
                 {"2 * width + i", true},
                 {"step + 1", false},
                 {"max(width, step)", false},
                 {"warmup(10)", false},
                 {"warmup(10, at=i)", true},
                 {"linear(0, 1, end=step, at=2)", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(expression_is_constant(parse(cases[i].text), &scope), cases[i].constant);
}

static void examples_of_host_functions_work(void **state) {
    (void)state;
    for (const struct host_function *f = host_functions; f->name; f++) {
        assert_ptr_equal(host_function_find(f->name), f);
        assert_non_null(parse(f->example));
        assert_non_null(strstr(f->example, f->name));
    }
    assert_null(host_function_find("mean"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(trees_and_what_is_written),
        TEST(mistakes_are_told),
        TEST(places_are_exact),
        TEST(other_values_are_expressions_or_told),
        TEST(nothing_overflows),
        TEST(numbers_are_computed),
        TEST(what_is_no_number_is_told),
        TEST(constants_are_known),
        TEST(examples_of_host_functions_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
