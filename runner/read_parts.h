/* What the files that read parameters share: read.c (rows), read_number.c, read_text.c,
 * read_types.c and parameters_print.c. */
#ifndef RUNNER_READ_PARTS_H
#define RUNNER_READ_PARTS_H

#include "runner/read.h"

/* One value that is read by one row. */
struct reading {
    const struct config *value;
    const struct parameter *row;
    const char *what;
    const struct scope *scope;
    struct diagnostics *diagnostics;
    struct config *resolved; /* set where the value is good */
};

/* Reads the value into what the row's type has at its offset. False, with a report, if it is wrong.
 */
bool read_number(struct reading *r, void *destination);
bool read_integer(struct reading *r, void *destination);
bool read_bool(struct reading *r, void *destination);
bool read_numbers(struct reading *r, void *destination);
bool read_labels(struct reading *r, void *destination);
bool read_points(struct reading *r, void *destination);
bool read_shape(struct reading *r, void *destination);
bool read_padding(struct reading *r, void *destination);
bool read_choice(struct reading *r, void *destination);
bool read_text(struct reading *r, void *destination);
bool read_path(struct reading *r, void *destination);
bool read_texts(struct reading *r, void *destination);
bool read_duration(struct reading *r, void *destination);
bool read_durations(struct reading *r, void *destination);
bool read_distribution(struct reading *r, void *destination); /* and initialisers */
bool read_expression(struct reading *r, void *destination);
bool read_scalar(struct reading *r, void *destination);
bool read_layers(struct reading *r, void *destination);
bool read_branches(struct reading *r, void *destination);
bool read_loop(struct reading *r, void *destination);

/* "'units' of layer 'linear' must be EXPECTED, but is …"; returns false. */
bool read_wrong(const struct reading *r, const struct config *value, const char *hint,
                const char *expected);

/* The number that a scalar is, or that its expression has; it must not change while training.
 * Reports what is wrong. */
bool read_finite(const struct reading *r, const struct config *value, double *number);
bool read_constant(const struct reading *r, const struct expression *expression, double *number);

/* Reports a number that a value has, as read_wrong does; of an expression, with what its names stand for unless there is a
 * hint. */
bool read_wrong_number(const struct reading *r, const struct config *value, double number,
                       const char *hint, const char *expected);

/* Checks the range of the row; reports at the value. */
bool read_in_range(const struct reading *r, const struct config *value, double number);

/* "from 0 to 1", "above 0", …; NULL where any number will do. */
char *read_range_text(struct arena *arena, const struct parameter *row);

/* The next of the words separated by spaces, or false. */
struct word {
    const char *at;
    char text[48];
};
bool word_next(struct word *word);
/* "a, b, c" */
char *words_text(struct arena *arena, const char *words);
/* The index of `name` among them, or -1 and, if diagnostics is not NULL, a report that lists them.
 */
int read_word(const struct reading *r, const struct origin *origin, const char *name, bool report);

#endif
