// Measuring a policy. Only the newest observations are kept: an evaluation takes as much memory as
// a step.
#include "uphill/train.h"

// left (N): episodes that an instance has still to play.
static UpStatus play(UpPlay *p, const UpEvaluation *how, int64_t *left, double *returns,
                     int64_t *lengths, int64_t *done) {
    while (*done < how->episodes) {
        for (int64_t n = 0; n < p->N; n++)
            p->active[n] = left[n] > 0;
        up_play_act(p);
        UP_TRY(up_play_step(p));
        for (int64_t i = 0; i < p->ends; i++) {
            returns[*done] = p->ended[i].ret;
            lengths[(*done)++] = p->ended[i].length;
            left[p->ended[i].instance]--;
        }
        if (p->ends && how->ended) how->ended(how->user, *done);
    }
    return UP_OK;
}

static UpStatus share(UpPlay *p, const UpEvaluation *how, double *returns, int64_t *lengths,
                      int64_t *done) {
    int64_t *left = up_arena_alloc(&p->arena, (size_t)p->N, sizeof *left);
    UP_TRY(up_arena_status(&p->arena));
    for (int64_t n = 0; n < p->N; n++)
        left[n] = how->episodes / p->N + (n < how->episodes % p->N);
    UP_TRY(up_play_begin(p));
    UpStatus status = play(p, how, left, returns, lengths, done);
    if (status == UP_INTERRUPTED)
        return up_fail(UP_INTERRUPTED, "interrupted after %lld of %lld episodes", (long long)*done,
                       (long long)how->episodes);
    return status;
}

UpStatus up_evaluate(UpPolicy *policy, UpEnv *env, const UpEvaluation *how, double *returns,
                     int64_t *lengths, int64_t *done) {
    UpPlay p;
    const int64_t lost = env->lost;
    int64_t ended = 0;
    if (done) *done = 0;
    UP_TRY(up_policy_fits(policy, &env->spec));
    UP_TRY(up_policy_reserve(policy, env->instances));
    UP_TRY(up_play_create(&p, env, 1, how->seed));
    p.actor = up_policy_actor_frozen(policy, how->greedy);
    p.stop = how->stop;
    UpStatus status = share(&p, how, returns, lengths, &ended);
    up_play_destroy(&p);
    if (done) *done = ended;
    return status == UP_OK ? up_env_judge(env, env->lost - lost, ended) : status;
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
