// `uphill plot`: runs, and which of them make a line.
#ifndef UPHILL_CLI_PLOT_H
#define UPHILL_CLI_PLOT_H

#include "cli.h"
#include "uphill/arena.h"
#include "uphill/metrics.h"

enum { PLOT_LABEL = 512 };

// An option of a run's config, "optim.learning_rate" and "0.001".
typedef struct PlotSetting {
    const char *key, *value;
} PlotSetting;

typedef struct PlotRun {
    const char *folder;
    UpConfig config;
    int settings;
    PlotSetting *setting; // (settings) those that change what is learned: not the seed, say
    UpTable table;        // metrics.csv
    int line;             // that it belongs to
} PlotRun;

typedef struct Plot {
    int runs, lines;
    PlotRun *run;              // (runs)
    char (*label)[PLOT_LABEL]; // (lines)
    char title[PLOT_LABEL];
    UpArena arena;
} Plot;

// Reads the config that run->folder holds into settings.
UpStatus plot_settings(PlotRun *run, UpArena *arena);

// Deals the runs out to lines and names these. `by` is what --group says, NULL: runs of one line
// have the same settings, all of them.
UpStatus plot_group(Plot *plot, const char *by);

// Warns where returns of different environments are drawn over each other.
void plot_warn_tasks(const Plot *plot);

#endif
