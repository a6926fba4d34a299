// A bridged environment with its buffers, for the tests of this folder.
#ifndef UP_TESTS_BRIDGED_H
#define UP_TESTS_BRIDGED_H

#include "scratch.h"

#include "env/bridge/bridge.h"
#include "env/bridge/process.h"

typedef struct Bridged {
    UpEnv *env;
    UpArena arena;
    UpStep step;
    float *action;   // (N, size)
    uint8_t *active; // (N) all 1
} Bridged;

// The first and the last warning, and how many there were.
static char first_warned[1024], warned[1024];
static int warnings;

static inline void note_warning(void *user, const char *message) {
    (void)user;
    snprintf(warned, sizeof warned, "%s", message);
    if (warnings++ == 0) memcpy(first_warned, warned, sizeof warned);
}

static inline UpEnvDef bridged_def(const char *id, const char *options, int workers) {
    UpEnvDef def = up_env_def_default();
    snprintf(def.id, sizeof def.id, "%s", id);
    snprintf(def.options, sizeof def.options, "%s", options);
    def.workers = workers;
    def.timeout = 20;
    return def;
}

// `create` is up_env_create, or up__bridge_create where a worker shall play what is native else.
static inline UpStatus bridged_create_by(Bridged *bridged, const UpEnvDef *def, int instances,
                                         UpStatus (*create)(UpEnv **, const UpEnvDef *, int)) {
    *bridged = (Bridged){0};
    UP_TRY(create(&bridged->env, def, instances));
    size_t n = (size_t)instances, width = (size_t)bridged->env->spec.action.size;
    UpArena *arena = &bridged->arena;
    UP_TRY(up_obs_create(&bridged->step.obs, &bridged->env->spec, instances, arena));
    UP_TRY(up_obs_create(&bridged->step.final_obs, &bridged->env->spec, instances, arena));
    bridged->step.action = bridged->action = up_arena_alloc(arena, n * width, sizeof(float));
    bridged->step.active = bridged->active = up_arena_alloc(arena, n, 1);
    bridged->step.reward = up_arena_alloc(arena, n, sizeof(double));
    bridged->step.terminated = up_arena_alloc(arena, n, 1);
    bridged->step.truncated = up_arena_alloc(arena, n, 1);
    memset(bridged->active, 1, n);
    return UP_OK;
}

static inline UpStatus bridged_create(Bridged *bridged, const UpEnvDef *def, int instances) {
    return bridged_create_by(bridged, def, instances, up_env_create);
}

static inline void bridged_destroy(Bridged *bridged) {
    up_env_destroy(bridged->env);
    up_arena_free(&bridged->arena);
}

// Instance i gets seed first + i.
static inline UpStatus bridged_seed(Bridged *bridged, uint64_t first) {
    uint64_t seeds[64];
    for (int i = 0; i < bridged->env->instances; i++)
        seeds[i] = first + (uint64_t)i;
    return up_env_reset(bridged->env, seeds, bridged->step.obs);
}

// Is there a Python for the bridge, with these modules ("" for none)?
static inline bool python_has(const char *modules) {
    UpCommand command;
    char line[2 * UP__PROCESS_PATH];
    if (up__command_find(&command) != UP_OK || !command.script[0]) return false;
    snprintf(line, sizeof line, "'%s' -c 'import sys%s%s' 2>/dev/null", command.program,
             modules[0] ? ", " : "", modules);
    return system(line) == 0;
}

#endif
