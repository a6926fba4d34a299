#include "train/checkpoint_files.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "uphill/train.h"

typedef struct List {
    char folder[2048];
    struct dirent **entry; // sorted by age: step numbers are padded
    int count;
} List;

static bool ends_with(const char *name, const char *ending) {
    size_t length = strlen(name), tail = strlen(ending);
    return length >= tail && strcmp(name + length - tail, ending) == 0;
}

static int is_checkpoint(const struct dirent *entry) {
    return isdigit((unsigned char)entry->d_name[0]) && ends_with(entry->d_name, ".safetensors");
}

// What up_file_write leaves behind when it is killed.
static int is_leftover(const struct dirent *entry) {
    return entry->d_name[0] == '.' && ends_with(entry->d_name, ".partial");
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

static UpStatus list(const char *folder, int (*wanted)(const struct dirent *), List *found) {
    snprintf(found->folder, sizeof found->folder, "%s/checkpoints", folder);
    found->count = scandir(found->folder, &found->entry, wanted, by_name);
    if (found->count >= 0) return UP_OK;
    found->count = 0;
    found->entry = NULL;
    if (errno == ENOMEM) return up_fail(UP_MEMORY, "out of memory listing %s", folder);
    return errno == ENOENT ? UP_OK
                           : up_fail(UP_IO, "cannot list %s: %s", found->folder, strerror(errno));
}

static void path_of(const List *found, int i, char *path, size_t capacity) {
    snprintf(path, capacity, "%s/%s", found->folder, found->entry[i]->d_name);
}

static void free_list(List *found) {
    for (int i = 0; i < found->count; i++)
        free(found->entry[i]);
    free(found->entry);
}

UpStatus up__whole_add(UpWholeFiles *whole, int64_t steps) {
    if (whole->count == whole->room) {
        int64_t room = 2 * whole->room + 16;
        int64_t *larger = realloc(whole->steps, (size_t)room * sizeof *larger);
        if (!larger) return up_fail(UP_MEMORY, "out of memory for a list of checkpoints");
        whole->steps = larger;
        whole->room = room;
    }
    whole->steps[whole->count++] = steps;
    return UP_OK;
}

void up__whole_free(UpWholeFiles *whole) {
    free(whole->steps);
    *whole = (UpWholeFiles){0};
}

static bool is_known(const UpWholeFiles *whole, int64_t steps) {
    for (int64_t i = whole->count; i-- > 0;)
        if (whole->steps[i] == steps) return true;
    return false;
}

// Whether file i can be read.
static bool is_whole(const List *found, int i, const char *path, UpWholeFiles *whole) {
    int64_t steps = strtoll(found->entry[i]->d_name, NULL, 10);
    UpTensorFile file;
    if (is_known(whole, steps)) return true;
    if (up_tensors_read(path, &file) != UP_OK) return false;
    up_tensors_free(&file);
    return up__whole_add(whole, steps) == UP_OK;
}

UpStatus up__checkpoint_prune(const char *folder, int64_t keep, UpWholeFiles *whole) {
    List found;
    int64_t good = 0;
    UP_TRY(list(folder, is_checkpoint, &found));
    for (int i = found.count; i-- > 0;) {
        char path[4096];
        path_of(&found, i, path, sizeof path);
        if (is_whole(&found, i, path, whole) && ++good > keep) unlink(path);
    }
    free_list(&found);
    return UP_OK;
}

UpStatus up__checkpoint_clean(const char *folder) {
    List found;
    UP_TRY(list(folder, is_leftover, &found));
    for (int i = 0; i < found.count; i++) {
        char path[4096];
        path_of(&found, i, path, sizeof path);
        unlink(path);
    }
    free_list(&found);
    return UP_OK;
}

UpStatus up__checkpoint_newest(const char *folder, char *path, size_t capacity,
                               UpTensorFile *file) {
    List found;
    UP_TRY(list(folder, is_checkpoint, &found));
    UpStatus status = UP_NOT_FOUND;
    if (found.count == 0)
        up_fail(UP_NOT_FOUND, "%s holds no checkpoint: the run ended before its first one", folder);
    for (int i = found.count; i-- > 0 && status != UP_OK;) {
        path_of(&found, i, path, capacity);
        status = up_tensors_read(path, file);
        if (status != UP_OK && status != UP_FORMAT) break;
        if (status != UP_OK && i > 0) up_warn("%s; trying the one before it", up_error());
    }
    free_list(&found);
    return status;
}

int64_t up_train_saved(const char *folder) {
    List found;
    if (list(folder, is_checkpoint, &found) != UP_OK || found.count == 0) return 0;
    int64_t steps = strtoll(found.entry[found.count - 1]->d_name, NULL, 10);
    free_list(&found);
    return steps;
}

// What a run writes, besides checkpoints.
static bool is_ours(const char *name) {
    static const char *const names[] = {
        "config.ini",       "metrics.csv", "history.csv", "result.json",
        "best.safetensors", "curve.svg",   "checkpoints", "films"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0) return true;
    return strncmp(name, "events.out.tfevents.", 20) == 0;
}

static int is_link(const struct dirent *entry) {
    return entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN;
}

static UpStatus refuse_links(const char *folder, bool all) {
    struct dirent **entry;
    int count = scandir(folder, &entry, is_link, by_name);
    UpStatus status = UP_OK;
    if (count < 0) return UP_OK; // what cannot be listed is not there, or says so when it is opened
    for (int i = 0; i < count; i++) {
        char path[4096];
        struct stat info;
        snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
        if (status == UP_OK && (all || is_ours(entry[i]->d_name)) && lstat(path, &info) == 0 &&
            S_ISLNK(info.st_mode))
            status = up_fail(UP_USAGE,
                             "%s is a symbolic link, and what a run writes must stay in its "
                             "directory: put the file itself there, or remove the link",
                             path);
        free(entry[i]);
    }
    free(entry);
    return status;
}

// What a run writes in place; other files are replaced by new ones, which leaves the second name of
// a file with what it had.
static int is_appended(const struct dirent *entry) {
    return strcmp(entry->d_name, "metrics.csv") == 0 ||
           strncmp(entry->d_name, "events.out.tfevents.", 20) == 0;
}

static UpStatus refuse_second_names(const char *folder) {
    struct dirent **entry;
    int count = scandir(folder, &entry, is_appended, by_name);
    UpStatus status = UP_OK;
    if (count < 0) return UP_OK;
    for (int i = 0; i < count; i++) {
        char path[4096];
        struct stat info;
        snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
        if (status == UP_OK && lstat(path, &info) == 0 && S_ISREG(info.st_mode) &&
            info.st_nlink > 1)
            status = up_fail(UP_USAGE,
                             "%s has another name elsewhere (a hard link), and what the run "
                             "appends would stand there, too: put a copy in its place",
                             path);
        free(entry[i]);
    }
    free(entry);
    return status;
}

UpStatus up__rundir_refuse_links(const char *folder) {
    char inside[2048];
    UP_TRY(refuse_links(folder, false));
    UP_TRY(refuse_second_names(folder));
    snprintf(inside, sizeof inside, "%s/checkpoints", folder);
    UP_TRY(refuse_links(inside, true));
    snprintf(inside, sizeof inside, "%s/films", folder);
    return refuse_links(inside, true);
}
