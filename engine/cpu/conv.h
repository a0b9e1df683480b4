/* Convolutions and their derivatives as products of matrices; see conv.c. */
#ifndef ENGINE_CPU_CONV_H
#define ENGINE_CPU_CONV_H

#include "engine/cpu/interpreter.h"
#include "engine/fused.h"

/* Floats that each thread needs beside the operands. */
int64_t conv_scratch(const struct kernel *kernel);

/* Into how many parts it may be cut. */
int64_t conv_parts(const struct kernel *kernel);

/* One of `parts` parts of a CONV kernel: output rows of conv, images of conv_dx (channels, where there are few images),
 * rows of the kernel of conv_dw (filters, where these are more). */
void conv_run(const struct kernel *kernel, const struct interpreter *interpreter, const float *a,
              const float *b, float *dst, float *scratch, int part, int parts);

#endif
