/* links: datasets base */
/*
 * Any bytes as a pair of IDX files: what can be read is consistent, what cannot gives an error, and
 * nothing else happens.
 *
 * Input: a byte of flags (1 labels are given, 2 limit: 1, 4 classes: [1]), the length of the
 * labels' file in two bytes, low byte first, the labels' file, the images' file.
 */
#include "tests/fuzz_data.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (size < 3) return 0;
    size_t label_size = (size_t)(bytes[1] | bytes[2] << 8);
    if (label_size > size - 3) label_size = size - 3;
    char labels[64], images[64];
    int label_file = fuzz_file(bytes + 3, label_size, labels);
    int image_file = fuzz_file(bytes + 3 + label_size, size - 3 - label_size, images);
    static const double one = 1;
    struct fuzz_options options = fuzz_options("idx");
    *(const char **)fuzz_option(&options, "images") = images;
    if (bytes[0] & 1) *(const char **)fuzz_option(&options, "labels") = labels;
    if (bytes[0] & 2) *(int64_t *)fuzz_option(&options, "limit") = 1;
    if (bytes[0] & 4)
        *(struct numbers *)fuzz_option(&options, "classes") = (struct numbers){1, &one};
    fuzz_load(&options);
    close(label_file);
    close(image_file);
    return 0;
}
