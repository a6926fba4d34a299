// What the parts of a plot share: the canvas, its colours, and where a number stands on it.
#ifndef UP_IO_PLOT_DRAW_H
#define UP_IO_PLOT_DRAW_H

#include <stdbool.h>
#include <cairo.h>

#include "draw/plot_series.h"

enum { UP__PLOT_WIDTH = 960, UP__PLOT_HEIGHT = 600 }; // points

// The picture, and the frame inside it that the axes span.
typedef struct UpCanvas {
    cairo_t *cairo;
    double left, right, top, bottom; // of the frame, in points from the upper left corner
    UpRange x, y;                    // what the frame shows
} UpCanvas;

// Selects the colour of a series. Beyond the palette the colours come again, dashed, as
// companions of another series are. References are dark, in short dashes.
void up__plot_series_color(cairo_t *cairo, const UpSeries *series, double alpha);

double up__plot_x(const UpCanvas *canvas, double x);
double up__plot_y(const UpCanvas *canvas, double y);

// Title, legend and the vertical axis's name; sets where the frame begins.
void up__plot_head(UpCanvas *canvas, const UpPlot *plot, const UpChart *chart);

// Grid, ticks and the horizontal axis's name; `spread` explains the shaded bands.
void up__plot_axes(const UpCanvas *canvas, const UpPlot *plot, bool spread);
// The target, and the other levels.
void up__plot_levels(const UpCanvas *canvas, const UpPlot *plot);

// The empty frame of `chart`.
UpCanvas up__plot_canvas(cairo_t *cairo, const UpChart *chart);

#endif
