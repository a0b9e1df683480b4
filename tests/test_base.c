/* links: base */
/* Arenas, text, errors and random numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/processors.h"
#include "base/random.h"
#include "base/text.h"

/* Known answers of the authors' Random123 distribution (kat_vectors). */
static void philox_gives_the_published_vectors(void **state) {
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], expected[4];
    } cases[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct philox p = philox4x32(cases[i].counter, cases[i].key);
        assert_memory_equal(p.word, cases[i].expected, sizeof p.word);
    }
}

static void numbers_are_written_as_short_as_they_can(void **state) {
    (void)state;
    static const struct {
        double number;
        const char *text;
    } cases[] = {{2e-4, "2e-4"}, {0.1, "0.1"},   {784, "784"},
                 {1000, "1000"}, {1e5, "1e5"},   {128000, "128000"},
                 {1e20, "1e20"}, {-0.5, "-0.5"}, {1.0 / 3, "0.3333333333333333"},
                 {0, "0"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text text = {0};
        text_add_number(&text, cases[i].number);
        assert_string_equal(text_get(&text), cases[i].text);
        text_release(&text);
    }
}

/* What is written, and what a shell makes of all of it. */
static void words_are_written_as_a_shell_reads_them(void **state) {
    (void)state;
    static const struct {
        const char *word, *written;
    } cases[] = {
        {"explore", "explore"},
        {"--set=a.b[0]=1", "'--set=a.b[0]=1'"},
        {"run/a-b_c,d:e@f%g+2", "run/a-b_c,d:e@f%g+2"},
        {"", "''"},
        {"two words", "'two words'"},
        {"it's", "'it'\\''s'"},
        {"\"$HOME\" `x` \\ ! ~ #; & < > | * ? (a) {b,c} [d] = \n", NULL},
        {"~", "'~'"},
        {"a;b", "'a;b'"},
        {"\xC3\xBC", "'\xC3\xBC'"},
        {"\t''", NULL},
    };
    enum { CASES = sizeof cases / sizeof *cases };
    struct text command = {0}, word = {0}, expected = {0};
    text_add(&command, "printf '%s|'");
    for (int i = 0; i < CASES; i++) {
        text_clear(&word);
        text_add_word(&word, cases[i].word);
        if (cases[i].written) assert_string_equal(text_get(&word), cases[i].written);
        text_format(&command, " %s", text_get(&word));
        text_format(&expected, "%s|", cases[i].word);
    }
    char found[1024] = "";
    FILE *shell = popen(text_get(&command), "r");
    assert_non_null(shell);
    found[fread(found, 1, sizeof found - 1, shell)] = '\0';
    assert_int_equal(pclose(shell), 0);
    assert_string_equal(found, text_get(&expected));
    text_release(&command);
    text_release(&word);
    text_release(&expected);
}

static void a_near_name_is_found_and_a_far_one_is_not(void **state) {
    (void)state;
    struct nearest near = {.wanted = "leaky_rleu"};
    nearest_try(&near, "linear");
    nearest_try(&near, "leaky_relu");
    nearest_try(&near, "relu");
    assert_string_equal(near.name, "leaky_relu");
    struct nearest far = {.wanted = "convolution"};
    nearest_try(&far, "tanh");
    assert_null(far.name);
    far.wanted = "conv2d"; /* three of six letters are others */
    nearest_try(&far, "concat");
    assert_null(far.name);
}

static void names_of_other_programs_are_found(void **state) {
    (void)state;
    struct nearest cased = {.wanted = "LeakyReLU"};
    nearest_try(&cased, "relu");
    nearest_try(&cased, "leaky_relu");
    assert_string_equal(cased.name, "leaky_relu");
    struct nearest other = {.wanted = "Fully-Connected"};
    nearest_try_row(&other, "tanh", NULL);
    nearest_try_row(&other, "linear", "Dense fully_connected");
    assert_string_equal(other.name, "linear");
    struct nearest near = {.wanted = "Dens"}; /* they must be written as they are */
    nearest_try_row(&near, "linear", "Dense fully_connected");
    assert_null(near.name);
}

static void invalid_utf8_is_found(void **state) {
    (void)state;
    assert_int_equal(text_invalid_utf8("ab\xc3\xa9", 4), 4);
    assert_int_equal(text_invalid_utf8("ab\xff", 3), 2);
    assert_int_equal(text_invalid_utf8("\xc0\xaf", 2), 0);
    assert_int_equal(text_invalid_utf8("\xed\xa0\x80", 3), 0);
    assert_int_equal(text_invalid_utf8("a\xe2\x82", 3), 1);
}

static void an_error_shows_the_place_and_the_remedy(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct source source = {.name = "a.yaml", .text = "x: 1\n  - leaky_rleu: 0.2\n", .length = 26};
    struct origin origin = {.source = &source, .line = 2, .column = 5, .length = 10};
    struct diagnostics diagnostics = {.arena = arena};
    diagnostics_add(&diagnostics, &origin, "did you mean 'leaky_relu'?", "there is no layer '%s'",
                    "leaky_rleu");
    diagnostics_add(&diagnostics, &origin, NULL, "there is no layer '%s'", "leaky_rleu");
    assert_int_equal(diagnostics.count, 1);
    char *printed;
    size_t size;
    FILE *file = open_memstream(&printed, &size);
    diagnostics_print(&diagnostics, file, false);
    fclose(file);
    assert_string_equal(printed, "a.yaml:2:5: error: there is no layer 'leaky_rleu'\n"
                                 "    2 |   - leaky_rleu: 0.2\n"
                                 "      |     ^~~~~~~~~~\n"
                                 "      = did you mean 'leaky_relu'?\n");
    free(printed);
    arena_free(arena);
}

static void the_first_error_wins(void **state) {
    (void)state;
    struct error error = {0};
    assert_false(error_set(&error, STATUS_DATA, "first %d", 1));
    error_set(&error, STATUS_IO, "second");
    assert_int_equal(error.status, STATUS_DATA);
    assert_string_equal(error.message, "first 1");
}

static void count_release(void *object) {
    ++*(int *)object;
}

static void an_arena_grows_aligns_and_releases(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    int released = 0, *list = NULL;
    for (int i = 0; i < 1000; i++) {
        list = ARENA_GROW(arena, list, i);
        list[i] = i;
    }
    for (int i = 0; i < 1000; i++)
        assert_int_equal(list[i], i);
    char *large = arena_alloc(arena, 3 << 20);
    assert_int_equal((uintptr_t)large % 64, 0);
    assert_int_equal(large[(3 << 20) - 1], 0);
    assert_string_equal(arena_format(arena, "%s-%d", "a", 7), "a-7");
    assert_string_equal(arena_extents(arena, 3, (const int64_t[]){60000, 28, 1}), "[60000, 28, 1]");
    assert_string_equal(arena_extents(arena, 0, NULL), "[]");
    char word[] = "one";
    const char *const *copies = arena_texts(arena, (const char *const[]){word, "two"}, 2);
    word[0] = 'x';
    assert_string_equal(copies[0], "one");
    assert_string_equal(copies[1], "two");
    assert_null(arena_texts(arena, copies, 0));
    arena_on_free(arena, count_release, &released);
    arena_free(arena);
    assert_int_equal(released, 1);
}

static void bytes_are_told_in_their_unit(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    assert_string_equal(text_bytes(arena, 999), "999 B");
    assert_string_equal(text_bytes(arena, 1500), "1.5 kB");
    assert_string_equal(text_bytes(arena, 47280000), "47.3 MB");
    assert_string_equal(text_bytes(arena, 1234000000), "1234 MB");
    arena_free(arena);
}

static void draws_below_a_bound_are_even(void **state) {
    (void)state;
    struct random_stream stream = {.key = 7};
    int counts[10] = {0};
    for (int i = 0; i < 100000; i++)
        counts[random_below(&stream, 10)]++;
    for (int i = 0; i < 10; i++)
        assert_in_range(counts[i], 9600, 10400); /* four standard deviations */
}

/* A quota of v2 or v1, in a folder like a cgroup's. */
static void expect_quota(const char *first, const char *second, int expected) {
    char folder[] = "/tmp/duel-test-XXXXXX", path[3][64];
    assert_non_null(mkdtemp(folder));
    snprintf(path[0], sizeof path[0], "%s/cpu", folder);
    snprintf(path[1], sizeof path[1], "%s/%s", folder, second ? "cpu/cpu.cfs_quota_us" : "cpu.max");
    snprintf(path[2], sizeof path[2], "%s/cpu/cpu.cfs_period_us", folder);
    assert_int_equal(mkdir(path[0], 0700), 0);
    const char *const texts[] = {first, second};
    for (int i = 0; i < 2 && texts[i]; i++) {
        FILE *file = fopen(path[1 + i], "w");
        assert_non_null(file);
        fputs(texts[i], file);
        fclose(file);
    }
    assert_int_equal(processors_quota(folder), expected);
    unlink(path[1]);
    unlink(path[2]);
    rmdir(path[0]);
    rmdir(folder);
}

static void no_more_processors_are_used_than_are_allowed(void **state) {
    (void)state;
    expect_quota("200000 100000\n", NULL, 2);
    expect_quota("150000 100000\n", NULL, 2);
    expect_quota("1000 100000\n", NULL, 1);
    expect_quota("max 100000\n", NULL, 0);
    expect_quota("", NULL, 0);
    expect_quota("250000\n", "100000\n", 3);
    expect_quota("-1\n", "100000\n", 0);
    assert_int_equal(processors_quota("/nonexistent"), 0);
    cpu_set_t all, one;
    assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
    CPU_ZERO(&one);
    for (size_t i = 0; i < CPU_SETSIZE && !CPU_COUNT(&one); i++)
        if (CPU_ISSET(i, &all)) CPU_SET(i, &one);
    assert_in_range(processors_count(), 1, CPU_COUNT(&all));
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    assert_int_equal(processors_count(), 1);
    assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_the_published_vectors),
        cmocka_unit_test(numbers_are_written_as_short_as_they_can),
        cmocka_unit_test(words_are_written_as_a_shell_reads_them),
        cmocka_unit_test(a_near_name_is_found_and_a_far_one_is_not),
        cmocka_unit_test(names_of_other_programs_are_found),
        cmocka_unit_test(invalid_utf8_is_found),
        cmocka_unit_test(an_error_shows_the_place_and_the_remedy),
        cmocka_unit_test(the_first_error_wins),
        cmocka_unit_test(an_arena_grows_aligns_and_releases),
        cmocka_unit_test(bytes_are_told_in_their_unit),
        cmocka_unit_test(no_more_processors_are_used_than_are_allowed),
        cmocka_unit_test(draws_below_a_bound_are_even),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
