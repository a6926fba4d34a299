// Experiments that train a recipe over several seeds, and go on where they were broken off: each
// recipe is a sweep in a folder of its own.
#include <stdlib.h>

#include "experiments/lab.h"
#include "sweep/sweep.h"
#include "uphill/metrics.h"
#include "uphill/recipe.h"

UpStatus cli_lab_recipe(UpConfig *config, const char *recipe, int64_t steps) {
    char *text;
    if (up_recipe_read(recipe, &text) != UP_OK)
        return up_fail(UP_NOT_FOUND, "the recipe %s cannot be read: is Uphill installed whole?",
                       recipe);
    UpStatus status = up_config_parse(config, text, recipe);
    free(text);
    UP_TRY(status);
    config->train.steps = steps;
    return up_config_set(config, "train.recipe", recipe, recipe);
}

UpStatus cli_lab_sweep(const CliLab *lab, const char *part, const char *recipe, int seeds,
                       int64_t steps, const char *const *grid, int grids) {
    enum { GRIDS = 8 };
    char folder[1024];
    SweepVary vary[GRIDS] = {0};
    SweepDef def = {.seeds = seeds, .folder = folder, .command = lab->command, .vary = vary};
    snprintf(folder, sizeof folder, "%s/%s", lab->folder, part);
    UP_TRY(cli_lab_recipe(&def.base, recipe, steps));
    for (; def.varied < grids && def.varied < GRIDS; def.varied++)
        vary[def.varied].text = grid[def.varied];
    return sweep_conduct(&def);
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
