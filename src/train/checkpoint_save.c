// Writing checkpoints: everything that the future of a run depends on, and nothing else: no clock,
// no path, no number of threads, so that two runs of the same config write the same bytes.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "env/wrappers/wrapper.h"
#include "policy/spec.h"
#include "train/checkpoint_files.h"
#include "train/trainer.h"

_Static_assert(sizeof(UpReal) == sizeof(float), "checkpoints hold float32");

static void add_text(UpSaving *s, const char *key, const char *value) {
    s->meta[s->metas++] = (UpMeta){(char *)key, (char *)value};
}

static UpStatus add_header(UpSaving *s, const UpTrainer *t, UpArena *arena) {
    int spaces;
    add_text(s, "uphill.checkpoint", "1");
    add_text(s, "env", t->config.env.id);
    add_text(s, "algo", t->config.train.algo);
    add_text(s, "config", t->config_text);
    UP_TRY(up__spec_write(&t->env->spec, up__rescale_action_inside(t->env), s->meta + s->metas,
                          &spaces, arena));
    s->metas += spaces;
    return UP_OK;
}

// The instances and what belongs to them. Left out where the environment cannot save its state.
static UpStatus add_playing(UpSaving *s, UpTrainer *t, UpArena *arena) {
    if (!t->env->vtable->state_save || !t->rollout.play.started) return UP_OK;
    size_t size = t->env->vtable->state_size(t->env);
    if (size == 0) return UP_ENVIRONMENT; // up_error() says why
    void *state = up_arena_alloc(arena, size, 1);
    if (!state) return UP_MEMORY;
    t->env->vtable->state_save(t->env, state);
    s->tensor[s->tensors++] = (UpTensor){
        .name = "env.state", .type = UP_U8, .dims = 1, .shape = {(int64_t)size}, .data = state};
    up_play_pack(&t->rollout.play);
    return up_keep_save(&t->playing, s, arena);
}

static UpStatus save_full(UpTrainer *t, UpSaving *s, UpArena *arena) {
    *s = (UpSaving){0};
    UP_TRY(up_policy_export(&t->policy, s->tensor, &s->tensors, arena));
    UP_TRY(up_keep_save(&t->keep, s, arena));
    UP_TRY(add_playing(s, t, arena));
    UP_TRY(add_header(s, t, arena));
    char path[UP__PATH + 64];
    snprintf(path, sizeof path, "%s/checkpoints/%012" PRId64 ".safetensors", t->folder,
             t->progress.steps);
    UP_TRY(up_tensors_write(path, s->tensor, s->tensors, s->meta, s->metas));
    UP_TRY(up__whole_add(&t->whole, t->progress.steps));
    return up__checkpoint_prune(t->folder, t->config.train.keep, &t->whole);
}

static UpStatus save_best(UpTrainer *t, UpSaving *s, UpArena *arena) {
    UpPolicy best = t->policy; // a view of the best weights in the same layout
    best.param = t->best_param;
    if (t->best_stats) {
        int64_t D = best.obs_space.size;
        best.stats = (UpObsStats){t->best_stats[2 * D], t->best_stats, t->best_stats + D};
    }
    *s = (UpSaving){0};
    UP_TRY(up_policy_export(&best, s->tensor, &s->tensors, arena));
    UpKeep keep = {0};
    up_keep_real(&keep, "train.best_return", &t->best_return);
    UP_TRY(up_keep_save(&keep, s, arena));
    UP_TRY(add_header(s, t, arena));
    char path[UP__PATH + 64];
    snprintf(path, sizeof path, "%s/best.safetensors", t->folder);
    UP_TRY(up_tensors_write(path, s->tensor, s->tensors, s->meta, s->metas));
    t->best_pending = false;
    return UP_OK;
}

UpStatus up__checkpoint_save(UpTrainer *t) {
    if (!t->folder[0]) return UP_OK;
    UpArena arena = {0};
    UpSaving *saving = up_arena_alloc(&arena, 1, sizeof *saving);
    UpStatus status = saving ? UP_OK : UP_MEMORY;
    // The best policy first: a run that is killed between the two finds it again.
    if (status == UP_OK && t->best_pending) status = save_best(t, saving, &arena);
    if (status == UP_OK) status = save_full(t, saving, &arena);
    up_arena_free(&arena);
    t->last_checkpoint = up__clock();
    return status;
}
