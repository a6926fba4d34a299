// Learning curves as SVG or PNG, drawn with Cairo (optional component). Runs of one label become
// one line, their mean, with a shaded 95 % percentile bootstrap interval of it (1,000 resamples of
// the runs, the same ones each time), which never leaves what the runs reached. Where some runs end
// early, the line goes on, dashed, as the mean of those that are left, with their number beside it.
// Of more than ten runs the single ones are not drawn.
#ifndef UPHILL_PLOT_H
#define UPHILL_PLOT_H

#include <stdbool.h>

#include "uphill/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum UpCurveStyle {
    UP_CURVE_PLAIN,
    UP_CURVE_REFERENCE, // known beforehand: a dark dashed line of its own, over the others
    UP_CURVE_DASHED,    // dashed, in the colour of the plain curve before it
    // Each curve by itself, without a mean:
    UP_CURVE_DOTS,  // faint small dots alone; x in any order
    UP_CURVE_MARKS, // large dots alone; x in any order
    UP_CURVE_KNOTS, // large dots and a line through them
} UpCurveStyle;

// One run's curve. x ascends.
typedef struct UpCurve {
    const char *label; // curves with the same label are one line
    int points;
    const double *x, *y; // (points)
    UpCurveStyle style;
} UpCurve;

// What the runs of a label are brought to.
typedef enum UpCenter {
    UP_CENTER_MEAN,
    UP_CENTER_IQM, // the mean of the middle half: one run astray does not move it
} UpCenter;

// A dotted horizontal line with a name.
typedef struct UpLevel {
    const char *label;
    double y;
} UpLevel;

typedef struct UpPlot {
    const char *title, *x_label, *y_label;
    int curves;
    const UpCurve *curve;
    double target; // a level named "target"; NAN for none
    int levels;
    const UpLevel *level;
    bool log_x, log_y;         // logarithmic axes: what is not above 0 is not drawn
    int x_names;               // where there are names, x = 0, 1, … have them
    const char *const *x_name; // (x_names)
    int y_names;               // likewise, from the bottom up: a chart of rows
    const char *const *y_name; // (y_names)
    UpCenter center;
    bool panels; // a small frame for each label, all with the same axes
} UpPlot;

// Writes `path`; its ending, .svg or .png, chooses the format. UP_UNSUPPORTED without Cairo.
UpStatus up_plot_write(const UpPlot *plot, const char *path);

#ifdef __cplusplus
}
#endif
#endif
