// Episodes, running reward, best policy.
#include <math.h>
#include <string.h>

#include "train/trainer.h"

static void book_episode(UpTrainer *t, const UpEpisode *episode) {
    UpProgress *p = &t->progress;
    t->recent_length[p->episodes % UP__RECENT] = (double)episode->length;
    t->recent[p->episodes++ % UP__RECENT] = episode->ret;
    p->running_reward =
        isnan(p->running_reward) ? episode->ret : 0.99 * p->running_reward + 0.01 * episode->ret;
}

static double recent_mean(const UpTrainer *t, const double recent[UP__RECENT]) {
    int64_t count = t->progress.episodes < UP__RECENT ? t->progress.episodes : UP__RECENT;
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += recent[i];
    return count > 0 ? sum / (double)count : NAN;
}

// Keeps a copy of the best policy; the next checkpoint writes it.
static void follow_best(UpTrainer *t) {
    bool evaluates = t->eval_env != NULL;
    double mean = evaluates ? t->progress.eval_return_mean : t->progress.return_mean;
    bool counts = evaluates ? t->evaluated : t->progress.episodes >= UP__RECENT;
    if (!counts || !(mean > t->best_return)) return;
    t->best_return = mean;
    t->best_pending = true;
    memcpy(t->best_param, t->policy.param, t->policy.size * sizeof *t->best_param);
    if (!t->best_stats) return;
    size_t D = (size_t)t->policy.obs_space.size;
    memcpy(t->best_stats, t->policy.stats.mean, D * sizeof(double));
    memcpy(t->best_stats + D, t->policy.stats.var, D * sizeof(double));
    t->best_stats[2 * D] = t->policy.stats.count;
}

UpStatus up__progress_update(UpTrainer *t, double iteration_seconds, double learner_seconds) {
    UpProgress *p = &t->progress;
    const UpRollout *r = &t->rollout;
    for (int64_t i = 0; i < r->episodes; i++)
        book_episode(t, &r->episode[i]);
    p->steps_per_second = (double)(r->steps - p->steps) / iteration_seconds;
    p->steps = r->steps;
    p->seconds = t->session_seconds + up__clock() - t->session_start;
    p->return_mean = recent_mean(t, t->recent);
    p->length_mean = recent_mean(t, t->recent_length);
    p->env_share = r->play.env_seconds / iteration_seconds;
    p->learner_share = learner_seconds / iteration_seconds;
    up__rundir_add(t);
    return t->owed ? UP_OK : up__progress_settle(t);
}

UpStatus up__progress_settle(UpTrainer *t) {
    follow_best(t);
    return up__rundir_rows(t);
}
