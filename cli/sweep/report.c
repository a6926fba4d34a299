// What a sweep has found: sweep.csv with a row for each run, and the best settings as a table.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sweep/sweep.h"
#include "uphill/file.h"
#include "uphill/text.h"

enum { BEST = 10 };

typedef struct Standing {
    int setting, scores; // scores: seeds that have one
    double mean, error;  // standard error; NAN of fewer than two
} Standing;

double sweep_score(const Sweep *sweep, int run) {
    const SweepResult *result = &sweep->result[run];
    if (result->state != SWEEP_DONE) return NAN;
    if (strcmp(sweep->score->name, "steps") == 0) return result->steps;
    return strcmp(sweep->score->name, "return_mean") == 0 ? result->return_mean
                                                          : result->running_reward;
}

static Standing judge(const Sweep *sweep, int setting) {
    Standing s = {.setting = setting};
    double sum = 0, squares = 0;
    for (int run = setting; run < sweep->runs; run += sweep->settings)
        if (!isnan(sweep_score(sweep, run))) {
            sum += sweep_score(sweep, run);
            s.scores++;
        }
    s.mean = s.scores ? sum / s.scores : NAN;
    for (int run = setting; run < sweep->runs; run += sweep->settings)
        if (!isnan(sweep_score(sweep, run)))
            squares += (sweep_score(sweep, run) - s.mean) * (sweep_score(sweep, run) - s.mean);
    s.error = s.scores > 1 ? sqrt(squares / (s.scores - 1) / s.scores) : NAN;
    return s;
}

// Settings of which more seeds have a score come first: one that fails now and then is not best.
static int compare(const void *a, const void *b, void *lower) {
    const Standing *x = a, *y = b;
    if (x->scores != y->scores) return y->scores - x->scores;
    if (x->mean != y->mean && x->scores > 0)
        return (x->mean < y->mean) == *(const bool *)lower ? -1 : 1;
    return x->setting - y->setting;
}

// ---------------------------------------------------------------------------------------------------
// The table

static int text_width(const char *text) {
    int width = 0;
    for (; *text; text++)
        width += (*text & 0xc0) != 0x80; // UTF-8: a letter may be several bytes
    return width;
}

static int column_width(const Sweep *sweep, const Standing *best, int rows, int param) {
    int width = text_width(sweep->param[param].key);
    for (int i = 0; i < rows; i++) {
        int value = text_width(sweep_text(sweep, best[i].setting, param));
        if (value > width) width = value;
    }
    return width;
}

static void print_row(const Sweep *sweep, const Standing *s, const int *width) {
    char mean[32] = "–", error[32] = "", seeds[64] = "";
    if (s->scores > 0) snprintf(mean, sizeof mean, "%.5g", s->mean);
    if (s->scores > 1) snprintf(error, sizeof error, " ± %.2g", s->error);
    if (s->scores < sweep->seeds)
        snprintf(seeds, sizeof seeds, "   %d of %d seeds", s->scores, sweep->seeds);
    printf("%*s%-*s  %7d", 10 + (int)strlen(mean) - text_width(mean), mean,
           11 + (int)strlen(error) - text_width(error), error, sweep->number[s->setting]);
    for (int p = 0; p < sweep->params; p++)
        printf("  %*s", width[p], sweep_text(sweep, s->setting, p));
    printf("%s\n", seeds);
}

static void print_table(const Sweep *sweep, const Standing *standing) {
    int width[SWEEP_PARAMS], rows = sweep->settings < BEST ? sweep->settings : BEST;
    printf("%-21s  setting", sweep->score->title);
    for (int p = 0; p < sweep->params; p++) {
        width[p] = column_width(sweep, standing, rows, p);
        printf("  %*s", width[p], sweep->param[p].key);
    }
    putchar('\n');
    for (int i = 0; i < rows; i++)
        print_row(sweep, &standing[i], width);
    if (sweep->settings > rows) printf("and %d more, see sweep.csv\n", sweep->settings - rows);
    if (sweep->seeds > 1) puts("mean ± standard error over the seeds");
}

// ---------------------------------------------------------------------------------------------------
// sweep.csv

static void put_text(FILE *csv, const char *text) {
    if (!strpbrk(text, ",\"\n")) {
        fputs(text, csv);
        return;
    }
    fputc('"', csv);
    for (; *text; text++)
        fprintf(csv, *text == '"' ? "\"\"" : "%c", *text);
    fputc('"', csv);
}

static void put_number(FILE *csv, double value) {
    if (isnan(value))
        fputc(',', csv);
    else
        fprintf(csv, ",%.9g", value);
}

static void put_run(const Sweep *sweep, FILE *csv, int run) {
    static const char *const state[] = {"waits", "broken off", "failed", "done"};
    const SweepResult *r = &sweep->result[run];
    fprintf(csv, "%d,%lld", sweep->number[run % sweep->settings],
            (long long)sweep_seed(sweep, run));
    for (int p = 0; p < sweep->params; p++) {
        fputc(',', csv);
        put_text(csv, sweep_text(sweep, run % sweep->settings, p));
    }
    put_number(csv, r->running_reward);
    put_number(csv, r->return_mean);
    put_number(csv, r->steps);
    put_number(csv, r->episodes);
    put_number(csv, r->seconds);
    fprintf(csv, ",%s,", r->state != SWEEP_DONE ? state[r->state] : r->solved ? "solved" : "done");
    put_text(csv, r->message);
    fputc('\n', csv);
}

static UpStatus write_csv(const Sweep *sweep) {
    char path[SWEEP_PATH], *text = NULL;
    size_t size;
    snprintf(path, sizeof path, "%s/sweep.csv", sweep->folder);
    FILE *csv = up_text_open(&text, &size);
    if (!csv) return UP_MEMORY;
    fputs("setting,seed", csv);
    for (int p = 0; p < sweep->params; p++)
        fprintf(csv, ",%s", sweep->param[p].key);
    fputs(",running_reward,return_mean,steps,episodes,seconds,state,message\n", csv);
    for (int s = 0; s < sweep->settings; s++) // the seeds of a setting together
        for (int run = s; run < sweep->runs; run += sweep->settings)
            put_run(sweep, csv, run);
    UP_TRY(up_text_close(csv, &text));
    UpStatus status = up_file_write(path, text, size);
    free(text);
    return status;
}

UpStatus sweep_report(const Sweep *sweep) {
    bool lower = sweep->score->lower;
    UP_TRY(write_csv(sweep));
    Standing *standing = calloc((size_t)sweep->settings, sizeof *standing);
    if (!standing) return up_fail(UP_MEMORY, "out of memory for a table");
    for (int s = 0; s < sweep->settings; s++)
        standing[s] = judge(sweep, s);
    qsort_r(standing, (size_t)sweep->settings, sizeof *standing, compare, &lower);
    print_table(sweep, standing);
    free(standing);
    printf("%s/sweep.csv\n", sweep->folder);
    return UP_OK;
}
