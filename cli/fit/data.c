// What `uphill fit` learns from: which loss, which classes, which rows are held out.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fit/fit.h"

enum { CLASSES_DEDUCED = 20 };

// ---------------------------------------------------------------------------------------------------
// Classes: different numbers, or different names

static UpStatus fail_target(const FitTable *t, int64_t row, const char *what) {
    char text[160];
    snprintf(text, sizeof text, "\"%.40s\" %s", t->cell[row], what);
    return fit_table_fail(t, row, t->target, text);
}

static int find_class(const FitData *d, const char *cell) {
    double value = 0;
    if (d->numbers && !fit_number(cell, &value)) return -1;
    for (int k = 0; k < d->classes; k++)
        if (d->numbers ? d->class_value[k] == value : strcmp(d->class_name[k], cell) == 0) return k;
    return -1;
}

// Puts a new class where it belongs in their order.
static void add_class(FitData *d, const char *cell) {
    double value = 0;
    int k = d->classes++;
    if (d->numbers) fit_number(cell, &value);
    for (; k > 0 &&
           (d->numbers ? d->class_value[k - 1] > value : strcmp(d->class_name[k - 1], cell) > 0);
         k--) {
        d->class_name[k] = d->class_name[k - 1];
        d->class_value[k] = d->class_value[k - 1];
    }
    d->class_name[k] = cell;
    d->class_value[k] = value;
}

// The classes of the table, `most` of them; false where there are more.
static bool collect_classes(FitData *d, int most) {
    for (int64_t row = 0; row < d->table.rows; row++) {
        if (find_class(d, d->table.cell[row]) >= 0) continue;
        if (d->classes == most) return false;
        add_class(d, d->table.cell[row]);
    }
    return true;
}

// ---------------------------------------------------------------------------------------------------
// Loss: names are classes, and so are a few whole numbers

static UpStatus choose_loss(FitData *d, FitLoss asked) {
    const FitTable *t = &d->table;
    int64_t numbers = 0, words = 0, word = 0;
    bool whole = true;
    for (int64_t row = 0; row < t->rows; row++) {
        double value;
        if (fit_number(t->cell[row], &value)) {
            numbers++;
            whole &= value == floor(value);
        } else if (words++ == 0) {
            word = row;
        }
    }
    if (words > 0 && asked == FIT_MSE) return fail_target(t, word, "is no finite number");
    if (words > 0 && numbers > 0 && asked == FIT_DEDUCED)
        return fail_target(t, word,
                           "is no finite number, and others are; for classes "
                           "with such names say --loss cross-entropy");
    d->loss = asked;
    d->numbers = words == 0;
    if (asked == FIT_MSE) return UP_OK;
    if (asked == FIT_CROSS_ENTROPY || words > 0) {
        d->loss = FIT_CROSS_ENTROPY;
        if (collect_classes(d, FIT_CLASSES_MAX)) return UP_OK;
        return up_fail(UP_FORMAT, "%s, column %d: more than %d classes; --loss mse learns numbers",
                       t->path, t->target + 1, FIT_CLASSES_MAX);
    }
    d->loss = whole && collect_classes(d, CLASSES_DEDUCED) ? FIT_CROSS_ENTROPY : FIT_MSE;
    if (d->loss == FIT_MSE) d->classes = 0;
    return UP_OK;
}

// ---------------------------------------------------------------------------------------------------
// Sets

static UpStatus allocate(FitData *d, FitSet *set, int64_t rows) {
    set->rows = rows;
    set->input = up_arena_alloc(&d->arena, (size_t)(rows * d->inputs), sizeof(float));
    set->target = up_arena_alloc(&d->arena, (size_t)rows, sizeof(float));
    return up_arena_status(&d->arena);
}

// Copies a row of `t` to row `to` of a set.
static UpStatus copy_row(FitData *d, const FitTable *t, int64_t row, FitSet *set, int64_t to) {
    double value = 0;
    memcpy(set->input + to * d->inputs, t->input + row * d->inputs,
           (size_t)d->inputs * sizeof(float));
    if (d->loss == FIT_CROSS_ENTROPY) {
        int k = find_class(d, t->cell[row]);
        if (k < 0) return fail_target(t, row, "is no class of the rows to learn from");
        value = k;
    } else if (!fit_number(t->cell[row], &value)) {
        return fail_target(t, row, "is no finite number");
    }
    set->target[to] = (float)value;
    return UP_OK;
}

static UpStatus split_share(FitData *d, double share, uint64_t seed) {
    const FitTable *t = &d->table;
    int64_t held = (int64_t)llround(share * (double)t->rows);
    held = held < 1 ? 1 : held > t->rows - 1 ? t->rows - 1 : held;
    if (t->rows < 2)
        return up_fail(UP_FORMAT,
                       "%s has one row of numbers; it takes one to learn from and one "
                       "to hold out",
                       t->path);
    uint32_t *order = up_arena_alloc(&d->arena, (size_t)t->rows, sizeof *order);
    if (!order) return UP_MEMORY;
    for (int64_t row = 0; row < t->rows; row++)
        order[row] = (uint32_t)row;
    UpRng rng;
    up_rng_stream(&rng, seed, UP_STREAM_SHUFFLE, 0);
    up_rng_shuffle(&rng, order, (uint32_t)t->rows);
    UP_TRY(allocate(d, &d->set[FIT_HELD_OUT], held));
    UP_TRY(allocate(d, &d->set[FIT_TRAIN], t->rows - held));
    for (int64_t i = 0; i < t->rows; i++) {
        FitSet *set = &d->set[i < held ? FIT_HELD_OUT : FIT_TRAIN];
        UP_TRY(copy_row(d, t, order[i], set, i < held ? i : i - held));
    }
    return UP_OK;
}

static UpStatus split_files(FitData *d, const char *path, const char *target) {
    UP_TRY(fit_table_read(&d->other, path, target));
    if (d->other.columns != d->table.columns || d->other.target != d->table.target)
        return up_fail(UP_FORMAT,
                       "%s has %d columns, its target is column %d; in %s they are %d "
                       "and %d",
                       path, d->other.columns, d->other.target + 1, d->table.path, d->table.columns,
                       d->table.target + 1);
    const FitTable *from[FIT_SETS] = {&d->table, &d->other};
    for (int s = 0; s < FIT_SETS; s++) {
        UP_TRY(allocate(d, &d->set[s], from[s]->rows));
        for (int64_t row = 0; row < from[s]->rows; row++)
            UP_TRY(copy_row(d, from[s], row, &d->set[s], row));
    }
    return UP_OK;
}

// ---------------------------------------------------------------------------------------------------
// Targets of mean 0 and deviation 1

static double mean_of(const FitSet *set) {
    double sum = 0;
    for (int64_t i = 0; i < set->rows; i++)
        sum += (double)set->target[i];
    return sum / (double)set->rows;
}

static double variance_of(const FitSet *set) {
    double sum = 0, mean = mean_of(set);
    for (int64_t i = 0; i < set->rows; i++)
        sum += ((double)set->target[i] - mean) * ((double)set->target[i] - mean);
    return sum / (double)set->rows;
}

static UpStatus normalize(FitData *d) {
    d->mean = mean_of(&d->set[FIT_TRAIN]);
    d->deviation = sqrt(variance_of(&d->set[FIT_TRAIN]));
    if (d->classes == 1 || (d->classes == 0 && d->deviation == 0))
        return fit_table_fail(&d->table, 0, d->table.target,
                              "the target has one value only in the rows to learn from, so there "
                              "is nothing to learn");
    for (int s = 0; s < FIT_SETS; s++) {
        FitSet *set = &d->set[s];
        set->variance = d->classes ? NAN : variance_of(set);
        for (int64_t i = 0; !d->classes && i < set->rows; i++)
            set->target[i] = (float)(((double)set->target[i] - d->mean) / d->deviation);
    }
    return UP_OK;
}

UpStatus fit_data_read(FitData *d, const char *path, const char *target, FitLoss loss,
                       const char *held_out, uint64_t seed) {
    double share;
    *d = (FitData){0};
    bool file = !fit_number(held_out, &share);
    if (!file && !(share > 0 && share < 1))
        return up_fail(UP_USAGE,
                       "--held-out %s: it must be a share of the rows, between 0 and 1, "
                       "or a file",
                       held_out);
    UP_TRY(fit_table_read(&d->table, path, target));
    d->inputs = d->table.columns - 1;
    UP_TRY(choose_loss(d, loss));
    UP_TRY(file ? split_files(d, held_out, target) : split_share(d, share, seed));
    return normalize(d);
}

void fit_data_free(FitData *d) {
    fit_table_free(&d->table);
    fit_table_free(&d->other);
    up_arena_free(&d->arena);
}
