// Checkpoints: everything that the future of a run depends on, and nothing else: no clock, no path,
// no number of threads, so that two runs of the same config write the same bytes.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/number.h"
#include "rollout/rollout_internal.h"
#include "train/checkpoint_files.h"
#include "train/trainer.h"

enum { TENSORS = UP_POLICY_TENSORS + 24, METAS = 16, META_TEXT = 64 };

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
    up__number_hex(w->text[w->metas], value);
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
    const UpOptim *value = &t->learner.value_optim;
    if (value->size > 0) {
        add(w, "value_optim.first", UP_F32, (int64_t)value->size, 0, value->first);
        add(w, "value_optim.second", UP_F32, (int64_t)value->size, 0, value->second);
        add_int(w, "value_optim.steps", value->steps);
    }
    add(w, "random.shuffle", UP_U64, UP__RNG_WORDS, 0, &t->learner.shuffle);
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
    if (obs->frame) {
        size_t numbers = (size_t)(r->N * obs->stack * obs->dim);
        void *stacks = up_arena_alloc(arena, numbers, obs->f32 ? sizeof(float) : 1);
        if (!stacks) return UP_MEMORY;
        up__stack_save(r, r->length, stacks);
        add(w, "rollout.obs", obs->f32 ? UP_F32 : UP_U8, r->N, obs->stack * obs->dim, stacks);
    } else if (obs->f32) {
        add(w, "rollout.obs", UP_F32, r->N, obs->dim, obs->f32 + row * obs->dim);
    } else if (obs->u8) {
        add(w, "rollout.obs", UP_U8, r->N, obs->dim, obs->u8 + row * obs->dim);
    }
    if (obs->mask)
        add(w, "rollout.masks", UP_U8, r->N, obs->mask_size, obs->mask + row * obs->mask_size);
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
    if (size == 0) return UP_ENVIRONMENT; // up_error() says why
    void *state = up_arena_alloc(arena, size, 1);
    if (!state) return UP_MEMORY;
    t->env->vtable->state_save(t->env, state);
    add(w, "env.state", UP_U8, (int64_t)size, 0, state);
    UP_TRY(add_obs(w, r, arena));
    add(w, "random.policy", UP_U64, r->N, UP__RNG_WORDS, r->rng);
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
