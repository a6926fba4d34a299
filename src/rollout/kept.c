// What of a play outlives it: the observations to act on next, in the form that checkpoints
// hold, and what belongs to the episodes in progress.
#include <string.h>

#include "core/obs.h"
#include "rollout/rollout_internal.h"

// Room for N observations of the play's form. Sparse ones have the slots of the environment.
static UpStatus create_kept(UpPlay *p) {
    size_t N = (size_t)p->N, stack = (size_t)p->obs.stack;
    UpKeptObs *k = &p->kept;
    if (p->obs.form == UP_OBS_SPARSE) {
        k->entry = up_arena_alloc(&p->arena, N * (size_t)p->obs.dim, sizeof *k->entry);
        k->count = up_arena_alloc(&p->arena, N, sizeof *k->count);
    } else {
        k->dense = up_arena_alloc(&p->arena, N * stack, up__obs_frame_bytes(&p->obs));
    }
    if (p->obs.mask_size) k->mask = up_arena_alloc(&p->arena, N, (size_t)p->obs.mask_size);
    return up_arena_status(&p->arena);
}

static bool are_masks(const void *data, int64_t count) {
    const uint8_t *mask = data;
    for (int64_t i = 0; i < count; i++)
        if (mask[i] > 1) return false;
    return true;
}

UpStatus up_play_keep(UpPlay *p, UpKeep *keep) {
    UP_TRY(create_kept(p));
    UP_TRY(up__play_remember(p));
    int64_t N = p->N, numbers = N * p->obs.stack * p->obs.dim;
    UpKeptObs *k = &p->kept;
    if (k->dense) up_keep(keep, "rollout.obs", p->obs.f32 ? UP_F32 : UP_U8, k->dense, numbers);
    if (k->mask)
        up_keep(keep, "rollout.masks", UP_U8, k->mask, N * p->obs.mask_size)->possible = are_masks;
    if (k->entry) {
        up_keep_some(keep, "rollout.obs_entries", UP_U16, k->entry, &k->entries, numbers);
        up_keep(keep, "rollout.obs_counts", UP_I32, k->count, N);
    }
    if (p->memory) up_keep(keep, "rollout.memory", UP_F32, p->memory, N * p->actor.memory);
    up_keep_random(keep, "random.policy", p->rng, N);
    up_keep(keep, "rollout.episode_return", UP_F64, p->episode_return, N);
    up_keep_counts(keep, "rollout.episode_length", p->episode_length, N);
    return UP_OK;
}

void up_play_pack(UpPlay *p) {
    UpKeptObs *k = &p->kept;
    UpObs last = up_play_obs(p);
    if (k->dense) up__obs_save(&last, k->dense);
    if (k->mask) memcpy(k->mask, last.mask, (size_t)(p->N * last.mask_size));
    k->entries = 0;
    for (int64_t n = 0; k->entry && n < p->N; n++) {
        k->count[n] = (int32_t)last.count[n];
        memcpy(k->entry + k->entries, last.entry + last.begin[n], last.count[n] * sizeof *k->entry);
        k->entries += last.count[n];
    }
}

static UpStatus unpack_sparse(UpPlay *p) {
    const UpKeptObs *k = &p->kept;
    int64_t used = 0;
    UP_TRY(up__play_reserve_entries(p, (uint64_t)k->entries));
    for (int64_t n = 0; n < p->N; n++) {
        int32_t count = k->count[n];
        if (count < 0 || count > k->entries - used || count > p->obs.dim)
            return up_fail(UP_FORMAT, "the checkpoint's observations are damaged");
        for (int64_t i = used; i < used + count; i++)
            if (k->entry[i] / 2 >= p->obs.dim)
                return up_fail(UP_FORMAT, "the checkpoint's observations are damaged");
        p->obs.begin[n] = (uint64_t)used;
        p->obs.count[n] = (uint32_t)count;
        used += count;
    }
    memcpy(p->obs.entry, k->entry, (size_t)used * sizeof *k->entry);
    p->pool_used = (uint64_t)used;
    return UP_OK;
}

UpStatus up_play_unpack(UpPlay *p) {
    const UpKeptObs *k = &p->kept;
    p->t = 0;
    if (p->obs.frame)
        up__stack_load(p, k->dense);
    else if (k->dense)
        memcpy(up__obs_frames(&p->obs), k->dense, (size_t)p->N * up__obs_frame_bytes(&p->obs));
    if (k->mask) memcpy(p->obs.mask, k->mask, (size_t)(p->N * p->obs.mask_size));
    if (k->entry) UP_TRY(unpack_sparse(p));
    for (int64_t n = 0; n < p->N; n++)
        p->begins[n] = p->episode_length[n] == 0;
    p->started = true;
    p->unseen = false;
    return UP_OK;
}
