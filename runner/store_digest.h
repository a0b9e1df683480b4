/* SHA-256 digests as 64 hexadecimal digits, by libcrypto. */
#ifndef RUNNER_STORE_DIGEST_H
#define RUNNER_STORE_DIGEST_H

#include "base/error.h"

enum { DIGEST_TEXT = 65 }; /* 64 digits and a NUL */

/* The digest of `head` followed by `size` bytes; `head` may be NULL. */
void digest_bytes(const char *head, const void *bytes, size_t size, char digest[DIGEST_TEXT]);

/* The digest of a file's content. */
bool digest_file(const char *path, char digest[DIGEST_TEXT], struct error *e);

#endif
