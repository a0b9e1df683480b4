/* SHA-256 of a data set's files and of its examples (FIPS 180-4, by libcrypto); see dataset_hash.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bug.h"
#include "datasets/hash.h"

/* libcrypto's context, under our name. */
static EVP_MD_CTX *context_of(struct hash *hash) {
    return (EVP_MD_CTX *)hash;
}

struct hash *hash_begin(void) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!context || !EVP_DigestInit_ex(context, EVP_sha256(), NULL))
        BUG("libcrypto has no SHA-256");
    return (struct hash *)context;
}

void hash_add(struct hash *hash, const void *bytes, size_t size) {
    if (size && !EVP_DigestUpdate(context_of(hash), bytes, size)) BUG("libcrypto refused to hash");
}

void hash_end(struct hash *hash, char text[SHA256_TEXT]) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (!EVP_DigestFinal_ex(context_of(hash), digest, &size)) BUG("libcrypto refused to hash");
    for (unsigned i = 0; i < size && 2 * i + 2 < SHA256_TEXT; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    EVP_MD_CTX_free(context_of(hash));
}

/* Adds all bytes of the open file; false with errno set where reading fails. */
static bool hash_add_file(struct hash *hash, int file) {
    static const size_t room = 256 << 10;
    char *buffer = memory_resize(NULL, room);
    ssize_t got;
    while ((got = read(file, buffer, room)) != 0) {
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) break;
        hash_add(hash, buffer, (size_t)got);
    }
    int number = errno;
    free(buffer);
    errno = number;
    return got == 0;
}

bool hash_file(const char *path, char text[SHA256_TEXT], struct error *error) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return error_system(error, STATUS_NO_INPUT, "%s cannot be read", path);
    struct hash *hash = hash_begin();
    bool good = hash_add_file(hash, file);
    if (!good) error_system(error, STATUS_IO, "reading %s failed", path);
    hash_end(hash, text);
    if (!good) text[0] = '\0';
    close(file);
    return good;
}

void hash_examples(const struct dataset *dataset, char text[SHA256_TEXT]) {
    size_t value = dataset->type == DATA_UINT8 ? 1 : sizeof(float);
    size_t count = (size_t)dataset->count;
    struct hash *hash = hash_begin();
    if (dataset->values)
        hash_add(hash, dataset->values, count * (size_t)dataset_example_size(dataset) * value);
    if (dataset->labels) hash_add(hash, dataset->labels, count * sizeof *dataset->labels);
    hash_end(hash, text);
}

bool dataset_hash(struct dataset *dataset, struct error *error) {
    if (!dataset->sha256[0]) hash_examples(dataset, dataset->sha256);
    for (int i = 0; i < dataset->file_count; i++)
        if (!dataset->files[i].sha256[0] &&
            !hash_file(dataset->files[i].path, dataset->files[i].sha256, error))
            return false;
    return true;
}
