// What the parts of a plot share: the canvas, its colours, and where a number stands on it.
#ifndef UP_DRAW_PLOT_DRAW_H
#define UP_DRAW_PLOT_DRAW_H

#include <stdbool.h>

#include "draw/pen.h"
#include "draw/plot_series.h"

enum { UP__PLOT_WIDTH = 960, UP__PLOT_HEIGHT = 600, UP__PLOT_LEFT = 76, UP__PLOT_RIGHT = 36 };

// A frame that axes span, in points from the picture's upper left corner.
typedef struct UpCanvas {
    UpPen *pen;
    double left, right, top, bottom;
    UpRange x, y;          // what the frame shows
    bool small;            // one of several
    bool names_x, names_y; // numbers stand at its axes
} UpCanvas;

// How high the picture is.
double up__plot_height(const UpPlot *plot, const UpChart *chart);

// Selects the colour of a series, and a line in it. Beyond the palette the colours come again,
// dashed, as companions of another series are. References are dark, in short dashes.
void up__plot_series_paint(UpPen *pen, const UpSeries *series, double alpha, double width);

double up__plot_x(const UpCanvas *canvas, double x);
double up__plot_y(const UpCanvas *canvas, double y);

// Title, legend and the vertical axis's name. Returns where the frame begins.
double up__plot_head(UpPen *pen, const UpPlot *plot, const UpChart *chart);

// Grid, ticks, names.
void up__plot_axes(const UpCanvas *canvas, const UpPlot *plot);
// The horizontal axis's name, and what the shaded bands are.
void up__plot_foot(UpPen *pen, const UpPlot *plot, const UpChart *chart, double bottom);
// The target, and the other levels.
void up__plot_levels(const UpCanvas *canvas, const UpPlot *plot);

// The frame of `chart`, or its panel number `panel`, below `top`.
UpCanvas up__plot_canvas(UpPen *pen, const UpPlot *plot, const UpChart *chart, double top,
                         int panel);

// For those who cannot see it: axes, and where each series ends.
void up__plot_describe(char *text, size_t capacity, const UpPlot *plot, const UpChart *chart);

#endif
