/* SHA-256 (FIPS 180-4) by libcrypto's EVP interface; see store_digest.h. */
#include "runner/store_digest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/bug.h"

static EVP_MD_CTX *digest_begin(void) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!context || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
        BUG("libcrypto has no SHA-256");
    return context;
}

static void digest_end(EVP_MD_CTX *context, char digest[DIGEST_TEXT]) {
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (EVP_DigestFinal_ex(context, bytes, &size) != 1 || size * 2 + 1 != DIGEST_TEXT)
        BUG("libcrypto's SHA-256 failed");
    EVP_MD_CTX_free(context);
    for (unsigned int i = 0; i < size; i++)
        snprintf(digest + 2 * i, 3, "%02x", bytes[i]);
}

void digest_bytes(const char *head, const void *bytes, size_t size, char digest[DIGEST_TEXT]) {
    EVP_MD_CTX *context = digest_begin();
    if (head) EVP_DigestUpdate(context, head, strlen(head));
    if (size) EVP_DigestUpdate(context, bytes, size);
    digest_end(context, digest);
}

bool digest_file(const char *path, char digest[DIGEST_TEXT], struct error *e) {
    FILE *file = fopen(path, "rbe");
    if (!file) return error_system(e, STATUS_NO_INPUT, "cannot read '%s'", path);
    EVP_MD_CTX *context = digest_begin();
    char bytes[1 << 16];
    for (size_t got; (got = fread(bytes, 1, sizeof bytes, file)) > 0;)
        EVP_DigestUpdate(context, bytes, got);
    bool ok = !ferror(file);
    if (!ok) error_system(e, STATUS_IO, "cannot read '%s'", path);
    fclose(file);
    digest_end(context, digest);
    return ok;
}
