// Ctrl-C in the middle of a slow rollout: the run goes back to where that rollout began, as it was
// kept in memory, so that what is saved goes on bit for bit. A quick rollout is finished instead;
// where a worker hangs in one, the run goes back, too, and begins new episodes when it is resumed.
#include <stdlib.h>
#include <string.h>

#include "train/trainer.h"

enum { PATIENCE_MS = 500 }; // a rollout that took less is waited for

static size_t kept_bytes(const UpTrainer *t) {
    size_t bytes = 0;
    for (int i = 0; i < t->playing.items; i++)
        bytes += up_kept_bytes(&t->playing.item[i]);
    return bytes;
}

static void copy_kept(UpTrainer *t, bool back) {
    unsigned char *at = t->mark.bytes + t->mark.state;
    for (int i = 0; i < t->playing.items; i++) {
        const UpKept *k = &t->playing.item[i];
        size_t bytes = up_kept_bytes(k);
        if (back)
            memcpy(k->data, at, bytes);
        else
            memcpy(at, k->data, bytes);
        at += bytes;
    }
    int64_t *used = t->mark.used;
    for (int i = 0; i < t->playing.items; i++) {
        int64_t *now = t->playing.item[i].used;
        if (now && back) *now = *used++;
        if (now && !back) *used++ = *now;
    }
}

static void copy_stats(UpTrainer *t, bool back) {
    UpObsStats *now = &t->policy.stats, *then = &t->mark.stats;
    if (!now->mean) return;
    size_t bytes = (size_t)t->policy.obs_space.size * sizeof(double);
    UpObsStats *to = back ? now : then, *from = back ? then : now;
    to->count = from->count;
    memcpy(to->mean, from->mean, bytes);
    memcpy(to->var, from->var, bytes);
}

UpStatus up__rollback_create(UpTrainer *t) {
    if (!t->policy.stats.mean) return UP_OK;
    size_t D = (size_t)t->policy.obs_space.size;
    t->mark.stats.mean = up_arena_alloc(&t->arena, D, sizeof(double));
    t->mark.stats.var = up_arena_alloc(&t->arena, D, sizeof(double));
    return up_arena_status(&t->arena);
}

UpStatus up__rollback_mark(UpTrainer *t, double last_seconds, bool *marked) {
    UpMark *m = &t->mark;
    *marked = !t->rollout.play.started || last_seconds * 1000 >= PATIENCE_MS;
    m->playing = false;
    copy_stats(t, false); // also of a quick one, in which a worker may hang
    if (!*marked) return UP_OK;
    if (!t->rollout.play.started || !t->env->vtable->state_save) return UP_OK;
    size_t state = t->env->vtable->state_size(t->env);
    if (state == 0) return UP_ENVIRONMENT;
    size_t need = state + kept_bytes(t);
    if (need > m->room) {
        unsigned char *larger = realloc(m->bytes, need);
        if (!larger) return up_fail(UP_MEMORY, "out of memory for the state of a run");
        m->bytes = larger;
        m->room = need;
    }
    m->state = state;
    t->env->vtable->state_save(t->env, m->bytes);
    up_play_pack(&t->rollout.play);
    copy_kept(t, false);
    m->playing = true;
    return UP_OK;
}

UpStatus up__rollback(UpTrainer *t) {
    UpMark *m = &t->mark;
    copy_stats(t, true);
    t->rollout.steps = t->progress.steps;
    t->rollout.play.started = false; // what follows has no observation to act on
    if (!m->playing) return UP_OK;
    if (t->env->vtable->state_load(t->env, m->bytes, m->state) != UP_OK) {
        up_warn("%s; resumed, the run begins new episodes", up_error());
        return UP_OK;
    }
    copy_kept(t, true);
    return up_rollout_unpack(&t->rollout);
}
