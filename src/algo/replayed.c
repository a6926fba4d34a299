// What the algorithms that learn from a replay share: which options they cannot have, the way of a
// rollout's step into the replay, and how many updates it is worth.
#include <math.h>
#include <string.h>

#include "algo/algo_internal.h"
#include "core/obs.h"

void up__replayed_defaults(UpConfig *c) {
    c->rollout.envs = 1;
    c->rollout.steps = 1;
    c->rollout.scale_reward = false;
    c->policy.activation = UP_RELU;
    c->policy.init = UP_INIT_TORCH;
    c->policy.normalize_obs = false;
    c->advantage.standardize = UP_STANDARDIZE_NONE;
    c->optim.max_grad_norm = 0;
}

UpStatus up__replayed_check(const UpConfig *c) {
    const char *algo = c->train.algo;
    if (c->rollout.steps != 1 || c->rollout.episodes > 0)
        return up_fail(UP_USAGE,
                       "%s learns from a replay, which each step of the instances enters at once: "
                       "leave rollout.steps at 1 and rollout.episodes at 0",
                       algo);
    if (c->policy.normalize_obs || c->rollout.scale_reward)
        return up_fail(UP_USAGE,
                       "%s learns from old steps, which no running statistics fit: set "
                       "policy.normalize_obs and rollout.scale_reward to false",
                       algo);
    if (c->replay.batch > c->replay.size)
        return up_fail(UP_USAGE, "replay.batch = %lld is more than replay.size = %lld holds",
                       (long long)c->replay.batch, (long long)c->replay.size);
    return UP_OK;
}

int64_t up__replayed_rows(const UpConfig *c) {
    return c->replay.batch;
}

UpStatus up__replayed_prepare(UpLearner *l, const UpRollout *r, UpReplayed *m) {
    const UpConfig *c = l->config;
    *m = (UpReplayed){.rollout = r};
    UP_TRY(up_replay_create(&m->replay, &c->replay, c->advantage.gamma, &r->obs, r->N, r->A,
                            &l->arena));
    UP_TRY(up_replay_batch_create(&m->batch, &m->replay, c->replay.batch, &l->arena));
    m->error = up_arena_alloc(&l->arena, (size_t)c->replay.batch, sizeof *m->error);
    up_replay_keep(&m->replay, l->keep);
    l->replay_bytes = m->replay.bytes;
    return up_arena_status(&l->arena);
}

UpObs up__replayed_obs(const UpReplayed *m, bool next) {
    const UpReplayBatch *b = &m->batch;
    return up__obs_view(&b->obs, next ? b->rows : 0, b->rows);
}

// Updates that are due after `steps` of the run, from its beginning.
static double due(const UpReplayDef *def, int64_t steps) {
    int64_t counted = steps - def->start;
    return counted > 0 ? floor((double)counted * def->updates) : 0;
}

int64_t up__replayed_add(UpReplayed *m, const UpRollout *r) {
    if (r->length == 0) return 0;
    UpReplayStep step = {.obs = up_rollout_obs(r, 0),
                         .next = up_rollout_obs(r, 1),
                         .final_obs = r->play.final_obs,
                         .action = r->action,
                         .reward = r->reward,
                         .terminated = r->terminated,
                         .truncated = r->truncated,
                         .valid = r->valid,
                         .age = r->first_age};
    up_replay_add(&m->replay, &step);
    if (!up_replay_ready(&m->replay)) return 0;
    const UpReplayDef *def = &m->replay.def;
    return (int64_t)(due(def, r->steps) - due(def, r->steps - r->samples));
}

bool up__replayed_random(const UpReplayed *m) {
    return m->rollout->steps < m->replay.def.start;
}

bool up__replayed_passed(const UpRollout *r, int64_t every) {
    return r->steps / every != (r->steps - r->samples) / every;
}

void up__no_value(void *user, UpSeen seen, UpReal *value) {
    (void)user;
    memset(value, 0, (size_t)seen.obs->rows * sizeof *value);
}

void up__polyak(size_t size, double tau, const UpReal *from, UpReal *to) {
    UpReal share = (UpReal)tau;
    for (size_t i = 0; i < size; i++)
        to[i] += share * (from[i] - to[i]);
}

void up__keep_block(UpKeep *keep, const char *name, UpReal *block, size_t size) {
    up_keep(keep, name, sizeof(UpReal) == sizeof(float) ? UP_F32 : UP_F64, block, (int64_t)size);
}
