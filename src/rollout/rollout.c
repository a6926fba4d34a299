// Making and freeing the arrays of a rollout.
#include "uphill/rollout.h"

#include <stdlib.h>
#include <string.h>

#include "rollout/rollout_internal.h"

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
    if (status == UP_OK) status = up_arena_status(&r->arena);
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
