// How far each update of a training moves the policy, for `uphill experiment trust-region`.
#include <string.h>

#include "experiments/trust.h"

UpStatus cli_watch_open(CliWatch *w, const UpConfig *config, const UpReal *param) {
    *w = (CliWatch){0};
    UP_TRY(up_train_create(&w->trainer, config, NULL));
    UpPolicy *p = up_train_policy(w->trainer);
    const UpRollout *r = up_train_rollout(w->trainer);
    size_t rows = (size_t)(r->T * r->N);
    w->before = up_arena_alloc(&w->arena, p->size, sizeof *w->before);
    w->after = up_arena_alloc(&w->arena, p->size, sizeof *w->after);
    w->old = up_arena_alloc(&w->arena, rows * (size_t)p->dist.params, sizeof *w->old);
    UP_TRY(up_arena_status(&w->arena));
    UP_TRY(up_policy_reserve(p, (int64_t)rows));
    if (param) memcpy(p->param, param, p->size * sizeof *param);
    memcpy(w->before, p->param, p->size * sizeof *w->before);
    return UP_OK;
}

// The mean KL(π_old ‖ π_new) over the states of the rollout that the update was made from.
static void watch_update(void *user, const UpProgress *progress) {
    (void)progress;
    CliWatch *w = user;
    UpPolicy *p = up_train_policy(w->trainer);
    const UpRollout *r = up_train_rollout(w->trainer);
    const UpDist *dist = &p->dist;
    size_t bytes = p->size * sizeof *p->param;
    bool gaussian = dist->log_stds > 0;
    UpObs obs = r->obs;
    obs.rows = r->length * r->N;
    memcpy(w->after, p->param, bytes);
    memcpy(p->param, w->before, bytes);
    memcpy(w->old, up_policy_forward(p, up_seen(&obs), UP_HEADS_POLICY).param,
           (size_t)(obs.rows * dist->params) * sizeof *w->old);
    memcpy(p->param, w->after, bytes);
    const UpReal *now = up_policy_forward(p, up_seen(&obs), UP_HEADS_POLICY).param;
    double sum = 0;
    for (int64_t i = 0; i < obs.rows; i++)
        if (r->valid[i])
            sum += (double)up_dist_kl(
                dist, w->old + i * dist->params, gaussian ? w->before + p->log_std : NULL,
                now + i * dist->params, gaussian ? p->param + p->log_std : NULL);
    w->updates++;
    w->kl += (sum / (double)r->samples - w->kl) / w->updates;
    memcpy(w->before, w->after, bytes);
}

UpStatus cli_watch_run(CliWatch *w) {
    UpTrainHooks hooks = {.user = w, .iteration = watch_update};
    UpStatus status = up_train_run(w->trainer, &hooks);
    w->broken = status == UP_NUMERIC;
    return w->broken ? UP_OK : status;
}

void cli_watch_close(CliWatch *w) {
    up_train_destroy(w->trainer);
    up_arena_free(&w->arena);
}
