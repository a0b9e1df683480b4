/* Every command: the name of its row, command_NAME. The order is that of `duel --help`. */
#ifndef RUNNER_COMMAND_LIST_H
#define RUNNER_COMMAND_LIST_H

#define COMMAND_LIST(X)                                                                            \
    X(new)                                                                                         \
    X(train)                                                                                       \
    X(resume)                                                                                      \
    X(sample)                                                                                      \
    X(explore)                                                                                     \
    X(plot)                                                                                        \
    X(runs)                                                                                        \
    X(watch)                                                                                       \
    X(export)                                                                                      \
    X(check)                                                                                       \
    X(describe)                                                                                    \
    X(bench)                                                                                       \
    X(layers)                                                                                      \
    X(functions)                                                                                   \
    X(objectives)                                                                                  \
    X(optimizers)                                                                                  \
    X(latents)                                                                                     \
    X(weights)                                                                                     \
    X(datasets)                                                                                    \
    X(datasets_describe)                                                                           \
    X(fetch)                                                                                       \
    X(cache)                                                                                       \
    X(schema)                                                                                      \
    X(completion)                                                                                  \
    X(help)

#endif
