// Draws learning curves with Cairo: one mean line with its spread for every label, the single runs
// faintly behind it.
#include "uphill/plot.h"

#ifndef UP_HAVE_CAIRO

UpStatus up_plot_write(const UpPlot *plot, const char *path) {
    (void)plot;
    return up_fail(UP_UNSUPPORTED,
                   "cannot draw %s: plots need Cairo; install libcairo2-dev and build again", path);
}

#else

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "draw/drawing.h"
#include "draw/plot_draw.h"

enum { PNG_SCALE = 2, COLUMNS = 480, CROWD = 4 };

// A path through the points. Of a run with more points than the picture has columns, the lowest and
// the highest of each column are enough.
static void trace(const UpCanvas *c, const double *x, const double *y, int points) {
    cairo_new_path(c->cairo);
    if (points <= 2 * COLUMNS) {
        for (int i = 0; i < points; i++)
            cairo_line_to(c->cairo, up__plot_x(c, x[i]), up__plot_y(c, y[i]));
        return;
    }
    for (int begin = 0, column = 1; column <= COLUMNS; column++) {
        int end = (int)((int64_t)points * column / COLUMNS), low = begin, high = begin;
        for (int i = begin; i < end; i++) {
            if (y[i] < y[low]) low = i;
            if (y[i] > y[high]) high = i;
        }
        int first = low < high ? low : high, second = low < high ? high : low;
        cairo_line_to(c->cairo, up__plot_x(c, x[first]), up__plot_y(c, y[first]));
        cairo_line_to(c->cairo, up__plot_x(c, x[second]), up__plot_y(c, y[second]));
        begin = end;
    }
    cairo_line_to(c->cairo, up__plot_x(c, x[points - 1]), up__plot_y(c, y[points - 1]));
}

static void draw_spread(const UpCanvas *c, const UpSeries *series, double alpha) {
    cairo_new_path(c->cairo);
    for (int i = 0; i < series->points; i++)
        cairo_line_to(c->cairo, up__plot_x(c, series->x[i]),
                      up__plot_y(c, series->mean[i] + series->spread[i]));
    for (int i = series->points - 1; i >= 0; i--)
        cairo_line_to(c->cairo, up__plot_x(c, series->x[i]),
                      up__plot_y(c, series->mean[i] - series->spread[i]));
    cairo_close_path(c->cairo);
    up__plot_series_color(c->cairo, series, alpha);
    cairo_fill(c->cairo);
}

static void draw_dot(const UpCanvas *c, double x, double y, double radius) {
    cairo_arc(c->cairo, up__plot_x(c, x), up__plot_y(c, y), radius, 0, 2 * M_PI);
    cairo_fill(c->cairo);
}

static void draw_dots(const UpCanvas *c, const UpSeries *series, const UpCurve *run) {
    bool small = run->style == UP_CURVE_DOTS;
    up__plot_series_color(c->cairo, series, small ? 0.5 : 1);
    for (int i = 0; i < run->points; i++)
        draw_dot(c, run->x[i], run->y[i], small ? 3.5 : 6);
}

static void draw_runs(const UpCanvas *c, const UpSeries *series) {
    bool many = series->runs > 1;
    if (series->points > 0 && series->runs > UP__PLOT_RUNS) return;
    cairo_set_line_width(c->cairo, many ? 1 : series->reference ? 1.6 : 2.2);
    for (const UpCurve *run = series->run; run < series->run + series->runs; run++) {
        if (run->style >= UP_CURVE_DOTS) draw_dots(c, series, run);
        if (run->style == UP_CURVE_DOTS || run->style == UP_CURVE_MARKS) continue;
        up__plot_series_color(c->cairo, series, many ? 0.35 : 1);
        trace(c, run->x, run->y, run->points);
        cairo_stroke(c->cairo);
        if (!series->reference && run->style != UP_CURVE_KNOTS)
            draw_dot(c, run->x[run->points - 1], run->y[run->points - 1], many ? 2 : 3.5);
    }
}

static void draw_mean(const UpCanvas *c, const UpSeries *series) {
    int last = series->points - 1;
    if (last < 0) return;
    up__plot_series_color(c->cairo, series, 1);
    cairo_set_line_width(c->cairo, 2.4);
    trace(c, series->x, series->mean, series->points);
    cairo_stroke(c->cairo);
    draw_dot(c, series->x[last], series->mean[last], 3.5);
}

typedef struct Drawing {
    const UpPlot *plot;
    const UpChart *chart;
} Drawing;

static void draw(cairo_t *cairo, const void *what) {
    const UpPlot *plot = ((const Drawing *)what)->plot;
    const UpChart *chart = ((const Drawing *)what)->chart;
    UpCanvas c = up__plot_canvas(cairo, chart);
    int bands = 0;
    for (int s = 0; s < chart->series; s++)
        bands += chart->one[s].points > 0;
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_paint(cairo);
    cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
    up__plot_head(&c, plot, chart);
    up__plot_axes(&c, plot, bands > 0);
    for (int s = 0; s < chart->series; s++)
        draw_spread(&c, &chart->one[s], bands <= CROWD ? 0.18 : 0.09);
    for (int s = 0; s < chart->series; s++)
        if (!chart->one[s].reference) draw_runs(&c, &chart->one[s]);
    for (int s = 0; s < chart->series; s++)
        draw_mean(&c, &chart->one[s]);
    for (int s = 0; s < chart->series; s++)
        if (chart->one[s].reference) draw_runs(&c, &chart->one[s]);
    cairo_set_dash(cairo, NULL, 0, 0);
    up__plot_levels(&c, plot);
}

UpStatus up_plot_write(const UpPlot *plot, const char *path) {
    UpChart chart;
    Drawing drawing = {plot, &chart};
    UpArena arena = {0};
    UpStatus status = up__chart_build(&chart, plot, &arena);
    if (status == UP_OK)
        status =
            up__drawing_write(path, UP__PLOT_WIDTH, UP__PLOT_HEIGHT, PNG_SCALE, draw, &drawing);
    up_arena_free(&arena);
    return status;
}

#endif
