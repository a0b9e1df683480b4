/* links: datasets base */
/* Tables of numbers as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>

#include "tests/data.h"

/* A request of a file with this text. */
static struct dataset_request csv_request(struct fixture *f, const char *text) {
    struct dataset_request request = request_of(f, "csv");
    *(const char **)option(&request, "file") = write_bytes(f, "a.csv", text, strlen(text));
    return request;
}

static void set_columns(const struct dataset_request *request, int count,
                        const char *const *columns) {
    *(struct texts *)option(request, "columns") = (struct texts){count, columns};
}

static void set_label(const struct dataset_request *request, const char *label) {
    *(const char **)option(request, "label") = label;
}

static void expect_values(struct fixture *f, const struct dataset_request *request, int64_t count,
                          int64_t axes, const float *values) {
    struct dataset seen = peek(f, request), d = load(f, request);
    assert_int_equal(seen.count, count);
    assert_int_equal(d.count, count);
    assert_shape(&d, 1, (uint32_t[]){(uint32_t)axes});
    assert_int_equal(d.type, DATA_FLOAT32);
    assert_memory_equal(d.values, values, (size_t)(count * axes) * sizeof *values);
}
#define VALUES(...)                                                                                \
    (float[]) {                                                                                    \
        __VA_ARGS__                                                                                \
    }

static void a_table_with_a_header_is_read(void **state) {
    struct fixture *f = *state;
    struct dataset_request request = csv_request(f, "\xef\xbb\xbfx,y,kind\r\n"
                                                    "# what was measured\r\n"
                                                    "1, -2.5 ,3\r\n"
                                                    "\r\n"
                                                    "\"4\",+.5e1,6");
    expect_values(f, &request, 2, 3, VALUES(1, -2.5f, 3, 4, 5, 6));
    set_columns(&request, 2, (const char *[]){"y", "1"});
    expect_values(f, &request, 2, 2, VALUES(-2.5f, 1, 5, 4));
    set_columns(&request, 0, NULL);
    set_label(&request, "kind");
    expect_values(f, &request, 2, 2, VALUES(1, -2.5f, 4, 5));
    struct dataset d = load(f, &request);
    assert_int_equal(d.classes, 7);
    assert_null(d.class_names);
    assert_memory_equal(d.labels, ((int32_t[]){3, 6}), 8);
    assert_int_equal(d.file_count, 1);
}

static void separators_and_missing_headers_are_read(void **state) {
    struct fixture *f = *state;
    static const char *const texts[] = {"1,2\n3,4\n", "1;2\n3;4\n", "1\t2\n3\t4\n",
                                        "  1 2\n3 \t 4  \n"};
    for (int i = 0; i < 4; i++) {
        struct dataset_request request = csv_request(f, texts[i]);
        *(int *)option(&request, "separator") = i;
        *(bool *)option(&request, "header") = false;
        expect_values(f, &request, 2, 2, VALUES(1, 2, 3, 4));
        set_columns(&request, 1, (const char *[]){"2"});
        expect_values(f, &request, 2, 1, VALUES(2, 4));
    }
}

static void labels_that_are_names_are_numbered_by_the_alphabet(void **state) {
    struct fixture *f = *state;
    struct dataset_request request =
        csv_request(f, "x,kind\n1,moon\n2,\"a \"\"b\"\", c\"\n3,moon\n4,star\n");
    set_label(&request, "kind");
    struct dataset d = load(f, &request);
    assert_int_equal(d.classes, 3);
    assert_string_equal(d.class_names[0], "a \"b\", c");
    assert_string_equal(d.class_names[1], "moon");
    assert_string_equal(d.class_names[2], "star");
    assert_memory_equal(d.labels, ((int32_t[]){1, 0, 1, 2}), 16);
    *(struct labels *)option(&request, "classes") = (struct labels){1, (double[]){1}, NULL};
    d = load(f, &request);
    assert_memory_equal(d.values, VALUES(1, 3), 8);
    request = csv_request(f, "x,kind\n1,-1\n2,1\n");
    set_label(&request, "kind");
    d = load(f, &request);
    assert_string_equal(d.class_names[0], "-1");
    assert_memory_equal(d.labels, ((int32_t[]){0, 1}), 8);
}

static void a_stated_range_is_mapped_and_told_by_line(void **state) {
    struct fixture *f = *state;
    struct dataset_request request = csv_request(f, "x\n\n0\n10\n5\n");
    *(struct numbers *)option(&request, "values") = (struct numbers){2, (double[]){0, 10}};
    expect_values(f, &request, 3, 1, VALUES(-1, 1, 0));
    *(struct numbers *)option(&request, "values") = (struct numbers){2, (double[]){0, 9}};
    expect_failure(f, &request, STATUS_DATA,
                   "%/a.csv:4: value 1 of the line is 10, but 'values' go from 0 to 9");
    request = csv_request(f, "x,y\n1,2\n3,1e300\n");
    expect_failure(f, &request, STATUS_DATA,
                   "%/a.csv:3: value 2 of the line is not finite as float32");
}

static void bad_lines_are_told_by_their_place(void **state) {
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"x,y\n1,2\n3,abc\n", ":3:3: 'abc' in column 'y' is not a finite number"},
        {"x,y\n1,2\n3,  4 5\n", ":3:5: '4 5' in column 'y' is not a finite number"},
        {"x,y\n1,nan\n", ":2:3: 'nan' in column 'y' is not a finite number"},
        {"x,y\n1,1e999\n", ":2:3: '1e999' in column 'y' is not a finite number"},
        {"x,y\n1,0x10\n", ":2:3: '0x10' in column 'y' is not a finite number"},
        {"x,y\n1,1.5.\n", ":2:3: '1.5.' in column 'y' is not a finite number"},
        {"x,y\n1,\n", ":2:3: there is no number in column 'y'"},
        {"x,y\n1,2\n3\n", ":3:2: the line has 1 values, but the first has 2"},
        {"x,y\n1,2\n3,4,5\n", ":3:5: the line has 3 values, but the first has 2"},
        {"x,y\n1,\"2\n", ":2:3: this quote is never closed"},
        {"x,y\n1,\"2\"3\n", ":2:6: something follows the closing quote"},
        {"x,y,k\n1,2,a\n3,4, \n", ":3:6: there is no label in column 'k'"},
        {"x,é,k\n\"ü\",b,1\n", ":2:2: 'ü' in column 'x' is not a finite number"},
        {"x,é,k\n1,\"ü\",1\n", ":2:4: 'ü' in column 'é' is not a finite number"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct dataset_request request = csv_request(f, cases[i].text);
        if (strchr(cases[i].text, 'k')) set_label(&request, "k");
        expect_failure(f, &request, STATUS_DATA,
                       arena_format(f->arena, "%%/a.csv%s", cases[i].message));
    }
    struct dataset_request request = csv_request(f, "1 2\n3 x\n");
    *(int *)option(&request, "separator") = 3;
    *(bool *)option(&request, "header") = false;
    expect_failure(f, &request, STATUS_DATA, "%/a.csv:2:3: 'x' in column 2 is not a finite number");
}

static void files_without_numbers_are_refused(void **state) {
    struct fixture *f = *state;
    struct dataset_request request = csv_request(f, "");
    expect_failure(f, &request, STATUS_DATA, "%/a.csv is empty");
    request = csv_request(f, "# nothing\n\n");
    expect_failure(f, &request, STATUS_DATA, "%/a.csv is empty");
    request = csv_request(f, "x,y\n");
    expect_failure(f, &request, STATUS_DATA, "%/a.csv holds no numbers");
    write_bytes(f, "a.csv", "x\n1\0\n", 5);
    expect_failure(f, &request, STATUS_DATA, "%/a.csv is not a text: it holds a zero byte");
    request = csv_request(f, "1;2\n3;4\n");
    *(bool *)option(&request, "header") = false;
    expect_failure(f, &request, STATUS_DATA,
                   "%/a.csv:1:1: '1;2' in column 1 is not a finite number");
    request = csv_request(f, "k\n1\n");
    set_label(&request, "k");
    expect_failure(f, &request, STATUS_DATA, "%/a.csv has no column but that of the labels");
    remove(in_folder(f, "%/a.csv"));
    expect_failure(f, &request, STATUS_NO_INPUT,
                   "cannot read '%/a.csv': No such file or directory");
}

static void expect_wrong(struct fixture *f, const struct dataset_request *request,
                         const char *wrong, const char *message, const char *hint) {
    struct dataset d;
    struct error error = {0};
    assert_false(dataset_peek(request, f->arena, &d, &error));
    assert_int_equal(error.status, STATUS_CONFIG);
    assert_string_equal(d.wrong, wrong);
    assert_string_equal(error.message, in_folder(f, message));
    assert_string_equal(error.hint, hint);
}

static void columns_that_are_not_there_are_told(void **state) {
    struct fixture *f = *state;
    struct dataset_request request = csv_request(f, "x,y\n1,2\n");
    set_columns(&request, 2, (const char *[]){"x", "z"});
    expect_wrong(f, &request, "columns", "columns: %/a.csv has no column 'z'", "it has x, y");
    set_columns(&request, 1, (const char *[]){"3"});
    expect_wrong(f, &request, "columns", "columns: %/a.csv has no column '3'", "it has x, y");
    set_columns(&request, 1, (const char *[]){"x"});
    set_label(&request, "kind");
    expect_wrong(f, &request, "label", "label: %/a.csv has no column 'kind'", "it has x, y");
    request = csv_request(f, "1,2\n");
    expect_wrong(f, &request, "header", "%/a.csv: the first line holds numbers, not names",
                 "'header: false' says that there are no names");
    *(bool *)option(&request, "header") = false;
    set_columns(&request, 1, (const char *[]){"x"});
    expect_wrong(f, &request, "columns", "columns: %/a.csv has no column 'x'",
                 "it has columns 1 to 2");
}

static void the_point_is_a_point_in_every_locale(void **state) {
    static const char *const commas[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE.utf8"};
    struct fixture *f = *state;
    for (size_t i = 0; i < 3; i++)
        if (setlocale(LC_ALL, commas[i])) break;
    struct dataset_request request = csv_request(f, "x\n0.5\n");
    expect_values(f, &request, 1, 1, VALUES(0.5f));
    setlocale(LC_ALL, "C");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_table_with_a_header_is_read),
        TEST(separators_and_missing_headers_are_read),
        TEST(labels_that_are_names_are_numbered_by_the_alphabet),
        TEST(a_stated_range_is_mapped_and_told_by_line),
        TEST(bad_lines_are_told_by_their_place),
        TEST(files_without_numbers_are_refused),
        TEST(columns_that_are_not_there_are_told),
        TEST(the_point_is_a_point_in_every_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
