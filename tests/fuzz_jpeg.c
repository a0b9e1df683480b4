/* links: datasets base */
/* Any bytes as a JPEG file; the first byte says what is made of it, see fuzz_image.h. */
#include "tests/fuzz_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    return fuzz_image(jpeg_decode, bytes, size);
}
