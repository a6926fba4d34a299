// metrics.csv: read for plots, and gone on with by a run that is resumed.
#include "fuzz.h"
#include "uphill/metrics.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const column[] = {"steps", "seconds", "episodes"};
    enum { COLUMNS = sizeof column / sizeof *column };
    const char *path = fuzz_file(data, size);
    UpTable table;
    bool readable = up_metrics_read(path, &table) == UP_OK;
    if (readable)
        fuzz_touch(table.value, (size_t)table.rows * (size_t)table.columns * sizeof(double));
    for (int i = 0; readable && i < table.columns; i++)
        FUZZ_ASSERT(up_table_column(&table, table.name[i]) >= 0);
    if (readable) up_table_free(&table);

    UpMetricsFile *file;
    if (up_metrics_open(&file, path, column, COLUMNS, 1000) != UP_OK) {
        FUZZ_ASSERT(!file && up_error()[0]);
        return 0;
    }
    FUZZ_ASSERT(up_metrics_row(file, (double[]){1001, 0.5, 3}) == UP_OK);
    up_metrics_close(file);
    if (!readable) return 0;
    FUZZ_ASSERT(up_metrics_read(path, &table) == UP_OK);
    FUZZ_ASSERT(table.rows > 0 && table.value[(table.rows - 1) * table.columns] == 1001);
    up_table_free(&table);
    return 0;
}
