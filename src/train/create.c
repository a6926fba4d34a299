// Putting a trainer together, and taking it apart.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "train/trainer.h"

static UpStatus create_threads(UpTrainer *t) {
    int cores = up_cores(), threads = (int)t->config.train.threads;
    if (threads == 0) threads = cores;
    if (threads > cores)
        up_warn("%d threads on %d cores: more threads than cores make training slower", threads,
                cores);
    return up_pool_create(&t->pool, threads);
}

// What checkpoints hold besides the policy, the environment's state and what algorithms add.
static void keep_parts(UpTrainer *t) {
    static const char *const names[] = {"optim.first", "optim.second", "optim.steps"};
    UpKeep *keep = &t->keep;
    UpProgress *p = &t->progress;
    up_optim_keep(&t->optim, keep, names);
    up_keep_random(keep, "random.shuffle", &t->learner.shuffle, 1);
    up_keep(keep, "train.recent_returns", UP_F64, t->recent, UP__RECENT);
    up_keep(keep, "train.recent_lengths", UP_F64, t->recent_length, UP__RECENT)->optional = true;
    up__rows_keep(t);
    up_keep_int(keep, "train.steps", &p->steps);
    up_keep_int(keep, "train.episodes", &p->episodes);
    up_keep_real(keep, "train.running_reward", &p->running_reward);
    up_keep_real(keep, "train.return_mean", &p->return_mean);
    up_keep_real(keep, "train.length_mean", &p->length_mean)->optional = true;
    up_keep_real(keep, "train.best_return", &t->best_return);
    up_keep_real(keep, "train.average_return", &t->learner.average_return);
    up_rollout_keep(&t->rollout, &t->playing);
}

static UpStatus create_parts(UpTrainer *t) {
    const UpConfig *c = &t->config;
    uint64_t seed = (uint64_t)c->train.seed;
    UP_TRY(create_threads(t));
    UP_TRY(up_env_create(&t->env, &c->env, (int)c->rollout.envs));
    t->env->pool = t->pool;
    UP_TRY(up_rollout_create(&t->rollout, &c->rollout, c->advantage.gamma, t->env, seed));
    bool value = up_config_needs_value(c);
    UP_TRY(up_policy_create(&t->policy, &c->policy, &t->env->spec, value, c->rollout.envs, seed));
    t->policy.pool = t->pool;
    UP_TRY(up_optim_create(&t->optim, &c->optim, t->policy.size, &t->arena));
    keep_parts(t);
    UP_TRY(
        up_learner_create(&t->learner, t->algo, c, &t->policy, &t->optim, &t->rollout, &t->keep));
    t->actor = up_policy_actor(&t->policy);
    t->best_param = up_arena_alloc(&t->arena, t->policy.size, sizeof *t->best_param);
    if (!t->best_param) return UP_MEMORY;
    if (t->policy.def.normalize_obs) {
        size_t numbers = 2 * (size_t)t->policy.obs_space.size + 1;
        t->best_stats = up_arena_alloc(&t->arena, numbers, sizeof *t->best_stats);
        if (!t->best_stats) return UP_MEMORY;
    }
    // What does not change the run must not change its checkpoints.
    UpConfig plain = *c;
    plain.train.threads = 0;
    memset(plain.train.recipe, 0, sizeof plain.train.recipe);
    return up_config_format(&plain, &t->config_text);
}

static UpStatus create(UpTrainer **out, const UpConfig *config, const char *folder, bool resume) {
    *out = NULL;
    UP_TRY(up_config_check(config));
    if (folder && strlen(folder) >= UP__PATH)
        return up_fail(UP_USAGE, "the run directory %.40s… has a path of more than %d bytes",
                       folder, UP__PATH - 1);
    UpTrainer *t = calloc(1, sizeof *t);
    if (!t) return up_fail(UP_MEMORY, "out of memory for a trainer");
    t->lock = -1;
    t->config = *config;
    t->algo = up_algo_find(config->train.algo);
    snprintf(t->folder, sizeof t->folder, "%s", folder ? folder : "");
    t->progress.running_reward = t->progress.return_mean = t->progress.length_mean = NAN;
    t->progress.eval_return_mean = t->progress.eval_length_mean = NAN;
    for (int i = 0; i < UP__RECENT; i++)
        t->recent_length[i] = NAN;
    t->best_return = -INFINITY;
    t->stop_reason = "running";
    UpStatus status = create_parts(t);
    bool found = false;
    if (status == UP_OK) status = up__rundir_claim(t, resume);
    if (status == UP_OK && resume) {
        t->row.steps = t->point.steps = -1;
        status = up__checkpoint_load_newest(t, &found);
        up__rows_resume(t);
    }
    if (status == UP_OK) status = up__rundir_create(t, resume);
    if (status != UP_OK) {
        up_train_destroy(t);
        return status;
    }
    t->session_seconds = t->progress.seconds;
    t->session_start = t->last_checkpoint = up__clock();
    *out = t;
    return UP_OK;
}

UpStatus up_train_create(UpTrainer **trainer, const UpConfig *config, const char *folder) {
    return create(trainer, config, folder, false);
}

UpStatus up_train_resume(UpTrainer **trainer, const UpConfig *config, const char *folder) {
    return create(trainer, config, folder, true);
}

void up_train_destroy(UpTrainer *t) {
    if (!t) return;
    up__rundir_close(t);
    free(t->config_text);
    up_learner_destroy(&t->learner);
    up_arena_free(&t->arena);
    up_policy_destroy(&t->policy);
    up_rollout_destroy(&t->rollout);
    up_env_destroy(t->env);
    up_pool_destroy(t->pool);
    free(t);
}
