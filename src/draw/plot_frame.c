// The parts of a plot around its curves.
#ifdef UP_HAVE_CAIRO

#include "draw/plot_draw.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "draw/drawing.h"

enum { COLORS = 7, LEGEND_ROWS = 5 };
static const double margin_left = 76, margin_right = 36, margin_bottom = 64, line_height = 24;

typedef struct Color {
    double red, green, blue;
} Color;

// Okabe and Ito, "Color Universal Design" (2008), without their yellow, which is faint on white.
static const Color palette[COLORS] = {
    {0.000, 0.447, 0.698}, {0.835, 0.369, 0.000}, {0.000, 0.620, 0.451}, {0.800, 0.475, 0.655},
    {0.902, 0.624, 0.000}, {0.337, 0.706, 0.914}, {0.250, 0.250, 0.250},
};
static const Color ink = {0.13, 0.13, 0.13}, soft = {0.40, 0.40, 0.40}, grid = {0.90, 0.90, 0.90};

double up__plot_x(const UpCanvas *c, double x) {
    return c->left + (x - c->x.low) / (c->x.high - c->x.low) * (c->right - c->left);
}

double up__plot_y(const UpCanvas *c, double y) {
    return c->bottom - (y - c->y.low) / (c->y.high - c->y.low) * (c->bottom - c->top);
}

static void set_color(cairo_t *cairo, Color color, double alpha) {
    cairo_set_source_rgba(cairo, color.red, color.green, color.blue, alpha);
}

static void draw_line(cairo_t *cairo, double x0, double y0, double x1, double y1) {
    cairo_move_to(cairo, x0, y0);
    cairo_line_to(cairo, x1, y1);
    cairo_stroke(cairo);
}

void up__plot_series_color(cairo_t *cairo, const UpSeries *series, double alpha) {
    const double dash[] = {7, 4}, short_dash[] = {3, 3};
    set_color(cairo, series->reference ? ink : palette[series->color % COLORS], alpha);
    cairo_set_dash(cairo, series->reference ? short_dash : dash,
                   series->reference || series->dashed || series->color >= COLORS ? 2 : 0, 0);
}

static UpRange widened(UpRange range, double share) {
    double width = range.high - range.low;
    if (!(width > 0)) width = fmax(fabs(range.low), 1), share = 0.5;
    return (UpRange){range.low - share * width, range.high + share * width};
}

// References may share a name.
static bool is_named_before(const UpChart *chart, int s) {
    for (int before = 0; before < s; before++)
        if (strcmp(chart->one[before].label, chart->one[s].label) == 0) return true;
    return false;
}

static void draw_swatch(cairo_t *cairo, const UpSeries *series, double x, double y, double width) {
    UpCurveStyle style = series->run[0].style;
    if (style == UP_CURVE_DOTS || style == UP_CURVE_MARKS) {
        cairo_arc(cairo, x + width / 2, y, style == UP_CURVE_DOTS ? 3.5 : 6, 0, 2 * M_PI);
        cairo_fill(cairo);
    } else {
        draw_line(cairo, x, y, x + width, y);
    }
}

// One row of swatches and names below the title, or as many rows as it takes. Returns the base line
// of the last.
static double draw_legend(cairo_t *cairo, const UpChart *chart, double y) {
    const double swatch = 22, gap = 7, space = 24;
    double x = margin_left;
    int row = 0;
    up__drawing_font(cairo, 13, false);
    for (int s = 0; s < chart->series; s++) {
        char text[160];
        const UpSeries *series = &chart->one[s];
        if (series->label[0] == 0 || is_named_before(chart, s)) continue;
        snprintf(text, sizeof text, series->runs > 1 ? "%.120s (%d runs)" : "%.120s", series->label,
                 series->runs);
        double width = swatch + gap + up__drawing_width(cairo, text);
        if (x > margin_left && x + width > UP__PLOT_WIDTH - margin_right) {
            x = margin_left;
            y += line_height;
            if (++row == LEGEND_ROWS) {
                snprintf(text, sizeof text, "and %d more", chart->series - s);
                up__drawing_text(cairo, text, x, y, 0);
                return y;
            }
        }
        up__plot_series_color(cairo, series, 1);
        cairo_set_line_width(cairo, series->reference ? 1.6 : 3);
        draw_swatch(cairo, series, x, y - 4.5, swatch);
        cairo_set_dash(cairo, NULL, 0, 0);
        set_color(cairo, ink, 1);
        up__drawing_text(cairo, text, x + swatch + gap, y, 0);
        x += width + space;
    }
    return y;
}

// The head decides where the frame begins.
void up__plot_head(UpCanvas *c, const UpPlot *plot, const UpChart *chart) {
    double y = 16;
    if (plot->title && plot->title[0]) {
        y = 40;
        up__drawing_font(c->cairo, 19, true);
        set_color(c->cairo, ink, 1);
        up__drawing_text(c->cairo, plot->title, margin_left, y, 0);
    }
    bool named = false; // a single run that the title names needs no legend
    for (int s = 0; s < chart->series; s++)
        named |= chart->one[s].label[0] != 0;
    if (chart->series == 1 && chart->one[0].runs == 1 && plot->title)
        named &= strcmp(chart->one[0].label, plot->title) != 0;
    if (named) y = draw_legend(c->cairo, chart, y + 29);
    up__drawing_font(c->cairo, 12, false);
    set_color(c->cairo, soft, 1);
    y += 28;
    if (plot->y_label) up__drawing_text(c->cairo, plot->y_label, margin_left, y, 0);
    c->top = y + 12;
}

UpCanvas up__plot_canvas(cairo_t *cairo, const UpChart *chart) {
    UpRange x = chart->x;
    bool dots = false; // half of one would lie outside
    for (int s = 0; s < chart->series; s++)
        dots |= chart->one[s].dots;
    if (!chart->log_x && x.low > 0 && x.low < 0.1 * x.high) x.low = 0;
    return (UpCanvas){.cairo = cairo,
                      .left = margin_left,
                      .right = UP__PLOT_WIDTH - margin_right,
                      .bottom = UP__PLOT_HEIGHT - margin_bottom,
                      .x = widened(x, dots ? 0.04 : 0),
                      .y = widened(chart->y, 0.05)};
}

static void y_tick(const UpCanvas *c, double place, double value) {
    char text[32];
    double y = round(up__plot_y(c, place)) + 0.5;
    set_color(c->cairo, grid, 1);
    draw_line(c->cairo, c->left, y, c->right, y);
    set_color(c->cairo, soft, 1);
    up__tick_label(text, sizeof text, value);
    up__drawing_text(c->cairo, text, c->left - 10, y + 4, 1);
}

static void x_name(const UpCanvas *c, double place, const char *text) {
    double x = round(up__plot_x(c, place)) + 0.5;
    set_color(c->cairo, grid, 1);
    draw_line(c->cairo, x, c->top, x, c->bottom);
    set_color(c->cairo, soft, 1);
    draw_line(c->cairo, x, c->bottom, x, c->bottom + 5);
    up__drawing_text(c->cairo, text, x, c->bottom + 21, 0.5);
}

static void x_tick(const UpCanvas *c, double place, double value) {
    char text[32];
    up__tick_label(text, sizeof text, value);
    x_name(c, place, text);
}

// A logarithmic axis has the powers of ten, and 2 and 5 times them where few of those are in sight.
static void draw_ticks(const UpCanvas *c, UpRange range, bool logarithmic, int wanted,
                       void (*tick)(const UpCanvas *, double, double)) {
    UpTicks ticks = logarithmic ? up__decades(range, wanted) : up__ticks(range, wanted);
    for (int i = 0; i < ticks.count; i++) {
        double place = up__tick(&ticks, i);
        tick(c, place, logarithmic ? pow(10, place) : place);
    }
    if (!logarithmic || ticks.count > 2) return;
    for (double decade = floor(range.low); decade <= range.high; decade++)
        for (int digit = 2; digit <= 5; digit += 3) {
            double place = decade + log10(digit);
            if (place >= range.low && place <= range.high) tick(c, place, digit * pow(10, decade));
        }
}

void up__plot_axes(const UpCanvas *c, const UpPlot *plot, bool spread) {
    cairo_t *cairo = c->cairo;
    up__drawing_font(cairo, 12, false);
    cairo_set_line_width(cairo, 1);
    draw_ticks(c, c->y, plot->log_y, 6, y_tick);
    for (int i = 0; i < plot->x_names; i++)
        x_name(c, i, plot->x_name[i]);
    if (plot->x_names == 0) draw_ticks(c, c->x, plot->log_x, 8, x_tick);
    set_color(cairo, soft, 1);
    draw_line(cairo, c->left, c->bottom + 0.5, c->right, c->bottom + 0.5);
    if (plot->x_label)
        up__drawing_text(cairo, plot->x_label, (c->left + c->right) / 2, c->bottom + 46, 0.5);
    up__drawing_font(cairo, 11, false);
    if (spread)
        up__drawing_text(cairo,
                         plot->log_y ? "mean ± 1 standard deviation of the logarithm"
                                     : "mean ± 1 standard deviation",
                         c->right, c->bottom + 46, 1);
}

static void draw_level(const UpCanvas *c, const char *label, double place) {
    const double dash[] = {1.5, 4};
    if (!isfinite(place)) return;
    double y = up__plot_y(c, place);
    set_color(c->cairo, ink, 0.8);
    cairo_set_line_width(c->cairo, 1.5);
    cairo_set_dash(c->cairo, dash, 2, 0);
    draw_line(c->cairo, c->left, y, c->right, y);
    cairo_set_dash(c->cairo, NULL, 0, 0);
    up__drawing_font(c->cairo, 12, false);
    cairo_move_to(c->cairo, c->left + 6, y - 6); // a white edge keeps it legible over curves
    cairo_text_path(c->cairo, label);
    cairo_set_source_rgba(c->cairo, 1, 1, 1, 0.85);
    cairo_set_line_width(c->cairo, 5);
    cairo_stroke(c->cairo);
    set_color(c->cairo, ink, 0.8);
    up__drawing_text(c->cairo, label, c->left + 6, y - 6, 0);
}

void up__plot_levels(const UpCanvas *c, const UpPlot *plot) {
    char number[32], text[48];
    for (int i = 0; i < plot->levels; i++)
        draw_level(c, plot->level[i].label, up__plot_place(plot->log_y, plot->level[i].y));
    if (!isfinite(plot->target)) return;
    up__tick_label(number, sizeof number, plot->target);
    snprintf(text, sizeof text, "target %s", number);
    draw_level(c, text, up__plot_place(plot->log_y, plot->target));
}

#endif
