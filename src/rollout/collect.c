// The collecting loop: act, step, record.
#include <math.h>
#include <string.h>

#include "rollout/rollout_internal.h"

// What is learned from: the Pong tutorial's move penalty, then PPO details 30 and 31.
static UpReal present_reward(UpRollout *r, int64_t cell, int64_t n, bool ended) {
    double reward = r->play.reward[n];
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

// Books what step t brought.
static void record(UpRollout *r, const UpEnv *env, int64_t t) {
    const UpEpisode *ended = r->play.ended;
    for (int64_t n = 0; n < r->N; n++) {
        int64_t cell = t * r->N + n;
        r->valid[cell] = r->play.active[n];
        if (!r->valid[cell]) {
            r->reward[cell] = 0;
            r->paid[cell] = 0;
            continue;
        }
        r->steps++;
        r->samples++;
        bool over = r->terminated[cell] || r->truncated[cell];
        r->paid[cell] = r->play.reward[n] != 0;
        r->reward[cell] = present_reward(r, cell, n, over);
        if (!over) continue;
        if (env->vtable->log) env->vtable->log(env, (int)n, &r->log);
        r->episode[r->episodes] = *ended++;
        r->episode[r->episodes++].step = r->steps;
        r->share_done[n]++;
    }
}

// What row t is acted on with.
static void note(UpRollout *r, int64_t t) {
    const UpPlay *p = &r->play;
    size_t N = (size_t)r->N, numbers = N * (size_t)p->actor.memory;
    memcpy(r->begins + t * r->N, p->begins, N);
    if (p->memory && t % r->segment == 0)
        memcpy(r->memory + (size_t)(t / r->segment) * numbers, p->memory,
               numbers * sizeof *r->memory);
}

// The play writes into row t.
static void aim(UpRollout *r, int64_t t) {
    int64_t cell = t * r->N;
    r->play.action = r->action + cell * r->A;
    r->play.log_prob = r->log_prob + cell;
    r->play.value = r->value + cell;
    r->play.terminated = r->terminated + cell;
    r->play.truncated = r->truncated + cell;
    r->play.final_value = r->final_value + cell;
}

// Which instances take the next step: all, but for the last step of the budget, and those whose
// share of complete episodes is played. Returns how many.
static int64_t choose_active(UpRollout *r, int64_t left) {
    int64_t count = 0;
    for (int64_t n = 0; n < r->N; n++) {
        int64_t share = r->def.episodes / r->N + (n < r->def.episodes % r->N);
        bool on = (r->def.episodes == 0 || r->share_done[n] < share) && count < left;
        r->play.active[n] = on;
        count += on;
    }
    return count;
}

static UpStatus collect(UpRollout *r, int64_t budget) {
    UpPlay *p = &r->play;
    UP_TRY(p->started ? up__play_rewind(p) : up_play_begin(p));
    size_t N = (size_t)r->N;
    if (p->memory && !r->memory) UP_TRY(up__rollout_reserve_memory(r, r->T));
    r->length = r->samples = r->episodes = 0;
    p->env_seconds = 0;
    up_log_clear(&r->log);
    memcpy(r->first_age, p->episode_length, N * sizeof *r->first_age);
    memset(r->share_done, 0, N * sizeof *r->share_done);
    while (r->def.episodes || r->length < r->def.steps) {
        if (choose_active(r, budget - r->samples) == 0) break;
        if (r->length == r->T) UP_TRY(up__rollout_reserve(r, 2 * r->T));
        note(r, r->length);
        aim(r, r->length);
        up_play_act(p);
        UP_TRY(up_play_step(p));
        record(r, p->env, r->length++);
    }
    memcpy(r->begins + r->length * r->N, p->begins, N);
    up_play_value(p, r->value + r->length * r->N);
    return UP_OK;
}

UpStatus up_rollout_collect(UpRollout *r, UpEnv *env, const UpActor *actor, int64_t budget) {
    r->play.env = env;
    r->play.actor = *actor;
    UpStatus status = collect(r, budget);
    r->obs = r->play.obs; // which may have grown
    return status;
}
