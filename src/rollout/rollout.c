// Making, growing and freeing the arrays of a rollout.
#include "uphill/rollout.h"

#include <stdlib.h>
#include <string.h>

#include "rollout/rollout_internal.h"

// Arrays that grow with T come from realloc; everything else lies in the arena.
static UpStatus grow(void *pointer, int64_t count, size_t size) {
    void **array = pointer;
    void *larger = realloc(*array, (size_t)count * size);
    if (!larger)
        return up_fail(UP_MEMORY,
                       "out of memory for a rollout: %lld × %zu bytes; use fewer "
                       "rollout.envs, rollout.steps or rollout.episodes",
                       (long long)count, size);
    *array = larger;
    return UP_OK;
}

UpStatus up__rollout_reserve(UpRollout *r, int64_t T) {
    int64_t cells = T * r->N, rows = cells + r->N;
    int64_t numbers = (up__stack_lead(r) + rows) * r->obs.dim;
    if (r->obs.form == UP_OBS_F32) UP_TRY(grow(&r->obs.f32, numbers, sizeof(float)));
    if (r->obs.form == UP_OBS_U8) UP_TRY(grow(&r->obs.u8, numbers, 1));
    if (r->obs.stack > 1) UP_TRY(grow(&r->obs.frame, rows * r->obs.stack, sizeof *r->obs.frame));
    if (r->obs.mask_size) UP_TRY(grow(&r->obs.mask, rows * r->obs.mask_size, 1));
    if (r->obs.form == UP_OBS_SPARSE) {
        UP_TRY(grow(&r->obs.begin, rows, sizeof *r->obs.begin));
        UP_TRY(grow(&r->obs.count, rows, sizeof *r->obs.count));
    }
    UP_TRY(grow(&r->action, cells * r->A, sizeof *r->action));
    UP_TRY(grow(&r->log_prob, cells, sizeof *r->log_prob));
    UP_TRY(grow(&r->value, rows, sizeof *r->value));
    UP_TRY(grow(&r->reward, cells, sizeof *r->reward));
    UP_TRY(grow(&r->paid, cells, 1));
    UP_TRY(grow(&r->terminated, cells, 1));
    UP_TRY(grow(&r->truncated, cells, 1));
    UP_TRY(grow(&r->valid, cells, 1));
    UP_TRY(grow(&r->final_value, cells, sizeof *r->final_value));
    UP_TRY(grow(&r->advantage, cells, sizeof *r->advantage));
    UP_TRY(grow(&r->ret, cells, sizeof *r->ret));
    UP_TRY(grow(&r->ratio, cells, sizeof *r->ratio));
    UP_TRY(grow(&r->episode, cells, sizeof *r->episode));
    r->T = T;
    r->obs.rows = rows;
    return UP_OK;
}

UpStatus up__rollout_reserve_entries(UpRollout *r, uint64_t entries) {
    if (entries <= r->pool_size) return UP_OK;
    uint64_t size = r->pool_size * 2 > entries ? r->pool_size * 2 : entries;
    UP_TRY(grow(&r->obs.entry, (int64_t)size, sizeof *r->obs.entry));
    r->pool_size = size;
    return UP_OK;
}

UpStatus up_rollout_create(UpRollout *r, const UpRolloutDef *def, double gamma, const UpEnv *env,
                           uint64_t seed) {
    if (def->move_penalty > 0 && env->spec.action.kind != UP_SPACE_DISCRETE)
        return up_fail(UP_USAGE,
                       "rollout.move_penalty needs actions of which 0 is no move, and those of %s "
                       "are numbers",
                       env->spec.id);
    // A guess at how many pixels of a sparse frame change; the pool grows where it is too low.
    enum { ENTRIES_GUESS = 128, EPISODE_GUESS = 512 };
    *r = (UpRollout){.def = *def, .gamma = gamma, .N = env->instances, .A = env->spec.action.size};
    r->obs.form = env->spec.obs_form;
    r->obs.dim = env->spec.obs.size;
    r->obs.mask_size = env->spec.mask_size;
    r->obs.stack = env->spec.stack > 1 ? env->spec.stack : 1;
    UpStatus status = up__rollout_reserve(r, def->episodes ? EPISODE_GUESS : def->steps);
    if (status == UP_OK && r->obs.form == UP_OBS_SPARSE) {
        status = up_obs_create(&r->slot, &env->spec, r->N, &r->arena);
        if (status == UP_OK)
            status = up__rollout_reserve_entries(r, (uint64_t)(r->obs.rows * ENTRIES_GUESS));
    }
    if (status == UP_OK && r->obs.stack > 1) status = up__stack_create(r);
    if (status == UP_OK) status = up__kept_create(r);
    if (status == UP_OK) status = up_obs_create(&r->final_obs, &env->spec, r->N, &r->arena);
    size_t N = (size_t)r->N;
    r->episode_return = up_arena_alloc(&r->arena, N, sizeof *r->episode_return);
    r->episode_length = up_arena_alloc(&r->arena, N, sizeof *r->episode_length);
    r->first_age = up_arena_alloc(&r->arena, N, sizeof *r->first_age);
    r->discounted_return = up_arena_alloc(&r->arena, N, sizeof *r->discounted_return);
    r->rng = up_arena_alloc(&r->arena, N, sizeof *r->rng);
    r->raw_reward = up_arena_alloc(&r->arena, N, sizeof *r->raw_reward);
    r->active = up_arena_alloc(&r->arena, N, 1);
    r->seeds = up_arena_alloc(&r->arena, N, sizeof *r->seeds);
    r->share_done = up_arena_alloc(&r->arena, N, sizeof *r->share_done);
    if (status == UP_OK &&
        !(r->episode_return && r->episode_length && r->first_age && r->discounted_return &&
          r->rng && r->raw_reward && r->active && r->seeds && r->share_done))
        status = UP_MEMORY;
    if (status != UP_OK) {
        up_rollout_destroy(r);
        return status;
    }
    for (int64_t n = 0; n < r->N; n++) {
        r->seeds[n] = seed + (uint64_t)n;
        up_rng_stream(&r->rng[n], seed, UP_STREAM_POLICY, (uint32_t)n);
    }
    return UP_OK;
}

void up_rollout_destroy(UpRollout *r) {
    free(r->obs.mask);
    free(r->obs.frame);
    void *growing[] = {r->obs.f32,   r->obs.u8,   r->obs.entry,   r->obs.begin, r->obs.count,
                       r->action,    r->log_prob, r->value,       r->reward,    r->terminated,
                       r->truncated, r->valid,    r->final_value, r->advantage, r->ret,
                       r->ratio,     r->paid,     r->episode};
    for (size_t i = 0; i < sizeof growing / sizeof *growing; i++)
        free(growing[i]);
    up_arena_free(&r->arena);
    *r = (UpRollout){0};
}
