#include "draw/plot_series.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

double up__plot_place(bool logarithmic, double value) {
    return !logarithmic ? value : value > 0 ? log10(value) : NAN;
}

static const char *label_of(const UpCurve *curve) {
    return curve->label ? curve->label : "";
}

// Copies the points that can be drawn; on a logarithmic axis they lie at their logarithms.
static UpStatus copy_finite(UpCurve *copy, const UpCurve *curve, const UpPlot *plot,
                            UpArena *arena) {
    double *x = up_arena_alloc(arena, (size_t)curve->points, sizeof *x);
    double *y = up_arena_alloc(arena, (size_t)curve->points, sizeof *y);
    UP_TRY(up_arena_status(arena));
    *copy = (UpCurve){curve->label, 0, x, y, curve->style};
    for (int i = 0; i < curve->points; i++) {
        double at_x = up__plot_place(plot->log_x, curve->x[i]);
        double at_y = up__plot_place(plot->log_y, curve->y[i]);
        if (!isfinite(at_x) || !isfinite(at_y)) continue;
        x[copy->points] = at_x;
        y[copy->points++] = at_y;
    }
    return UP_OK;
}

static UpStatus gather(UpChart *chart, const UpPlot *plot, UpArena *arena) {
    for (int c = 0; c < plot->curves; c++) {
        UpCurve finite;
        UP_TRY(copy_finite(&finite, &plot->curve[c], plot, arena));
        if (finite.points == 0) continue;
        bool reference = finite.style == UP_CURVE_REFERENCE;
        int s = 0;
        while (s < chart->series && (reference || chart->one[s].reference ||
                                     strcmp(chart->one[s].label, label_of(&finite)) != 0))
            s++;
        UpSeries *series = &chart->one[s];
        if (s == chart->series) {
            series->label = label_of(&finite);
            series->reference = reference;
            series->dashed = finite.style == UP_CURVE_DASHED && chart->colors > 0;
            series->color = reference ? 0 : series->dashed ? chart->colors - 1 : chart->colors++;
            series->again = series->dashed || (!plot->panels && series->color >= UP__PLOT_COLORS);
            series->run = up_arena_alloc(arena, (size_t)plot->curves, sizeof *series->run);
            if (!series->run) return UP_MEMORY;
            chart->series++;
        }
        series->dots |= finite.style >= UP_CURVE_DOTS;
        series->run[series->runs++] = finite;
    }
    if (chart->series == 0)
        return up_fail(UP_USAGE, "there is nothing to plot: no curve has a point yet; plot again "
                                 "when the first episodes have ended");
    return UP_OK;
}

static void cover(UpRange *range, double value) {
    range->low = fmin(range->low, value);
    range->high = fmax(range->high, value);
}

static void measure(UpChart *chart, const UpPlot *plot) {
    chart->x = chart->y = (UpRange){INFINITY, -INFINITY};
    for (const UpSeries *s = chart->one; s < chart->one + chart->series; s++) {
        bool drawn = s->runs <= UP__PLOT_RUNS || s->points == 0;
        for (const UpCurve *run = s->run; run < s->run + s->runs; run++)
            for (int i = 0; i < run->points; i++) {
                cover(&chart->x, run->x[i]);
                if (drawn) cover(&chart->y, run->y[i]);
            }
        for (int i = 0; i < s->points; i++) {
            cover(&chart->y, s->low[i]);
            cover(&chart->y, s->high[i]);
        }
    }
    if (plot->x_names > 0) chart->x = (UpRange){-0.5, plot->x_names - 0.5};
    if (plot->y_names > 0) chart->y = (UpRange){-0.5, plot->y_names - 0.5};
    if (isfinite(plot->target)) cover(&chart->y, up__plot_place(plot->log_y, plot->target));
    for (int i = 0; i < plot->levels; i++)
        cover(&chart->y, up__plot_place(plot->log_y, plot->level[i].y));
}

UpStatus up__chart_build(UpChart *chart, const UpPlot *plot, UpArena *arena) {
    *chart = (UpChart){.log_x = plot->log_x};
    chart->one = up_arena_alloc(arena, (size_t)plot->curves, sizeof *chart->one);
    if (!chart->one) return UP_MEMORY;
    UP_TRY(gather(chart, plot, arena));
    for (int s = 0; s < chart->series; s++)
        UP_TRY(up__series_average(&chart->one[s], plot->center, arena));
    measure(chart, plot);
    return UP_OK;
}

// The smallest of 1, 2, 2.5, 5, 10 times a power of ten that needs at most `wanted` ticks.
UpTicks up__ticks(UpRange range, int wanted) {
    static const double round_number[] = {1, 2, 2.5, 5, 10};
    double rough = (range.high - range.low) / wanted;
    double power = pow(10, floor(log10(rough)));
    int i = 0;
    while (i < 4 && round_number[i] * power < rough * (1 - 1e-9))
        i++;
    double step = round_number[i] * power;
    double first = ceil(range.low / step - 1e-9), last = floor(range.high / step + 1e-9);
    return (UpTicks){first * step, step, (int)(last - first) + 1};
}

UpTicks up__decades(UpRange range, int wanted) {
    double step = fmax(1, ceil((range.high - range.low) / wanted - 1e-9));
    double first = step * ceil(range.low / step - 1e-9);
    double last = step * floor(range.high / step + 1e-9);
    return (UpTicks){first, step, last < first ? 0 : (int)((last - first) / step + 1.5)};
}

double up__tick(const UpTicks *ticks, int index) {
    double value = ticks->first + index * ticks->step;
    return fabs(value) < ticks->step * 1e-6 ? 0 : value;
}

void up__tick_label(char *text, size_t capacity, double value) {
    static const struct {
        double unit;
        const char *suffix;
    } scale[] = {{1e9, "G"}, {1e6, "M"}, {1e3, "k"}, {1, ""}};
    const double most = 1e12;
    double size = fabs(value);
    int i = 0;
    if (size >= most) {
        snprintf(text, capacity, "%s%.4g", value < 0 ? "−" : "", size);
        return;
    }
    while (i < 3 && size < scale[i].unit * (1 - 1e-9))
        i++;
    snprintf(text, capacity, "%s%.6g%s", value < 0 ? "−" : "", size / scale[i].unit,
             scale[i].suffix);
}
