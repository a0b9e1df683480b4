/*
 * A fuzzer is LLVMFuzzerTestOneInput, driven by libFuzzer (cmake -DDUEL_FUZZ=ON with clang) or by
 * this main, which gives it every file of the folders and files that are named: so that ordinary
 * builds replay the corpus.
 */
#ifndef TESTS_FUZZ_MAIN_H
#define TESTS_FUZZ_MAIN_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#ifndef DUEL_FUZZ
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static int fuzz_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return 1;
    }
    enum { MOST = 4 << 20 };
    uint8_t *bytes = malloc(MOST);
    size_t size = bytes ? fread(bytes, 1, MOST, file) : 0;
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, size);
    free(bytes);
    return 0;
}

int main(int count, char **paths) {
    int wrong = 0, files = 0;
    for (int i = 1; i < count; i++) {
        DIR *folder = opendir(paths[i]);
        if (!folder) {
            wrong += fuzz_file(paths[i]);
            files++;
            continue;
        }
        for (const struct dirent *entry; (entry = readdir(folder));) {
            char path[4096];
            struct stat status;
            snprintf(path, sizeof path, "%s/%s", paths[i], entry->d_name);
            if (stat(path, &status) || !S_ISREG(status.st_mode)) continue;
            wrong += fuzz_file(path);
            files++;
        }
        closedir(folder);
    }
    printf("%d files\n", files);
    return wrong || !files;
}
#endif

#endif
