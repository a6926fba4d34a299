// One wording for everything that the operating system refuses to do with a file.
#ifndef UP_CORE_FILE_INTERNAL_H
#define UP_CORE_FILE_INTERNAL_H

#include <stddef.h>

#include "uphill/status.h"

// "cannot write runs/a/metrics.csv: No space left on device; free some space, …". `code` is an
// errno; ENOENT answers UP_NOT_FOUND, everything else UP_IO.
UpStatus up__fail_errno(const char *action, const char *path, int code);

// Writes all of `bytes` to an open descriptor; 0, or the errno of what went wrong.
int up__write_all(int descriptor, const void *bytes, size_t size);

// Opens a file for reading without waiting where it is a pipe; -1 and errno on failure.
int up__open_read(const char *path);

#endif
