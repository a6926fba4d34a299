// A batch of environments with buffers whose surroundings are watched: every array lies between two
// zones of a known byte, and batch_close fails if one of them was written to.
#ifndef UP_TESTS_ENV_BATCH_H
#define UP_TESTS_ENV_BATCH_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"

#include "uphill/env.h"
#include "uphill/random.h"

enum { GUARD = 256, GUARD_BYTE = 0xA5, GUARDED_MAX = 16 };

typedef struct Batch {
    UpEnv *env;
    UpStep step;   // its action points at `action`
    float *action; // (N, size)
    UpRng *rng;    // (N) for batch_act
    int guarded;
    struct {
        uint8_t *start;
        size_t size;
    } guard[GUARDED_MAX];
} Batch;

static inline void *guarded_alloc(Batch *batch, size_t size) {
    uint8_t *start = malloc(size + 2 * GUARD);
    assert_non_null(start);
    memset(start, GUARD_BYTE, size + 2 * GUARD);
    memset(start + GUARD, 0, size);
    assert_true(batch->guarded < GUARDED_MAX);
    batch->guard[batch->guarded].start = start;
    batch->guard[batch->guarded++].size = size;
    return start + GUARD;
}

static inline UpObs guarded_obs(Batch *batch) {
    const UpEnvSpec *spec = &batch->env->spec;
    size_t rows = (size_t)batch->env->instances, dim = (size_t)spec->obs.size;
    UpObs obs = {.form = spec->obs_form, .rows = (int64_t)rows, .dim = (int64_t)dim};
    if (spec->mask_size) {
        obs.mask_size = spec->mask_size;
        obs.mask = guarded_alloc(batch, rows * (size_t)spec->mask_size);
    }
    if (obs.form == UP_OBS_F32) {
        obs.f32 = guarded_alloc(batch, rows * dim * sizeof *obs.f32);
    } else if (obs.form == UP_OBS_U8) {
        obs.u8 = guarded_alloc(batch, rows * dim);
    } else {
        obs.entry = guarded_alloc(batch, rows * dim * sizeof *obs.entry);
        obs.begin = guarded_alloc(batch, rows * sizeof *obs.begin);
        obs.count = guarded_alloc(batch, rows * sizeof *obs.count);
        for (size_t i = 0; i < rows; i++)
            obs.begin[i] = i * dim;
    }
    return obs;
}

// Makes and resets N instances, instance i seeded with seed + i.
static inline Batch batch_open_def(const UpEnvDef *def, int instances, uint64_t seed) {
    Batch batch = {0};
    assert_ok(up_env_create(&batch.env, def, instances));

    size_t n = (size_t)instances;
    batch.action = guarded_alloc(&batch, n * (size_t)batch.env->spec.action.size * sizeof(float));
    batch.rng = guarded_alloc(&batch, n * sizeof *batch.rng);
    batch.step.action = batch.action;
    batch.step.obs = guarded_obs(&batch);
    batch.step.final_obs = guarded_obs(&batch);
    batch.step.reward = guarded_alloc(&batch, n * sizeof(double));
    batch.step.terminated = guarded_alloc(&batch, n);
    batch.step.truncated = guarded_alloc(&batch, n);

    uint64_t *seeds = guarded_alloc(&batch, n * sizeof *seeds);
    for (size_t i = 0; i < n; i++) {
        seeds[i] = seed + i;
        up_rng_stream(&batch.rng[i], seed + i, UP_STREAM_RANDOM, 0);
    }
    assert_ok(up_env_reset(batch.env, seeds, batch.step.obs));
    return batch;
}

static inline Batch batch_open(const char *id, int preprocess, int instances, uint64_t seed) {
    UpEnvDef def = up_env_def_default();
    snprintf(def.id, sizeof def.id, "%s", id);
    def.preprocess = preprocess;
    return batch_open_def(&def, instances, seed);
}

static inline void batch_close(Batch *batch) {
    up_env_destroy(batch->env);
    for (int i = 0; i < batch->guarded; i++) {
        uint8_t *start = batch->guard[i].start, *end = start + GUARD + batch->guard[i].size;
        for (int j = 0; j < GUARD; j++)
            if (start[j] != GUARD_BYTE || end[j] != GUARD_BYTE)
                fail_msg("array %d was left: a byte beside it was written", i);
        free(start);
    }
    memset(batch, 0, sizeof *batch);
}

// Draws an action for instance `i` from its own stream.
static inline void batch_draw(Batch *batch, int i) {
    const UpSpace *space = &batch->env->spec.action;
    if (space->kind == UP_SPACE_DISCRETE) {
        batch->action[i] = (float)up_rng_integers(&batch->rng[i], 0, space->n);
        return;
    }
    for (int64_t j = 0; j < space->size; j++) // a little beyond the bounds, too
        batch->action[i * space->size + j] =
            (float)up_rng_uniform(&batch->rng[i], 1.25 * (double)up_space_low(space, j),
                                  1.25 * (double)up_space_high(space, j));
}

// One step with random actions.
static inline void batch_act(Batch *batch) {
    for (int i = 0; i < batch->env->instances; i++)
        batch_draw(batch, i);
    assert_ok(up_env_step(batch->env, &batch->step));
}

static inline uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size) {
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3u;
    return hash;
}

static inline uint64_t hash_row(uint64_t hash, const UpObs *obs, int i) {
    size_t dim = (size_t)obs->dim, row = (size_t)i;
    if (obs->form == UP_OBS_F32) return hash_bytes(hash, obs->f32 + row * dim, dim * sizeof(float));
    if (obs->form == UP_OBS_U8) return hash_bytes(hash, obs->u8 + row * dim, dim);
    hash = hash_bytes(hash, &obs->count[i], sizeof obs->count[i]);
    return hash_bytes(hash, obs->entry + obs->begin[i], obs->count[i] * sizeof *obs->entry);
}

// Everything that the last step wrote for instance `i`.
static inline uint64_t hash_instance(uint64_t hash, const UpStep *step, int i) {
    hash = hash_row(hash, &step->obs, i);
    size_t mask_size = (size_t)step->obs.mask_size;
    if (step->obs.mask) hash = hash_bytes(hash, step->obs.mask + (size_t)i * mask_size, mask_size);
    if (step->terminated[i] || step->truncated[i]) hash = hash_row(hash, &step->final_obs, i);
    hash = hash_bytes(hash, &step->reward[i], sizeof step->reward[i]);
    hash = hash_bytes(hash, &step->terminated[i], 1);
    return hash_bytes(hash, &step->truncated[i], 1);
}

#endif
