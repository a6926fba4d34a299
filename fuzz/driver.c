// The main() of a fuzzer where there is no libFuzzer: it takes the files, and the files of the
// folders, that the arguments name, once each.
#include <dirent.h>
#include <sys/stat.h>

#include "fuzz.h"

static int inputs;

static int run_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return 1;
    }
    enum { MOST = 1 << 20 };
    uint8_t *room = malloc(MOST);
    size_t size = room ? fread(room, 1, MOST, file) : 0;
    fclose(file);
    // A block of exactly its size: a sanitizer sees the first byte that is read behind it.
    uint8_t *data = malloc(size ? size : 1);
    if (!room || !data) abort();
    memcpy(data, room, size);
    free(room);
    fprintf(stderr, "%s\n", path); // the last one is the one that fails
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    inputs++;
    return 0;
}

static int run_folder(const char *path) {
    DIR *folder = opendir(path);
    if (!folder) return run_file(path);
    int failed = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char name[4096];
        if (entry->d_name[0] == '.') continue;
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        failed |= run_file(name);
    }
    closedir(folder);
    return failed;
}

int main(int argc, char **argv) {
    int failed = 0;
    for (int i = 1; i < argc; i++)
        failed |= run_folder(argv[i]);
    printf("%d inputs\n", inputs);
    return failed || inputs == 0;
}
