// The files in DIR/checkpoints.
#ifndef UPHILL_CHECKPOINT_FILES_H
#define UPHILL_CHECKPOINT_FILES_H

#include "uphill/status.h"
#include "uphill/tensors.h"

#include <stdint.h>

// Checkpoints that this process has written or read whole. Zero-initialise it.
typedef struct UpWholeFiles {
    int64_t *steps; // (count) of each, in the order in which they were found
    int64_t count, room;
} UpWholeFiles;

UpStatus up__whole_add(UpWholeFiles *whole, int64_t steps);
void up__whole_free(UpWholeFiles *whole);

// Removes all but the newest `keep` checkpoints that are whole. A damaged one neither counts nor is
// removed. Files that are not in `whole` are read.
UpStatus up__checkpoint_prune(const char *folder, int64_t keep, UpWholeFiles *whole);

// Removes what a writer that was killed left behind. For a run that is going on: nobody else
// writes.
UpStatus up__checkpoint_clean(const char *folder);

// Opens the newest checkpoint of a run directory that is whole, warning of damaged ones that it
// passes over; what cannot be read for another reason (memory, permissions) is a failure.
// UP_NOT_FOUND if there is none at all, UP_FORMAT if all are damaged. *file is the caller's.
UpStatus up__checkpoint_newest(const char *folder, char *path, size_t capacity, UpTensorFile *file);

// UP_USAGE where something that a run writes to is a symbolic link: a run that came from somebody
// else must not write outside its directory.
UpStatus up__rundir_refuse_links(const char *folder);

#endif
