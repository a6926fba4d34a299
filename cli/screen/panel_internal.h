// What the two halves of the panel share: panel.c keeps the state and prints plain lines,
// panel_screen.c draws it on a terminal.
#ifndef UP_CLI_PANEL_INTERNAL_H
#define UP_CLI_PANEL_INTERNAL_H

#include "screen/panel.h"

enum { PANEL_HISTORY = 512, PANEL_TEXT = 400, PANEL_LINES = 30 };

struct Panel {
    FILE *out;
    bool live; // redrawn in place
    char title[PANEL_TEXT], warning[PANEL_TEXT];
    int warnings;
    int64_t total_steps;
    double target;
    UpProgress row;           // the newest
    bool any, shown;          // a row came; it is on the screen
    double last_draw;         // seconds on the monotonic clock
    double speed;             // steps a second, smoothed
    int lines, width;         // on the screen
    int columns[PANEL_LINES]; // of each line there
    // The running reward over the whole run. Each entry is the mean of `stride` rows; when the
    // array is full, neighbours are merged and the stride doubles.
    double history[PANEL_HISTORY];
    int entries, stride, pending;
    double pending_sum;
};

// To the last step, at the present speed.
static inline double panel__seconds_left(const Panel *panel) {
    return (double)(panel->total_steps - panel->row.steps) / panel->speed;
}

// The number of a cell as text; false where it has none to show.
bool panel__cell(const UpMetric *metric, const UpProgress *row, char *text, size_t size);

// Draws `row` over what was drawn before.
void panel__draw_screen(Panel *panel);

#endif
