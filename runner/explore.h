/*
 * Explorations of a trained model: a table of samples whose beginnings were chosen, one variable
 * moved along a row, say; what is asked, the table, its files.
 */
#ifndef RUNNER_EXPLORE_H
#define RUNNER_EXPLORE_H

#include "runner/explore_element.h"
#include "runner/explore_sum.h"
#include "runner/model.h"

struct exploration {
    const struct arguments *arguments;
    struct arena *arena;
    struct model *model;
    const struct game_sampler *sampler; /* draws what numbered samples begin from */
    uint64_t seed;                      /* of samples that are given by their number alone */
    /* The table. */
    int rows, columns;
    struct beginnings *cells;                 /* (rows * columns) */
    const char **row_labels, **column_labels; /* NULL: none */
    /* Of the picture, where the labels of columns are too long: others, and texts below (rows * columns); NULL: none. */
    const char **heads, **captions;
    const char *corner; /* above the labels of rows; NULL: nothing */
    bool mesh;          /* columns belong together as rows do */
    bool lines;         /* what is in a row belongs together, so that points make a line */
    const bool *gaps;   /* (columns) of the picture; NULL: nowhere */
    const char *title;  /* what is done */
    struct sample made; /* what the sampler made of it */
    /* Images beside the samples, which have one column then. */
    struct store_array beside; /* uint8 [rows, n, height, width, channels]; data NULL: none */
    const char **beside_labels, **beside_captions; /* (n), (rows * n) */
    struct store_array numbers[8]; /* what the file gets besides; data NULL ends them */
};

/* One kind of exploration. */
struct explore_row {
    const char *name;
    const char *operand; /* that it takes, "EXPRESSION"; NULL: none */
    const char *options; /* that it takes beside those of all, with spaces between */
    /* Makes the table: sizes, beginnings, labels. */
    bool (*make)(struct exploration *exploration, struct error *error);
    /* Goes on when the samples are made; NULL: there is nothing more. */
    bool (*finish)(struct exploration *exploration, struct error *error);
};
extern const struct explore_row explore_traverse, explore_interpolate, explore_arithmetic,
    explore_nearest, explore_map;

enum { EXPLORE_CELLS_MOST = 10000 };

/* ---- parts of tables ---- */

/* The size of the table, with room for its cells and labels; STATUS_USAGE where it is too large. */
bool explore_size(struct exploration *exploration, int64_t rows, int64_t columns,
                  struct error *error);

/* "12" or SEED:12. */
bool explore_read_name(const struct exploration *exploration, const char *text,
                       struct sample_name *name, struct error *error);
/* The name as it was read: without the seed where that is the exploration's. */
const char *explore_name_text(const struct exploration *exploration, struct sample_name name);

/* What these samples begin from, as `duel sample` draws it; NULL with an error. */
struct beginnings *explore_draw(struct exploration *exploration, const struct sample_name *names,
                                int64_t count, struct error *error);

/* Reads a sum of samples, an option's value or an operand (option NULL); false with a diagnostic. */
bool explore_read_sum(struct exploration *exploration, const char *option, const char *text,
                      struct sum *sum);
/* Its samples, one a term, of the exploration's seed; NULL with an error. */
struct beginnings *explore_draw_sum(struct exploration *exploration, const struct sum *sum,
                                    struct error *error);
/* Their sum becomes entry i: of the latents' numbers; all else is the first sample's. */
void explore_add_up(const struct sum *sum, const struct beginnings *from, struct beginnings *to,
                    int64_t i);

/* The classes of --class, `all` of them or one each time; none given: count 1 and -1, the samples' own. */
struct class_list {
    int count;
    const int32_t *list;
    struct element element; /* whose classes these are; none given: `classes` is 0 */
};
/* STATUS_USAGE where there is no such class, or the sampler takes several and it is not told whose. */
bool explore_classes(const struct exploration *exploration, struct class_list *classes,
                     struct error *error);
/* Gives entry i one of these classes; -1: leaves it its own. */
void explore_set_class(const struct class_list *classes, int32_t class,
                       struct beginnings *beginnings, int64_t i);
/* "cat", or "class 5" where it has no name. */
const char *explore_class_text(const struct exploration *exploration, struct class_names names,
                               int32_t class);
/* "3", "3, class 5", "3, cat": the label of a row whose samples are given this class; -1: none. */
const char *explore_row_label(const struct exploration *exploration,
                              const struct class_list *classes, const char *name, int32_t class);

/* A number of --from and the like, and a count. */
bool explore_number(const struct exploration *exploration, const char *option, double otherwise,
                    double *number, struct error *error);

/* Runs the sampler on all cells. */
bool explore_run(struct exploration *exploration, struct error *error);

/* Writes NAME.h5, and its picture in the formats asked for; prints their paths. */
bool explore_write(struct exploration *exploration, const struct explore_row *row, const char *name,
                   unsigned formats, struct error *error);

#endif
