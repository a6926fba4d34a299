// What a setting of a sweep, or one of its runs, consists of.
#include <string.h>

#include "sweep/sweep.h"

// As it was written or drawn, read or not.
static const char *written(const Sweep *sweep, int setting, int param) {
    return sweep->text[(sweep->number[setting] - 1) * sweep->params + param];
}

const char *sweep_text(const Sweep *sweep, int setting, int param) {
    return sweep->idle[setting] >> param & 1 ? "" : written(sweep, setting, param);
}

int64_t sweep_seed(const Sweep *sweep, int run) {
    return sweep->base.train.seed + run / sweep->settings;
}

// What nothing reads stands in the config as well, so that a run of an older sweep goes on; an
// environment refuses it.
UpStatus sweep_config(const Sweep *sweep, int run, UpConfig *config) {
    int setting = run % sweep->settings;
    *config = sweep->base;
    config->train.seed = sweep_seed(sweep, run);
    for (int p = 0; p < sweep->params; p++) {
        const char *key = sweep->param[p].key;
        bool idle = sweep->idle[setting] >> p & 1;
        if (idle && strncmp(key, "env.", 4) == 0) continue;
        UP_TRY(up_config_set(config, key, written(sweep, setting, p), "sweep"));
    }
    memset(config->given, 0, sizeof config->given); // sweep_reads has judged it
    return UP_OK;
}
