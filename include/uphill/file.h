// Files that are never half written: a temporary name, fsync, rename, fsync of the folder.
#ifndef UPHILL_FILE_H
#define UPHILL_FILE_H

#include <stddef.h>

#include "uphill/status.h"

#ifdef __cplusplus
extern "C" {
#endif

// Replaces `path` by `size` bytes, or leaves it as it was and says why.
UpStatus up_file_write(const char *path, const void *bytes, size_t size);

// Reads a whole file; *bytes (with a 0 byte behind the last) is the caller's to free().
UpStatus up_file_read(const char *path, void **bytes, size_t *size);

// mkdir -p
UpStatus up_folder_create(const char *path);

#ifdef __cplusplus
}
#endif
#endif
