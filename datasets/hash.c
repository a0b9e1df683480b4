/* SHA-256 of a data set's files and of its examples (FIPS 180-4, by libcrypto); see dataset_hash.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bug.h"
#include "datasets/hash.h"

static EVP_MD_CTX *hash_begin(void) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!context || !EVP_DigestInit_ex(context, EVP_sha256(), NULL))
        BUG("libcrypto has no SHA-256");
    return context;
}

static void hash_add(EVP_MD_CTX *context, const void *bytes, size_t size) {
    if (size && !EVP_DigestUpdate(context, bytes, size)) BUG("libcrypto refused to hash");
}

static void hash_end(EVP_MD_CTX *context, char text[SHA256_TEXT]) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (!EVP_DigestFinal_ex(context, digest, &size)) BUG("libcrypto refused to hash");
    for (unsigned i = 0; i < size && 2 * i + 2 < SHA256_TEXT; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    EVP_MD_CTX_free(context);
}

/* Adds all bytes of the open file; false with errno set where reading fails. */
static bool hash_add_file(EVP_MD_CTX *context, int file) {
    static const size_t room = 256 << 10;
    char *buffer = memory_resize(NULL, room);
    ssize_t got;
    while ((got = read(file, buffer, room)) != 0) {
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) break;
        hash_add(context, buffer, (size_t)got);
    }
    int number = errno;
    free(buffer);
    errno = number;
    return got == 0;
}

bool hash_file(const char *path, char text[SHA256_TEXT], struct error *error) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return error_system(error, STATUS_NO_INPUT, "%s cannot be read", path);
    EVP_MD_CTX *context = hash_begin();
    bool good = hash_add_file(context, file);
    if (!good) error_system(error, STATUS_IO, "reading %s failed", path);
    hash_end(context, text);
    if (!good) text[0] = '\0';
    close(file);
    return good;
}

bool dataset_hash(struct dataset *dataset, struct error *error) {
    size_t value = dataset->type == DATA_UINT8 ? 1 : sizeof(float);
    size_t count = (size_t)dataset->count;
    EVP_MD_CTX *context = hash_begin();
    if (dataset->values)
        hash_add(context, dataset->values, count * (size_t)dataset_example_size(dataset) * value);
    if (dataset->labels) hash_add(context, dataset->labels, count * sizeof *dataset->labels);
    hash_end(context, dataset->sha256);
    for (int i = 0; i < dataset->file_count; i++)
        if (!hash_file(dataset->files[i].path, dataset->files[i].sha256, error)) return false;
    return true;
}
