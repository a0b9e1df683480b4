/* How many processors this process may use. */
#ifndef BASE_PROCESSORS_H
#define BASE_PROCESSORS_H

/* Threads that may run at once: those of the affinity mask, no more than the cgroup's quota has; at least 1. */
int processors_count(void);

/* Processors of the quota in a cgroup's folder, of v1 or v2, rounded up; 0 if there is none. */
int processors_quota(const char *cgroup);

#endif
