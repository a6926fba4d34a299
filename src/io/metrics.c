// Writing metrics.csv. A row is one write to the end of the file, so a killed run leaves at most
// one incomplete line, which the reader and the next resume drop.
#include "uphill/metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file_internal.h"
#include "core/number.h"
#include "uphill/file.h"

struct UpMetricsFile {
    int descriptor, columns;
    off_t size; // of the file after its last whole row
    char path[PATH_MAX];
    char line[]; // (columns * UP__NUMBER_MAX)
};

// The header row, its end of line included; the caller's to free(). NULL where *status is a
// failure.
static char *header_row(const char *const *column, int columns, UpStatus *status) {
    size_t size = 1;
    *status = columns < 1 ? up_fail(UP_USAGE, "metrics need at least one column") : UP_OK;
    for (int i = 0; i < columns; i++) {
        if (column[i][0] == 0 || strpbrk(column[i], ",\"\r\n"))
            *status = up_fail(UP_USAGE, "'%s' cannot name a column of metrics", column[i]);
        size += strlen(column[i]) + 1;
    }
    if (*status != UP_OK) return NULL;
    char *header = malloc(size), *end = header;
    if (!header) *status = up_fail(UP_MEMORY, "out of memory");
    if (!header) return NULL;
    for (int i = 0; i < columns; i++) {
        end = stpcpy(end, column[i]);
        *end++ = i + 1 < columns ? ',' : '\n';
    }
    *end = 0;
    return header;
}

// Drops rows beyond keep_steps, and an incomplete last line, from `text`; returns the new size.
static size_t keep_rows(char *text, size_t size, size_t header, int64_t keep_steps) {
    size_t kept = header;
    for (size_t begin = header; begin < size;) {
        char *end = memchr(text + begin, '\n', size - begin);
        if (!end) break;
        size_t length = (size_t)(end - text) + 1 - begin;
        if (up__number_parse(text + begin, NULL) <= (double)keep_steps) {
            memmove(text + kept, text + begin, length);
            kept += length;
        }
        begin += length;
    }
    return kept;
}

// Leaves the file with its header and the rows to keep.
static UpStatus prepare(const char *path, const char *header, int64_t keep_steps) {
    void *bytes;
    size_t size, length = strlen(header);
    if (keep_steps < 0) return up_file_write(path, header, length);
    UpStatus status = up_file_read(path, &bytes, &size);
    if (status == UP_NOT_FOUND) return up_file_write(path, header, length);
    if (status != UP_OK) return status;
    if (size < length || memcmp(bytes, header, length) != 0)
        status = up_fail(UP_MISMATCH,
                         "%s has other columns than this version writes; move it away, and a new "
                         "one is started",
                         path);
    if (status == UP_OK) {
        size_t kept = keep_rows(bytes, size, length, keep_steps);
        if (kept < size) status = up_file_write(path, bytes, kept);
    }
    free(bytes);
    return status;
}

UpStatus up_metrics_open(UpMetricsFile **file, const char *path, const char *const *column,
                         int columns, int64_t keep_steps) {
    UpStatus status;
    *file = NULL;
    if (strlen(path) >= PATH_MAX) return up__fail_errno("write", path, ENAMETOOLONG);
    char *header = header_row(column, columns, &status);
    if (!header) return status;
    status = prepare(path, header, keep_steps);
    free(header);
    UP_TRY(status);

    UpMetricsFile *made = malloc(sizeof *made + (size_t)columns * UP__NUMBER_MAX);
    if (!made) return up_fail(UP_MEMORY, "out of memory");
    made->columns = columns;
    strcpy(made->path, path);
    made->descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    made->size = made->descriptor < 0 ? -1 : lseek(made->descriptor, 0, SEEK_END);
    if (made->size < 0) {
        status = up__fail_errno("write", path, errno);
        up_metrics_close(made);
        return status;
    }
    *file = made;
    return UP_OK;
}

UpStatus up_metrics_row(UpMetricsFile *file, const double *value) {
    size_t length = 0;
    for (int i = 0; i < file->columns; i++) {
        length += (size_t)up__number_format(file->line + length, value[i]);
        file->line[length++] = i + 1 < file->columns ? ',' : '\n';
    }
    int code = up__write_all(file->descriptor, file->line, length);
    if (code != 0) {
        // Half a row would spoil the next one. What cannot be cut off is dropped when it is read.
        if (ftruncate(file->descriptor, file->size) != 0) code = errno;
        return up__fail_errno("write", file->path, code);
    }
    file->size += (off_t)length;
    return UP_OK;
}

void up_metrics_close(UpMetricsFile *file) {
    if (!file) return;
    if (file->descriptor >= 0) close(file->descriptor);
    free(file);
}
