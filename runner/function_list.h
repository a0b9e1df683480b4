/* Every function: the name of its row, NAME_function, in one of the files function_*.c. */
#ifndef RUNNER_FUNCTION_LIST_H
#define RUNNER_FUNCTION_LIST_H

#define FUNCTION_LIST(X)                                                                           \
    /* function_game.c: about the game */                                                          \
    X(grad)                                                                                        \
    X(stop)                                                                                        \
    X(fresh)                                                                                       \
    X(ema)                                                                                         \
    X(weights)                                                                                     \
    /* function_shape.c: numbers known from shapes */                                              \
    X(channels)                                                                                    \
    X(height)                                                                                      \
    X(width)                                                                                       \
    X(extent)                                                                                      \
    /* function_report.c: about an update */                                                       \
    X(gradient_norm)                                                                               \
    X(weight_norm)                                                                                 \
    X(update_norm)                                                                                 \
    /* function_points.c: about points of a mixture */                                             \
    X(modes)                                                                                       \
    X(high_quality)                                                                                \
    /* function_reduce.c */                                                                        \
    X(mean)                                                                                        \
    X(sum)                                                                                         \
    X(norm)                                                                                        \
    X(logsumexp)                                                                                   \
    X(argmax)                                                                                      \
    X(max)                                                                                         \
    X(min)                                                                                         \
    /* function_loss.c: for objectives */                                                          \
    X(cross_entropy)                                                                               \
    X(bce_with_logits)                                                                             \
    X(gaussian_log_prob)                                                                           \
    X(kl_normal)                                                                                   \
    /* function_random.c */                                                                        \
    X(uniform)                                                                                     \
    X(normal)                                                                                      \
    X(randint)                                                                                     \
    X(uniform_like)                                                                                \
    X(normal_like)                                                                                 \
    /* function_math.c: element by element */                                                      \
    X(square)                                                                                      \
    X(sqrt)                                                                                        \
    X(rsqrt)                                                                                       \
    X(exp)                                                                                         \
    X(log)                                                                                         \
    X(log1p)                                                                                       \
    X(expm1)                                                                                       \
    X(abs)                                                                                         \
    X(sin)                                                                                         \
    X(cos)                                                                                         \
    X(erf)                                                                                         \
    X(floor)                                                                                       \
    X(pow)                                                                                         \
    X(clamp)                                                                                       \
    X(lerp)                                                                                        \
    X(select)                                                                                      \
    X(broadcast)                                                                                   \
    /* function_sequence.c: along an axis */                                                       \
    X(iota)                                                                                        \
    X(range)                                                                                       \
    X(linspace)                                                                                    \
    X(cumsum)                                                                                      \
    X(cumprod)                                                                                     \
    X(roll)                                                                                        \
    X(shuffle)

#endif
