// Checkpoints: everything that the future of a run depends on, and nothing else: no clock, no path,
// no number of threads, so that two runs of the same config write the same bytes.
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rollout/rollout_internal.h"
#include "train/checkpoint_files.h"
#include "train/trainer.h"
#include "uphill/file.h"

enum { TENSORS = UP_POLICY_TENSORS + 24, METAS = 16, META_TEXT = 64, RNG_WORDS = 6 };

_Static_assert(sizeof(UpRng) == RNG_WORDS * sizeof(uint64_t), "a stream is six words");
_Static_assert(sizeof(UpReal) == sizeof(float), "checkpoints hold float32");

typedef struct Writer {
    UpTensor tensor[TENSORS];
    int tensors;
    UpMeta meta[METAS];
    char text[METAS][META_TEXT];
    int metas;
} Writer;

static void add(Writer *w, const char *name, UpTensorType type, int64_t rows, int64_t columns,
                const void *data) {
    UpTensor *t = &w->tensor[w->tensors++];
    *t = (UpTensor){.type = type, .dims = columns ? 2 : 1, .shape = {rows, columns}, .data = data};
    snprintf(t->name, sizeof t->name, "%s", name);
}

static void add_meta(Writer *w, const char *key, const char *value) {
    w->meta[w->metas++] = (UpMeta){(char *)key, (char *)value};
}

static void add_int(Writer *w, const char *key, int64_t value) {
    snprintf(w->text[w->metas], META_TEXT, "%" PRId64, value);
    add_meta(w, key, w->text[w->metas]);
}

static void add_real(Writer *w, const char *key, double value) {
    snprintf(w->text[w->metas], META_TEXT, "%a", value); // reads back exactly
    add_meta(w, key, w->text[w->metas]);
}

static void add_header(Writer *w, const UpTrainer *t) {
    add_meta(w, "uphill.checkpoint", "1");
    add_meta(w, "env", t->config.env.id);
    add_meta(w, "algo", t->config.train.algo);
    add_meta(w, "config", t->config_text);
}

// The policy, the optimiser and the counters.
static UpStatus add_learner(Writer *w, const UpTrainer *t, UpArena *arena) {
    UP_TRY(up_policy_export(&t->policy, w->tensor, &w->tensors, arena));
    int64_t size = (int64_t)t->optim.size;
    if (t->optim.first) add(w, "optim.first", UP_F32, size, 0, t->optim.first);
    if (t->optim.second) add(w, "optim.second", UP_F32, size, 0, t->optim.second);
    add(w, "random.shuffle", UP_U64, RNG_WORDS, 0, &t->learner.shuffle);
    add(w, "train.recent_returns", UP_F64, UP__RECENT, 0, t->recent);
    add_int(w, "optim.steps", t->optim.steps);
    add_int(w, "train.steps", t->progress.steps);
    add_int(w, "train.episodes", t->progress.episodes);
    add_real(w, "train.running_reward", t->progress.running_reward);
    add_real(w, "train.return_mean", t->progress.return_mean);
    add_real(w, "train.best_return", t->best_return);
    add_real(w, "train.average_return", t->learner.average_return);
    return UP_OK;
}

// The observations that the next rollout starts from.
static UpStatus add_obs(Writer *w, const UpRollout *r, UpArena *arena) {
    int64_t row = r->length * r->N;
    const UpObs *obs = &r->obs;
    if (obs->f32) add(w, "rollout.obs", UP_F32, r->N, obs->dim, obs->f32 + row * obs->dim);
    if (obs->u8) add(w, "rollout.obs", UP_U8, r->N, obs->dim, obs->u8 + row * obs->dim);
    if (!obs->begin) return UP_OK;
    size_t total = 0;
    for (int64_t n = 0; n < r->N; n++)
        total += obs->count[row + n];
    UpSparseEntry *entry = up_arena_alloc(arena, total, sizeof *entry);
    int32_t *count = up_arena_alloc(arena, (size_t)r->N, sizeof *count);
    if (!entry || !count) return UP_MEMORY;
    add(w, "rollout.obs_entries", UP_U16, (int64_t)total, 0, entry);
    add(w, "rollout.obs_counts", UP_I32, r->N, 0, count);
    for (int64_t n = 0; n < r->N; n++) {
        count[n] = (int32_t)obs->count[row + n];
        memcpy(entry, obs->entry + obs->begin[row + n], (size_t)count[n] * sizeof *entry);
        entry += count[n];
    }
    return UP_OK;
}

// The instances and what belongs to them. Left out where the environment cannot save its state.
static UpStatus add_rollout(Writer *w, const UpTrainer *t, UpArena *arena) {
    const UpRollout *r = &t->rollout;
    if (!t->env->vtable->state_save || !r->started) return UP_OK;
    size_t size = t->env->vtable->state_size(t->env);
    void *state = up_arena_alloc(arena, size, 1);
    if (!state) return UP_MEMORY;
    t->env->vtable->state_save(t->env, state);
    add(w, "env.state", UP_U8, (int64_t)size, 0, state);
    UP_TRY(add_obs(w, r, arena));
    add(w, "random.policy", UP_U64, r->N, RNG_WORDS, r->rng);
    add(w, "rollout.episode_return", UP_F64, r->N, 0, r->episode_return);
    add(w, "rollout.episode_length", UP_I64, r->N, 0, r->episode_length);
    add(w, "rollout.discounted_return", UP_F64, r->N, 0, r->discounted_return);
    add(w, "rollout.return_stats", UP_F64, 3, 0, &r->return_stats);
    return UP_OK;
}

static UpStatus save_full(UpTrainer *t, UpArena *arena) {
    Writer w = {0};
    UP_TRY(add_learner(&w, t, arena));
    UP_TRY(add_rollout(&w, t, arena));
    add_header(&w, t);
    char path[UP__PATH + 64];
    snprintf(path, sizeof path, "%s/checkpoints/%012" PRId64 ".safetensors", t->folder,
             t->progress.steps);
    UP_TRY(up_tensors_write(path, w.tensor, w.tensors, w.meta, w.metas));
    return up__checkpoint_prune(t->folder, t->config.train.keep);
}

static UpStatus save_best(UpTrainer *t, UpArena *arena) {
    UpPolicy best = t->policy; // a view of the best weights in the same layout
    best.param = t->best_param;
    if (t->best_stats) {
        int64_t D = best.obs_space.size;
        best.stats = (UpObsStats){t->best_stats[2 * D], t->best_stats, t->best_stats + D};
    }
    Writer w = {0};
    UP_TRY(up_policy_export(&best, w.tensor, &w.tensors, arena));
    add_real(&w, "train.best_return", t->best_return);
    add_header(&w, t);
    char path[UP__PATH + 64];
    snprintf(path, sizeof path, "%s/best.safetensors", t->folder);
    UP_TRY(up_tensors_write(path, w.tensor, w.tensors, w.meta, w.metas));
    t->best_pending = false;
    return UP_OK;
}

UpStatus up__checkpoint_save(UpTrainer *t) {
    if (!t->folder[0]) return UP_OK;
    UpArena arena = {0};
    // The best policy first: a run that is killed between the two finds it again.
    UpStatus status = t->best_pending ? save_best(t, &arena) : UP_OK;
    if (status == UP_OK) status = save_full(t, &arena);
    up_arena_free(&arena);
    t->last_checkpoint = up__clock();
    return status;
}

// ---------------------------------------------------------------------------------------------------
// Loading

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
    *value = strtod(text, NULL);
    return UP_OK;
}

static UpStatus fetch_int(const UpTensorFile *file, const char *key, int64_t *value) {
    const char *text = up_tensors_meta(file, key);
    if (!text) return up_fail(UP_FORMAT, "the checkpoint does not say %s: it is not a run's", key);
    *value = strtoll(text, NULL, 10);
    return UP_OK;
}

static UpStatus load_learner(UpTrainer *t, const UpTensorFile *file) {
    int64_t size = (int64_t)t->optim.size;
    UP_TRY(up_policy_import(&t->policy, file));
    if (t->optim.first)
        UP_TRY(fetch(file, "optim.first", UP_F32, size, t->optim.first, sizeof(float)));
    if (t->optim.second)
        UP_TRY(fetch(file, "optim.second", UP_F32, size, t->optim.second, sizeof(float)));
    UP_TRY(fetch(file, "random.shuffle", UP_U64, RNG_WORDS, &t->learner.shuffle, sizeof(uint64_t)));
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
    int64_t numbers = r->N * r->obs.dim;
    if (r->obs.f32) UP_TRY(fetch(file, "rollout.obs", UP_F32, numbers, r->obs.f32, sizeof(float)));
    if (r->obs.u8) UP_TRY(fetch(file, "rollout.obs", UP_U8, numbers, r->obs.u8, 1));
    if (r->obs.begin) UP_TRY(load_sparse(r, file));
    UP_TRY(fetch(file, "random.policy", UP_U64, r->N * RNG_WORDS, r->rng, sizeof(uint64_t)));
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
