/* Runs a fuzzer's function over files, and over every file of folders: the corpus as a test, with
 * any compiler. Usage: NAME FOLDER…|FILE…. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static int replay(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return 1;
    }
    size_t room = 4 << 20;
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

int main(int count, char **paths) {
    int replayed = 0, failed = 0;
    for (int i = 1; i < count; i++) {
        DIR *folder = opendir(paths[i]);
        if (!folder) {
            failed |= replay(paths[i]);
            replayed++;
            continue;
        }
        for (const struct dirent *entry; (entry = readdir(folder));) {
            char path[4096];
            struct stat status;
            snprintf(path, sizeof path, "%s/%s", paths[i], entry->d_name);
            if (stat(path, &status) || !S_ISREG(status.st_mode)) continue;
            failed |= replay(path);
            replayed++;
        }
        closedir(folder);
    }
    printf("%d inputs replayed\n", replayed);
    return failed || !replayed;
}
