// Run directories: whether a path is one, or lies in one, and what it holds.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "train/trainer.h"
#include "uphill/file.h"

static bool has_config(const char *folder) {
    char path[UP__PATH + 64];
    struct stat info;
    snprintf(path, sizeof path, "%s/config.ini", folder);
    return stat(path, &info) == 0 || (errno != ENOENT && errno != ENOTDIR); // reading says why not
}

// PATH's folder, in place; false at the end of the way up.
static bool go_up(char *path) {
    size_t length = strlen(path);
    while (length > 0 && path[length - 1] == '/')
        path[--length] = 0;
    char *slash = strrchr(path, '/');
    if (length == 0 || strcmp(path, ".") == 0 || slash == path) return false;
    snprintf(slash ? slash : path, 2, "%s", slash ? "" : ".");
    return true;
}

bool up_train_run_of(const char *path, char *run, size_t capacity) {
    char above[UP__PATH];
    if (snprintf(above, sizeof above, "%s", path) >= UP__PATH) return false;
    for (int i = 0; i < 3; i++) {
        struct stat info;
        bool folder = stat(above, &info) == 0 && S_ISDIR(info.st_mode);
        if (folder && has_config(above)) return snprintf(run, capacity, "%s", above) > 0;
        if (!go_up(above)) return false;
    }
    return false;
}

// What a run directory holds stands in for it in the advice: best.safetensors, checkpoints/….
static UpStatus check_run(const char *folder) {
    char above[UP__PATH];
    if (has_config(folder)) return UP_OK;
    if (up_train_run_of(folder, above, sizeof above))
        return up_fail(UP_NOT_FOUND, "%s is no run: it is within one; name the run directory, %s",
                       folder, above);
    return up_fail(UP_NOT_FOUND,
                   "%s is no run: a run is the folder that `uphill train` makes (runs/NAME-1, …), "
                   "with config.ini in it; `uphill runs` lists them",
                   folder);
}

UpStatus up_train_config(UpConfig *config, const char *folder) {
    char path[UP__PATH + 64];
    UP_TRY(check_run(folder));
    snprintf(path, sizeof path, "%s/config.ini", folder);
    char *text;
    size_t size;
    UP_TRY(up_file_read_text(path, &text, &size));
    UpStatus status = up_config_parse(config, text, path);
    free(text);
    return status;
}

bool up_train_alive(const char *folder) {
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return errno != ENOENT && errno != ENOTDIR; // who knows?
    bool held = flock(descriptor, LOCK_SH | LOCK_NB) != 0;
    close(descriptor);
    return held;
}
