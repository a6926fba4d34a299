#include "train/checkpoint_files.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

// Removes all but the newest `keep` that are `wanted`.
static UpStatus remove_old(const char *folder, int (*wanted)(const struct dirent *), int64_t keep) {
    List found;
    UP_TRY(list(folder, wanted, &found));
    for (int i = 0; i + keep < found.count; i++) {
        char path[4096];
        path_of(&found, i, path, sizeof path);
        unlink(path);
    }
    free_list(&found);
    return UP_OK;
}

UpStatus up__checkpoint_prune(const char *folder, int64_t keep) {
    return remove_old(folder, is_checkpoint, keep);
}

UpStatus up__checkpoint_clean(const char *folder) {
    return remove_old(folder, is_leftover, 0);
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
        if (status != UP_OK && i > 0) up_warn("%s; trying the one before it", up_error());
    }
    free_list(&found);
    return status;
}
