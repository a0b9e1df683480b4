/* links: config base */
/* The configuration reader: what is read, what is written, and the exact words of every mistake. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "runner/config.h"
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

static void scalars_follow_the_core_schema(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum config_kind kind;
        double number;
    } cases[] = {
        {"", CONFIG_NULL, 0},
        {"~", CONFIG_NULL, 0},
        {"null", CONFIG_NULL, 0},
        {"nULL", CONFIG_TEXT, 0},
        {"true", CONFIG_BOOL, 1},
        {"False", CONFIG_BOOL, 0},
        {"True", CONFIG_BOOL, 1},
        {"TRUE", CONFIG_BOOL, 1},
        {"yes", CONFIG_TEXT, 0},
        {"off", CONFIG_TEXT, 0},
        {"12", CONFIG_INTEGER, 12},
        {"-3", CONFIG_INTEGER, -3},
        {"+5", CONFIG_INTEGER, 5},
        {"010", CONFIG_INTEGER, 10},
        {"0o17", CONFIG_INTEGER, 15},
        {"0x1F", CONFIG_INTEGER, 31},
        {"0o8", CONFIG_TEXT, 0},
        {"0x", CONFIG_TEXT, 0},
        {"-0x1F", CONFIG_TEXT, 0},
        {"0b1", CONFIG_TEXT, 0},
        {"1_000", CONFIG_TEXT, 0},
        {"9223372036854775807", CONFIG_INTEGER, 0x1p63},
        {"9223372036854775808", CONFIG_FLOAT, 0x1p63},
        {"0xFFFFFFFFFFFFFFFF", CONFIG_FLOAT, 0x1p64},
        {"1.", CONFIG_FLOAT, 1},
        {".5", CONFIG_FLOAT, 0.5},
        {"-.5e3", CONFIG_FLOAT, -500},
        {"2e-4", CONFIG_FLOAT, 2e-4},
        {"1e", CONFIG_TEXT, 0},
        {".", CONFIG_TEXT, 0},
        {"1.2.3", CONFIG_TEXT, 0},
        {"+", CONFIG_TEXT, 0},
        {".inf", CONFIG_FLOAT, (double)INFINITY},
        {"-.Inf", CONFIG_FLOAT, -(double)INFINITY},
        {"inf", CONFIG_TEXT, 0},
        {"1e999", CONFIG_FLOAT, (double)INFINITY},
        {"'12'", CONFIG_TEXT, 0},
        {"\"true\"", CONFIG_TEXT, 0},
        {"!!str 12", CONFIG_TEXT, 0},
        {"!!float 1", CONFIG_FLOAT, 1},
        {"! 12", CONFIG_TEXT, 0},
        {"12:30:45", CONFIG_TEXT, 0},
        {"2026-01-01", CONFIG_TEXT, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = arena_format(diagnostics.arena, "a: %s", cases[i].text);
        struct config *value = config_get(parsed(text, &diagnostics), "a");
        assert_int_equal(diagnostics.count, 0);
        if (value->kind != cases[i].kind) fail_msg("%s is %s", text, config_kind_name(value->kind));
        if (value->kind != CONFIG_TEXT && value->number != cases[i].number)
            fail_msg("%s is %g", text, value->number);
    }
    assert_true(isnan(config_get(parsed("a: .NaN", &diagnostics), "a")->number));
    assert_true(config_get(parsed("a: -9223372036854775808", &diagnostics), "a")->integer ==
                INT64_MIN);
}

static void mistakes_are_told(void **state) {
    (void)state;
    static const struct {
        const char *text, *told;
    } cases[] = {
        {"", "0:0+0 there is nothing in it"},
        {"# a\n", "0:0+0 there is nothing in it"},
        {"a: 1\n\tb: 2",
         "2:1+0 a tab indents this line, and YAML takes only spaces = indent with spaces"},
        {"a: \xff", "1:4+0 byte 0xff at offset 3 is not valid UTF-8 = save the file as UTF-8"},
        {"\n\xc3\xa9: \x01", "2:4+0 control character 0x01 at offset 5"},
        {"a: \"\\0\"", "1:4+4 a text may not hold a NUL character"},
        {"a: !x 1",
         "1:4+1 unknown tag '!x' = tags are not used here; if this is an expression, quote it"},
        {"a: !x\n  b: 1",
         "1:4+1 unknown tag '!x' = tags are not used here; if this is an expression, quote it"},
        {"a: !!int x", "1:10+1 'x' is not an integer"},
        {"? [a]\n: 1", "1:3+1 a key must be a plain name, not a list or a map = if this is an "
                       "expression, quote it"},
        {"'': 1", "1:1+2 a key may not be empty"},
        {"<<: 1", "1:1+2 '<<' does not merge in YAML 1.2 = put what is shared into a file and use "
                  "'include:'"},
        {"a: 1\nb: 2\na: 3\n", "3:1+1 the key 'a' is already given in line 1"},
        {"a: 1\n---\nb: 2\n",
         "2:1+0 a second document begins here; a configuration is one document"},
        {"a: &x [1, *x]", "1:11+2 alias '*x' contains itself"},
        {"a: *x", "1:4+2 there is no anchor '&x' = quote this expression: \"*x\""},
        {"a: 'x", "1:4+0 this quote is never closed"},
        {"a: \"\\d\"", "1:4+0 there is no such escape in a double-quoted text = single quotes take "
                       "everything as it is: 'a\\b'"},
        {"a: 1\n b: 2", "2:3+0 a ':' cannot stand here = indent this line like the one above, or "
                        "quote the value if it holds ': '"},
        {"- a\nb: c", "2:1+0 expected '- ' here = items of one list begin in the same column"},
        {"a:\n  b: 1\n c: 2",
         "3:2+0 expected a key here = lines of one map begin in the same column"},
        {"a: [1, 2\nb: 3", "2:2+0 expected ',' or ']' here = the bracket of line 1 is still open"},
        {"{a: , : 1}", "1:7+0 expected a value here"},
        {"%YAML 3.0\n---\na: 1", "1:1+0 found incompatible YAML document"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        diagnostics.count = 0;
        parsed(cases[i].text, &diagnostics);
        assert_string_equal(told_short(&diagnostics), cases[i].told);
    }
}

/* Wherever YAML reads a formula in its own way, the remedy is shown. */
static void expressions_that_yaml_takes_apart_are_shown_quoted(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int column;
        const char *quoted;
    } cases[] = {
        {"a: * 2", 4, "* 2"},
        {"a: *x + 1", 4, "*x + 1"},
        {"a: &x(2) + 1", 4, "&x(2) + 1"},
        {"a: > 3", 4, "> 3"},
        {"a: % 3", 4, "% 3"},
        {"a: @x", 4, "@x"},
        {"a: !(x)", 4, "!(x)"},
        {"a: - mean(x)", 4, "- mean(x)"},
        {"a: [x, y] * 2", 11, "[x, y] * 2"},
        {"a: [x, y] + 2", 11, "[x, y] + 2"},
        {"a: {x: w[1]}", 9, "w[1]"},
        {"a: [h, w[2 * i + 1]]", 9, "w[2 * i + 1]"},
        {"a: {b: 1, x: f(y, blur=[1, 3]) + y} # c", 24, "f(y, blur=[1, 3]) + y"},
        {"a: {b: 1, x: f(y, 2)[1]}", 21, "f(y, 2)[1]"},
        {"a: [h, f(x, 2), 1]", 8, "f(x, 2)"},
        {"a: {b: normal(0, 1), c: 2}", 8, "normal(0, 1)"},
        {"a: {b: pick(i, 512, 512, 512)}", 8, "pick(i, 512, 512, 512)"},
        {"a:\n  - linear: {units: min(2, max(3, 4)) * 2}", 21, "min(2, max(3, 4)) * 2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        diagnostics.count = 0;
        parsed(cases[i].text, &diagnostics);
        assert_int_equal(diagnostics.count, 1);
        char *hint =
            arena_format(diagnostics.arena, "quote this expression: \"%s\"", cases[i].quoted);
        assert_non_null(diagnostics.list[0].hint);
        assert_string_equal(diagnostics.list[0].hint, hint);
        assert_int_equal(diagnostics.list[0].origin->column, cases[i].column);
    }
}

static void a_split_call_is_joined_again(void **state) {
    (void)state;
    struct config *root = parsed("{a: f(x, 1, 1), b: [g(1, 2), 3]}", &diagnostics);
    assert_string_equal(written(diagnostics.arena, root), "a: f(x, 1, 1)\nb: [\"g(1, 2)\", 3]\n");
    assert_int_equal(diagnostics.count, 2);
}

static void places_are_exact(void **state) {
    (void)state;
    assert_int_equal(parsed("\xEF\xBB\xBFz: 1", &diagnostics)->keys[0]->origin.column, 1);
    struct config *root = parsed("\xEF\xBB\xBF# \xC3\xA9\r\na: {\xC3\xA9\xC3\xA9: 'x y', b: &q "
                                 "\"z\"}\nc:\n  - *q\n  - > # why\n    one\n",
                                 &diagnostics);
    struct config *a = config_get(root, "a"), *c = config_get(root, "c");
    static const int expected[][3] = {{2, 4, 1},  {2, 5, 2},  {2, 9, 5},
                                      {2, 22, 3}, {2, 22, 3}, {5, 5, 7}};
    const struct origin *found[] = {&a->origin,           &a->keys[0]->origin,
                                    &a->items[0]->origin, &a->items[1]->origin,
                                    &c->items[0]->origin, &c->items[1]->origin};
    for (size_t i = 0; i < sizeof found / sizeof *found; i++) {
        assert_int_equal(found[i]->line, expected[i][0]);
        assert_int_equal(found[i]->column, expected[i][1]);
        assert_int_equal(found[i]->length, expected[i][2]);
    }
    assert_int_equal(c->items[0]->origin.how, VIA_ALIAS);
    assert_int_equal(c->items[0]->origin.via->line, 4);
    assert_int_equal(strncmp(a->items[0]->raw, "'x y'", a->items[0]->raw_length), 0);
}

/* ---- limits ---- */

static char *repeated(const char *text, int times) {
    struct text all = {0};
    for (int i = 0; i < times; i++)
        text_add(&all, text);
    char *copy = arena_text(diagnostics.arena, text_get(&all));
    text_release(&all);
    return copy;
}

static void limits_hold(void **state) {
    (void)state;
    static const char *const deep[] = {"[", "{a: ", "- ", "? ", "[{a: "};
    for (size_t i = 0; i < sizeof deep / sizeof *deep; i++) {
        diagnostics.count = 0;
        assert_null(parsed(repeated(deep[i], 10000), &diagnostics));
        assert_int_equal(diagnostics.count, 1);
        assert_string_equal(diagnostics.list[0].message, "nested more than 64 deep");
    }
    diagnostics.count = 0;
    char *fits = arena_format(diagnostics.arena, "%s%s", repeated("[", 64), repeated("]", 64));
    assert_non_null(parsed(fits, &diagnostics));
    assert_null(parsed(arena_format(diagnostics.arena, "[%s]", fits), &diagnostics));
    diagnostics.count = 0;
    struct text bomb = {0};
    text_add(&bomb, "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n");
    for (int i = 1; i < 9; i++)
        text_format(&bomb, "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i, i - 1,
                    i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    assert_null(parsed(text_get(&bomb), &diagnostics));
    text_release(&bomb);
    assert_string_equal(
        told_short(&diagnostics),
        "6:14+3 more than 100000 values (aliases and included files counted in full)");
    diagnostics.count = 0;
    assert_null(parsed(arena_format(diagnostics.arena, "a: &a [%s]\nb: [%s]", repeated("[", 40),
                                    repeated("[", 40)),
                       &diagnostics));
    struct text nested = {0}; /* an alias adds to the depth of where it stands */
    text_format(&nested, "a: &a %s1%s\nb: %s*a%s", repeated("[", 40), repeated("]", 40),
                repeated("[", 40), repeated("]", 40));
    diagnostics.count = 0;
    assert_null(parsed(text_get(&nested), &diagnostics));
    text_release(&nested);
    assert_string_equal(diagnostics.list[0].message, "nested more than 64 deep");
}

static void many_keys_are_quick(void **state) {
    (void)state;
    struct text text = {0};
    for (int i = 0; i < 49000; i++)
        text_format(&text, "key%d: %d\n", i, i);
    struct config *root = parsed(text_get(&text), &diagnostics);
    text_release(&text);
    assert_int_equal(root->count, 49000);
}

static void parentheses_that_never_close_are_quick(void **state) {
    (void)state;
    char *text = arena_format(diagnostics.arena, "[%s]",
                              repeated("(x,", 90000)); /* minutes if it were quadratic */
    assert_int_equal(parsed(text, &diagnostics)->count, 90000);
    assert_int_equal(diagnostics.count, 0);
}

/* ---- files ---- */

static char folder[] = "/tmp/duel-test-XXXXXX";

static char *path_of(const char *name) {
    return arena_format(diagnostics.arena, "%s/%s", folder, name);
}

static char *file_with(const char *name, const char *text) {
    char *path = path_of(name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return path;
}

static int begin_folder(void **state) {
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    return begin(state) || !mkdtemp(folder) || mkdir(path_of("sub"), 0700) ||
           mkdir(path_of("installed"), 0700);
}

static int end_folder(void **state) {
    static const char *const names[] = {"a.yaml",     "b.yaml",     "c.yaml",
                                        "sub/d.yaml", "sub/e.yaml", "installed/f.yaml",
                                        "sub",        "installed",  "."};
    for (size_t i = 0; i + 1 < sizeof names / sizeof *names; i++)
        remove(path_of(names[i]));
    rmdir(folder);
    return end(state);
}

static void included_files_merge(void **state) {
    (void)state;
    const char *const folders[] = {path_of("installed"), NULL};
    file_with("b.yaml", "x: {p: 1, q: 2}\nlist: [1, 2]\noptimizer: {adam: {lr: 1}, clip: 3}\n");
    file_with("sub/d.yaml", "include: e.yaml\nx: {q: 3}\ny: d\n");
    file_with("sub/e.yaml", "y: e\nz: e\n");
    file_with("installed/f.yaml", "f: 1\n");
    char *path =
        file_with("a.yaml", "include: [b.yaml, sub/d.yaml]\nname: a\nx: {r: 4}\nlist: [5]\n"
                            "optimizer: {sgd: {lr: 2}}\nin: {include: f.yaml, g: 2}\n");
    struct config *root = config_load(path, folders, NULL, &diagnostics);
    assert_string_equal(told(&diagnostics), "");
    assert_string_equal(
        written(diagnostics.arena, root),
        "x:\n  p: 1\n  q: 3\n  r: 4\nlist: [5]\noptimizer:\n  sgd:\n    lr: 2\n  clip: 3\n"
        "y: d\nz: e\nname: a\nin:\n  f: 1\n  g: 2\n");
    const struct origin *z = &config_get(root, "z")->origin;
    assert_string_equal(z->source->name, path_of("sub/e.yaml"));
    assert_string_equal(z->via->source->name, path_of("sub/d.yaml"));
    assert_string_equal(z->via->via->source->name, path);
}

static void rows_replace_rows_when_files_merge(void **state) {
    (void)state;
    file_with(
        "b.yaml",
        "optimizers: {g: adam, d: adam, e: {adam: {lr: 1}, clip: 2}, f: {adam: {lr: 1, b: 2}}}\n"
        "game: {objective: {hinge: {a: 1}}}\nsgd: {adam: 1}\n");
    char *path = file_with(
        "a.yaml", "include: b.yaml\n"
                  "optimizers: {g: {clip: 1}, d: sgd, e: {sgd: {lr: 1}}, f: {adam: {lr: 3}}}\n"
                  "game: {objective: {r1: {weight: 1}}}\nsgd: {sgd: 1}\n");
    struct config *root = config_load(path, NULL, NULL, &diagnostics);
    assert_string_equal(told(&diagnostics), "");
    assert_string_equal(
        written(diagnostics.arena, root),
        "optimizers:\n  g:\n    adam: null\n    clip: 1\n  d: sgd\n"
        "  e:\n    sgd:\n      lr: 1\n    clip: 2\n"
        "  f:\n    adam:\n      lr: 3\n      b: 2\n"
        "game:\n  objective:\n    r1:\n      weight: 1\nsgd:\n  adam: 1\n  sgd: 1\n");
}

static void files_that_cannot_be_had_are_told(void **state) {
    (void)state;
    config_load(path_of("sub"), NULL, NULL, &diagnostics);
    config_load(path_of("none.yaml"), NULL, NULL, &diagnostics);
    config_load(file_with("a.yaml", "[1]"), NULL, NULL, &diagnostics);
    config_load(file_with("b.yaml", repeated("# 1234567\n", 104858)), NULL, NULL, &diagnostics);
    struct config *root =
        config_load(file_with("c.yaml", "include: [none.yaml, 3]\na: {include: .}\n"), NULL, NULL,
                    &diagnostics);
    assert_int_equal(root->count, 1);
    char *expected = arena_format(diagnostics.arena,
                                  "0:0+0 it is a folder, not a file\n"
                                  "0:0+0 it cannot be read: No such file or directory\n"
                                  "1:1+1 expected a map of keys in this file, found a list\n"
                                  "0:0+0 it is larger than 1 MiB\n"
                                  "2:14+1 '%s/.' is a folder, not a file\n"
                                  "1:11+9 there is no file 'none.yaml' = looked for %s/none.yaml\n"
                                  "1:22+1 expected the name of a file to include, found an integer",
                                  folder, folder);
    assert_string_equal(told_short(&diagnostics), expected);
}

static void a_cycle_of_includes_is_told_in_full(void **state) {
    (void)state;
    char *path = file_with("a.yaml", "include: b.yaml\n");
    file_with("b.yaml", "x: {include: sub/../c.yaml}\n");
    file_with("c.yaml", "include: [a.yaml]\n");
    assert_non_null(config_load(path, NULL, NULL, &diagnostics));
    assert_int_equal(diagnostics.count, 1);
    char *expected = arena_format(diagnostics.arena,
                                  "a file includes itself: %s includes %s includes "
                                  "%s/sub/../c.yaml includes %s/sub/../a.yaml",
                                  path, path_of("b.yaml"), folder, folder);
    assert_string_equal(diagnostics.list[0].message, expected);
}

/* ---- --set ---- */

static const char set_base[] = "layers:\n  - linear: 32\n  - tanh\n  - {conv: 3, as: x}\n"
                               "optimizer: {adam: {lr: 1}, clip: 2}\n"
                               "game: {objective: hinge}\n"
                               "data: {batch: 64, more: null}\n";

static void set_changes_what_it_names(void **state) {
    (void)state;
    static const struct {
        const char *set, *key, *written;
    } cases[] = {
        {"layers[0].linear=64", "layers", "- linear: 64\n- tanh\n- conv: 3\n  as: x\n"},
        {"layers[0]=tanh", "layers", "- tanh\n- tanh\n- conv: 3\n  as: x\n"},
        {"layers[0].conv={kernel: 3}", "layers",
         "- conv:\n    kernel: 3\n- tanh\n- conv: 3\n  as: x\n"},
        {"layers[1].leaky_relu.slope=0.1", "layers",
         "- linear: 32\n- leaky_relu:\n    slope: 0.1\n- conv: 3\n  as: x\n"},
        {"layers[1].tanh.gain=2", "layers",
         "- linear: 32\n- tanh:\n    gain: 2\n- conv: 3\n  as: x\n"},
        {"layers[1].as=y", "layers", "- linear: 32\n- tanh: null\n  as: y\n- conv: 3\n  as: x\n"},
        {"layers[2].linear=3", "layers", "- linear: 32\n- tanh\n- linear: 3\n  as: x\n"},
        {"layers[2].from=[h, z]", "layers",
         "- linear: 32\n- tanh\n- conv: 3\n  as: x\n  from: [h, z]\n"},
        {"optimizer.sgd.lr=0.1", "optimizer", "sgd:\n  lr: 0.1\nclip: 2\n"},
        {"optimizer.adam.lr=0.1", "optimizer", "adam:\n  lr: 0.1\nclip: 2\n"},
        {"optimizer.clip=3", "optimizer", "adam:\n  lr: 1\nclip: 3\n"},
        {"game.objective.r1.weight=5", "game", "objective:\n  r1:\n    weight: 5\n"},
        {"data.batch=32", "data", "batch: 32\nmore: null\n"},
        {"data.batch=", "data", "batch: null\nmore: null\n"},
        {"data.more.deep.key=a b", "data", "batch: 64\nmore:\n  deep:\n    key: a b\n"},
        {"new.key='1'", "new", "key: \"1\"\n"},
        {"new=[1, {a: b}]", "new", "- 1\n- a: b\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct config *root = parsed(set_base, &diagnostics);
        assert_true(config_set(root, cases[i].set, &diagnostics));
        assert_string_equal(told(&diagnostics), "");
        assert_string_equal(written(diagnostics.arena, config_get(root, cases[i].key)),
                            cases[i].written);
    }
}

/* A key whose value is set stands in the argument; a row that is changed within stands where it did. */
static void sets_are_places(void **state) {
    (void)state;
    struct config *root = parsed(set_base, &diagnostics);
    assert_true(config_set(root, "layers[0].linear=64", &diagnostics));
    assert_true(config_set(root, "optimizer.adam.lr=0.1", &diagnostics));
    const struct origin *linear = &config_get(root, "layers")->items[0]->keys[0]->origin;
    assert_string_equal(linear->source->name, "--set layers[0].linear=64");
    assert_int_equal(linear->column, 11);
    const struct origin *adam = &config_get(root, "optimizer")->keys[0]->origin;
    assert_int_equal(adam->line, 5);
    assert_int_equal(adam->how, VIA_SET);
    assert_string_equal(adam->via->source->name, "--set optimizer.adam.lr=0.1");
    const struct origin *optimizer = &config_key(root, "optimizer")->origin;
    assert_int_equal(optimizer->line, 5);
    assert_int_equal(optimizer->how, VIA_NOTHING);
}

static void wrong_sets_are_told(void **state) {
    (void)state;
    static const struct {
        const char *set, *told;
    } cases[] = {
        {"a", "1:2+0 expected '=' and a value = write --set path.to[0].key=value"},
        {"", "1:1+0 expected a key = write --set path.to[0].key=value"},
        {"=1", "1:1+0 expected a key = write --set path.to[0].key=value"},
        {"a..b=1", "1:3+0 expected a key = write --set path.to[0].key=value"},
        {"a[x]=1", "1:3+0 expected an index and ']' = write --set path.to[0].key=value"},
        {"layers[0]linear=1", "1:10+0 expected '.', '[' or '=' = write --set path.to[0].key=value"},
        {"layers[3]=tanh", "1:7+3 there is no item 3: those of layers are 0 to 2"},
        {"data[0]=1", "1:5+3 data is a map here, not a list"},
        {"data.batch.x=1", "1:12+1 data.batch is an integer here and has no keys"},
        {"layers[0].linear.units=1", "1:18+5 layers[0].linear is an integer here and has no keys"},
        {"include=b.yaml", "1:1+0 'include' cannot be set: files are merged first = write --set "
                           "path.to[0].key=value"},
        {"data.batch=[1",
         "1:14+0 expected ',' or ']' here = a value with brackets in it must be quoted"},
        {"data.batch=* 2", "1:12+0 '*' begins an alias in YAML = quote this expression: \"* 2\""},
        {"data.\xc3\xa9=!x 1",
         "1:8+1 unknown tag '!x' = tags are not used here; if this is an expression, quote it"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        diagnostics.count = 0;
        assert_false(config_set(parsed(set_base, &diagnostics), cases[i].set, &diagnostics));
        assert_string_equal(told_short(&diagnostics), cases[i].told);
        assert_string_equal(diagnostics.list[0].origin->source->name,
                            arena_format(diagnostics.arena, "--set %s", cases[i].set));
    }
}

/* ---- looking and writing ---- */

static void unknown_keys_are_told(void **state) {
    (void)state;
    static const struct known_key known[] = {{"units", NULL}, {"bias", NULL}, {0}};
    struct config *map = parsed("{unts: 1, bias: 2, zzzzz: 3}", &diagnostics);
    assert_false(config_check_keys(map, "layer 'linear'", known, &diagnostics));
    assert_string_equal(told(&diagnostics), "t:1:2: error: layer 'linear' has no key 'unts'\n"
                                            "    1 | {unts: 1, bias: 2, zzzzz: 3}\n"
                                            "      |  ^~~~\n"
                                            "      = did you mean 'units'?\n"
                                            "t:1:20: error: layer 'linear' has no key 'zzzzz'\n"
                                            "    1 | {unts: 1, bias: 2, zzzzz: 3}\n"
                                            "      |                    ^~~~~\n"
                                            "      = it has units, bias\n");
}

static void what_other_programs_call_it_is_known(void **state) {
    (void)state;
    static const struct known_key known[] = {{"units", "Dense out_features"}, {"bias", NULL}, {0}};
    struct config *map = parsed("{outFeatures: 1}", &diagnostics);
    assert_false(config_check_keys(map, "layer 'linear'", known, &diagnostics));
    assert_string_equal(diagnostics.list[0].hint, "did you mean 'units'?");
    assert_non_null(config_get(map, "units"));
}

static bool same(const struct config *a, const struct config *b) {
    if (a->kind != b->kind || a->count != b->count) return false;
    if (a->kind != CONFIG_NULL && a->kind < CONFIG_LIST && strcmp(a->text, b->text) != 0)
        return false;
    for (int i = 0; i < a->count; i++) {
        if (a->keys && !same(a->keys[i], b->keys[i])) return false;
        if (!same(a->items[i], b->items[i])) return false;
    }
    return true;
}

static void what_is_written_reads_back(void **state) {
    (void)state;
    static const char *const texts[] = {
        "a: [1, 2.5, x, 'true', '', ~, \"f(a\", \"b)\", -x, '- x', ' x', 'a: b', 'a #b']",
        "[\"\\n\\t\\x85\\u2028\\\"\\\\\", \xC3\xA9]",
        "- - - 1\n    - {a: {b: [], c: {}}}\n- [[1, 2], {x: [y]}]\n",
        "5",
        "[]",
        "{}",
        "'5'",
        "!!float 1",
        "? 'a: b'\n: 1\n'true': 2\ntrue: 3\n5: 4\n'': 5",
        "a: |\n  x\n   y\n\nb: >\n  f(x)\n  + 1\n",
        "a: '...'\nb: '---'\nc: '%'",
        "a: 99999999999999999999999\nb: 0x1F\nc: .nan\nd: -.INF\ne: 'f(x, y)[1]'\nf: 'x{'",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct config *first = parsed(texts[i], &diagnostics);
        diagnostics.count = 0;
        assert_non_null(first);
        char *text = written(diagnostics.arena, first);
        struct config *second = parsed(text, &diagnostics);
        assert_string_equal(told(&diagnostics), "");
        if (!second || !same(first, second)) fail_msg("%s", text);
    }
}

static void a_tree_is_built_by_hand(void **state) {
    (void)state;
    struct arena *arena = diagnostics.arena;
    struct config *map = config_new_map(arena), *list = config_new_list(arena);
    config_add(arena, map, "list", list);
    config_append(arena, list, config_new_number(arena, 1000));
    config_append(arena, list, config_new_number(arena, 2e-4));
    config_append(arena, list, config_new_number(arena, (double)NAN));
    config_append(arena, list, config_new_integer(arena, INT64_MAX));
    config_add(arena, map, "bool", config_new_bool(arena, true));
    config_add(arena, map, "text", config_new_text(arena, "true"));
    assert_string_equal(
        written(arena, map),
        "list: [1000, 2e-4, .nan, 9223372036854775807]\nbool: true\ntext: \"true\"\n");
}

/* The two files that the language must be able to hold one day. */
static void parse_all(const struct config *config) {
    if (config->kind == CONFIG_TEXT) expression_parse(config, &diagnostics);
    for (int i = 0; i < config->count; i++)
        parse_all(config->items[i]);
}

static void the_language_examples_are_read(void **state) {
    (void)state;
    static const char *const paths[] = {"tests/language/stylegan2-64.yaml",
                                        "tests/language/diffusion.yaml"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct config *root = config_load(paths[i], NULL, NULL, &diagnostics);
        assert_non_null(root);
        parse_all(root);
        assert_string_equal(told(&diagnostics), "");
        char *text = written(diagnostics.arena, root);
        assert_true(same(root, parsed(text, &diagnostics)));
    }
}

#define TEST(f)  cmocka_unit_test_setup_teardown(f, begin, end)
#define FILES(f) cmocka_unit_test_setup_teardown(f, begin_folder, end_folder)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(scalars_follow_the_core_schema),
        TEST(mistakes_are_told),
        TEST(expressions_that_yaml_takes_apart_are_shown_quoted),
        TEST(a_split_call_is_joined_again),
        TEST(places_are_exact),
        TEST(limits_hold),
        TEST(many_keys_are_quick),
        TEST(parentheses_that_never_close_are_quick),
        FILES(included_files_merge),
        FILES(rows_replace_rows_when_files_merge),
        FILES(files_that_cannot_be_had_are_told),
        FILES(a_cycle_of_includes_is_told_in_full),
        TEST(set_changes_what_it_names),
        TEST(sets_are_places),
        TEST(wrong_sets_are_told),
        TEST(unknown_keys_are_told),
        TEST(what_other_programs_call_it_is_known),
        TEST(what_is_written_reads_back),
        TEST(a_tree_is_built_by_hand),
        TEST(the_language_examples_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
