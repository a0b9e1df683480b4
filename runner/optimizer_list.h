/* Every optimizer: the name of its row, NAME_optimizer, in the file optimizers/NAME.c. */
#ifndef RUNNER_OPTIMIZER_LIST_H
#define RUNNER_OPTIMIZER_LIST_H

#define OPTIMIZER_LIST(X)                                                                          \
    X(sgd)                                                                                         \
    X(adam)                                                                                        \
    X(adamw)                                                                                       \
    X(optimistic_adam)                                                                             \
    X(rmsprop)                                                                                     \
    X(adagrad)                                                                                     \
    X(lion)

#endif
