/* links: config base */
/* Reading parameters by their rows: every type, right and wrong, defaults, what is resolved, and
 * the printed table. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/read.h"
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

/* ---- a scope: width is 64, i is 2; step changes ---- */

static bool look_up(const struct scope *scope, const char *name, double *number) {
    bool found =
        !strcmp(name, scope->changes ? "step" : "width") || (!scope->changes && !strcmp(name, "i"));
    if (found) *number = scope->changes ? 0 : *name == 'i' ? 2 : 64;
    return found;
}

static const struct scope changing = {.look_up = look_up, .changes = true};
static const struct scope scope = {.look_up = look_up, .outer = &changing};

/* ---- one row of each type ---- */

struct options {
    double number, above;
    int64_t integer;
    bool truth;
    int choice;
    const char *text, *path;
    struct numbers numbers;
    struct labels labels;
    struct point_list points;
    struct texts texts;
    struct extents shape;
    struct duration duration;
    struct durations durations;
    struct distribution distribution, initialiser;
    const struct expression *expression, *scalar;
};

#define AT(field) offsetof(struct options, field)
static const struct parameter rows[] = {
    {"number", PARAMETER_NUMBER, AT(number), "0.5", 0, 1, false, NULL, NULL, "a number", NULL},
    {"above", PARAMETER_NUMBER, AT(above), "1", 0, (double)INFINITY, true, NULL, "pixels",
     "a number above 0", NULL},
    {"integer", PARAMETER_INTEGER, AT(integer), "2 * i", 1, 1000, false, NULL, NULL, "an integer",
     NULL},
    {"truth", PARAMETER_BOOL, AT(truth), "true", 0, 0, false, NULL, NULL, "a truth", NULL},
    {"choice", PARAMETER_CHOICE, AT(choice), "same", 0, 0, false, "valid same reflect", NULL,
     "a choice", NULL},
    {"text", PARAMETER_TEXT, AT(text), "", 0, 0, false, NULL, NULL, "a text", NULL},
    {"path", PARAMETER_PATH, AT(path), "", 0, 0, false, NULL, NULL, "a path", NULL},
    {"numbers", PARAMETER_NUMBERS, AT(numbers), "[0.9, 0.999]", 0, 1, false, NULL, NULL, "numbers",
     NULL},
    {"labels", PARAMETER_LABELS, AT(labels), "", 0, 9, false, NULL, NULL, "classes", NULL},
    {"points", PARAMETER_POINTS, AT(points), "", -9, 9, false, NULL, NULL, "points", NULL},
    {"texts", PARAMETER_TEXTS, AT(texts), "", 0, 0, false, NULL, NULL, "texts", NULL},
    {"shape", PARAMETER_SHAPE, AT(shape), "[2, width]", 0, 0, false, NULL, NULL, "a shape", NULL},
    {"duration", PARAMETER_DURATION, AT(duration), "1 epoch", 0, 0, false, NULL, NULL, "a duration",
     NULL},
    {"durations", PARAMETER_DURATIONS, AT(durations), "", 0, 0, false, NULL, NULL, "durations",
     NULL},
    {"distribution", PARAMETER_DISTRIBUTION, AT(distribution), "normal(100)", 0, 0, false,
     "normal uniform", NULL, "a draw", NULL},
    {"initialiser", PARAMETER_INITIALISER, AT(initialiser), "he", 0, 0, false, "normal he constant",
     NULL, "initial values", NULL},
    {"expression", PARAMETER_EXPRESSION, AT(expression), "", 0, 0, false, NULL, NULL, "a formula",
     NULL},
    {"scalar", PARAMETER_SCALAR, AT(scalar), "2e-4", 0, (double)INFINITY, true, NULL, NULL,
     "a rate", NULL},
    {0},
};

static bool read(const char *text, struct options *options, struct config **resolved) {
    static const struct origin origin = {.line = 7, .column = 7};
    *resolved = config_new_map(diagnostics.arena);
    return read_parameters(text ? parsed(text, &diagnostics) : NULL, &origin, "layer 'all'", rows,
                           options, &scope, *resolved, &diagnostics);
}

static void defaults_are_read_like_values(void **state) {
    (void)state;
    struct options o = {0};
    struct config *resolved;
    assert_true(read(NULL, &o, &resolved));
    assert_string_equal(told(&diagnostics), "");
    assert_true(o.number == 0.5 && o.above == 1 && o.integer == 4 && o.truth && o.choice == 1 &&
                !o.text && !o.path);
    assert_true(o.numbers.count == 2 && o.numbers.list[1] == 0.999 && o.texts.count == 0);
    assert_true(o.shape.rank == 2 && o.shape.extent[0] == 2 && o.shape.extent[1] == 64);
    assert_true(o.duration.count == 1 && o.duration.unit == DURATION_EPOCHS);
    assert_string_equal(o.distribution.name, "normal");
    assert_true(o.distribution.count == 1 && o.distribution.argument[0] == 100);
    assert_string_equal(o.initialiser.name, "he");
    assert_true(!o.expression && o.scalar->number == 2e-4);
    assert_string_equal(
        written(diagnostics.arena, resolved),
        "number: 0.5\nabove: 1\ninteger: 4\ntruth: true\nchoice: same\nnumbers: [0.9, "
        "0.999]\nshape: [2, 64]\n"
        "duration: 1 epochs\ndistribution: normal(100)\ninitialiser: he\nscalar: 2e-4\n");
}

static void good_values_are_read(void **state) {
    (void)state;
    static const struct {
        const char *text, *resolved; /* of the row that the text names */
    } cases[] = {
        {"number: 1 / 4", "0.25"},
        {"number: \"min(1, 4)\"", "1"},
        {"number: 1", "1"},
        {"integer: 2 * width", "128"},
        {"integer: 1e2", "100"},
        {"integer: 0x10", "16"},
        {"truth: false", "false"},
        {"truth: i < 3", "true"},
        {"choice: valid", "valid"},
        {"text: block$(i)_$(2 * (i + 1))", "block2_6"},
        {"text: 12", "\"12\""},
        {"text: a$$(i)$$$(", "a$$(i)$$$("},
        {"path: /a/b", "/a/b"},
        {"path: /a/$$(i)$(i)", "/a/$$(i)2"},
        {"numbers: [0, 1 / 2]", "[0, 0.5]"},
        {"labels: [2, i + 1, cat, \"3\", T-shirt/top, $(i)]",
         "[2, 3, cat, \"3\", T-shirt/top, \"2\"]"},
        {"points: [[0, 1 / 2], [i, -9]]", "\n  - [0, 0.5]\n  - [2, -9]"},
        {"points: [[3]]", "\n  - [3]"},
        {"texts: one", "[one]"},
        {"texts: [a, b$(i), 3]", "[a, b2, \"3\"]"},
        {"shape: 100", "[100]"},
        {"shape: []", "[]"},
        {"shape: [28, i, 2 * width]", "[28, 2, 128]"},
        {"duration: 50 steps", "50 steps"},
        {"duration: 2 * width steps", "128 steps"},
        {"duration: 25e6 images", "2.5e7 images"},
        {"duration: 1.5 hours", "90 minutes"},
        {"duration: never", "never"},
        {"duration: 0", "never"},
        {"durations: [0, 300, 1 epoch, 2 * width steps]", "[0, 300, 1 epochs, 128 steps]"},
        {"durations: 10 minutes", "[10 minutes]"},
        {"distribution: normal(4, 2 * i)", "normal(4, 4)"},
        {"distribution: \"uniform([4, 4])\"", "uniform(4, 4)"},
        {"initialiser: normal(0.02)", "normal(0.02)"},
        {"initialiser: -1 / 4", "constant(-0.25)"},
        {"initialiser: 0", "constant(0)"},
        {"expression: mean(x) + 1", "mean(x) + 1"},
        {"expression: 2", "2"},
        {"scalar: 2 * width", "128"},
        {"scalar: linear(1, 0, end=width)", "linear(1, 0, end=width)"},
        {"scalar: 1 - step", "1 - step"},
        {"number: null", "0.5"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct options o = {0};
        struct config *resolved;
        bool good = read(cases[i].text, &o, &resolved);
        assert_string_equal(told_short(&diagnostics), "");
        assert_true(good);
        char *key = arena_text_range(diagnostics.arena, cases[i].text, strcspn(cases[i].text, ":"));
        struct config *value = config_get(resolved, key), *map = config_new_map(diagnostics.arena);
        config_add(diagnostics.arena, map, key, value);
        assert_string_equal(written(diagnostics.arena, map),
                            arena_format(diagnostics.arena, "%s:%s%s\n", key,
                                         *cases[i].resolved == '\n' ? "" : " ", cases[i].resolved));
    }
}

static void wrong_values_are_told_and_leave_the_default(void **state) {
    (void)state;
    static const struct {
        const char *text, *told;
    } cases[] = {
        {"number: 2", "1:9+1 'number' of layer 'all' must be from 0 to 1, but is 2"},
        {"number: -1 / 2", "1:9+6 'number' of layer 'all' must be from 0 to 1, but is -0.5"},
        {"number: .nan", "1:9+4 'number' of layer 'all' must be a finite number, but is '.nan'"},
        {"number: true", "1:9+4 'number' of layer 'all' must be a number, but is 'true'"},
        {"number: [1]", "1:9+1 'number' of layer 'all' must be a number, but is a list"},
        {"number: {a: 1}", "1:9+1 'number' of layer 'all' must be a number, but is a map"},
        {"number: widht", "1:9+5 there is no number 'widht' here"},
        {"number: step", "1:9+4 'number' of layer 'all' cannot change while training"},
        {"number: 1 / 0", "1:9+5 division by zero"},
        {"number: 1 +", "1:12+1 expected a value, found the end"},
        {"above: 0", "1:8+1 'above' of layer 'all' must be above 0, but is 0"},
        {"integer: 2.5", "1:10+3 'integer' of layer 'all' must be an integer, but is 2.5"},
        {"integer: 5 / 2", "1:10+5 'integer' of layer 'all' must be an integer, but is 2.5"},
        {"integer: 99999999999999999999",
         "1:10+20 'integer' of layer 'all' must be less than 2^63, but is 99999999999999999999"},
        {"integer: 9223372036854775807",
         "1:10+19 'integer' of layer 'all' must be from 1 to 1000, but is 9223372036854775807"},
        {"truth: yes", "1:8+3 'truth' of layer 'all' must be true or false, but is 'yes' = YAML "
                       "1.2 has only true and false"},
        {"truth: ture", "1:8+4 'truth' of layer 'all' must be true or false, but is 'ture' = did "
                        "you mean 'true'?"},
        {"truth: 1", "1:8+1 'truth' of layer 'all' must be true or false, but is '1'"},
        {"truth: i", "1:8+1 'truth' of layer 'all' must be true or false, but is 'i'"},
        {"choice: smae", "1:9+4 'choice' of layer 'all' must be one of valid, same, reflect, but "
                         "is 'smae' = did you mean 'same'?"},
        {"choice: [same]", "1:9+1 'choice' of layer 'all' must be a word, but is a list"},
        {"text: [a]", "1:7+1 'text' of layer 'all' must be a text, but is a list"},
        {"text: a$(i", "1:10+1 this '$(' is never closed"},
        {"text: a$(j)", "1:10+1 there is no number 'j' here"},
        {"path: ''", "1:7+2 'path' of layer 'all' must be a path, but is ''"},
        {"numbers: 0.9", "1:10+3 'numbers' of layer 'all' must be a list of numbers, but is '0.9' "
                         "= as in [0.9, 0.999]"},
        {"numbers: [2, x, 0]", "1:11+1 'numbers' of layer 'all' must be from 0 to 1, but is "
                               "2\n1:14+1 there is no number 'x' here"},
        {"points: []",
         "1:9+1 'points' of layer 'all' must be a list of one point or more, but is a "
         "list = such as [[0, 0], [1, 2]]"},
        {"points: [0, 1]",
         "1:10+1 'points' of layer 'all' must be a list of points, but is '0' = a point is a list "
         "of its coordinates: [0, 1]\n1:13+1 'points' of layer 'all' must be a list of points, but "
         "is '1' = a point is a list of its coordinates: [0, 1]"},
        {"points: [[]]",
         "1:10+1 'points' of layer 'all' must be a list of points, but is a list = a "
         "point is a list of its coordinates: [0, 1]"},
        {"labels: cat", "1:9+3 'labels' of layer 'all' must be a list of numbers or names, but is "
                        "'cat' = write [cat]"},
        {"labels: [10, [0]]",
         "1:10+2 'labels' of layer 'all' must be from 0 to 9, but is 10\n"
         "1:14+1 'labels' of layer 'all' must be a class: its number or its name, but is a list"},
        {"points: [[0, 1], [2], [10, x]]",
         "1:18+1 a point of 'points' of layer 'all' has 1 coordinates, but the first has 2\n1:24+2 "
         "'points' of layer 'all' must be from -9 to 9, but is 10\n1:28+1 there is no number 'x' "
         "here"},
        {"texts: {a: b}", "1:8+1 'texts' of layer 'all' must be a list of texts, but is a map"},
        {"texts: [[a]]", "1:9+1 'texts' of layer 'all' must be a text, but is a list"},
        {"shape: [1, 0]",
         "1:12+1 'shape' of layer 'all' must be a shape of extents from 1 on, but is 0"},
        {"shape: [1.5]", "1:9+3 'shape' of layer 'all' must be an integer, but is 1.5"},
        {"shape: [1, 1, 1, 1, 1, 1, 1]", "1:8+1 'shape' of layer 'all' may have 6 axes, but has 7"},
        {"shape: {a: 1}",
         "1:8+1 'shape' of layer 'all' must be a shape, but is a map = such as [28, 28, 1]"},
        {"duration: 50", "1:11+2 'duration' of layer 'all' must be a duration with its unit, but "
                         "is '50' = 50 steps? 50 epochs?"},
        {"duration: 5 weeks", "1:11+7 'duration' of layer 'all' must be a duration, but is '5 "
                              "weeks' = such as 50 steps, 1 epoch, 10 minutes, 25e6 "
                              "images, never"},
        {"duration: 1.5 steps", "1:11+9 'duration' of layer 'all' must be a whole number of these, "
                                "but is '1.5 steps' = such as 50 steps, 1 "
                                "epoch, 10 minutes, 25e6 images, never"},
        {"durations: [1, 0.5]", "1:16+3 'durations' of layer 'all' must be a duration with its "
                                "unit, but is '0.5' = 0.5 steps? 0.5 epochs?"},
        {"duration: x steps", "1:11+1 there is no number 'x' here"},
        {"distribution: nromal(4)", "1:15+9 'distribution' of layer 'all' must be one of normal, "
                                    "uniform, but is 'nromal' = did you mean 'normal'?"},
        {"distribution: normal(0.5)", "1:22+3 an extent of 'distribution' must be an integer from "
                                      "1 on = its arguments are a shape: normal(100)"},
        {"distribution: 3",
         "1:15+1 'distribution' of layer 'all' must be one of normal, uniform, but is '3'"},
        {"initialiser: true",
         "1:14+4 'initialiser' of layer 'all' must be one of normal, he, constant, but is 'true'"},
        {"initialiser: false",
         "1:14+5 'initialiser' of layer 'all' must be one of normal, he, constant, but is 'false'"},
        {"initialiser: normal(std=2)",
         "1:25+1 'normal' takes its numbers by their place, without 'std='"},
        {"initialiser: normal(1, 2, 3, 4, 5, 6, 7)", "1:39+1 'normal' takes at most 6 numbers"},
        {"expression: [a, b]",
         "1:13+1 expected an expression, found a list = quote this expression: \"[a, b]\""},
        {"scalar: 0", "1:9+1 'scalar' of layer 'all' must be above 0, but is 0"},
        {"scalar: mean(x)", "1:9+4 'mean' is no function of numbers = such as linear, cosine, "
                            "steps, max; 'duel functions' lists them"},
        {"nubmer: 0.5", "1:1+6 layer 'all' has no key 'nubmer' = did you mean 'number'?"},
        {"[1]", "1:1+1 'number' of layer 'all' must be a number, but is a list"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        diagnostics.count = 0;
        struct options o = {0};
        struct config *resolved;
        assert_false(read(cases[i].text, &o, &resolved));
        assert_string_equal(told_short(&diagnostics), cases[i].told);
        assert_true(o.number == 0.5 && o.above == 1 && o.integer == 4 && o.truth && o.choice == 1 &&
                    o.numbers.count == 2);
        assert_true(o.shape.rank == 2 && o.duration.count == 1 && o.distribution.count == 1 &&
                    o.scalar->number == 2e-4);
    }
}

static void the_main_parameter_stands_for_the_map(void **state) {
    (void)state;
    struct options o = {0};
    struct config *resolved;
    assert_true(read("0.25", &o, &resolved));
    assert_true(o.number == 0.25 && o.integer == 4);
    assert_true(read("null", &o, &resolved));
    assert_true(o.number == 0.5);
    static const struct parameter none[] = {{0}};
    static const struct origin origin = {.line = 1};
    assert_true(read_parameters(NULL, &origin, "layer 'tanh'", none, &o, NULL, NULL, &diagnostics));
    assert_true(read_parameters(parsed("{}", &diagnostics), &origin, "layer 'tanh'", none, &o, NULL,
                                NULL, &diagnostics));
    assert_false(read_parameters(parsed("3", &diagnostics), &origin, "layer 'tanh'", none, &o, NULL,
                                 NULL, &diagnostics));
    assert_string_equal(told_short(&diagnostics), "1:1+1 layer 'tanh' has no parameters");
}

static void a_missing_parameter_is_told_where_it_is_missed(void **state) {
    (void)state;
    static const struct parameter needed[] = {
        {.name = "units", .type = PARAMETER_INTEGER, .doc = "how many numbers come out"}, {0}};
    static const struct origin origin = {.line = 3, .column = 5, .length = 6};
    int64_t units = 0;
    assert_false(
        read_parameters(NULL, &origin, "layer 'linear'", needed, &units, NULL, NULL, &diagnostics));
    assert_string_equal(
        told_short(&diagnostics),
        "3:5+6 layer 'linear' lacks its 'units' = units: how many numbers come out");
}

static void a_path_starts_at_its_file(void **state) {
    (void)state;
    struct config *value = parsed("images/a", &diagnostics);
    struct source source = *value->origin.source;
    source.folder = "configs";
    value->origin.source = &source;
    struct config *resolved;
    const char *path;
    assert_true(read_value(value, &rows[6], "data", &path, NULL, &resolved, &diagnostics));
    assert_string_equal(path, "configs/images/a");
    char *here = realpath(".", NULL);
    assert_string_equal(resolved->text,
                        arena_format(diagnostics.arena, "%s/configs/images/a", here));
    free(here);
}

static void rows_are_printed_in_columns(void **state) {
    (void)state;
    static const struct parameter some[] = {
        {"units", PARAMETER_INTEGER, 0, NULL, 1, (double)INFINITY, false, NULL, NULL,
         "how many numbers come out", NULL},
        {"padding", PARAMETER_CHOICE, 0, "same", 0, 0, false, "valid same", NULL,
         "what lies beyond the edge", NULL},
        {"rate", PARAMETER_NUMBER, 0, "0.5", 0, 1, true, NULL, "pixels",
         "how far, in a text that is so long that it goes on in the next line", NULL},
        {"least", PARAMETER_NUMBER, 0, "", -(double)INFINITY, 4, false, NULL, "steps", NULL, NULL},
        {"file", PARAMETER_PATH, 0, "", 0, 0, false, NULL, NULL, "where", NULL},
        {0},
    };
    char *printed;
    size_t size;
    FILE *file = open_memstream(&printed, &size);
    parameters_print(some, file);
    fclose(file);
    assert_string_equal(
        printed,
        "  units    integer  required  at least 1                 how many numbers come out\n"
        "  padding  choice   same                                 what lies beyond the edge\n"
        "                                                         one of valid, same\n"
        "  rate     number   0.5       above 0, at most 1 pixels  how far, in a text that is so "
        "long that it\n"
        "                                                         goes on in the next line\n"
        "  least    number   optional  at most 4 steps            \n"
        "  file     path     optional                             where\n");
    free(printed);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(defaults_are_read_like_values),
        TEST(good_values_are_read),
        TEST(wrong_values_are_told_and_leave_the_default),
        TEST(the_main_parameter_stands_for_the_map),
        TEST(a_missing_parameter_is_told_where_it_is_missed),
        TEST(a_path_starts_at_its_file),
        TEST(rows_are_printed_in_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
