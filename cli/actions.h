// The actions of `uphill rollout --actions FILE`: a line for each step and instance, numbers
// between commas; or a table that `--csv` wrote, whose actions are read.
#ifndef UPHILL_CLI_ACTIONS_H
#define UPHILL_CLI_ACTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "uphill/space.h"
#include "uphill/status.h"

typedef struct CliActions {
    const char *path;
    char *text, *next; // the file; the line to come, NULL behind the last
    int64_t line;      // lines that were read
    int64_t columns;   // of a table; 0: a plain list
} CliActions;

// Opens `path` for actions of `space`. Close it also after a failure.
UpStatus cli_actions_open(CliActions *actions, const char *path, const UpSpace *space);

// The next line, which belongs to this step and instance: `action` (space->size). A line that holds
// anything else than one action of the space is refused, by its number.
UpStatus cli_actions_next(CliActions *actions, const UpSpace *space, int64_t step, int64_t instance,
                          float *action);

void cli_actions_close(CliActions *actions);

#endif
