// Measuring a policy. Only the newest observations are kept: an evaluation takes as much memory as
// a step.
#include <math.h>
#include <string.h>

#include "core/obs.h"
#include "uphill/train.h"

typedef struct Evaluation {
    UpEnv *env;
    UpActor actor;
    UpStack seen;
    UpStep out;
    float *action;
    uint8_t *active;
    UpReal *log_prob, *value;
    UpRng *rng;
    double *ret;            // (N) of the episode in progress, as length
    int64_t *length, *left; // left: episodes that an instance has still to play
    int64_t steps;
    UpArena arena;
} Evaluation;

static UpStatus prepare(Evaluation *e, int64_t episodes, uint64_t seed) {
    size_t N = (size_t)e->env->instances, A = (size_t)e->env->spec.action.size;
    UP_TRY(up_stack_create(&e->seen, &e->env->spec, (int64_t)N, &e->arena));
    UP_TRY(up_obs_create(&e->out.final_obs, &e->env->spec, (int64_t)N, &e->arena));
    e->action = up_arena_alloc(&e->arena, N * A, sizeof *e->action);
    e->active = up_arena_alloc(&e->arena, N, 1);
    e->log_prob = up_arena_alloc(&e->arena, N, sizeof *e->log_prob);
    e->value = up_arena_alloc(&e->arena, N, sizeof *e->value);
    e->rng = up_arena_alloc(&e->arena, N, sizeof *e->rng);
    e->ret = up_arena_alloc(&e->arena, N, sizeof *e->ret);
    e->length = up_arena_alloc(&e->arena, N, sizeof *e->length);
    e->left = up_arena_alloc(&e->arena, N, sizeof *e->left);
    e->out.reward = up_arena_alloc(&e->arena, N, sizeof *e->out.reward);
    e->out.terminated = up_arena_alloc(&e->arena, N, 1);
    e->out.truncated = up_arena_alloc(&e->arena, N, 1);
    uint64_t *seeds = up_arena_alloc(&e->arena, N, sizeof *seeds);
    UP_TRY(up_arena_status(&e->arena));
    for (size_t n = 0; n < N; n++) {
        seeds[n] = seed + n;
        up_rng_stream(&e->rng[n], seed, UP_STREAM_POLICY, (uint32_t)n);
        e->left[n] = episodes / (int64_t)N + ((int64_t)n < episodes % (int64_t)N);
    }
    e->out.action = e->action;
    e->out.active = e->active;
    e->out.obs = e->seen.frames;
    UP_TRY(up_env_reset(e->env, seeds, e->seen.frames));
    up_stack_push(&e->seen, NULL, NULL);
    e->actor.observe(e->actor.user, &e->seen.obs, NULL, false);
    return UP_OK;
}

// Books the episodes that ended; returns how many.
static int64_t book(Evaluation *e, double *returns, int64_t *lengths) {
    int64_t ended = 0;
    for (int n = 0; n < e->env->instances; n++) {
        if (!e->active[n]) continue;
        e->ret[n] += e->out.reward[n];
        e->length[n]++;
        if (!e->out.terminated[n] && !e->out.truncated[n]) continue;
        returns[ended] = e->ret[n];
        lengths[ended++] = e->length[n];
        e->ret[n] = 0;
        e->length[n] = 0;
        e->left[n]--;
    }
    return ended;
}

static UpStatus check_finite(const Evaluation *e) {
    for (int n = 0; n < e->env->instances; n++) {
        bool finite = isfinite(e->out.reward[n]) && up__obs_is_finite(&e->seen.frames, n);
        if (e->active[n] && !finite)
            return up_fail(UP_NUMERIC,
                           "%s: instance %d returned a reward or an observation that is not finite "
                           "(NaN or infinity) at step %lld of the evaluation",
                           e->env->spec.id, n, (long long)e->steps);
    }
    return UP_OK;
}

static UpStatus step(Evaluation *e) {
    size_t N = (size_t)e->env->instances;
    for (size_t n = 0; n < N; n++)
        e->active[n] = e->left[n] > 0;
    e->actor.act(e->actor.user, &e->seen.obs, e->rng, e->action, e->log_prob, e->value);
    memset(e->out.terminated, 0, N); // also of instances that sit idle
    memset(e->out.truncated, 0, N);
    UP_TRY(up_env_step(e->env, &e->out));
    e->steps++;
    UP_TRY(check_finite(e));
    up_stack_push(&e->seen, e->out.terminated, e->out.truncated);
    e->actor.observe(e->actor.user, &e->seen.obs, e->active, false);
    return UP_OK;
}

static UpStatus play(Evaluation *e, const UpEvaluation *how, double *returns, int64_t *lengths,
                     int64_t *done) {
    while (*done < how->episodes) {
        if (how->stop && *how->stop)
            return up_fail(UP_INTERRUPTED, "interrupted after %lld of %lld episodes",
                           (long long)*done, (long long)how->episodes);
        UP_TRY(step(e));
        int64_t ended = book(e, returns + *done, lengths + *done);
        *done += ended;
        if (ended && how->ended) how->ended(how->user, *done);
    }
    return UP_OK;
}

UpStatus up_evaluate(UpPolicy *policy, UpEnv *env, const UpEvaluation *how, double *returns,
                     int64_t *lengths, int64_t *done) {
    Evaluation e = {.env = env, .actor = up_policy_actor_frozen(policy, how->greedy)};
    const int64_t lost = env->lost;
    int64_t ended = 0;
    UpStatus status = up_policy_fits(policy, &env->spec);
    if (status == UP_OK) status = up_policy_reserve(policy, env->instances);
    if (status == UP_OK) status = prepare(&e, how->episodes, how->seed);
    if (status == UP_OK) status = play(&e, how, returns, lengths, &ended);
    if (done) *done = ended;
    if (status == UP_OK) status = up_env_judge(env, env->lost - lost, ended);
    up_arena_free(&e.arena);
    return status;
}

UpStatus up_evaluation_env(UpEnv **env, const UpEnvDef *def, int instances, int64_t *bound) {
    UP_TRY(up_env_create(env, def, instances));
    if ((*env)->spec.max_episode_steps > 0) return UP_OK;
    up_env_destroy(*env);
    *env = NULL;
    UpEnvDef bounded = *def;
    bounded.max_episode_steps = *bound = UP_EVAL_STEPS;
    return up_env_create(env, &bounded, instances);
}

int64_t up_evaluation_cut(const int64_t *lengths, int64_t done, int64_t bound) {
    int64_t cut = 0;
    for (int64_t i = 0; i < done; i++)
        cut += bound > 0 && lengths[i] >= bound;
    return cut;
}
