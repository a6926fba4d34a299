// The mean of several runs, and how sure it is: a percentile bootstrap interval over the runs.
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "draw/plot_series.h"
#include "uphill/random.h"

enum { GRID = 400, RESAMPLES = 1000, SEED = 1 };
static const double outside = 0.025; // of the resamples, at each end

// `times` of each of ascending values, `total` in all: the mean of what lies between two places of
// the row that they make.
static double part_mean(const double *sorted, const int *times, int count, int total,
                        UpCenter center) {
    double from = center == UP_CENTER_IQM ? 0.25 * total : 0, to = total - from, sum = 0;
    for (int i = 0, place = 0; i < count; i++) {
        int next = place + (times ? times[i] : 1);
        double inside = fmin(next, to) - fmax(place, from);
        if (inside > 0) sum += inside * sorted[i];
        place = next;
    }
    double mean = sum / (to - from); // rounding must not carry it beyond the values
    return fmin(fmax(mean, sorted[0]), sorted[count - 1]);
}

double up__center(const double *sorted, int count, UpCenter center) {
    return part_mean(sorted, NULL, count, count, center);
}

double up__curve_at(const UpCurve *curve, double x) {
    int low = 0, high = curve->points - 1; // x[low] <= x <= x[high]
    while (high - low > 1) {
        int middle = low + (high - low) / 2;
        if (curve->x[middle] <= x)
            low = middle;
        else
            high = middle;
    }
    double width = curve->x[high] - curve->x[low];
    double part = width > 0 ? (x - curve->x[low]) / width : 0;
    return curve->y[low] + part * (curve->y[high] - curve->y[low]);
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(const double *sorted, int count, double share) {
    double at = share * (count - 1);
    int below = (int)at < count - 1 ? (int)at : count - 2;
    return sorted[below] + (at - below) * (sorted[below + 1] - sorted[below]);
}

// What one point of a mean is worked out with.
typedef struct Work {
    UpCenter center;
    int runs;
    uint32_t *draw; // (RESAMPLES, runs)
    double *value;  // (runs)
    int *times;     // (runs)
    double *found;  // (RESAMPLES)
} Work;

static void interval(Work *w, int count, double *low, double *high) {
    *low = *high = w->value[0];
    if (count == 1) return;
    for (int r = 0; r < RESAMPLES; r++) {
        const uint32_t *draw = w->draw + (size_t)r * (size_t)w->runs;
        for (int i = 0; i < count; i++)
            w->times[i] = 0;
        for (int i = 0; i < count; i++)
            w->times[(uint64_t)draw[i] * (uint64_t)count >> 32]++;
        w->found[r] = part_mean(w->value, w->times, count, count, w->center);
    }
    qsort(w->found, RESAMPLES, sizeof *w->found, compare);
    *low = quantile(w->found, RESAMPLES, outside);
    *high = quantile(w->found, RESAMPLES, 1 - outside);
}

static void set_point(UpSeries *s, Work *w, int i) {
    int count = 0;
    for (int r = 0; r < s->runs; r++) {
        const UpCurve *run = &s->run[r];
        if (run->x[run->points - 1] >= s->x[i]) w->value[count++] = up__curve_at(run, s->x[i]);
    }
    qsort(w->value, (size_t)count, sizeof *w->value, compare);
    s->count[i] = count;
    s->mean[i] = up__center(w->value, count, w->center);
    interval(w, count, &s->low[i], &s->high[i]);
}

static const UpCurve *longest(const UpSeries *s) {
    const UpCurve *best = s->run;
    for (const UpCurve *run = s->run; run < s->run + s->runs; run++)
        if (run->x[run->points - 1] > best->x[best->points - 1]) best = run;
    return best;
}

// All runs have their points at the same few x, as far as they go: the mean needs no others.
static bool shares_points(const UpSeries *s, const UpCurve *all) {
    bool same = all->points <= GRID;
    for (int r = 0; r < s->runs && same; r++) {
        same = s->run[r].points <= all->points;
        for (int i = 0; i < s->run[r].points && same; i++)
            same = s->run[r].x[i] == all->x[i];
    }
    return same;
}

// Evenly from where all have begun, and where each ends.
static void spread_points(UpSeries *s, double begin, double end) {
    for (int i = 0; i < GRID; i++)
        s->x[i] = i + 1 < GRID ? begin + (end - begin) * i / (GRID - 1) : end;
    for (int r = 0; r < s->runs; r++)
        s->x[GRID + r] = s->run[r].x[s->run[r].points - 1];
    qsort(s->x, GRID + (size_t)s->runs, sizeof *s->x, compare);
    s->points = 1;
    for (int i = 1; i < GRID + s->runs; i++)
        if (s->x[i] > s->x[s->points - 1]) s->x[s->points++] = s->x[i];
}

static UpStatus make_room(UpSeries *s, Work *w, UpArena *arena) {
    size_t points = GRID + (size_t)s->runs, runs = (size_t)w->runs;
    s->x = up_arena_alloc(arena, points, sizeof *s->x);
    s->mean = up_arena_alloc(arena, points, sizeof *s->mean);
    s->low = up_arena_alloc(arena, points, sizeof *s->low);
    s->high = up_arena_alloc(arena, points, sizeof *s->high);
    s->count = up_arena_alloc(arena, points, sizeof *s->count);
    w->draw = up_arena_alloc(arena, RESAMPLES * runs, sizeof *w->draw);
    w->value = up_arena_alloc(arena, runs, sizeof *w->value);
    w->times = up_arena_alloc(arena, runs, sizeof *w->times);
    w->found = up_arena_alloc(arena, RESAMPLES, sizeof *w->found);
    return up_arena_status(arena);
}

UpStatus up__series_average(UpSeries *s, UpCenter center, UpArena *arena) {
    double begin = -INFINITY, common = INFINITY;
    Work work = {.center = center, .runs = s->runs};
    for (const UpCurve *run = s->run; run < s->run + s->runs; run++) {
        begin = fmax(begin, run->x[0]);
        common = fmin(common, run->x[run->points - 1]);
    }
    if (s->runs < 2 || s->dots || begin > common) return UP_OK;
    UP_TRY(make_room(s, &work, arena));
    UpRng rng;
    up_rng_seed(&rng, SEED);
    for (size_t i = 0; i < (size_t)RESAMPLES * (size_t)s->runs; i++)
        work.draw[i] = up_rng_u32(&rng);
    const UpCurve *all = longest(s);
    if (shares_points(s, all))
        for (s->points = 0; s->points < all->points; s->points++)
            s->x[s->points] = all->x[s->points];
    else
        spread_points(s, begin, all->x[all->points - 1]);
    for (int i = 0; i < s->points; i++) {
        set_point(s, &work, i);
        s->common += s->count[i] == s->runs;
    }
    return UP_OK;
}
