// What a plot shows, before anything is drawn: runs gathered into lines with a mean and its
// interval, and axes with round numbers.
#ifndef UP_DRAW_PLOT_SERIES_H
#define UP_DRAW_PLOT_SERIES_H

#include <stdbool.h>
#include <stddef.h>

#include "uphill/arena.h"
#include "uphill/plot.h"

enum { UP__PLOT_RUNS = 10 };  // more are not drawn one by one
enum { UP__PLOT_COLORS = 7 }; // then they come again

// All curves of one label.
typedef struct UpSeries {
    const char *label;
    bool reference; // one curve, and a label that others may share
    bool dashed;    // has the colour of the one before it
    bool again;     // that colour is not its own: it is drawn dashed
    bool dots;      // some of its runs have dots
    int color;      // counts the series that are neither
    int runs;
    UpCurve *run; // (runs) their finite points
    int points;   // of the mean; 0 where no x is common to all runs, or there is one run only
    int common;   // of them, those that all runs have come to; the others lie behind
    double *x;    // (points) the runs' own where they are the same, else evenly from where all runs
                  //   have begun, and where each ends
    double *mean; // (points) or whatever else plot->center says
    double *low, *high; // (points) its interval
    int *count;         // (points) runs that have come as far
} UpSeries;

typedef struct UpRange {
    double low, high;
} UpRange;

typedef struct UpChart {
    int series;
    UpSeries *one; // (series), in the order in which their labels first appear
    int colors;    // of them, those with a colour of their own
    UpRange x, y;  // what all of it covers, the target and the intervals included
    bool log_x;    // the x are logarithms
} UpChart;

// Everything lives in `arena`. UP_USAGE where no curve has a finite point.
UpStatus up__chart_build(UpChart *chart, const UpPlot *plot, UpArena *arena);

// plot_mean.c: the y of a curve at x, between its neighbours; x must lie within the curve.
double up__curve_at(const UpCurve *curve, double x);

// plot_mean.c: fills points, common, x, mean, low, high, count.
UpStatus up__series_average(UpSeries *series, UpCenter center, UpArena *arena);

// Mean, or mean of the middle half, of ascending values.
double up__center(const double *sorted, int count, UpCenter center);

// Round numbers over [low, high]: first, first + step, …
typedef struct UpTicks {
    double first, step;
    int count;
} UpTicks;
UpTicks up__ticks(UpRange range, int wanted);
double up__tick(const UpTicks *ticks, int index);

// The same for logarithms to base 10: whole decades, or every second, third, … of them.
UpTicks up__decades(UpRange range, int wanted);

// Where a value stands on an axis: at its logarithm on a logarithmic one, NAN where it has none.
double up__plot_place(bool logarithmic, double value);

// "2.5M", "−400", "0.05".
void up__tick_label(char *text, size_t capacity, double value);

#endif
