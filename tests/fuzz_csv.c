/* links: datasets base */
/*
 * Any bytes as a table.
 *
 * Input: a byte of flags (3 the separator's number, 4 header, 8 label: k, 16 label: 1, 32 columns: [1],
 * 64 values: [0, 1], 128 hold_out: 0.5), the table.
 */
#include "tests/fuzz_data.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (size < 1) return 0;
    char path[64];
    int file = fuzz_file(bytes + 1, size - 1, path);
    static const double range[] = {0, 1};
    static const char *const first = "1";
    struct fuzz_options options = fuzz_options("csv");
    *(const char **)fuzz_option(&options, "file") = path;
    *(int *)fuzz_option(&options, "separator") = bytes[0] & 3;
    *(bool *)fuzz_option(&options, "header") = bytes[0] & 4;
    if (bytes[0] & 8) *(const char **)fuzz_option(&options, "label") = "k";
    if (bytes[0] & 16) *(const char **)fuzz_option(&options, "label") = first;
    if (bytes[0] & 32)
        *(struct texts *)fuzz_option(&options, "columns") = (struct texts){1, &first};
    if (bytes[0] & 64)
        *(struct numbers *)fuzz_option(&options, "values") = (struct numbers){2, range};
    if (bytes[0] & 128) *(double *)fuzz_option(&options, "hold_out") = 0.5;
    fuzz_load(&options);
    close(file);
    return 0;
}
