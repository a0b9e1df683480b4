/* A bug is ours, never the user's: say where and abort. What a user or the machine did wrong is a
 * struct error. */
#ifndef BASE_BUG_H
#define BASE_BUG_H

/* Before the names below are poisoned, or these headers could not be read any more. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void bug(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define BUG(...) bug(__FILE__, __LINE__, __VA_ARGS__)
#define BUG_IF(condition)                                                                          \
    do {                                                                                           \
        if (condition) BUG("%s", #condition);                                                      \
    } while (0)

/* Functions whose misuse is a classic hole, and what to call instead (git's banned.h). */
#ifndef BASE_ALLOW_BANNED
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets atoi atol atof strtok
#endif

#endif
