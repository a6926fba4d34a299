// Putting a trainer together, and taking it apart.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
static UpStatus keep_parts(UpTrainer *t) {
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
    up_keep_int(keep, "train.evaluation_owed", &t->owed)->optional = true;
    if (t->config.train.film_every > 0)
        up_keep_int(keep, "train.film_owed", &t->film_owed)->optional = true;
    // With an evaluation the row is owed, too, and this is of no sum of it.
    up_keep_real(keep, "train.learning_rate", &p->stats.learning_rate)->optional = true;
    up_keep_real(keep, "train.average_return", &t->learner.average_return);
    return up_rollout_keep(&t->rollout, &t->playing);
}

static UpStatus create_evaluation(UpTrainer *t) {
    const UpEvalDef *def = &t->config.eval;
    if (def->every == 0) return UP_OK;
    int64_t instances =
        def->episodes < UP_EVAL_INSTANCES ? def->episodes : (int64_t)UP_EVAL_INSTANCES;
    UP_TRY(up_evaluation_env(&t->eval_env, &t->config.env, (int)instances, &t->eval_bound));
    t->eval_env->pool = t->pool;
    size_t episodes = (size_t)def->episodes;
    t->eval_return = up_arena_alloc(&t->arena, episodes, sizeof *t->eval_return);
    t->eval_length = up_arena_alloc(&t->arena, episodes, sizeof *t->eval_length);
    UP_TRY(up_arena_status(&t->arena));
    return up_policy_reserve(&t->policy, instances);
}

// Does a dense layer read the observation?
static bool reads_densely(const UpNet *net) {
    for (int l = 0; l < net->layers; l++)
        if (net->layer[l].from < 0 && net->layer[l].kind == UP_LAYER_DENSE) return true;
    return false;
}

// A dense layer reads every number of a picture with every unit, in every step. Pictures of a whole
// screen are slow for any network.
static void advise_pictures(const UpPolicy *p, const char *id) {
    enum { LARGE = 84 * 84 * 4, NATURE = 36 }; // what Atari's preprocessing leaves; the least side
    const UpShape *in = &p->net.in;
    bool dense = reads_densely(&p->net), large = p->net.inputs > LARGE;
    if (p->obs_form != UP_OBS_U8 || (!dense && !large)) return;
    bool pong = strstr(id, "Pong"), native = strncmp(id, "uphill/", 7) == 0;
    bool screen = p->obs_space.dims > 1 && p->obs_space.shape[1] == 160 && !native;
    bool fits = in->height >= NATURE && in->width >= NATURE;
    const char *net = fits ? "policy.net=nature and policy.shared=true"
                           : "policy.net=\"conv:16x3s1,relu dense:128,relu\"";
    const char *smaller = pong && large ? "env.preprocess=pong80, or " : "";
    const char *atari = screen ? "env.preprocess=atari, env.frame_stack=4, " : "";
    if (dense)
        up_warn("%s: its observations are pictures of %lld numbers, and a dense network reads each "
                "of them in every step, which is slow and learns little: set %s%s%s",
                id, (long long)p->net.inputs, smaller, atari, net);
    else if (screen)
        up_warn("%s: its observations are pictures of %lld numbers, which is slow: set "
                "env.preprocess=atari and env.frame_stack=4",
                id, (long long)p->net.inputs);
}

// `begins`: from the weights of train.init, where that is set.
static UpStatus create_parts(UpTrainer *t, bool begins) {
    const UpConfig *c = &t->config;
    uint64_t seed = (uint64_t)c->train.seed;
    UP_TRY(create_threads(t));
    UP_TRY(up_env_create(&t->env, &c->env, (int)c->rollout.envs));
    t->env->pool = t->pool;
    UP_TRY(up_config_check_env(c, &t->env->spec));
    UP_TRY(up_rollout_create(&t->rollout, &c->rollout, c->advantage.gamma, t->env, seed));
    bool value = up_config_needs_value(c);
    UP_TRY(up_policy_create(&t->policy, &c->policy, &t->env->spec, value, c->rollout.envs, seed));
    t->policy.pool = t->pool;
    if (begins && c->train.init[0]) UP_TRY(up__weights_init(t)); // before targets copy them
    UP_TRY(up_optim_create(&t->optim, &c->optim, t->policy.size, &t->arena));
    t->actor = t->rollout.play.actor = up_policy_actor(&t->policy);
    UP_TRY(keep_parts(t));
    UP_TRY(
        up_learner_create(&t->learner, t->algo, c, &t->policy, &t->optim, &t->rollout, &t->keep));
    if (t->algo->actor) t->actor = t->rollout.play.actor = t->algo->actor(&t->learner);
    t->best_param = up_arena_alloc(&t->arena, t->policy.size, sizeof *t->best_param);
    if (t->policy.def.normalize_obs) {
        size_t numbers = 2 * (size_t)t->policy.obs_space.size + 1;
        t->best_stats = up_arena_alloc(&t->arena, numbers, sizeof *t->best_stats);
    }
    UP_TRY(up_arena_status(&t->arena));
    UP_TRY(up__rollback_create(t));
    UP_TRY(create_evaluation(t));
    advise_pictures(&t->policy, t->env->spec.id); // now that it begins
    // What does not change the run must not change its checkpoints.
    UpConfig plain = *c;
    plain.train.threads = 0;
    memset(plain.train.recipe, 0, sizeof plain.train.recipe);
    memset(plain.train.init, 0, sizeof plain.train.init);
    return up_config_format(&plain, &t->config_text);
}

// Whether the run is at its end, by a config.
static bool is_done(const UpTrainer *t, const UpConfig *c) {
    return t->progress.steps >= c->train.steps ||
           (!isnan(c->train.target) && t->progress.running_reward >= c->train.target);
}

static bool has_result(const UpTrainer *t) {
    char path[UP__PATH + 64];
    snprintf(path, sizeof path, "%s/result.json", t->folder);
    return access(path, F_OK) == 0;
}

// Killed before its first checkpoint, or somebody removed them: it begins again, and says so.
static void warn_of_beginning(const UpTrainer *t) {
    char path[UP__PATH + 64];
    UpTable table;
    snprintf(path, sizeof path, "%s/metrics.csv", t->folder);
    if (access(path, R_OK) != 0 || up_metrics_read(path, &table) != UP_OK) return;
    int steps = up_table_column(&table, "steps");
    if (steps >= 0 && table.rows > 0)
        up_warn(
            "%s holds no checkpoint: the run begins again, and the %.0f steps of its metrics.csv "
            "are not gone on from",
            t->folder, table.value[(table.rows - 1) * table.columns + steps]);
    up_table_free(&table);
}

// Goes on with the run in the folder, whose config.ini says `file`.
static UpStatus resume(UpTrainer *t, const UpConfig *file) {
    bool found = false;
    UpConfig made = *file;
    t->row.steps = t->point.steps = -1;
    UP_TRY(up__checkpoint_load_newest(t, &made, &found));
    up__rows_resume(t);
    if (found) UP_TRY(up__history_before(t, file, &made));
    const UpConfig *before = &made;
    if (!found) warn_of_beginning(t);
    if (!found && t->config.train.init[0]) UP_TRY(up__weights_init(t));
    if (t->config.train.steps < t->progress.steps)
        return up_fail(UP_USAGE,
                       "train.steps = %lld: the run in %s has made %lld steps already, and only "
                       "goes on from there",
                       (long long)t->config.train.steps, t->folder, (long long)t->progress.steps);
    if ((before->eval.every > 0) != (t->config.eval.every > 0))
        t->best_return = -INFINITY; // the best by another measure
    t->over =
        !t->owed && !t->film_owed && is_done(t, file) && is_done(t, &t->config) && has_result(t);
    return t->over ? UP_OK : up__history_write(t, before);
}

// Whether the run begins at its first step, though it may have been begun before.
static bool is_beginning(const UpTrainer *t, const UpConfig *before) {
    char path[UP__PATH + 64];
    UpTensorFile file;
    if (!before || !t->config.train.init[0]) return !before; // which asks nothing else
    UpStatus status = up__checkpoint_newest(t->folder, path, sizeof path, &file);
    if (status == UP_OK) up_tensors_free(&file);
    return status == UP_NOT_FOUND;
}

static UpStatus open_run(UpTrainer *t, const UpConfig *before) {
    UP_TRY(create_parts(t, is_beginning(t, before)));
    UP_TRY(up__rundir_claim(t, before != NULL));
    if (t->folder[0]) UP_TRY(up__rundir_refuse_links(t->folder));
    if (before) UP_TRY(resume(t, before));
    return t->over ? UP_OK : up__rundir_create(t, before != NULL);
}

// `before`: the config of the run that goes on; NULL: a new one.
static UpStatus create(UpTrainer **out, const UpConfig *config, const char *folder,
                       const UpConfig *before) {
    *out = NULL;
    UP_TRY(up_config_check(config));
    if (folder && !*folder)
        return up_fail(UP_USAGE, "the run directory has no name: name one, or leave it out");
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
    t->progress.stats = UP_UPDATE_STATS_NONE;
    for (int i = 0; i < UP__RECENT; i++)
        t->recent_length[i] = NAN;
    t->best_return = -INFINITY;
    t->stop_reason = "running";
    UpStatus status = open_run(t, before);
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
    return create(trainer, config, folder, NULL);
}

UpStatus up_train_resume(UpTrainer **trainer, const UpConfig *config, const char *folder) {
    UpConfig before;
    *trainer = NULL;
    UP_TRY(up_train_config(&before, folder));
    UP_TRY(up__history_check(folder, &before, config));
    return create(trainer, config, folder, &before);
}

void up_train_destroy(UpTrainer *t) {
    if (!t) return;
    up__rundir_close(t);
    free(t->config_text);
    up_learner_destroy(&t->learner);
    free(t->mark.bytes);
    up__whole_free(&t->whole);
    up_env_destroy(t->eval_env);
    up_arena_free(&t->arena);
    up_policy_destroy(&t->policy);
    up_rollout_destroy(&t->rollout);
    up_env_destroy(t->env);
    up_pool_destroy(t->pool);
    free(t);
}
