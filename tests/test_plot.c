/* links: plot base png */
/* Draws fake runs, whose sample files are raw bytes at an offset, and looks at the pictures. */
#include <dirent.h>
#include <ftw.h>
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
#include <png.h>

#include "runner/plot.h"

enum { OFFSET = 2048, STILLS = 1u << PLOT_PNG | 1u << PLOT_SVG | 1u << PLOT_PDF };

struct fixture {
    struct arena *arena;
    char folder[64];
    const char *run;
    struct plot_files files;
    struct error error;
};

static bool has_gnuplot(void) {
    const char *path = getenv("PATH");
    char file[4096];
    while (path && *path) {
        size_t length = strcspn(path, ":");
        snprintf(file, sizeof file, "%.*s/gnuplot", (int)length, path);
        if (!access(file, X_OK)) return true;
        path += length + (path[length] == ':');
    }
    return false;
}

/* Names the run's folder `name`, which may be hostile. */
static void make_run(struct fixture *f, const char *name) {
    char *folder = arena_text(f->arena, name);
    for (char *at = folder; (at = strchr(at, '/'));)
        *at = '_';
    f->run = arena_format(f->arena, "%s/%s", f->folder, folder);
    assert_int_equal(mkdir(f->run, 0777), 0);
    assert_int_equal(mkdir(arena_format(f->arena, "%s/samples", f->run), 0777), 0);
    assert_int_equal(mkdir(arena_format(f->arena, "%s/plots", f->run), 0777), 0);
}

static int set_up(void **state) {
    struct arena *arena = arena_new();
    struct fixture *f = ARENA_NEW(arena, struct fixture);
    f->arena = arena;
    snprintf(f->folder, sizeof f->folder, "/tmp/test_plot.XXXXXX");
    if (!mkdtemp(f->folder)) return -1;
    *state = f;
    return 0;
}

static int remove_one(const char *path, const struct stat *state, int kind, struct FTW *where) {
    (void)state, (void)kind, (void)where;
    return remove(path);
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    nftw(f->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    arena_free(f->arena);
    return 0;
}

#define NEED_GNUPLOT                                                                               \
    do {                                                                                           \
        if (!has_gnuplot()) {                                                                      \
            print_message("gnuplot is not installed: sudo apt install gnuplot-nox\n");             \
            skip();                                                                                \
        }                                                                                          \
    } while (0)

static const char *in_run(struct fixture *f, const char *path) {
    return arena_format(f->arena, "%s/%s", f->run, path);
}

static void write_file(const char *path, const void *head, size_t head_size, const void *bytes,
                       size_t size) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(head, 1, head_size, file), head_size);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static const unsigned char *read_whole(struct fixture *f, const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file) fail_msg("%s is missing", path);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *size = (size_t)ftell(file);
    rewind(file);
    unsigned char *bytes = arena_alloc(f->arena, *size + 1);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    fclose(file);
    return bytes;
}

/* A sample file `name`: OFFSET bytes of something else, the samples, 8 more bytes, `real`. */
static struct plot_frame make_frame(struct fixture *f, const char *name, int64_t step,
                                    const void *samples, size_t size, const void *real,
                                    size_t real_size) {
    size_t whole = size + 8 + real_size;
    char head[OFFSET], *bytes = arena_alloc(f->arena, whole);
    memset(head, 0xee, sizeof head);
    memcpy(bytes, samples, size);
    if (real) memcpy(bytes + size + 8, real, real_size);
    const char *path = arena_format(f->arena, "samples/%s", name);
    write_file(in_run(f, path), head, sizeof head, bytes, whole);
    return (struct plot_frame){
        .path = path, .step = step, .offset = OFFSET, .real_offset = OFFSET + size + 8};
}

/* An image file of `count` images, each byte another value below 251, so that white is only between
 * them. */
static unsigned char sample_byte(size_t i, int64_t step) {
    return (unsigned char)((i * 7919 + (size_t)step * 31 + i / 13) % 251);
}

static struct plot_frame make_images(struct fixture *f, const char *name, int64_t step,
                                     int64_t count, int64_t height, int64_t width,
                                     int64_t channels) {
    size_t size = (size_t)(count * height * width * channels);
    unsigned char *bytes = arena_alloc(f->arena, size);
    for (size_t i = 0; i < size; i++)
        bytes[i] = sample_byte(i, step);
    struct plot_frame frame = make_frame(f, name, step, bytes, size, NULL, 0);
    frame.count = count;
    frame.height = height;
    frame.width = width;
    frame.channels = channels;
    return frame;
}

static struct plot_frame make_points(struct fixture *f, const char *name, int64_t step) {
    enum { COUNT = 300, REAL = 200 };
    float points[COUNT][2], real[REAL][2];
    for (int i = 0; i < COUNT; i++) {
        points[i][0] = (float)(i % 17) / 10;
        points[i][1] = (float)(i % 13) / 10;
    }
    for (int i = 0; i < REAL; i++) {
        real[i][0] = (float)(i % 5) - 2;
        real[i][1] = (float)(i / 5 % 5) - 2;
    }
    struct plot_frame frame = make_frame(f, name, step, points, sizeof points, real, sizeof real);
    frame.count = COUNT;
    frame.real_count = REAL;
    return frame;
}

/* The same with arrows to the right, all of one length, and a field that is -1 on the left and 2 on the right. */
static struct plot_frame make_plane(struct fixture *f, const char *name, int64_t step) {
    enum { COUNT = 300, REAL = 25, SIDE = 10 };
    float points[COUNT][2];
    struct {
        float real[REAL][2], arrows[COUNT][2], field[SIDE][SIDE];
    } beside;
    for (int i = 0; i < COUNT; i++) {
        points[i][0] = (float)(i % 17) / 10;
        points[i][1] = (float)(i % 13) / 10;
        beside.arrows[i][0] = 0.5f;
        beside.arrows[i][1] = 0;
    }
    for (int i = 0; i < REAL; i++) {
        beside.real[i][0] = (float)(i % 5) - 2;
        beside.real[i][1] = (float)(i / 5) - 2;
    }
    for (int i = 0; i < SIDE * SIDE; i++)
        beside.field[i / SIDE][i % SIDE] = i % SIDE < SIDE / 2 ? -1 : 2;
    struct plot_frame frame =
        make_frame(f, name, step, points, sizeof points, &beside, sizeof beside);
    frame.count = COUNT;
    frame.real_count = REAL;
    frame.arrows_offset = frame.real_offset + sizeof beside.real;
    frame.field_offset = frame.arrows_offset + sizeof beside.arrows;
    frame.field = (struct plot_field){SIDE, -2.232, -2.232, 0.496, "judge"};
    return frame;
}

static void write_metrics(struct fixture *f, int rows, const char *more) {
    FILE *file = fopen(in_run(f, "plots/metrics.tsv"), "w");
    assert_non_null(file);
    fputs("step\tepoch\tseconds\tdiscriminator.loss\tgenerator.loss\tfid\n", file);
    for (int i = 0; i < rows; i++)
        fprintf(file, "%d\t%d\t%g\t%g\t%g\t%s\n", i + 1, i / 100, i * .1, 0.7 + (i * 37 % 11) * .01,
                1 + (i * 53 % 17) * .02, i % 100 == 99 ? "25" : "nan");
    fputs(more, file);
    assert_int_equal(fclose(file), 0);
}

static bool draw(struct fixture *f, const char *title, unsigned formats,
                 const struct plot_frame *frames, int count) {
    memset(&f->error, 0, sizeof f->error);
    f->files = (struct plot_files){0};
    return plot_run(&(struct plot_request){.scripts = "plots",
                                           .run = f->run,
                                           .title = title,
                                           .formats = formats,
                                           .frames = frames,
                                           .frame_count = count,
                                           .arena = f->arena,
                                           .files = &f->files},
                    &f->error);
}

#define ASSERT_DRAWN(call)                                                                         \
    do {                                                                                           \
        if (!(call)) fail_msg("%s (%s)", f->error.message, f->error.hint);                         \
    } while (0)

/* Names in plots/ are those of `expected`, separated by spaces, and nothing else: no temporary file
 * is left. */
static void check_files(struct fixture *f, const char *expected) {
    DIR *folder = opendir(in_run(f, "plots"));
    assert_non_null(folder);
    int found = 0, wanted = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        const char *at = strstr(expected, entry->d_name);
        if (!at) fail_msg("unexpected file plots/%s", entry->d_name);
        found++;
    }
    closedir(folder);
    for (const char *at = expected; *at; at++)
        wanted += (at == expected || at[-1] == ' ') && *at != ' ';
    assert_int_equal(found, wanted);
}

/* ---- reading pictures ---- */

struct picture {
    int width, height;
    const unsigned char *rgb; /* (height, width, 3) */
};

static struct picture read_png(struct fixture *f, const char *path) {
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_file(&image, path)) fail_msg("%s: %s", path, image.message);
    image.format = PNG_FORMAT_RGB;
    unsigned char *rgb = arena_alloc(f->arena, PNG_IMAGE_SIZE(image));
    assert_true(png_image_finish_read(&image, NULL, rgb, 0, NULL));
    return (struct picture){(int)image.width, (int)image.height, rgb};
}

static const unsigned char *pixel(const struct picture *p, int x, int y) {
    return p->rgb + 3 * ((size_t)y * (size_t)p->width + (size_t)x);
}

static bool is_white(const struct picture *p, int x, int y) {
    const unsigned char *at = pixel(p, x, y);
    return at[0] == 255 && at[1] == 255 && at[2] == 255;
}

/* Columns (or rows, if `down`) of the picture that are not all white, as runs [from, to). */
static int find_runs(const struct picture *p, bool down, int from[], int to[], int most) {
    int count = 0;
    bool inside = false;
    for (int i = 0; i < (down ? p->height : p->width); i++) {
        bool white = true;
        for (int j = 0; white && j < (down ? p->width : p->height); j++)
            white = down ? is_white(p, j, i) : is_white(p, i, j);
        if (!white && !inside) {
            assert_true(count < most);
            from[count++] = i;
        }
        if (!white) to[count - 1] = i + 1;
        inside = !white;
    }
    return count;
}

/* Image i is at row i / columns, column i % columns, its first byte at the top left, each byte a
 * square of one colour. */
static void check_grid(struct fixture *f, int64_t channels) {
    enum { COUNT = 11, HEIGHT = 5, WIDTH = 4, COLUMNS = 4, ROWS = 3 };
    struct plot_frame frame = make_images(f, "a.h5", -1, COUNT, HEIGHT, WIDTH, channels);
    ASSERT_DRAWN(draw(f, NULL, 1u << PLOT_PNG, &frame, 1));
    check_files(f, "samples.png");
    struct picture p = read_png(f, in_run(f, "plots/samples.png"));
    int left[COLUMNS], right[COLUMNS], top[ROWS], bottom[ROWS];
    assert_int_equal(find_runs(&p, false, left, right, COLUMNS), COLUMNS);
    assert_int_equal(find_runs(&p, true, top, bottom, ROWS), ROWS);
    const int scale = (right[0] - left[0]) / WIDTH;
    assert_true(scale >= 4);
    for (int i = 0; i < COUNT; i++) {
        int x0 = left[i % COLUMNS], y0 = top[i / COLUMNS];
        assert_int_equal(right[i % COLUMNS] - x0, WIDTH * scale);
        assert_int_equal(bottom[i / COLUMNS] - y0, HEIGHT * scale);
        for (int y = 0; y < HEIGHT * scale; y++)
            for (int x = 0; x < WIDTH * scale; x++)
                for (int c = 0; c < 3; c++) {
                    int at = (i * HEIGHT + y / scale) * WIDTH + x / scale;
                    size_t byte = (size_t)(channels == 1 ? at : 3 * at + c);
                    unsigned char expected = sample_byte(byte, -1);
                    unsigned char got = pixel(&p, x0 + x, y0 + y)[c];
                    if (got != expected)
                        fail_msg("image %d, x %d, y %d, channel %d: %d instead of %d", i, x, y, c,
                                 got, expected);
                }
    }
    assert_true(is_white(&p, left[COLUMNS - 1] + 1, top[ROWS - 1] + 1)); /* no twelfth image */
}

static void test_grid_grey(void **state) {
    struct fixture *f = *state;
    NEED_GNUPLOT;
    make_run(f, "run");
    check_grid(f, 1);
}

static void test_grid_rgb(void **state) {
    struct fixture *f = *state;
    NEED_GNUPLOT;
    make_run(f, "run");
    check_grid(f, 3);
}

/* Width, height and number of frames of a gif, by its blocks. */
static void check_gif(struct fixture *f, const char *path, int least, int frames) {
    size_t size;
    const unsigned char *b = read_whole(f, path, &size);
    assert_true(size > 13 && !memcmp(b, "GIF89a", 6));
    assert_true((b[6] | b[7] << 8) >= least && (b[8] | b[9] << 8) >= least);
    size_t at = 13 + (b[10] & 0x80 ? 3u << ((b[10] & 7) + 1) : 0);
    int found = 0;
    while (at < size && b[at] != 0x3b) {
        if (b[at] == 0x2c) {
            found++;
            assert_true(at + 10 < size);
            at += 11 + (b[at + 9] & 0x80 ? 3u << ((b[at + 9] & 7) + 1) : 0);
        } else {
            assert_int_equal(b[at], 0x21);
            at += 2;
        }
        while (at < size && b[at])
            at += b[at] + 1u;
        at++;
    }
    assert_true(at < size);
    assert_int_equal(found, frames);
}

/* The picture is there in three formats: `wide` x `high` pixels at 200 dots an inch, to a pixel. */
static void check_stills(struct fixture *f, const char *name, int wide, int high) {
    struct picture p = read_png(f, in_run(f, arena_format(f->arena, "plots/%s.png", name)));
    if (wide) assert_int_equal(p.width, wide);
    if (high) assert_int_equal(p.height, high);
    size_t size;
    const char *svg =
        (const char *)read_whole(f, in_run(f, arena_format(f->arena, "plots/%s.svg", name)), &size);
    assert_memory_equal(svg, "<?xml", 5);
    const char *box = strstr(svg, "viewBox=\"0 0 ");
    assert_non_null(box);
    char *end;
    assert_in_range(strtol(box + 13, &end, 10), p.width * 96 / 200 - 1, p.width * 96 / 200 + 1);
    assert_in_range(strtol(end, NULL, 10), p.height * 96 / 200 - 1, p.height * 96 / 200 + 1);
    const char *pdf =
        (const char *)read_whole(f, in_run(f, arena_format(f->arena, "plots/%s.pdf", name)), &size);
    assert_memory_equal(pdf, "%PDF-", 5);
}

enum { FRAMES = 4, HOLD = 5 /* times that the last frame is shown once more */ };

static void test_images(void **state) {
    struct fixture *f = *state;
    NEED_GNUPLOT;
    make_run(f, "run");
    write_metrics(f, 500, "");
    struct plot_frame frames[FRAMES];
    for (int i = 0; i < FRAMES; i++)
        frames[i] = make_images(f, arena_format(f->arena, "%d.h5", i), 1000 * i, 64, 28, 28, 1);
    frames[1].path = in_run(f, frames[1].path); /* an absolute path is as good */
    ASSERT_DRAWN(draw(f, "test", STILLS | 1u << PLOT_GIF, frames, FRAMES));
    check_files(f, "metrics.tsv losses.png losses.svg losses.pdf samples.png samples.svg "
                   "samples.pdf animation.gif");
    assert_int_equal(f->files.count, 7);
    for (int i = 0; i < f->files.count; i++)
        assert_int_equal(access(f->files.list[i], R_OK), 0);
    check_stills(f, "losses", 1400, 0);
    check_stills(f, "samples", 0, 0);
    check_gif(f, in_run(f, "plots/animation.gif"), 400, FRAMES + HOLD);
    size_t size;
    const char *svg = (const char *)read_whole(f, in_run(f, "plots/samples.svg"), &size);
    assert_non_null(strstr(svg, "<svg image-rendering=\"pixelated\""));
    assert_non_null(strstr(svg, "step 3,000"));
    assert_non_null(strstr(svg, "</svg>"));
    int gaps = 0; /* drawn in white, or they vanish on a screen */
    for (const char *at = svg; (at = strstr(at, "<polygon fill = 'rgb(255, 255, 255)'")); at++)
        gaps++;
    assert_int_equal(gaps, 7 + 7);
}

static void test_points(void **state) {
    struct fixture *f = *state;
    NEED_GNUPLOT;
    make_run(f, "run");
    struct plot_frame frames[FRAMES];
    for (int i = 0; i < FRAMES; i++)
        frames[i] = make_points(f, arena_format(f->arena, "%d.h5", i), 10 * i);
    ASSERT_DRAWN(draw(f, "test", STILLS | 1u << PLOT_GIF, frames, FRAMES));
    check_files(f, "points.png points.svg points.pdf points-animation.gif");
    check_stills(f, "points", 730, 750);
    check_gif(f, in_run(f, "plots/points-animation.gif"), 400, FRAMES + HOLD);
    /* Real points reach to the left of the generated ones: orange there, blue only in the upper
     * right. */
    struct picture p = read_png(f, in_run(f, "plots/points.png"));
    int orange = 0, blue_left = 0, blue_right = 0;
    for (int y = 150; y < 600; y++)
        for (int x = 120; x < 650; x++) {
            const unsigned char *c = pixel(&p, x, y);
            orange += c[0] > 200 && c[2] < 140 && x < 340;
            blue_left += c[2] > 150 && c[0] < 110 && x < 340;
            blue_right += c[2] > 150 && c[0] < 110 && x >= 380 && y < 380;
        }
    assert_true(orange > 100 && blue_right > 1000);
    assert_int_equal(blue_left, 0);
}

static void assert_near(const unsigned char *at, int r, int g, int b) {
    if (abs(at[0] - r) > 8 || abs(at[1] - g) > 8 || abs(at[2] - b) > 8)
        fail_msg("%d %d %d instead of %d %d %d", at[0], at[1], at[2], r, g, b);
}

/* The field fills the square from edge to edge, with its own colours; arrows start at points. */
static void test_plane(void **state) {
    struct fixture *f = *state;
    NEED_GNUPLOT;
    make_run(f, "run");
    struct plot_frame frames[FRAMES];
    for (int i = 0; i < FRAMES; i++)
        frames[i] = make_plane(f, arena_format(f->arena, "%d.h5", i), 10 * i);
    frames[1].arrows_offset = 0;
    frames[2].field_offset = 0;
    ASSERT_DRAWN(draw(f, "test", STILLS | 1u << PLOT_GIF, frames, FRAMES));
    check_files(f, "points.png points.svg points.pdf points-animation.gif");
    check_stills(f, "points", 900, 780);
    check_gif(f, in_run(f, "plots/points-animation.gif"), 400, FRAMES + HOLD);
    struct picture p = read_png(f, in_run(f, "plots/points.png"));
    enum { LEFT = 136, TOP = 122, SQUARE = 574 };
    for (int i = 0; i < 2; i++) { /* half way to purple; green */
        int y = TOP + 4 + i * (SQUARE - 8);
        assert_near(pixel(&p, LEFT + 4, y), 0xCF, 0xB2, 0xD6);
        assert_near(pixel(&p, LEFT + SQUARE / 2 - 4, y), 0xCF, 0xB2, 0xD6);
        assert_near(pixel(&p, LEFT + SQUARE / 2 + 4, y), 0x53, 0x92, 0x50);
        assert_near(pixel(&p, LEFT + SQUARE - 4, y), 0x53, 0x92, 0x50);
    }
    int dark[2] = {0};
    for (int y = TOP + 4; y < TOP + SQUARE - 4; y++)
        for (int x = LEFT + 4; x < LEFT + SQUARE - 4; x++) {
            const unsigned char *at = pixel(&p, x, y);
            dark[x > LEFT + SQUARE / 2 - 4] += at[0] < 80 && at[1] < 80 && at[2] < 80;
        }
    assert_int_equal(dark[0], 0);
    assert_true(dark[1] > 1000);
    frames[3].field_offset += 8; /* the file ends before its field does */
    assert_false(draw(f, "test", 1u << PLOT_PNG, frames, FRAMES));
    assert_non_null(strstr(f->error.message, "the file ends before its samples do"));
}

/* Of very many frames some are drawn. */
static void test_many_frames(void **state) {
    struct fixture *f = *state;
    NEED_GNUPLOT;
    make_run(f, "run");
    enum { MANY = 150, HOLD_MANY = 10 };
    struct plot_frame frames[MANY];
    for (int i = 0; i < MANY; i++)
        frames[i] = make_images(f, arena_format(f->arena, "%d.h5", i), i, 4, 3, 3, 3);
    ASSERT_DRAWN(draw(f, "test", 1u << PLOT_GIF, frames, MANY));
    check_files(f, "animation.gif");
    check_gif(f, in_run(f, "plots/animation.gif"), 50, PLOT_FRAMES_MOST + HOLD_MANY);
}

/* Metrics that are hardly there, or wild, are drawn too. */
static void test_odd_metrics(void **state) {
    struct fixture *f = *state;
    NEED_GNUPLOT;
    static const struct {
        int rows;
        const char *more;
    } cases[] = {
        {0, ""},
        {1, ""},
        {2, ""},
        {5, "6\t0\t0\tnan\tnan\tnan\n"},
        {0, "1\t0\t0\tnan\tnan\tnan\n2\t0\t0\tnan\tnan\tnan\n"},
        {300, "301\t3\t31\t1e30\t-1e30\t1e-30\n302\t3\t31\tinf\t-inf\tnan\n"},
        {20000, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        make_run(f, arena_format(f->arena, "run-%zu", i));
        write_metrics(f, cases[i].rows, cases[i].more);
        ASSERT_DRAWN(draw(f, "test", STILLS, NULL, 0));
        check_files(f, "metrics.tsv losses.png losses.svg losses.pdf");
        check_stills(f, "losses", 1400, 0);
    }
}

/* Where the numbers beside the vertical axes stand that begin with "10", in an svg. */
static int find_powers(struct fixture *f, const char *path, double y[], int most) {
    size_t size;
    const char *svg = (const char *)read_whole(f, path, &size);
    int count = 0;
    for (const char *at = svg; (at = strstr(at, "text-anchor=\"end\">")); at++) {
        const char *text = strstr(at, "<text>"), *group = at;
        while (strncmp(group, "<g transform=\"translate(", 24) != 0)
            group--;
        if (!text || (strncmp(text + 6, "10", 2) != 0 && strncmp(text + 6, "−10", 5) != 0))
            continue;
        assert_true(count < most);
        y[count++] = strtod(strchr(group, ',') + 1, NULL);
    }
    return count;
}

/* Over many decades, from both sides of 0 or from one, the numbers of an axis have room. */
static void test_many_decades(void **state) {
    struct fixture *f = *state;
    NEED_GNUPLOT;
    make_run(f, "run");
    FILE *file = fopen(in_run(f, "plots/metrics.tsv"), "w");
    assert_non_null(file);
    fputs("step\tg.loss\tone\ttwo\tthree\n", file);
    for (int i = 0; i < 60; i++)
        fprintf(file, "%d\t1e-%d\t1e-%d\t%s\t%d\n", i + 1, i % 13, i % 13,
                i % 20 == 7   ? "1e7"
                : i % 20 == 9 ? "-1e7"
                : i % 2       ? "0.1"
                              : "-0.1",
                i);
    assert_int_equal(fclose(file), 0);
    ASSERT_DRAWN(draw(f, "test", 1u << PLOT_SVG, NULL, 0));
    double y[40];
    const int count = find_powers(f, in_run(f, "plots/losses.svg"), y, 40);
    assert_true(count >= 10);
    for (int i = 1; i < count; i++) /* lines of 9 points, in pixels */
        if (fabs(y[i] - y[i - 1]) < 16) fail_msg("numbers at %g and %g meet", y[i - 1], y[i]);
}

/* An fc-list that says `fonts` stands first in PATH; NULL: there is none at all. */
static const char *drawn_with(struct fixture *f, const char *fonts, const char *text) {
    char *path = arena_text(f->arena, getenv("PATH"));
    const char *bin = arena_format(f->arena, "%s/bin", f->folder),
               *tool = arena_format(f->arena, "%s/fc-list", bin);
    mkdir(bin, 0777);
    unlink(tool);
    if (fonts) {
        const char *script = arena_format(f->arena, "#!/bin/sh\nprintf '%s'\n", fonts);
        write_file(tool, script, strlen(script), "", 0);
        assert_int_equal(chmod(tool, 0777), 0);
    }
    setenv("PATH", bin, 1);
    plot_forget_fonts();
    const char *line = plot_one_line(f->arena, text);
    plot_forget_fonts();
    setenv("PATH", path, 1);
    return line;
}

/* What no font has is not drawn, as it would fill the picture. */
static void test_fonts(void **state) {
    struct fixture *f = *state;
    static const char text[] = "Dreieck mit ü 三角, 3 → 9…";
    assert_string_equal(drawn_with(f, NULL, text), "Dreieck mit ü ??, 3 → 9…");
    assert_string_equal(drawn_with(f, "", text), "Dreieck mit ü ??, 3 → 9…");
    assert_string_equal(drawn_with(f, "TrueType 20-7e\\nCFF 4e00 4e08-4e0a 4e0c\\n", text),
                        "Dreieck mit ü 三?, 3 → 9…");
    assert_string_equal(drawn_with(f, "PCF 4e09\\nType 1 4e09\\nTrueType 20-7e 89d2\\n", text),
                        "Dreieck mit ü ?角, 3 → 9…");
    assert_string_equal(drawn_with(f, "TrueType 1f600\\n", "\xf0\x9f\x98\x80 \xf0\x9f\x98\x81"),
                        "\xf0\x9f\x98\x80 ?");
    assert_string_equal(drawn_with(f, NULL, "a\x80\tb\xc2\x80"), "a? b?");
}

static void test_hostile_text(void **state) {
    struct fixture *f = *state;
    NEED_GNUPLOT;
    static const char *const texts[] = {
        "$(touch pwned)",
        "`touch pwned`",
        "\"; system(\"touch pwned\"); \"",
        "'; !touch pwned\n!touch pwned\n'",
        "@ARG1 a_b^{c} %s %n <b>&amp; \\n \xff\x1b[31m",
        "-persist",
        "| touch pwned",
        "< touch pwned",
        "$x",
        "{/*2 big}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        make_run(f, arena_format(f->arena, "%zu%s", i, texts[i]));
        write_metrics(f, 10, "");
        struct plot_frame frames[2] = {make_images(f, "a.h5", 1, 4, 8, 8, 3),
                                       make_images(f, "b.h5", 2, 4, 8, 8, 3)};
        frames[1].path = in_run(f, frames[1].path);
        ASSERT_DRAWN(draw(f, texts[i], STILLS | 1u << PLOT_GIF, frames, 2));
        check_files(f, "metrics.tsv losses.png losses.svg losses.pdf samples.png samples.svg "
                       "samples.pdf animation.gif");
        assert_int_not_equal(access("pwned", F_OK), 0);
        assert_int_not_equal(access(in_run(f, "pwned"), F_OK), 0);
        assert_int_not_equal(access(in_run(f, "plots/pwned"), F_OK), 0);
    }
    /* Shown as it is written. */
    make_run(f, "run");
    write_metrics(f, 10, "");
    ASSERT_DRAWN(draw(f, "a_b^{c} `d` $(e) @f", 1u << PLOT_SVG, NULL, 0));
    size_t size;
    const char *svg = (const char *)read_whole(f, in_run(f, "plots/losses.svg"), &size);
    assert_non_null(strstr(svg, "a_b^{c} `d` $(e) @f"));
}

/* A path in the run that a shell or gnuplot would take for something else. */
static void test_hostile_path(void **state) {
    struct fixture *f = *state;
    NEED_GNUPLOT;
    make_run(f, "run");
    struct plot_frame frame = make_images(f, "a `touch pwned` $(touch pwned)#'.h5", 1, 4, 8, 8, 1);
    ASSERT_DRAWN(draw(f, "test", 1u << PLOT_PNG | 1u << PLOT_GIF, &frame, 1));
    check_files(f, "samples.png animation.gif");
    assert_int_not_equal(access("pwned", F_OK), 0);
    assert_int_not_equal(access(in_run(f, "pwned"), F_OK), 0);
    /* gnuplot would run the first, and look for the second among its own. */
    static const char *const names[] = {"<touch pwned", "$touch"};
    for (int i = 0; i < 2; i++) {
        frame = make_images(f, "b.h5", 1, 4, 8, 8, 1);
        assert_int_equal(rename(in_run(f, frame.path), in_run(f, names[i])), 0);
        frame.path = names[i];
        ASSERT_DRAWN(draw(f, "test", 1u << PLOT_PNG | 1u << PLOT_GIF, &frame, 1));
        assert_int_not_equal(access(in_run(f, "pwned"), F_OK), 0);
    }
    frame = make_images(f, "a\"b.h5", 1, 4, 8, 8, 1);
    assert_false(draw(f, "test", 1u << PLOT_GIF, &frame, 1));
    assert_int_equal(f->error.status, STATUS_DATA);
    assert_non_null(strstr(f->error.message, "double quote"));
}

static void test_no_gnuplot(void **state) {
    struct fixture *f = *state;
    make_run(f, "run");
    write_metrics(f, 10, "");
    assert_false(plot_run(&(struct plot_request){.scripts = "plots",
                                                 .run = f->run,
                                                 .program = "gnuplot-that-nobody-has",
                                                 .formats = STILLS,
                                                 .arena = f->arena,
                                                 .files = &f->files},
                          &f->error));
    assert_int_equal(f->error.status, STATUS_NO_DEVICE);
    assert_string_equal(f->error.hint, "sudo apt install gnuplot-nox");
    check_files(f, "metrics.tsv");
}

/* Which of the first three colours of the palette a pixel has, more or less; -1: none. */
static int class_of(const unsigned char *c) {
    if (c[2] - c[0] > 80 && c[2] > c[1]) return 0;
    if (c[0] - c[2] > 80) return 1;
    return c[1] - c[0] > 80 ? 2 : -1;
}

/* Points of a data set in the colours of their classes; nothing but the picture is left. */
static void test_data(void **state) {
    struct fixture *f = *state;
    enum { COUNT = 300 };
    float points[COUNT][3];
    for (int i = 0; i < COUNT; i++) {
        points[i][0] = (float)(i % 30);
        points[i][1] = (float)(i / 30);
        points[i][2] = (float)(i % 3 == 0 ? 1 : 0);
    }
    NEED_GNUPLOT;
    make_run(f, "run");
    struct plot_points plot = {.scripts = "plots",
                               .title = "`touch x` \"$(touch x)\"",
                               .path = in_run(f, "plots/it's-`x`.png"),
                               .count = COUNT,
                               .points = points[0],
                               .classes = 3,
                               .arena = f->arena};
    if (!plot_points(&plot, &f->error)) fail_msg("%s", f->error.message);
    check_files(f, "it's-`x`.png");
    struct picture p = read_png(f, plot.path);
    int inside[3] = {0}, key[3] = {0};
    for (int y = 0; y < p.height; y++)
        for (int x = 0; x < p.width; x++) {
            int class = class_of(pixel(&p, x, y));
            if (class >= 0) (x < 710 ? inside : key)[class]++;
        }
    for (int i = 0; i < 3; i++)
        assert_in_range(key[i], 20, 200);
    assert_true(inside[1] > 1000 && inside[2] == 0);
    assert_in_range(inside[0], inside[1] * 3 / 2, inside[1] * 5 / 2);
    plot.program = "gnuplot-that-nobody-has";
    plot.path = in_run(f, "plots/other.png");
    assert_false(plot_points(&plot, &f->error));
    assert_int_equal(f->error.status, STATUS_NO_DEVICE);
    check_files(f, "it's-`x`.png");
}

/* gnuplot's own words are told, an older picture stays, and nothing temporary is left. */
static void test_gnuplot_fails(void **state) {
    struct fixture *f = *state;
    NEED_GNUPLOT;
    make_run(f, "run");
    write_file(in_run(f, "plots/metrics.tsv"), "", 0, "", 0);
    write_file(in_run(f, "plots/losses.png"), "old", 3, "", 0);
    assert_false(draw(f, "test", STILLS, NULL, 0));
    assert_int_equal(f->error.status, STATUS_IO);
    assert_non_null(strstr(f->error.message, "the metrics file is empty"));
    check_files(f, "metrics.tsv losses.png");
    size_t size;
    assert_memory_equal(read_whole(f, in_run(f, "plots/losses.png"), &size), "old", 3);
}

/* A picture that cannot get its name is an error, and nothing temporary is left. */
static void test_name_taken(void **state) {
    struct fixture *f = *state;
    NEED_GNUPLOT;
    make_run(f, "run");
    assert_int_equal(mkdir(in_run(f, "plots/samples.png"), 0777), 0);
    struct plot_frame frame = make_images(f, "a.h5", 1, 4, 8, 8, 1);
    assert_false(draw(f, "test", 1u << PLOT_PNG, &frame, 1));
    assert_int_equal(f->error.status, STATUS_IO);
    assert_int_equal(f->files.count, 0);
    check_files(f, "samples.png");
}

static void test_bad_frames(void **state) {
    struct fixture *f = *state;
    make_run(f, "run");
    const struct plot_frame good = make_images(f, "a.h5", 1, 4, 8, 8, 3);
    struct {
        struct plot_frame frame;
        enum status status;
    } cases[] = {{good, STATUS_DATA},     {good, STATUS_DATA}, {good, STATUS_DATA},
                 {good, STATUS_NO_INPUT}, {good, STATUS_DATA}, {good, STATUS_DATA}};
    cases[0].frame.channels = 2;
    cases[1].frame.count = 5; /* more than there are */
    cases[2].frame.height = INT64_MAX;
    cases[3].frame.path = "samples/none.h5";
    cases[4].frame.offset = UINT64_MAX - 5;
    cases[5].frame.width = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_false(draw(f, "test", 1u << PLOT_PNG, &cases[i].frame, 1));
        assert_int_equal(f->error.status, cases[i].status);
    }
    struct plot_frame two[2] = {good, good};
    two[1].width = 4;
    assert_false(draw(f, "test", 1u << PLOT_GIF, two, 2));
    assert_non_null(strstr(f->error.message, "another shape"));
    check_files(f, "");
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_grid_grey),     TEST(test_grid_rgb),     TEST(test_images),
        TEST(test_points),        TEST(test_many_frames),  TEST(test_odd_metrics),
        TEST(test_plane),         TEST(test_many_decades), TEST(test_fonts),
        TEST(test_hostile_text),  TEST(test_hostile_path), TEST(test_no_gnuplot),
        TEST(test_gnuplot_fails), TEST(test_bad_frames),   TEST(test_name_taken),
        TEST(test_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
