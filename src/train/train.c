// The loop. Read up_train_run first: it is the whole of reinforcement learning as this library sees
// it.
#include <math.h>
#include <stdio.h>

#include "train/trainer.h"

// Whether something of the last update is still to be done: a stop left it.
static bool is_owing(const UpTrainer *t) {
    return t->owed != 0 || t->film_owed != 0;
}

static bool finished(UpTrainer *t) {
    double target = t->config.train.target;
    bool owed = is_owing(t); // then the run is not at its end
    t->solved = !owed && !isnan(target) && t->progress.running_reward >= target;
    t->stop_reason = t->solved                                             ? "target"
                     : !owed && t->progress.steps >= t->config.train.steps ? "steps"
                     : t->stop && *t->stop                                 ? "interrupted"
                                                                           : NULL;
    return t->stop_reason != NULL;
}

// Gathers a rollout, or where it is slow or a worker hangs, and somebody asks to stop, ends where
// it began.
static UpStatus collect(UpTrainer *t) {
    int64_t budget = t->config.train.steps - t->progress.steps;
    bool marked = false;
    double begin = up__clock();
    if (t->stop) UP_TRY(up__rollback_mark(t, t->rollout_seconds, &marked));
    t->rollout.play.stop = marked ? t->stop : NULL;
    UpStatus status = up_rollout_collect(&t->rollout, t->env, &t->actor, budget);
    t->rollout_seconds = up__clock() - begin;
    if (status == UP_INTERRUPTED && t->stop) UP_TRY(up__rollback(t));
    return status;
}

static bool evaluation_due(const UpTrainer *t) {
    int64_t before = t->progress.steps, after = t->rollout.steps, every = t->config.eval.every;
    bool last = after >= t->config.train.steps;
    return t->eval_env && (before / every != after / every || last);
}

static void warn_of_bound(UpTrainer *t, int64_t done) {
    int64_t cut = up_evaluation_cut(t->eval_length, done, t->eval_bound);
    if (cut > 0 && !t->unbounded)
        up_warn("%s: %lld of %lld episodes of the evaluation had not ended after %lld steps and "
                "were cut there; env.max_episode_steps sets the bound",
                t->config.env.id, (long long)cut, (long long)done, (long long)t->eval_bound);
    t->unbounded = t->unbounded || cut > 0;
}

// Plays with the policy as it is now, in instances of its own that begin as those of `uphill eval`.
// Interrupted, it stays owed, and is made before anything else is learned.
static UpStatus evaluate(UpTrainer *t) {
    int64_t done;
    UpEvaluation how = {
        .episodes = t->config.eval.episodes, .seed = UP_EVAL_SEED, .greedy = true, .stop = t->stop};
    UpStatus status =
        up_evaluate(&t->policy, t->eval_env, &how, t->eval_return, t->eval_length, &done);
    if (status == UP_INTERRUPTED) return UP_OK; // the update counts all the same
    UP_TRY(status);
    double sum = 0, length = 0;
    for (int64_t i = 0; i < done; i++) {
        sum += t->eval_return[i];
        length += (double)t->eval_length[i];
    }
    t->progress.eval_return_mean = sum / (double)done;
    t->progress.eval_length_mean = length / (double)done;
    t->evaluated = true;
    t->owed = 0;
    warn_of_bound(t, done);
    return UP_OK;
}

// The film or evaluation that a stop left owed; none where the run goes on without evaluations.
static UpStatus pay(UpTrainer *t) {
    if (t->film_owed) {
        up__film_owed(t);
        return UP_OK;
    }
    if (!t->eval_env) t->owed = 0;
    if (t->owed) UP_TRY(evaluate(t));
    return t->owed ? UP_OK : up__progress_settle(t);
}

static UpStatus iterate(UpTrainer *t) {
    double begin = up__clock();
    UP_TRY(collect(t));
    double collected = up__clock();
    t->learner.done = (double)t->progress.steps / (double)t->config.train.steps;
    t->progress.stats = UP_UPDATE_STATS_NONE;
    UP_TRY(t->algo->update(&t->learner, &t->rollout, &t->progress.stats));
    double end = up__clock();
    t->owed = evaluation_due(t);
    if (t->owed) UP_TRY(evaluate(t));
    return up__progress_update(t, end - begin, end - collected);
}

static UpStatus checkpoint_if_due(UpTrainer *t) {
    if (up__clock() - t->last_checkpoint < t->config.train.checkpoint_seconds) return UP_OK;
    return up__checkpoint_save(t);
}

// Records that the run ended by an error, where that can be written, and hands the error on. The
// newest checkpoint stays as it is.
static UpStatus give_up(UpTrainer *t, UpStatus status) {
    char message[1024];
    snprintf(message, sizeof message, "%s", up_error());
    t->stop_reason = "error";
    up__rundir_result(t);
    return up_fail(status, "%s", message);
}

UpStatus up_train_run(UpTrainer *t, const UpTrainHooks *hooks) {
    const int64_t before = t->progress.episodes, lost = t->env->lost;
    t->stop = hooks ? hooks->stop : NULL;
    while (!finished(t)) {
        bool paying = is_owing(t);
        UpStatus status = paying ? pay(t) : iterate(t);
        if (status == UP_INTERRUPTED && t->stop && *t->stop) continue;
        if (status == UP_OK && !paying && hooks && hooks->iteration)
            hooks->iteration(hooks->user, &t->progress);
        if (status == UP_OK) status = checkpoint_if_due(t);
        if (status != UP_OK) return give_up(t, status);
    }
    if (t->over) return UP_OK;
    UpStatus status = up__rundir_flush(t);
    if (status == UP_OK) status = up__checkpoint_save(t);
    if (status == UP_OK)
        status = up_env_judge(t->env, t->env->lost - lost, t->progress.episodes - before);
    if (status != UP_OK) return give_up(t, status);
    UP_TRY(up__rundir_result(t));
    if (is_owing(t) || (!t->solved && t->progress.steps < t->config.train.steps))
        return up_fail(UP_INTERRUPTED, "interrupted at step %lld", (long long)t->progress.steps);
    return UP_OK;
}

const UpProgress *up_train_progress(const UpTrainer *t) {
    return &t->progress;
}
const UpConfig *up_trainer_config(const UpTrainer *t) {
    return &t->config;
}
UpPolicy *up_train_policy(UpTrainer *t) {
    return &t->policy;
}
const UpRollout *up_train_rollout(const UpTrainer *t) {
    return &t->rollout;
}
bool up_train_over(const UpTrainer *t) {
    return t->over;
}
bool up_train_solved(const UpTrainer *t) {
    return t->solved;
}
size_t up_train_replay_bytes(const UpTrainer *t) {
    return t->learner.replay_bytes;
}
