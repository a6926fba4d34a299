// Loading a checkpoint into a trainer that was made from the same config.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "rollout/rollout_internal.h"
#include "train/checkpoint_files.h"
#include "train/trainer.h"

static UpStatus fetch(const UpTensorFile *file, const char *name, UpTensorType type, int64_t count,
                      void *to, size_t size) {
    const UpTensor *t = up_tensors_find(file, name);
    if (!t || t->type != type || up_tensor_count(t) != count)
        return up_fail(UP_MISMATCH,
                       "the checkpoint's tensor %s is absent or has another size: it belongs to "
                       "a run with other options",
                       name);
    memcpy(to, t->data, (size_t)count * size);
    return UP_OK;
}

static UpStatus fetch_real(const UpTensorFile *file, const char *key, double *value) {
    const char *text = up_tensors_meta(file, key);
    if (!text) return up_fail(UP_FORMAT, "the checkpoint does not say %s: it is not a run's", key);
    *value = up__number_parse(text, NULL);
    return UP_OK;
}

static UpStatus fetch_int(const UpTensorFile *file, const char *key, int64_t *value) {
    const char *text = up_tensors_meta(file, key);
    if (!text) return up_fail(UP_FORMAT, "the checkpoint does not say %s: it is not a run's", key);
    *value = strtoll(text, NULL, 10);
    if (*value < 0) return up_fail(UP_FORMAT, "the checkpoint says %s = %s", key, text);
    return UP_OK;
}

static UpStatus load_learner(UpTrainer *t, const UpTensorFile *file) {
    int64_t size = (int64_t)t->optim.size;
    UP_TRY(up_policy_import(&t->policy, file));
    if (t->optim.first)
        UP_TRY(fetch(file, "optim.first", UP_F32, size, t->optim.first, sizeof(float)));
    if (t->optim.second)
        UP_TRY(fetch(file, "optim.second", UP_F32, size, t->optim.second, sizeof(float)));
    UpOptim *value = &t->learner.value_optim;
    if (value->size > 0) {
        int64_t count = (int64_t)value->size;
        UP_TRY(fetch(file, "value_optim.first", UP_F32, count, value->first, sizeof(float)));
        UP_TRY(fetch(file, "value_optim.second", UP_F32, count, value->second, sizeof(float)));
        UP_TRY(fetch_int(file, "value_optim.steps", &value->steps));
    }
    UP_TRY(fetch(file, "random.shuffle", UP_U64, UP__RNG_WORDS, &t->learner.shuffle,
                 sizeof(uint64_t)));
    UP_TRY(fetch(file, "train.recent_returns", UP_F64, UP__RECENT, t->recent, sizeof(double)));
    UP_TRY(fetch_int(file, "optim.steps", &t->optim.steps));
    UP_TRY(fetch_int(file, "train.steps", &t->progress.steps));
    UP_TRY(fetch_int(file, "train.episodes", &t->progress.episodes));
    UP_TRY(fetch_real(file, "train.running_reward", &t->progress.running_reward));
    UP_TRY(fetch_real(file, "train.return_mean", &t->progress.return_mean));
    UP_TRY(fetch_real(file, "train.best_return", &t->best_return));
    UP_TRY(fetch_real(file, "train.average_return", &t->learner.average_return));
    t->rollout.steps = t->progress.steps;
    return UP_OK;
}

static UpStatus load_sparse(UpRollout *r, const UpTensorFile *file) {
    const UpTensor *entries = up_tensors_find(file, "rollout.obs_entries");
    const UpTensor *counts = up_tensors_find(file, "rollout.obs_counts");
    if (!entries || !counts || entries->type != UP_U16 || counts->type != UP_I32 ||
        up_tensor_count(counts) != r->N)
        return up_fail(UP_MISMATCH, "the checkpoint holds observations of another form");
    const UpSparseEntry *entry = entries->data;
    const int32_t *count = counts->data;
    int64_t left = up_tensor_count(entries);
    uint64_t used = 0;
    for (int64_t n = 0; n < r->N; n++) {
        if (count[n] < 0 || count[n] > left || count[n] > r->obs.dim)
            return up_fail(UP_FORMAT, "the checkpoint's observations are damaged");
        for (int32_t i = 0; i < count[n]; i++)
            if (entry[i] / 2 >= r->obs.dim)
                return up_fail(UP_FORMAT, "the checkpoint's observations are damaged");
        r->obs.begin[n] = used;
        r->obs.count[n] = (uint32_t)count[n];
        UP_TRY(up__rollout_reserve_entries(r, used + (uint64_t)count[n]));
        memcpy(r->obs.entry + used, entry, (size_t)count[n] * sizeof *entry);
        used += (uint64_t)count[n];
        entry += count[n];
        left -= count[n];
    }
    r->pool_used = used;
    return UP_OK;
}

static UpStatus load_dense(UpRollout *r, const UpTensorFile *file) {
    int64_t numbers = r->N * r->obs.dim * r->obs.stack;
    UpTensorType type = r->obs.f32 ? UP_F32 : UP_U8;
    size_t size = r->obs.f32 ? sizeof(float) : 1;
    if (!r->obs.f32 && !r->obs.u8) return UP_OK;
    void *to = r->obs.frame ? r->stack_scratch : r->obs.f32 ? (void *)r->obs.f32 : r->obs.u8;
    UP_TRY(fetch(file, "rollout.obs", type, numbers, to, size));
    if (r->obs.frame) up__stack_load(r, to);
    return UP_OK;
}

static UpStatus load_rollout(UpTrainer *t, const UpTensorFile *file) {
    UpRollout *r = &t->rollout;
    const UpTensor *state = up_tensors_find(file, "env.state");
    if (!state || !t->env->vtable->state_load) {
        // The instances start anew, with seeds that the run has not used yet.
        UpRng rng;
        up_rng_stream(&rng, (uint64_t)t->config.train.seed, UP_STREAM_ENV, (uint32_t)r->steps);
        for (int64_t n = 0; n < r->N; n++)
            r->seeds[n] = up_rng_u32(&rng);
        return UP_OK;
    }
    UP_TRY(t->env->vtable->state_load(t->env, state->data, (size_t)up_tensor_count(state)));
    UP_TRY(load_dense(r, file));
    if (r->obs.begin) UP_TRY(load_sparse(r, file));
    if (r->obs.mask)
        UP_TRY(fetch(file, "rollout.masks", UP_U8, r->N * r->obs.mask_size, r->obs.mask, 1));
    UP_TRY(fetch(file, "random.policy", UP_U64, r->N * UP__RNG_WORDS, r->rng, sizeof(uint64_t)));
    UP_TRY(fetch(file, "rollout.episode_return", UP_F64, r->N, r->episode_return, sizeof(double)));
    UP_TRY(fetch(file, "rollout.episode_length", UP_I64, r->N, r->episode_length, sizeof(int64_t)));
    UP_TRY(fetch(file, "rollout.discounted_return", UP_F64, r->N, r->discounted_return,
                 sizeof(double)));
    UP_TRY(fetch(file, "rollout.return_stats", UP_F64, 3, &r->return_stats, sizeof(double)));
    r->started = true;
    return UP_OK;
}

UpStatus up__checkpoint_load_newest(UpTrainer *t, bool *found) {
    char path[UP__PATH + 64];
    UpTensorFile file;
    UP_TRY(up__checkpoint_clean(t->folder));
    UpStatus status = up__checkpoint_newest(t->folder, path, sizeof path, &file);
    *found = status == UP_OK;
    if (status == UP_NOT_FOUND) return UP_OK; // killed before its first checkpoint: from the start
    UP_TRY(status);
    const char *env = up_tensors_meta(&file, "env");
    if (!env || strcmp(env, t->config.env.id) != 0)
        status = up_fail(UP_MISMATCH, "it was trained on %s, and this run is on %s",
                         env ? env : "an unknown environment", t->config.env.id);
    if (status == UP_OK) status = load_learner(t, &file);
    if (status == UP_OK) status = load_rollout(t, &file);
    up_tensors_free(&file);
    if (status != UP_OK) {
        char reason[512];
        snprintf(reason, sizeof reason, "%s", up_error());
        return up_fail(status, "%s: %s", path, reason);
    }
    return UP_OK;
}
