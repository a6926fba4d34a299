// The files in DIR/checkpoints.
#ifndef UPHILL_CHECKPOINT_FILES_H
#define UPHILL_CHECKPOINT_FILES_H

#include "uphill/status.h"
#include "uphill/tensors.h"

#include <stdint.h>

// Removes all but the newest `keep` checkpoints.
UpStatus up__checkpoint_prune(const char *folder, int64_t keep);

// Removes what a writer that was killed left behind. For a run that is going on: nobody else
// writes.
UpStatus up__checkpoint_clean(const char *folder);

// Opens the newest checkpoint of a run directory that is whole, warning of damaged ones that it
// passes over. UP_NOT_FOUND if there is none at all, UP_FORMAT if all are damaged. *file is the
// caller's.
UpStatus up__checkpoint_newest(const char *folder, char *path, size_t capacity, UpTensorFile *file);

#endif
