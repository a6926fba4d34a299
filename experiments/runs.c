// Experiments that train a recipe over several seeds, and go on where they were broken off: each
// recipe is a sweep in a folder of its own.
#include <inttypes.h>

#include "experiments/lab.h"
#include "sweep/sweep.h"
#include "uphill/metrics.h"

enum { WORDS = 16, NUMBER = 32 };

UpStatus cli_lab_sweep(const CliLab *lab, const char *part, const char *recipe, int seeds,
                       int64_t steps, const char *const *grid, int grids) {
    char folder[1024], seeds_text[NUMBER], steps_text[NUMBER], *words[WORDS];
    int count = 0;
    CliArgs args;
    snprintf(folder, sizeof folder, "%s/%s", lab->folder, part);
    snprintf(seeds_text, sizeof seeds_text, "%d", seeds);
    snprintf(steps_text, sizeof steps_text, "%" PRId64, steps);
    const char *fixed[] = {recipe, "--out", folder, "--seeds", seeds_text, "--steps", steps_text};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        words[count++] = (char *)fixed[i];
    for (int i = 0; i < grids; i++) {
        words[count++] = (char *)"--grid";
        words[count++] = (char *)grid[i];
    }
    UP_TRY(cli_parse(&cli_sweep, count, words, &args));
    return sweep_conduct(&args);
}

UpStatus cli_lab_run(CliLab *lab, const char *part, int seed, const char *x, const char *y,
                     UpCurve *curve) {
    char path[1200];
    UpTable table;
    snprintf(path, sizeof path, "%s/%s/runs/001-seed%d/metrics.csv", lab->folder, part, seed + 1);
    UP_TRY(up_metrics_read(path, &table));
    int x_column = up_table_column(&table, x), y_column = up_table_column(&table, y);
    if (x_column < 0 || y_column < 0) {
        up_table_free(&table);
        return up_fail(UP_FORMAT, "%s: there is no column %s", path, x_column < 0 ? x : y);
    }
    double *points = cli_lab_numbers(lab, 2 * (size_t)table.rows + 1);
    for (int64_t row = 0; points && row < table.rows; row++) {
        const double *value = table.value + row * table.columns;
        points[row] = value[x_column];
        points[table.rows + row] = value[y_column];
    }
    curve->points = (int)table.rows;
    curve->x = points;
    curve->y = points ? points + table.rows : NULL;
    up_table_free(&table);
    return points ? UP_OK : UP_MEMORY;
}

double cli_lab_last(const UpCurve *curve, const double *values) {
    return curve->points > 0 ? values[curve->points - 1] : 0;
}
