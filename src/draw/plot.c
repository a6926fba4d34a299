// Draws learning curves: one mean line with its interval for every label, the single runs faintly
// behind it.
#include "uphill/plot.h"

#ifndef UP_HAVE_CAIRO

UpStatus up_plot_write(const UpPlot *plot, const char *path) {
    (void)plot;
    return up_fail(
        UP_UNSUPPORTED,
        "cannot draw %s: plots need Cairo; run ./dev setup (libcairo2-dev) and build again", path);
}

#else

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "draw/plot_draw.h"

// POINTS bounds the size of a picture: all single runs share so many.
enum { PNG_SCALE = 2, COLUMNS = 480, COLUMNS_LEAST = 24, POINTS = 6000, CROWD = 4 };

// How many columns each single run is drawn in.
static int columns_of(const UpChart *chart) {
    int runs = 0;
    for (const UpSeries *s = chart->one; s < chart->one + chart->series; s++)
        if (s->points == 0 || s->runs <= UP__PLOT_RUNS) runs += s->runs;
    int columns = runs > 0 ? POINTS / 2 / runs : COLUMNS;
    return columns > COLUMNS ? COLUMNS : columns < COLUMNS_LEAST ? COLUMNS_LEAST : columns;
}

// A path through the points. Of a run with more points than the picture has columns, the lowest and
// the highest of each column are enough.
static void trace(const UpCanvas *c, const double *x, const double *y, int points, int columns) {
    if (points <= 2 * columns) {
        for (int i = 0; i < points; i++)
            up__pen_to(c->pen, up__plot_x(c, x[i]), up__plot_y(c, y[i]));
        return;
    }
    for (int begin = 0, column = 1; column <= columns; column++) {
        int end = (int)((int64_t)points * column / columns), low = begin, high = begin;
        for (int i = begin; i < end; i++) {
            if (y[i] < y[low]) low = i;
            if (y[i] > y[high]) high = i;
        }
        int first = low < high ? low : high, second = low < high ? high : low;
        up__pen_to(c->pen, up__plot_x(c, x[first]), up__plot_y(c, y[first]));
        up__pen_to(c->pen, up__plot_x(c, x[second]), up__plot_y(c, y[second]));
        begin = end;
    }
    up__pen_to(c->pen, up__plot_x(c, x[points - 1]), up__plot_y(c, y[points - 1]));
}

// One part for each number of runs; a step lies between two parts.
static int part_end(const UpSeries *s, int begin) {
    int end = begin + 1;
    while (end < s->points && s->count[end] == s->count[begin])
        end++;
    return end;
}

static void draw_band(const UpCanvas *c, const UpSeries *s, double alpha) {
    up__plot_series_paint(c->pen, s, alpha, 0);
    for (int begin = 0, end; begin < s->points; begin = end) {
        end = part_end(s, begin);
        if (s->count[begin] < 2) continue;
        for (int i = begin; i < end; i++)
            up__pen_to(c->pen, up__plot_x(c, s->x[i]), up__plot_y(c, s->high[i]));
        for (int i = end - 1; i >= begin; i--)
            up__pen_to(c->pen, up__plot_x(c, s->x[i]), up__plot_y(c, s->low[i]));
        up__pen_fill(c->pen);
    }
}

static void draw_dot(const UpCanvas *c, double x, double y, double radius) {
    up__pen_dot(c->pen, up__plot_x(c, x), up__plot_y(c, y), radius);
}

static void draw_dots(const UpCanvas *c, const UpSeries *series, const UpCurve *run) {
    bool small = run->style == UP_CURVE_DOTS;
    up__plot_series_paint(c->pen, series, small ? 0.5 : 1, 0);
    for (int i = 0; i < run->points; i++)
        draw_dot(c, run->x[i], run->y[i], small ? 3.5 : 6);
}

static void draw_runs(const UpCanvas *c, const UpSeries *s, int columns) {
    bool many = s->runs > 1;
    double width = many ? 1 : s->reference ? 1.6 : 2.2;
    if (s->points > 0 && s->runs > UP__PLOT_RUNS) return;
    for (const UpCurve *run = s->run; run < s->run + s->runs; run++) {
        if (run->style >= UP_CURVE_DOTS) draw_dots(c, s, run);
        if (run->style == UP_CURVE_DOTS || run->style == UP_CURVE_MARKS) continue;
        up__plot_series_paint(c->pen, s, many ? 0.35 : 1, width);
        trace(c, run->x, run->y, run->points, columns);
        up__pen_stroke(c->pen);
        if (!s->reference && run->style != UP_CURVE_KNOTS)
            draw_dot(c, run->x[run->points - 1], run->y[run->points - 1], many ? 2 : 3.5);
    }
}

// Beside a part of the mean that only some runs have come to: how many.
static void draw_count(const UpCanvas *c, const UpSeries *s, int begin, int end) {
    char text[48];
    double left = up__plot_x(c, s->x[begin]), wide = up__plot_x(c, s->x[end - 1]) - left;
    snprintf(text, sizeof text, "%d of %d runs", s->count[begin], s->runs);
    up__pen_font(c->pen, 12, false);
    if (wide < up__pen_width(c->pen, text)) snprintf(text, sizeof text, "%d", s->count[begin]);
    if (wide < up__pen_width(c->pen, text)) return;
    c->pen->edged = true;
    up__pen_text(c->pen, text, left, up__plot_y(c, s->mean[begin]) - 8, 0);
    c->pen->edged = false;
}

static void draw_mean(const UpCanvas *c, const UpSeries *s) {
    for (int begin = 0, end; begin < s->points; begin = end) {
        end = part_end(s, begin);
        bool all = s->count[begin] == s->runs;
        up__plot_series_paint(c->pen, s, 1, all ? 2.4 : 1.6);
        if (!all) up__pen_line(c->pen, 1.6, 5, 3);
        trace(c, s->x + begin, s->mean + begin, end - begin, COLUMNS);
        up__pen_stroke(c->pen);
        if (!all) draw_count(c, s, begin, end);
        if (end == s->common || end == s->points)
            draw_dot(c, s->x[end - 1], s->mean[end - 1], all ? 3.5 : 2.5);
    }
}

// Of a series in another's panel: its mean alone, pale.
static void draw_shadow(const UpCanvas *c, const UpSeries *s) {
    up__pen_paint(c->pen, UP__SOFT, 0.4);
    up__pen_line(c->pen, 1, 0, 0);
    if (s->points > 0)
        trace(c, s->x, s->mean, s->common, COLUMNS / 4);
    else
        trace(c, s->run->x, s->run->y, s->run->points, COLUMNS / 4);
    up__pen_stroke(c->pen);
}

static bool in_panel(const UpSeries *s, int panel) {
    return panel < 0 || s->reference || s->color == panel;
}

// `panel` −1: all series.
static void draw_series(const UpCanvas *c, const UpChart *chart, int panel) {
    const UpSeries *end = chart->one + chart->series;
    int bands = 0, columns = columns_of(chart);
    for (const UpSeries *s = chart->one; s < end; s++) {
        bands += s->points > 0 && in_panel(s, panel);
        if (!in_panel(s, panel)) draw_shadow(c, s);
    }
    for (const UpSeries *s = chart->one; s < end; s++)
        if (in_panel(s, panel)) draw_band(c, s, bands <= CROWD ? 0.2 : 0.1);
    for (const UpSeries *s = chart->one; s < end; s++)
        if (in_panel(s, panel) && !s->reference) draw_runs(c, s, columns);
    for (const UpSeries *s = chart->one; s < end; s++)
        if (in_panel(s, panel)) draw_mean(c, s);
    for (const UpSeries *s = chart->one; s < end; s++)
        if (s->reference) draw_runs(c, s, columns);
}

typedef struct Drawing {
    const UpPlot *plot;
    const UpChart *chart;
} Drawing;

static void draw(UpPen *pen, const void *what) {
    const UpPlot *plot = ((const Drawing *)what)->plot;
    const UpChart *chart = ((const Drawing *)what)->chart;
    double top = up__plot_head(pen, plot, chart), bottom = 0;
    for (int panel = 0; panel < (plot->panels ? chart->colors : 1); panel++) {
        UpCanvas c = up__plot_canvas(pen, plot, chart, top, panel);
        up__plot_axes(&c, plot);
        draw_series(&c, chart, plot->panels ? panel : -1);
        up__plot_levels(&c, plot);
        bottom = fmax(bottom, c.bottom);
    }
    up__plot_foot(pen, plot, chart, bottom);
}

UpStatus up_plot_write(const UpPlot *plot, const char *path) {
    char description[2048];
    UpChart chart;
    Drawing drawing = {plot, &chart};
    UpArena arena = {0};
    UpStatus status = up__chart_build(&chart, plot, &arena);
    if (status == UP_OK) {
        up__plot_describe(description, sizeof description, plot, &chart);
        UpDrawing picture = {.width = UP__PLOT_WIDTH,
                             .height = up__plot_height(plot, &chart),
                             .scale = PNG_SCALE,
                             .title = plot->title,
                             .description = description,
                             .draw = draw,
                             .what = &drawing};
        status = up__drawing_write(&picture, path);
    }
    up_arena_free(&arena);
    return status;
}

#endif
