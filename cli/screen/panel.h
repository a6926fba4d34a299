// What `uphill train` shows while it learns: on a terminal a panel that is redrawn in place,
// elsewhere a plain line every two seconds.
#ifndef UP_CLI_PANEL_H
#define UP_CLI_PANEL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "uphill/train.h"

typedef struct Panel Panel;

// tty: `out` is a terminal. NO_COLOR and TERM=dumb ask for plain lines there, too. target: NAN for
// none. NULL when memory has run out.
Panel *panel_open(FILE *out, bool tty, const char *title, int64_t total_steps, double target);

// Cheap enough for every update: what comes too often is remembered, not drawn. NAN is not shown.
void panel_update(Panel *panel, const UpProgress *row);

// A warning: in the panel until the next one comes, or a line of its own.
void panel_warn(Panel *panel, const char *message);

// A line that an environment printed: it stays, above the panel.
void panel_output(Panel *panel, const char *text);

// Shows the last state once more and leaves it there. NULL is fine.
void panel_close(Panel *panel);

#endif
