// What `uphill train` shows while it learns: on a terminal a panel that is redrawn in place,
// elsewhere a plain line every two seconds.
#ifndef UP_CLI_PANEL_H
#define UP_CLI_PANEL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct Panel Panel;

// One moment of training. NAN stands for what does not exist, which is then not shown.
typedef struct PanelRow {
    int64_t steps, episodes;
    double seconds;     // of training so far
    double return_mean; // of the last 100 episodes
    double running_reward;
    double policy_loss, value_loss, entropy, kl, clip_fraction, explained_variance, learning_rate;
    double env_share, learner_share; // of the time, 0 to 1
    double steps_per_second;
} PanelRow;

// tty: `out` is a terminal. NO_COLOR and TERM=dumb ask for plain lines there, too. target: NAN for
// none. NULL when memory has run out.
Panel *panel_open(FILE *out, bool tty, const char *title, int64_t total_steps, double target);

// Cheap enough for every update: what comes too often is remembered, not drawn.
void panel_update(Panel *panel, const PanelRow *row);

// A warning: in the panel until the next one comes, or a line of its own.
void panel_warn(Panel *panel, const char *message);

// Shows the last state once more and leaves it there. NULL is fine.
void panel_close(Panel *panel);

#endif
