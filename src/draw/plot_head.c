// Title and legend of a plot, and the same in words.
#ifdef UP_HAVE_CAIRO

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "draw/plot_draw.h"

enum { LEGEND_ROWS = 5 };
static const double line_height = 24;

void up__plot_series_paint(UpPen *pen, const UpSeries *s, double alpha, double width) {
    up__pen_paint(pen, s->reference ? UP__INK : UP__SERIES + s->color % UP__PLOT_COLORS, alpha);
    up__pen_line(pen, width,
                 s->reference ? 3
                 : s->again   ? 7
                              : 0,
                 s->reference ? 3
                 : s->again   ? 4
                              : 0);
}

// References may share a name.
static bool is_named_before(const UpChart *chart, int s) {
    for (int before = 0; before < s; before++)
        if (strcmp(chart->one[before].label, chart->one[s].label) == 0) return true;
    return false;
}

static void draw_swatch(UpPen *pen, const UpSeries *series, double x, double y, double width) {
    UpCurveStyle style = series->run[0].style;
    if (style == UP_CURVE_DOTS || style == UP_CURVE_MARKS)
        up__pen_dot(pen, x + width / 2, y, style == UP_CURVE_DOTS ? 3.5 : 6);
    else
        up__pen_segment(pen, x, y, x + width, y);
}

static void name_of(char *text, size_t capacity, const UpSeries *s) {
    snprintf(text, capacity, s->runs > 1 && !s->dots ? "%.120s (%d runs)" : "%.120s", s->label,
             s->runs);
}

// One row of swatches and names below the title, or as many rows as it takes. Panels have their
// names above them. Returns the base line of the last.
static double draw_legend(UpPen *pen, const UpChart *chart, bool panels, double y) {
    const double swatch = 22, gap = 7, space = 24;
    double x = UP__PLOT_LEFT;
    int row = 0;
    up__pen_font(pen, 14, false);
    for (int s = 0; s < chart->series; s++) {
        char text[160];
        const UpSeries *series = &chart->one[s];
        if (series->label[0] == 0 || is_named_before(chart, s)) continue;
        if (panels && !series->reference && !series->dashed) continue;
        name_of(text, sizeof text, series);
        double width = swatch + gap + up__pen_width(pen, text);
        if (x > UP__PLOT_LEFT && x + width > UP__PLOT_WIDTH - UP__PLOT_RIGHT) {
            x = UP__PLOT_LEFT;
            y += line_height;
            if (++row == LEGEND_ROWS) {
                snprintf(text, sizeof text, "and %d more", chart->series - s);
                up__pen_text(pen, text, x, y, 0);
                return y;
            }
        }
        up__plot_series_paint(pen, series, 1, series->reference ? 1.6 : 3);
        draw_swatch(pen, series, x, y - 4.5, swatch);
        up__pen_paint(pen, UP__INK, 1);
        up__pen_text(pen, text, x + swatch + gap, y, 0);
        x += width + space;
    }
    return x > UP__PLOT_LEFT ? y : y - 29; // nothing to name
}

// As large as there is room for.
static void draw_title(UpPen *pen, const char *title, double y) {
    const double room = UP__PLOT_WIDTH - UP__PLOT_RIGHT - UP__PLOT_LEFT, smallest = 11;
    double size = 19;
    up__pen_font(pen, size, true);
    size = fmax(smallest, fmin(size, size * room / fmax(up__pen_width(pen, title), 1)));
    up__pen_font(pen, size, true);
    up__pen_paint(pen, UP__INK, 1);
    up__pen_text(pen, title, UP__PLOT_LEFT, y, 0);
}

double up__plot_head(UpPen *pen, const UpPlot *plot, const UpChart *chart) {
    double y = 16;
    if (plot->title && plot->title[0]) {
        y = 40;
        draw_title(pen, plot->title, y);
    }
    bool named = false; // a single run that the title names needs no legend
    for (int s = 0; s < chart->series; s++)
        named |= chart->one[s].label[0] != 0;
    if (chart->series == 1 && chart->one[0].runs == 1 && plot->title)
        named &= strcmp(chart->one[0].label, plot->title) != 0;
    if (named) y = draw_legend(pen, chart, plot->panels, y + 29);
    up__pen_font(pen, 13, false);
    up__pen_paint(pen, UP__SOFT, 1);
    y += 28;
    if (plot->y_label) up__pen_text(pen, plot->y_label, UP__PLOT_LEFT, y, 0);
    return y + 12;
}

void up__plot_foot(UpPen *pen, const UpPlot *plot, const UpChart *chart, double bottom) {
    char text[256];
    bool band = false, beyond = false;
    for (const UpSeries *s = chart->one; s < chart->one + chart->series; s++) {
        band |= s->points > 0;
        beyond |= s->common < s->points;
    }
    up__pen_font(pen, 13, false);
    up__pen_paint(pen, UP__SOFT, 1);
    if (plot->x_label)
        up__pen_text(pen, plot->x_label, (UP__PLOT_LEFT + UP__PLOT_WIDTH - UP__PLOT_RIGHT) / 2.0,
                     bottom + 42, 0.5);
    if (!band) return;
    snprintf(text, sizeof text, "%s of the runs%s, with its 95 %% bootstrap interval%s",
             plot->center == UP_CENTER_IQM ? "interquartile mean" : "mean",
             plot->log_y ? "' logarithms" : "",
             beyond ? "; dashed: of those that have come as far" : "");
    up__pen_font(pen, 12, false);
    up__pen_text(pen, text, UP__PLOT_WIDTH - UP__PLOT_RIGHT, bottom + 62, 1);
}

// Appends what there is room for.
__attribute__((format(printf, 3, 4))) static void add(char *text, size_t capacity,
                                                      const char *format, ...) {
    size_t used = strlen(text);
    va_list list;
    va_start(list, format);
    vsnprintf(text + used, capacity - used, format, list);
    va_end(list);
}

static void add_axis(char *text, size_t capacity, const char *name, const char *label,
                     UpRange range, bool logarithmic) {
    char low[32], high[32];
    up__tick_label(low, sizeof low, logarithmic ? pow(10, range.low) : range.low);
    up__tick_label(high, sizeof high, logarithmic ? pow(10, range.high) : range.high);
    add(text, capacity, "%s: %s, %s to %s%s.", name, label ? label : "", low, high,
        logarithmic ? ", logarithmic" : "");
}

static double shown(const UpPlot *plot, double y) {
    return plot->log_y ? pow(10, y) : y;
}

void up__plot_describe(char *text, size_t capacity, const UpPlot *plot, const UpChart *chart) {
    char name[160], value[32], low[32], high[32];
    text[0] = 0;
    if (plot->x_names == 0)
        add_axis(text, capacity, "Across", plot->x_label, chart->x, plot->log_x);
    if (plot->y_names == 0) {
        add(text, capacity, " ");
        add_axis(text, capacity, "Up", plot->y_label, chart->y, plot->log_y);
    }
    for (const UpSeries *s = chart->one; s < chart->one + chart->series; s++) {
        int last = s->common - 1;
        if (s->reference || s->dots || !s->label[0]) continue;
        const UpCurve *run = s->run;
        name_of(name, sizeof name, s);
        up__tick_label(value, sizeof value,
                       shown(plot, last >= 0 ? s->mean[last] : run->y[run->points - 1]));
        add(text, capacity, " %s: %s at the end", name, value);
        if (last >= 0) {
            up__tick_label(low, sizeof low, shown(plot, s->low[last]));
            up__tick_label(high, sizeof high, shown(plot, s->high[last]));
            add(text, capacity, "%s, 95 %% interval %s to %s",
                s->common < s->points ? " of the run that ends first" : "", low, high);
        }
        add(text, capacity, ".");
    }
}

#endif
