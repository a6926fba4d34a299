// The list of all runs on this machine, in one SQLite file (optional component). `uphill runs`
// shows it.
#ifndef UPHILL_REGISTRY_H
#define UPHILL_REGISTRY_H

#include <stdint.h>

#include "uphill/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct UpRunRecord {
    char folder[512]; // absolute path of the run directory; the key
    char env[128], algo[32], recipe[64], stop_reason[32]; // stop_reason "running" until it ended
    int64_t seed, steps, started; // started: seconds since 1970; 0 in up_registry_put: as it was
    double seconds, running_reward;
} UpRunRecord;

// Default file: $UPHILL_REGISTRY, else $XDG_STATE_HOME/uphill/runs.db, else
// ~/.local/state/uphill/runs.db.
UpStatus up_registry_put(const UpRunRecord *record); // adds or replaces
// Calls `each` for every record, newest first.
UpStatus up_registry_each(void (*each)(void *user, const UpRunRecord *record), void *user);

#ifdef __cplusplus
}
#endif
#endif
