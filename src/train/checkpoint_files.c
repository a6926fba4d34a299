#include "train/checkpoint_files.h"

#include <glob.h>
#include <stdio.h>
#include <unistd.h>

// Step numbers are padded, so that names sort by age.
static UpStatus list(const char *folder, glob_t *found) {
    char pattern[2048];
    snprintf(pattern, sizeof pattern, "%s/checkpoints/[0-9]*.safetensors", folder);
    int code = glob(pattern, 0, NULL, found);
    if (code == GLOB_NOSPACE) return up_fail(UP_MEMORY, "out of memory listing %s", folder);
    if (code != 0) found->gl_pathc = 0;
    return UP_OK;
}

UpStatus up__checkpoint_prune(const char *folder, int64_t keep) {
    glob_t found;
    UP_TRY(list(folder, &found));
    if (found.gl_pathc == 0) return UP_OK;
    for (size_t i = 0; (int64_t)i + keep < (int64_t)found.gl_pathc; i++)
        unlink(found.gl_pathv[i]);
    globfree(&found);
    return UP_OK;
}

UpStatus up__checkpoint_newest(const char *folder, char *path, size_t capacity,
                               UpTensorFile *file) {
    glob_t found;
    UP_TRY(list(folder, &found));
    if (found.gl_pathc == 0)
        return up_fail(UP_NOT_FOUND, "%s holds no checkpoint: the run ended before its first one",
                       folder);
    UpStatus status = UP_FORMAT;
    for (size_t i = found.gl_pathc; i-- > 0 && status != UP_OK;) {
        snprintf(path, capacity, "%s", found.gl_pathv[i]);
        status = up_tensors_read(path, file);
        if (status != UP_OK && i > 0) up_warn("%s; trying the one before it", up_error());
    }
    globfree(&found);
    return status;
}
