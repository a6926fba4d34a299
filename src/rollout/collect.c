// The collecting loop: act, step, record.
#include <math.h>
#include <string.h>

#include "core/clock.h"
#include "core/obs.h"
#include "rollout/rollout_internal.h"
#include "uphill/rollout.h"

// Appends the sparse rows that the environment wrote to `slot` as the observations of step t.
// Instances that sat idle wrote none.
static UpStatus append_sparse(UpRollout *r, int64_t t, const uint8_t *active) {
    const UpObs *slot = &r->slot;
    uint64_t total = 0;
    for (int64_t n = 0; n < r->N; n++)
        total += slot->count[n];
    UP_TRY(up__rollout_reserve_entries(r, r->pool_used + total));
    UpObs row = up_rollout_obs(r, t);
    for (int64_t n = 0; n < r->N; n++) {
        if (active && !active[n]) continue;
        row.begin[n] = r->pool_used;
        row.count[n] = slot->count[n];
        memcpy(row.entry + r->pool_used, slot->entry + slot->begin[n],
               slot->count[n] * sizeof *slot->entry);
        r->pool_used += slot->count[n];
    }
    return UP_OK;
}

// Where the environment writes what becomes `row`: sparse rows are appended later, masks are not.
static UpObs written(const UpRollout *r, const UpObs *row) {
    UpObs to = row->begin ? r->slot : *row;
    to.mask = row->mask;
    return to;
}

// Idle instances keep their observation.
static void carry_idle(UpRollout *r, int64_t t) {
    UpObs from = up_rollout_obs(r, t), to = up_rollout_obs(r, t + 1);
    for (int64_t n = 0; n < r->N; n++)
        if (!r->active[n]) up__obs_copy(&from, n, &to, n);
}

// Makes the last row of the rollout before the first one of this.
static UpStatus carry_over(UpRollout *r) {
    if (r->length == 0) return UP_OK;
    UpObs last = up_rollout_obs(r, r->length), first = up_rollout_obs(r, 0);
    UpObs to = written(r, &first);
    for (int64_t n = 0; n < r->N; n++)
        up__obs_copy(&last, n, &to, n);
    if (last.frame) up__stack_carry(r);
    if (!last.begin) return UP_OK;
    r->pool_used = 0;
    return append_sparse(r, 0, NULL);
}

static UpStatus not_finite(const UpRollout *r, const UpEnv *env, int64_t n, const char *what) {
    return up_fail(UP_NUMERIC,
                   "%s: instance %lld returned %s that is not finite (NaN or infinity) at step "
                   "%lld of the run",
                   env->spec.id, (long long)n, what, (long long)r->steps);
}

// Looks at what step t brought. The last observation of an episode counts where it was cut: its
// value takes part in the return.
static UpStatus check_finite(const UpRollout *r, const UpEnv *env, int64_t t) {
    UpObs next = up__rollout_frames(r, t + 1);
    for (int64_t n = 0; n < r->N; n++) {
        if (!r->active[n]) continue;
        if (!isfinite(r->raw_reward[n])) return not_finite(r, env, n, "a reward");
        if (!up__obs_is_finite(&next, n) ||
            (r->truncated[t * r->N + n] && !up__obs_is_finite(&r->final_obs, n)))
            return not_finite(r, env, n, "an observation");
    }
    return UP_OK;
}

static UpStatus start(UpRollout *r, UpEnv *env, const UpActor *actor) {
    UpObs first = up__rollout_frames(r, 0);
    UP_TRY(up_env_reset(env, r->seeds, written(r, &first)));
    if (first.begin) UP_TRY(append_sparse(r, 0, NULL));
    first.entry = r->obs.entry; // which may have moved
    for (int64_t n = 0; n < r->N; n++)
        if (!up__obs_is_finite(&first, n)) return not_finite(r, env, n, "an observation");
    if (actor->observe) actor->observe(actor->user, &first, NULL, true);
    if (r->obs.frame) up__stack_begin(r);
    r->started = true;
    return UP_OK;
}

// What is learned from: the Pong tutorial's move penalty, then PPO details 30 and 31.
static UpReal present_reward(UpRollout *r, int64_t cell, int64_t n, bool ended) {
    double reward = r->raw_reward[n];
    if (r->def.move_penalty > 0 && r->action[cell] != 0) reward -= r->def.move_penalty;
    if (r->def.scale_reward) {
        UpReturnStats *stats = &r->return_stats;
        double *ret = &r->discounted_return[n];
        *ret = r->gamma * *ret + reward;
        stats->count += 1;
        double delta = *ret - stats->mean;
        stats->mean += delta / stats->count;
        stats->m2 += delta * (*ret - stats->mean);
        double variance = stats->count > 1 ? stats->m2 / stats->count : 1;
        reward /= sqrt(variance + 1e-8);
        if (ended) *ret = 0;
    }
    double clip = r->def.clip_reward;
    if (clip > 0) reward = reward > clip ? clip : reward < -clip ? -clip : reward;
    return (UpReal)reward;
}

static void end_episode(UpRollout *r, const UpEnv *env, int64_t n) {
    if (env->vtable->log) env->vtable->log(env, (int)n, &r->log);
    r->episode[r->episodes++] = (UpEpisode){r->steps, r->episode_return[n], r->episode_length[n]};
    r->episode_return[n] = 0;
    r->episode_length[n] = 0;
}

// Books rewards and endings of step t. Returns whether any instance was truncated.
static bool record(UpRollout *r, const UpEnv *env, int64_t t) {
    bool any_truncated = false;
    for (int64_t n = 0; n < r->N; n++) {
        int64_t cell = t * r->N + n;
        r->valid[cell] = r->active[n];
        r->final_value[cell] = 0;
        if (!r->active[n]) {
            r->reward[cell] = 0;
            r->paid[cell] = 0;
            r->terminated[cell] = r->truncated[cell] = 0;
            continue;
        }
        r->steps++;
        r->samples++;
        bool ended = r->terminated[cell] || r->truncated[cell];
        r->episode_return[n] += r->raw_reward[n];
        r->episode_length[n]++;
        r->paid[cell] = r->raw_reward[n] != 0;
        r->reward[cell] = present_reward(r, cell, n, ended);
        if (ended) end_episode(r, env, n);
        if (r->truncated[cell] && !r->terminated[cell]) any_truncated = true;
    }
    return any_truncated;
}

// V(final observation) of instances that were truncated at step t.
static void bootstrap_truncated(UpRollout *r, const UpActor *actor, int64_t t) {
    uint8_t *truncated = r->truncated + t * r->N, *terminated = r->terminated + t * r->N;
    if (actor->observe) actor->observe(actor->user, &r->final_obs, truncated, false);
    UpReal *value = r->value + (t + 1) * r->N; // free until the next act
    UpObs last = r->obs.frame ? up__stack_final(r, t) : r->final_obs;
    actor->value(actor->user, &last, value);
    for (int64_t n = 0; n < r->N; n++)
        if (truncated[n] && !terminated[n]) r->final_value[t * r->N + n] = value[n];
}

static UpStatus step(UpRollout *r, UpEnv *env, const UpActor *actor, int64_t t) {
    UpObs now_obs = up_rollout_obs(r, t), next = up__rollout_frames(r, t + 1);
    int64_t cell = t * r->N;
    actor->act(actor->user, &now_obs, r->rng, r->action + cell * r->A, r->log_prob + cell,
               r->value + cell);
    bool all = !memchr(r->active, 0, (size_t)r->N);
    double begin = up__clock();
    UpStep out = {.action = r->action + cell * r->A,
                  .active = all ? NULL : r->active,
                  .obs = written(r, &next),
                  .final_obs = r->final_obs,
                  .reward = r->raw_reward,
                  .terminated = r->terminated + cell,
                  .truncated = r->truncated + cell};
    UP_TRY(up_env_step(env, &out));
    r->env_seconds += up__clock() - begin;
    if (next.begin) UP_TRY(append_sparse(r, t + 1, out.active));
    next.entry = r->obs.entry; // which may have moved
    if (r->obs.frame) up__stack_push(r, t);
    if (!all) carry_idle(r, t);
    UP_TRY(check_finite(r, env, t));
    if (record(r, env, t)) bootstrap_truncated(r, actor, t);
    if (actor->observe) actor->observe(actor->user, &next, r->active, true);
    return UP_OK;
}

// Which instances take step t: all, but for the last step of the budget, and those whose share of
// complete episodes is played. Returns how many.
static int64_t choose_active(UpRollout *r, const int64_t *done, int64_t left) {
    int64_t count = 0;
    for (int64_t n = 0; n < r->N; n++) {
        int64_t share = r->def.episodes / r->N + (n < r->def.episodes % r->N);
        bool on = (r->def.episodes == 0 || done[n] < share) && count < left;
        r->active[n] = on;
        count += on;
    }
    return count;
}

UpStatus up_rollout_collect(UpRollout *r, UpEnv *env, const UpActor *actor, int64_t budget) {
    if (r->started)
        UP_TRY(carry_over(r));
    else
        UP_TRY(start(r, env, actor));
    r->length = r->samples = r->episodes = 0;
    r->env_seconds = 0;
    up_log_clear(&r->log);
    memcpy(r->first_age, r->episode_length, (size_t)r->N * sizeof *r->first_age);
    int64_t *done = r->share_done;
    memset(done, 0, (size_t)r->N * sizeof *done);
    for (int64_t t = 0; r->def.episodes || t < r->def.steps; t++) {
        int64_t active = choose_active(r, done, budget - r->samples);
        if (active == 0) break;
        if (r->stop && *r->stop) return up_fail(UP_INTERRUPTED, "interrupted");
        if (t == r->T) UP_TRY(up__rollout_reserve(r, 2 * r->T));
        UP_TRY(step(r, env, actor, t));
        for (int64_t n = 0; n < r->N; n++)
            done[n] += r->terminated[t * r->N + n] || r->truncated[t * r->N + n];
        r->length = t + 1;
    }
    UpObs last = up_rollout_obs(r, r->length);
    actor->value(actor->user, &last, r->value + r->length * r->N);
    return UP_OK;
}
