// Writing metrics.csv. A row is one write to the end of the file, so a killed run leaves at most
// one incomplete line, which the reader and the next resume drop.
#include "uphill/metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file_internal.h"
#include "core/number.h"
#include "io/buffer.h"
#include "uphill/file.h"

struct UpMetricsFile {
    int descriptor;
    off_t size;        // of the file after its last whole row
    int columns, used; // of the file; of the caller
    char **name;       // (columns)
    int *at;           // (used) where the caller's columns stand in the file
    double *cell;      // (columns)
    char *line;        // (columns * UP__NUMBER_MAX)
    char path[PATH_MAX];
};

static UpStatus out_of_memory(const UpMetricsFile *file) {
    return up_fail(UP_MEMORY, "out of memory for the columns of %s", file->path);
}

static int find_column(const UpMetricsFile *file, const char *name) {
    for (int i = 0; i < file->columns; i++)
        if (strcmp(file->name[i], name) == 0) return i;
    return -1;
}

static UpStatus add_name(UpMetricsFile *file, const char *name, size_t length) {
    size_t count = (size_t)file->columns + 1;
    char **names = realloc(file->name, count * sizeof *names);
    if (names) file->name = names;
    double *cell = realloc(file->cell, count * sizeof *cell);
    if (cell) file->cell = cell;
    char *line = realloc(file->line, count * UP__NUMBER_MAX);
    if (line) file->line = line;
    if (!names || !cell || !line) return out_of_memory(file);
    file->name[file->columns] = strndup(name, length);
    if (!file->name[file->columns]) return out_of_memory(file);
    file->columns++;
    return UP_OK;
}

// Where the caller's next column stands, in the file or behind its columns.
static UpStatus use_column(UpMetricsFile *file, const char *name) {
    if (name[0] == 0 || strpbrk(name, ",\"\r\n"))
        return up_fail(UP_USAGE, "'%s' cannot name a column of metrics", name);
    int *at = realloc(file->at, ((size_t)file->used + 1) * sizeof *at);
    if (!at) return out_of_memory(file);
    file->at = at;
    at[file->used] = find_column(file, name);
    if (at[file->used] < 0) {
        at[file->used] = file->columns;
        UP_TRY(add_name(file, name, strlen(name)));
    }
    file->used++;
    return UP_OK;
}

// ---------------------------------------------------------------------------------------------------
// The file as a whole, which is written anew where a column or a resumed run asks for that

static UpStatus read_header(UpMetricsFile *file, const char *text, size_t length) {
    for (size_t begin = 0; begin <= length;) {
        const char *comma = memchr(text + begin, ',', length - begin);
        size_t end = comma ? (size_t)(comma - text) : length;
        if (end == begin)
            return up_fail(UP_FORMAT, "%s: a column has no name; is this a metrics file?",
                           file->path);
        UP_TRY(add_name(file, text + begin, end - begin));
        begin = end + 1;
    }
    return UP_OK;
}

static bool append(UpBuffer *text, const char *bytes, size_t size) {
    return up__buffer_append(text, bytes, size);
}

// The header, and the rows up to keep_steps of `old`, each with `more` empty cells behind it. An
// incomplete last line is left out.
static bool write_rows(const UpMetricsFile *file, const char *old, size_t size, int more,
                       int64_t keep_steps, UpBuffer *text) {
    bool ok = true;
    for (int i = 0; i < file->columns; i++)
        ok = ok && append(text, file->name[i], strlen(file->name[i])) &&
             append(text, i + 1 < file->columns ? "," : "\n", 1);
    const char *end = memchr(old, '\n', size);
    for (const char *line = end ? end + 1 : old + size; ok; line = end + 1) {
        end = memchr(line, '\n', size - (size_t)(line - old));
        if (!end) break;
        if (up__number_parse(line, NULL) > (double)keep_steps) continue;
        ok = append(text, line, (size_t)(end - line));
        for (int i = 0; i < more; i++)
            ok = ok && append(text, ",", 1);
        ok = ok && append(text, "\n", 1);
    }
    return ok;
}

// Writes the file anew from its content `old` and opens it to append to.
static UpStatus rewrite(UpMetricsFile *file, const char *old, size_t size, int more,
                        int64_t keep_steps) {
    UpBuffer text = {0};
    UpStatus status =
        write_rows(file, old, size, more, keep_steps, &text) ? UP_OK : out_of_memory(file);
    if (status == UP_OK && (text.size != size || (size > 0 && memcmp(text.bytes, old, size) != 0)))
        status = up_file_write(file->path, text.bytes, text.size);
    free(text.bytes);
    UP_TRY(status);
    if (file->descriptor >= 0) close(file->descriptor); // of the file that was replaced
    file->descriptor = open(file->path, O_WRONLY | O_APPEND | O_CLOEXEC);
    file->size = file->descriptor < 0 ? -1 : lseek(file->descriptor, 0, SEEK_END);
    return file->size < 0 ? up__fail_errno("write", file->path, errno) : UP_OK;
}

static UpStatus prepare(UpMetricsFile *file, const char *const *column, int columns,
                        int64_t keep_steps) {
    void *bytes = NULL;
    size_t size = 0;
    UpStatus status = keep_steps < 0 ? UP_NOT_FOUND : up_file_read(file->path, &bytes, &size);
    if (status == UP_NOT_FOUND) status = UP_OK;
    const char *end = size ? memchr(bytes, '\n', size) : NULL;
    if (status == UP_OK && end) status = read_header(file, bytes, (size_t)(end - (char *)bytes));
    int before = file->columns;
    for (int i = 0; status == UP_OK && i < columns; i++)
        status = use_column(file, column[i]);
    if (status == UP_OK && file->at[0] != 0)
        status = up_fail(UP_MISMATCH,
                         "%s begins with other columns than metrics; move it away, "
                         "and a new one is started",
                         file->path);
    if (status == UP_OK)
        status = rewrite(file, bytes ? bytes : "", size, file->columns - before, keep_steps);
    free(bytes);
    return status;
}

UpStatus up_metrics_open(UpMetricsFile **file, const char *path, const char *const *column,
                         int columns, int64_t keep_steps) {
    *file = NULL;
    if (columns < 1) return up_fail(UP_USAGE, "metrics need at least one column");
    if (strlen(path) >= PATH_MAX) return up__fail_errno("write", path, ENAMETOOLONG);
    UpMetricsFile *made = calloc(1, sizeof *made);
    if (!made) return up_fail(UP_MEMORY, "out of memory");
    made->descriptor = -1;
    strcpy(made->path, path);
    UpStatus status = prepare(made, column, columns, keep_steps);
    if (status != UP_OK) {
        up_metrics_close(made);
        return status;
    }
    *file = made;
    return UP_OK;
}

UpStatus up_metrics_column(UpMetricsFile *file, const char *name) {
    void *bytes;
    size_t size;
    int before = file->columns;
    UP_TRY(use_column(file, name));
    if (file->columns == before) return UP_OK;
    UP_TRY(up_file_read(file->path, &bytes, &size));
    UpStatus status = rewrite(file, bytes, size, 1, INT64_MAX);
    free(bytes);
    return status;
}

UpStatus up_metrics_row(UpMetricsFile *file, const double *value) {
    size_t length = 0;
    for (int i = 0; i < file->columns; i++)
        file->cell[i] = NAN; // a column that only an older version wrote
    for (int i = 0; i < file->used; i++)
        file->cell[file->at[i]] = value[i];
    for (int i = 0; i < file->columns; i++) {
        length += (size_t)up__number_format(file->line + length, file->cell[i]);
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
    for (int i = 0; i < file->columns; i++)
        free(file->name[i]);
    free(file->name);
    free(file->at);
    free(file->cell);
    free(file->line);
    free(file);
}
