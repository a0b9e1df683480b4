/* The backends by name, best first; see backend.h. */
#include "engine/backend.h"

#include <string.h>

static const struct backend *const backends[] = {&backend_cpu, &backend_reference};

const struct backend *backend_find(const char *name) {
    for (size_t i = 0; i < sizeof backends / sizeof *backends; i++)
        if (!strcmp(backends[i]->name, name)) return backends[i];
    return NULL;
}
