/* links: datasets base */
/*
 * Any bytes as an archive of images: what can be read is consistent, what cannot gives an error, and nothing else
 * happens.
 *
 * Input: a byte of flags (1 damaged images are left out, 2 size: 2, 4 split: test, 8 classes: [1], 16 domain: A,
 * 32 pairs: left), then the archive.
 */
#include "tests/fuzz_data.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (!size) return 0;
    static const double one = 1;
    char path[64];
    int file = fuzz_file(bytes + 1, size - 1, path);
    struct fuzz_options options = fuzz_options("images");
    *(const char **)fuzz_option(&options, "path") = path;
    *(int64_t *)fuzz_option(&options, "max_pixels") = 1 << 12;
    *(int *)fuzz_option(&options, "on_error") = bytes[0] & 1;
    if (bytes[0] & 2) *(struct extents *)fuzz_option(&options, "size") = (struct extents){1, {2}};
    if (bytes[0] & 4) *(int *)fuzz_option(&options, "split") = SPLIT_TEST;
    if (bytes[0] & 8)
        *(struct numbers *)fuzz_option(&options, "classes") = (struct numbers){1, &one};
    if (bytes[0] & 16) *(const char **)fuzz_option(&options, "domain") = "A";
    if (bytes[0] & 32) *(int *)fuzz_option(&options, "pairs") = PAIRS_LEFT;
    fuzz_load(&options);
    close(file);
    return 0;
}
