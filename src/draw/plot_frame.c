// The frames of a plot: where they are, their axes, and the levels across them.
#ifdef UP_HAVE_CAIRO

#include <math.h>
#include <stdio.h>

#include "draw/plot_draw.h"

// A panel's height and what lies between two of them; a row of a chart whose rows have names.
enum { PANEL_HEIGHT = 190, PANEL_GAP = 28, PANEL_HEAD = 30, ROW_HEIGHT = 30, ACROSS = 4 };
static const double foot = 78;

double up__plot_x(const UpCanvas *c, double x) {
    return c->left + (x - c->x.low) / (c->x.high - c->x.low) * (c->right - c->left);
}

double up__plot_y(const UpCanvas *c, double y) {
    return c->bottom - (y - c->y.low) / (c->y.high - c->y.low) * (c->bottom - c->top);
}

// Up to four beside each other; more in rows of about the same length.
static int panels_across(int panels) {
    int rows = (panels + ACROSS - 1) / ACROSS;
    return (panels + rows - 1) / rows;
}

static int panel_rows(int panels) {
    int across = panels_across(panels);
    return (panels + across - 1) / across;
}

double up__plot_height(const UpPlot *plot, const UpChart *chart) {
    const double head = 130; // with one row of legend
    if (plot->y_names > 0) return head + plot->y_names * ROW_HEIGHT + foot;
    if (!plot->panels) return UP__PLOT_HEIGHT;
    int rows = panel_rows(chart->colors);
    return head + rows * (rows > 1 ? PANEL_HEIGHT + PANEL_HEAD : PANEL_HEIGHT * 1.5) + foot;
}

// A single value gets room around it: of a logarithm half a decade.
static UpRange widened(UpRange range, double share, bool logarithmic) {
    double width = range.high - range.low;
    if (!(width > 0)) width = logarithmic ? 1 : fmax(fabs(range.low), 1), share = 0.5;
    return (UpRange){range.low - share * width, range.high + share * width};
}

static void place_panel(UpCanvas *c, const UpChart *chart, int panel) {
    int across = panels_across(chart->colors), rows = panel_rows(chart->colors);
    double width = (c->right - c->left + PANEL_GAP) / across, height = (c->bottom - c->top) / rows;
    c->small = true;
    c->left += panel % across * width;
    c->right = c->left + width - PANEL_GAP;
    int row = panel / across;
    c->top += row * height + PANEL_HEAD - 8;
    c->bottom = c->top + height - PANEL_HEAD;
    c->names_y = panel % across == 0;
    c->names_x = panel + across >= chart->colors;
}

static double names_width(UpPen *pen, const UpPlot *plot) {
    double width = UP__PLOT_LEFT;
    up__pen_font(pen, 13, false);
    for (int i = 0; i < plot->y_names; i++)
        width = fmax(width, up__pen_width(pen, plot->y_name[i]) + 26);
    return width;
}

UpCanvas up__plot_canvas(UpPen *pen, const UpPlot *plot, const UpChart *chart, double top,
                         int panel) {
    UpRange x = chart->x;
    bool dots = false; // half of one would lie outside
    for (int s = 0; s < chart->series; s++)
        dots |= chart->one[s].dots;
    if (!chart->log_x && x.low > 0 && x.low < 0.1 * x.high) x.low = 0;
    UpCanvas c = {.pen = pen,
                  .left = plot->y_names > 0 ? names_width(pen, plot) : UP__PLOT_LEFT,
                  .right = UP__PLOT_WIDTH - UP__PLOT_RIGHT,
                  .top = top,
                  .bottom = up__plot_height(plot, chart) - foot,
                  .x = widened(x, dots ? 0.04 : 0, plot->log_x),
                  .y = widened(chart->y, plot->y_names > 0 ? 0 : 0.05, plot->log_y),
                  .names_x = true,
                  .names_y = true};
    if (plot->panels) place_panel(&c, chart, panel);
    if (!plot->panels) return c;
    for (const UpSeries *s = chart->one; s < chart->one + chart->series; s++)
        if (!s->reference && !s->dashed && s->color == panel) {
            char name[160];
            snprintf(name, sizeof name, s->runs > 1 ? "%.100s (%d runs)" : "%.100s", s->label,
                     s->runs);
            up__pen_font(pen, 14, true);
            up__plot_series_paint(pen, s, 1, 0);
            up__pen_text(pen, name, c.left, c.top - 7, 0);
        }
    return c;
}

static void y_line(const UpCanvas *c, double place, const char *text) {
    double y = round(up__plot_y(c, place)) + 0.5;
    up__pen_paint(c->pen, UP__GRID, 1);
    up__pen_segment(c->pen, c->left, y, c->right, y);
    up__pen_paint(c->pen, UP__SOFT, 1);
    if (c->names_y) up__pen_text(c->pen, text, c->left - 10, y + 4, 1);
}

static void y_tick(const UpCanvas *c, double place, double value) {
    char text[32];
    up__tick_label(text, sizeof text, value);
    y_line(c, place, text);
}

static void x_line(const UpCanvas *c, double place, const char *text) {
    double x = round(up__plot_x(c, place)) + 0.5;
    up__pen_paint(c->pen, UP__GRID, 1);
    up__pen_segment(c->pen, x, c->top, x, c->bottom);
    up__pen_paint(c->pen, UP__SOFT, 1);
    up__pen_segment(c->pen, x, c->bottom, x, c->bottom + 5);
    if (c->names_x) up__pen_text(c->pen, text, x, c->bottom + 21, 0.5);
}

static void x_tick(const UpCanvas *c, double place, double value) {
    char text[32];
    up__tick_label(text, sizeof text, value);
    x_line(c, place, text);
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
    for (int decade = (int)floor(range.low); decade <= range.high; decade++)
        for (int digit = 2; digit <= 5; digit += 3) {
            double place = decade + log10(digit);
            if (place >= range.low && place <= range.high) tick(c, place, digit * pow(10, decade));
        }
}

void up__plot_axes(const UpCanvas *c, const UpPlot *plot) {
    up__pen_font(c->pen, 13, false);
    up__pen_line(c->pen, 1, 0, 0);
    for (int i = 0; i < plot->y_names; i++)
        y_line(c, i, plot->y_name[i]);
    if (plot->y_names == 0) draw_ticks(c, c->y, plot->log_y, c->small ? 4 : 6, y_tick);
    for (int i = 0; i < plot->x_names; i++)
        x_line(c, i, plot->x_name[i]);
    if (plot->x_names == 0) draw_ticks(c, c->x, plot->log_x, c->small ? 4 : 8, x_tick);
    up__pen_paint(c->pen, UP__SOFT, 1);
    up__pen_segment(c->pen, c->left, c->bottom + 0.5, c->right, c->bottom + 0.5);
}

static void draw_level(const UpCanvas *c, const char *label, double place) {
    if (!isfinite(place)) return;
    double y = up__plot_y(c, place);
    up__pen_paint(c->pen, UP__INK, 0.8);
    up__pen_line(c->pen, 1.5, 1.5, 4);
    up__pen_segment(c->pen, c->left, y, c->right, y);
    if (c->small && !c->names_y) return;
    up__pen_font(c->pen, c->small ? 12 : 13, false);
    c->pen->edged = true; // legible over curves
    up__pen_text(c->pen, label, c->left + 6, y - 6, 0);
    c->pen->edged = false;
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
