/* By the affinity mask and the cgroup; see processors.h. */
#include "base/processors.h"

#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/whole.h"

/* What a file of the cgroup begins with; false: there is no such file. */
static bool read_words(const char *cgroup, const char *name, char words[64]) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", cgroup, name);
    FILE *file = fopen(path, "re");
    if (!file) return false;
    size_t length = fread(words, 1, 63, file);
    words[length] = '\0';
    fclose(file);
    return true;
}

int processors_quota(const char *cgroup) {
    char words[64] = "", period[64] = "", *rest = words;
    long long quota = 0, each = 0;
    if (read_words(cgroup, "cpu.max", words)) {
        quota = strtoll(words, &rest, 10); /* "max": 0 */
        each = strtoll(rest, NULL, 10);
    } else if (read_words(cgroup, "cpu/cpu.cfs_quota_us", words) &&
               read_words(cgroup, "cpu/cpu.cfs_period_us", period)) {
        quota = strtoll(words, NULL, 10);
        each = strtoll(period, NULL, 10);
    }
    return quota > 0 && each > 0 ? (int)divide_up(quota, each) : 0;
}

int processors_count(void) {
    cpu_set_t set;
    int threads = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1,
        quota = processors_quota("/sys/fs/cgroup");
    if (quota && quota < threads) threads = quota;
    return threads > 0 ? threads : 1;
}
