/* links: datasets base */
/*
 * Any bytes as a pair of NPY files.
 *
 * Input: a byte of flags (1 labels are given, 2 limit: 1, 4 classes: [1], 8 layout: channels_first,
 * 16 values: [0, 1], 32 hold_out: 0.5), the length of the labels' file in two bytes, low byte first,
 * the labels' file, the examples' file.
 */
#include "tests/fuzz_data.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (size < 3) return 0;
    size_t label_size = (size_t)(bytes[1] | bytes[2] << 8);
    if (label_size > size - 3) label_size = size - 3;
    char y[64], x[64];
    int y_file = fuzz_file(bytes + 3, label_size, y);
    int x_file = fuzz_file(bytes + 3 + label_size, size - 3 - label_size, x);
    static const double range[] = {0, 1};
    struct fuzz_options options = fuzz_options("npy");
    *(const char **)fuzz_option(&options, "x") = x;
    if (bytes[0] & 1) *(const char **)fuzz_option(&options, "y") = y;
    if (bytes[0] & 2) *(int64_t *)fuzz_option(&options, "limit") = 1;
    if (bytes[0] & 4)
        *(struct numbers *)fuzz_option(&options, "classes") = (struct numbers){1, range + 1};
    if (bytes[0] & 8) *(int *)fuzz_option(&options, "layout") = 1;
    if (bytes[0] & 16)
        *(struct numbers *)fuzz_option(&options, "values") = (struct numbers){2, range};
    if (bytes[0] & 32) *(double *)fuzz_option(&options, "hold_out") = 0.5;
    fuzz_load(&options);
    close(y_file);
    close(x_file);
    return 0;
}
