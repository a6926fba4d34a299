// Reading metrics.csv back, for plots and for `uphill runs`.
#include "uphill/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "uphill/file.h"

static UpStatus out_of_memory(const char *path) {
    return up_fail(UP_MEMORY, "out of memory while reading %s", path);
}

static UpStatus read_names(const char *path, char *line, UpTable *table) {
    int columns = 1;
    for (const char *c = line; *c; c++)
        columns += *c == ',';
    table->name = calloc((size_t)columns, sizeof *table->name);
    if (!table->name) return out_of_memory(path);
    for (char *name; (name = strsep(&line, ",")) != NULL;) {
        if (name[0] == 0)
            return up_fail(UP_FORMAT, "%s: a column has no name; is this a metrics file?", path);
        table->name[table->columns] = strdup(name);
        if (!table->name[table->columns++]) return out_of_memory(path);
    }
    return UP_OK;
}

static UpStatus read_row(const char *path, char *line, const UpTable *table, double *row) {
    int column = 0;
    for (char *cell, *end; (cell = strsep(&line, ",")) != NULL; column++) {
        double value = up__number_parse(cell, &end);
        if (column >= table->columns || *end != 0) {
            column = -1;
            break;
        }
        row[column] = end == cell ? NAN : value;
    }
    if (column != table->columns)
        return up_fail(UP_FORMAT,
                       "%s, line %lld: not %d numbers; restore the file or remove the line", path,
                       (long long)table->rows + 2, table->columns);
    return UP_OK;
}

static UpStatus read_lines(const char *path, char *text, UpTable *table) {
    char *last = strrchr(text, '\n');
    if (!last) return up_fail(UP_FORMAT, "%s has no header row; is this a metrics file?", path);
    *last = 0; // behind it is an incomplete line, or nothing
    size_t lines = 1;
    for (const char *c = text; *c; c++)
        lines += *c == '\n';
    UP_TRY(read_names(path, strsep(&text, "\n"), table));
    table->value = calloc(lines, (size_t)table->columns * sizeof *table->value);
    if (!table->value) return out_of_memory(path);
    for (char *line; (line = strsep(&text, "\n")) != NULL; table->rows++)
        UP_TRY(read_row(path, line, table, table->value + table->rows * table->columns));
    return UP_OK;
}

UpStatus up_metrics_read(const char *path, UpTable *table) {
    char *text;
    size_t size;
    *table = (UpTable){0};
    UP_TRY(up_file_read_text(path, &text, &size));
    UpStatus status = read_lines(path, text, table);
    free(text);
    if (status != UP_OK) up_table_free(table);
    return status;
}

void up_table_free(UpTable *table) {
    for (int i = 0; i < table->columns; i++)
        free(table->name[i]);
    free(table->name);
    free(table->value);
    *table = (UpTable){0};
}

int up_table_column(const UpTable *table, const char *name) {
    for (int i = 0; i < table->columns; i++)
        if (strcmp(table->name[i], name) == 0) return i;
    return -1;
}
