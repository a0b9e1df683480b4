/*
 * NPY files, versions 1.0 to 3.0: one array after a header that is a Python dictionary of 'descr',
 * 'fortran_order' and 'shape' (Kern 2007, NumPy enhancement proposal 1). It is read strictly: these
 * three keys, once each, nothing that has to be evaluated. Big-endian elements are turned around.
 */
#ifndef DATASETS_NPY_FILE_H
#define DATASETS_NPY_FILE_H

#include "datasets/array.h"

/* Opens `path`, reads the header and compares it with the file's length. The array and the file live
 * as long as `arena`. */
bool npy_open_array(struct array *array, const char *path, struct arena *arena,
                    struct error *error);

#endif
