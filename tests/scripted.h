// An environment whose every step is known in advance: tests say how long episodes are, how they
// end and what they pay, and read from an observation where it comes from.
#ifndef UP_TESTS_SCRIPTED_H
#define UP_TESTS_SCRIPTED_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "uphill/env.h"

enum { SCRIPTED_ENVS = 8, SCRIPTED_DIM = 6 };

// What the tests set before they make one. Functions get instance n, its episode e and step k.
typedef struct Script {
    UpEnvSpec spec;
    int (*length)(int n, int e);     // steps of an episode
    bool (*truncated)(int n, int e); // how it ends
    bool (*both)(int n, int e);      // truncated, and terminated by the same step
    double (*reward)(int n, int e, int k);
    int nan_obs_at, nan_reward_at, nan_final_at; // number of a step call, from 0; -1: never
    int nan_instance;
} Script;

static Script script;

typedef struct Scripted {
    UpEnv base;
    int episode[SCRIPTED_ENVS], step[SCRIPTED_ENVS];
    int calls;
    float last_action[SCRIPTED_ENVS];
} Scripted;

// A vector: instance, episode, step, and their sum in the rest.
static inline float scripted_number(int n, int e, int k, int d) {
    return (float)(d == 0 ? n : d == 1 ? e : d == 2 ? k : n + e + k);
}

// Sparse rows have k % 4 entries: (n + 2 e + 3 j) modulo the size, in ascending order, with signs.
static inline uint32_t scripted_entries(int n, int e, int k, int64_t dim, UpSparseEntry *entry) {
    uint32_t count = (uint32_t)k % 4;
    for (uint32_t j = 0; j < count; j++)
        entry[j] = (UpSparseEntry)(2 * ((n + e + 3 * (int)j) % dim) + (int)(j % 2));
    return count;
}

// Masks, where spec.mask_size asks for them, close every second action.
static inline bool scripted_open(int n, int e, int k, int a) {
    return (n + e + k + a) % 2;
}

static inline void scripted_observe(const Scripted *s, UpObs *obs, int n, int e, int k) {
    int64_t dim = s->base.spec.obs.size;
    for (int d = 0; d < dim && obs->f32; d++)
        obs->f32[n * dim + d] = scripted_number(n, e, k, d);
    for (int d = 0; d < dim && obs->u8; d++)
        obs->u8[n * dim + d] = (uint8_t)scripted_number(n, e, k, d);
    if (obs->begin) obs->count[n] = scripted_entries(n, e, k, dim, obs->entry + obs->begin[n]);
    for (int64_t a = 0; a < s->base.spec.mask_size; a++)
        obs->mask[n * s->base.spec.mask_size + a] = scripted_open(n, e, k, (int)a);
}

static inline UpStatus scripted_reset(UpEnv *env, const uint64_t *seeds, UpObs obs) {
    Scripted *s = (Scripted *)env;
    for (int n = 0; n < env->instances; n++) {
        s->episode[n] = seeds ? 0 : s->episode[n] + 1;
        s->step[n] = 0;
        scripted_observe(s, &obs, n, s->episode[n], 0);
    }
    if (script.nan_obs_at == -2)
        obs.f32[script.nan_instance * env->spec.obs.size] = NAN; // at the reset
    return UP_OK;
}

static inline void scripted_one(Scripted *s, UpStep *step, int n) {
    int e = s->episode[n], k = s->step[n];
    bool ends = k + 1 == script.length(n, e), cut = script.truncated && script.truncated(n, e);
    step->reward[n] = script.reward ? script.reward(n, e, k) : 1;
    step->terminated[n] = ends && (!cut || (script.both && script.both(n, e)));
    step->truncated[n] = ends && cut;
    s->last_action[n] = step->action[n * s->base.spec.action.size];
    if (ends) {
        scripted_observe(s, &step->final_obs, n, e, k + 1);
        s->episode[n]++;
        s->step[n] = 0;
    } else {
        s->step[n]++;
    }
    scripted_observe(s, &step->obs, n, s->episode[n], s->step[n]);
}

static inline UpStatus scripted_step(UpEnv *env, UpStep *step) {
    Scripted *s = (Scripted *)env;
    int64_t dim = env->spec.obs.size, bad = script.nan_instance;
    for (int n = 0; n < env->instances; n++)
        if (!step->active || step->active[n]) scripted_one(s, step, n);
    if (s->calls == script.nan_obs_at) step->obs.f32[bad * dim + dim - 1] = NAN;
    if (s->calls == script.nan_final_at) step->final_obs.f32[bad * dim] = NAN;
    if (s->calls == script.nan_reward_at) step->reward[bad] = -INFINITY;
    s->calls++;
    return UP_OK;
}

static inline void scripted_destroy(UpEnv *env) {
    free(env);
}

static inline UpStatus scripted_create(UpEnv **env, const UpEnvDef *def, int instances) {
    static const UpEnvVtable vtable = {.abi = UP_ENV_ABI,
                                       .reset = scripted_reset,
                                       .step = scripted_step,
                                       .destroy = scripted_destroy};
    (void)def;
    Scripted *s = calloc(1, sizeof *s);
    if (!s) return UP_MEMORY;
    s->base = (UpEnv){.vtable = &vtable, .spec = script.spec, .instances = instances};
    *env = &s->base;
    return UP_OK;
}

static inline int scripted_five(int n, int e) {
    (void)n;
    (void)e;
    return 5;
}

// Episodes of five steps, a reward of 1 each, vectors, two actions.
static inline void script_plain(void) {
    script = (Script){.spec = {.id = "Scripted-v0",
                               .obs = up_space_box(SCRIPTED_DIM, -1000, 1000),
                               .action = up_space_discrete(2),
                               .obs_form = UP_OBS_F32,
                               .reward_threshold = NAN},
                      .length = scripted_five,
                      .nan_obs_at = -1,
                      .nan_reward_at = -1,
                      .nan_final_at = -1};
}

#endif
