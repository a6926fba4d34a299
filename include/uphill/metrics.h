// metrics.csv: a header row with the columns' names, then one row of numbers after another. An
// empty cell is a number that did not exist (NAN).
#ifndef UPHILL_METRICS_H
#define UPHILL_METRICS_H

#include <stdint.h>

#include "uphill/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct UpMetricsFile UpMetricsFile;

// Opens `path` for rows of `columns` numbers; the first column is the steps done. keep_steps < 0
// starts anew and replaces what was there. keep_steps >= 0 goes on (resume): rows beyond keep_steps
// steps are removed; columns that the file lacks are added behind its own, empty in the rows so
// far, and those that it alone has stay, empty from here on; a file that is not there is started.
// *file is the caller's to close on success, NULL on failure.
UpStatus up_metrics_open(UpMetricsFile **file, const char *path, const char *const *column,
                         int columns, int64_t keep_steps);

// One more column from here on, behind the others in up_metrics_row. The file is written anew,
// whole or not at all.
UpStatus up_metrics_column(UpMetricsFile *file, const char *name);

// Appends value (as many as columns were named) and hands the row to the operating system. Where
// that fails, no part of the row stays in the file. Does not allocate.
UpStatus up_metrics_row(UpMetricsFile *file, const double *value);

void up_metrics_close(UpMetricsFile *file); // NULL is fine

typedef struct UpTable {
    int columns;
    int64_t rows;
    char **name;   // (columns)
    double *value; // (rows, columns); NAN for an empty cell
} UpTable;

// Reads a whole file. A last line without its end, which is still being written, is left out.
// *table is the caller's to up_table_free on success, empty on failure.
UpStatus up_metrics_read(const char *path, UpTable *table);
void up_table_free(UpTable *table);
int up_table_column(const UpTable *table, const char *name); // -1 if absent

#ifdef __cplusplus
}
#endif
#endif
