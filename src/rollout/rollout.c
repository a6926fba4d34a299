// Making and freeing the arrays of a rollout.
#include "uphill/rollout.h"

#include <stdlib.h>

#include "core/obs.h"
#include "rollout/rollout_internal.h"

static UpStatus create(UpRollout *r, UpEnv *env, uint64_t seed) {
    enum { EPISODE_GUESS = 512 };
    int64_t T = r->def.episodes ? EPISODE_GUESS : r->def.steps;
    r->segment = r->def.segment < T ? r->def.segment : T;
    if (r->segment < 1) r->segment = 1;
    UP_TRY(up_play_create(&r->play, env, T, seed));
    UP_TRY(up__rollout_reserve(r, T));
    r->obs = r->play.obs;
    size_t N = (size_t)r->N;
    r->first_age = up_arena_alloc(&r->arena, N, sizeof *r->first_age);
    r->discounted_return = up_arena_alloc(&r->arena, N, sizeof *r->discounted_return);
    r->share_done = up_arena_alloc(&r->arena, N, sizeof *r->share_done);
    return up_arena_status(&r->arena);
}

UpStatus up_rollout_create(UpRollout *r, const UpRolloutDef *def, double gamma, UpEnv *env,
                           uint64_t seed) {
    if (def->move_penalty > 0 && env->spec.action.kind != UP_SPACE_DISCRETE)
        return up_fail(UP_USAGE,
                       "rollout.move_penalty needs actions of which 0 is no move, and those of %s "
                       "are numbers",
                       env->spec.id);
    *r = (UpRollout){.def = *def, .gamma = gamma, .N = env->instances, .A = env->spec.action.size};
    UpStatus status = create(r, env, seed);
    if (status != UP_OK) up_rollout_destroy(r);
    return status;
}

void up_rollout_destroy(UpRollout *r) {
    void *growing[] = {r->begins, r->memory, r->action,      r->log_prob,  r->value,
                       r->reward, r->paid,   r->terminated,  r->truncated, r->valid,
                       r->ratio,  r->ret,    r->final_value, r->advantage, r->episode};
    for (size_t i = 0; i < sizeof growing / sizeof *growing; i++)
        free(growing[i]);
    up_play_destroy(&r->play);
    up_arena_free(&r->arena);
    *r = (UpRollout){0};
}

UpStatus up_rollout_keep(UpRollout *r, UpKeep *keep) {
    UP_TRY(up_play_keep(&r->play, keep));
    up_keep(keep, "rollout.discounted_return", UP_F64, r->discounted_return, r->N);
    up_keep(keep, "rollout.return_stats", UP_F64, &r->return_stats,
            sizeof r->return_stats / sizeof(double));
    return UP_OK;
}

UpStatus up_rollout_unpack(UpRollout *r) {
    UpStatus status = up_play_unpack(&r->play);
    r->length = 0;
    r->obs = r->play.obs; // which may have grown
    return status;
}

UpObs up_rollout_obs(const UpRollout *r, int64_t t) {
    return up__obs_view(&r->obs, t * r->N, r->N);
}
