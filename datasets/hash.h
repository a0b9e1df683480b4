/* SHA-256 of a file, or of bytes as they come; that of a data set is dataset_hash. */
#ifndef DATASETS_HASH_H
#define DATASETS_HASH_H

#include "datasets/dataset.h"

/* As sha256sum prints it. NO_INPUT, IO. */
bool hash_file(const char *path, char text[SHA256_TEXT], struct error *error);

/* The same of bytes that come one after the other; hash_end releases it. */
struct hash;
struct hash *hash_begin(void);
void hash_add(struct hash *hash, const void *bytes, size_t size);
void hash_end(struct hash *hash, char text[SHA256_TEXT]);

/* Of a data set's values, then labels, as they lie in memory. */
void hash_examples(const struct dataset *dataset, char text[SHA256_TEXT]);

#endif
