/*
 * F(tile, taps): `tile` neighbouring places of a kernel of `taps` from tile + taps - 1 products, one at each point,
 *
 *     y = A' ((G g) . (B' d))
 *
 * as polynomials are multiplied (Cook-Toom; Lavin and Gray 2016): at infinity and as many of 0, 1, -1, 2 or 1/2, -2 as are
 * needed; rows of B' are whole numbers. Literals, so that a compiler can unroll what is done with them.
 */
#ifndef ENGINE_WINOGRAD_TABLES_H
#define ENGINE_WINOGRAD_TABLES_H

enum { WINOGRAD_TILE_MOST = 4, WINOGRAD_POINTS_MOST = 6 };

/* X(tile, taps) */
#define WINOGRAD_FILTERINGS(X) X(2, 2) X(2, 3) X(4, 2) X(4, 3)

/* A' (tile, points), G (points, taps), B' (points, points) */

/* clang-format off */

static const double winograd_a_2_2[] = {1, 1, 0,
                                        0, 1, -1};
static const double winograd_g_2_2[] = {1, 0,
                                        1, 1,
                                        0, 1};
static const double winograd_b_2_2[] = {1, -1, 0,
                                        0, 1, 0,
                                        0, 1, -1};

static const double winograd_a_2_3[] = {1, 1, 1, 0,
                                        0, 1, -1, -1};
static const double winograd_g_2_3[] = {1, 0, 0,
                                        0.5, 0.5, 0.5,
                                        0.5, -0.5, 0.5,
                                        0, 0, 1};
static const double winograd_b_2_3[] = {1, 0, -1, 0,
                                        0, 1, 1, 0,
                                        0, -1, 1, 0,
                                        0, 1, 0, -1};

static const double winograd_a_4_2[] = {1, 1, 1, 1, 0,
                                        0, 1, -1, 2, 0,
                                        0, 1, 1, 4, 0,
                                        0, 1, -1, 8, 1};
static const double winograd_g_4_2[] = {0.5, 0,
                                        -0.5, -0.5,
                                        -1 / 6.0, 1 / 6.0,
                                        1 / 6.0, 1 / 3.0,
                                        0, 1};
static const double winograd_b_4_2[] = {2, -1, -2, 1, 0,
                                        0, -2, -1, 1, 0,
                                        0, 2, -3, 1, 0,
                                        0, -1, 0, 1, 0,
                                        0, 2, -1, -2, 1};

static const double winograd_a_4_3[] = {1, 1, 1, 1, 1, 0,
                                        0, 1, -1, 0.5, -2, 0,
                                        0, 1, 1, 0.25, 4, 0,
                                        0, 1, -1, 0.125, -8, 1};
static const double winograd_g_4_3[] = {0.5, 0, 0,
                                        1 / 6.0, 1 / 6.0, 1 / 6.0,
                                        -1 / 6.0, 1 / 6.0, -1 / 6.0,
                                        -16 / 15.0, -8 / 15.0, -4 / 15.0,
                                        1 / 30.0, -1 / 15.0, 2 / 15.0,
                                        0, 0, 0.5};
static const double winograd_b_4_3[] = {2, -3, -4, 3, 2, 0,
                                        0, -2, 1, 5, 2, 0,
                                        0, 2, -5, 1, 2, 0,
                                        0, -2, -1, 2, 1, 0,
                                        0, 1, -2, -1, 2, 0,
                                        0, 2, -3, -4, 3, 2};

/* clang-format on */

#endif
