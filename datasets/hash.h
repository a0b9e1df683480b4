/* SHA-256 of a file; that of a data set is dataset_hash. */
#ifndef DATASETS_HASH_H
#define DATASETS_HASH_H

#include "datasets/dataset.h"

/* As sha256sum prints it. NO_INPUT, IO. */
bool hash_file(const char *path, char text[SHA256_TEXT], struct error *error);

#endif
