/* Runs a fuzzer's function over every file of a folder: the corpus as a test, with any compiler.
 * Usage: NAME FOLDER. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static int replay(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return 1;
    }
    size_t room = 1 << 20;
    uint8_t *bytes = malloc(room);
    if (!bytes) abort();
    size_t size = fread(bytes, 1, room, file);
    fclose(file);
    bytes = realloc(bytes, size ? size : 1); /* so that a sanitizer sees reads past the end */
    if (!bytes) abort();
    LLVMFuzzerTestOneInput(bytes, size);
    free(bytes);
    return 0;
}

int main(int count, char **arguments) {
    DIR *folder = count == 2 ? opendir(arguments[1]) : NULL;
    if (!folder) {
        fprintf(stderr, "usage: %s FOLDER\n", arguments[0]);
        return 64;
    }
    int replayed = 0, failed = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        char path[4096];
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/%s", arguments[1], entry->d_name);
        failed |= replay(path);
        replayed++;
    }
    closedir(folder);
    printf("%d inputs replayed\n", replayed);
    return failed || !replayed;
}
