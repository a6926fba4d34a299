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

// Reads a whole file, of 16 GiB at most; *bytes (with a 0 byte behind the last) is the caller's to
// free(), NULL on failure. Pipes, devices and folders are refused, not waited for.
UpStatus up_file_read(const char *path, void **bytes, size_t *size);

// The same for a text, of 1 GiB at most: control characters other than ends of lines and tabs are
// UP_FORMAT, with the line in which the first one stands. So a text ends where its file ends.
UpStatus up_file_read_text(const char *path, char **text, size_t *size);

// mkdir -p
UpStatus up_folder_create(const char *path);

#ifdef __cplusplus
}
#endif
#endif
