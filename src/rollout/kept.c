// What of a rollout outlives it: the observations to act on next, in the form that checkpoints
// hold, and what belongs to the episodes in progress.
#include <string.h>

#include "core/obs.h"
#include "rollout/rollout_internal.h"

// Room for N observations of the rollout's form. Sparse ones have the slots of the environment.
UpStatus up__kept_create(UpRollout *r) {
    size_t N = (size_t)r->N, stack = (size_t)r->obs.stack;
    UpKeptObs *k = &r->kept;
    if (r->obs.form == UP_OBS_SPARSE) {
        k->entry = up_arena_alloc(&r->arena, N * (size_t)r->obs.dim, sizeof *k->entry);
        k->count = up_arena_alloc(&r->arena, N, sizeof *k->count);
    } else {
        k->dense = up_arena_alloc(&r->arena, N * stack, up__obs_frame_bytes(&r->obs));
    }
    if (r->obs.mask_size) k->mask = up_arena_alloc(&r->arena, N, (size_t)r->obs.mask_size);
    return up_arena_status(&r->arena);
}

static bool are_masks(const void *data, int64_t count) {
    const uint8_t *mask = data;
    for (int64_t i = 0; i < count; i++)
        if (mask[i] > 1) return false;
    return true;
}

void up_rollout_keep(UpRollout *r, UpKeep *keep) {
    int64_t N = r->N, numbers = N * r->obs.stack * r->obs.dim;
    UpKeptObs *k = &r->kept;
    if (k->dense) up_keep(keep, "rollout.obs", r->obs.f32 ? UP_F32 : UP_U8, k->dense, numbers);
    if (k->mask)
        up_keep(keep, "rollout.masks", UP_U8, k->mask, N * r->obs.mask_size)->possible = are_masks;
    if (k->entry) {
        up_keep_some(keep, "rollout.obs_entries", UP_U16, k->entry, &k->entries, numbers);
        up_keep(keep, "rollout.obs_counts", UP_I32, k->count, N);
    }
    up_keep_random(keep, "random.policy", r->rng, N);
    up_keep(keep, "rollout.episode_return", UP_F64, r->episode_return, N);
    up_keep_counts(keep, "rollout.episode_length", r->episode_length, N);
    up_keep(keep, "rollout.discounted_return", UP_F64, r->discounted_return, N);
    up_keep(keep, "rollout.return_stats", UP_F64, &r->return_stats,
            sizeof r->return_stats / sizeof(double));
}

void up_rollout_pack(UpRollout *r) {
    UpKeptObs *k = &r->kept;
    UpObs last = up_rollout_obs(r, r->length);
    if (k->dense) up__obs_save(&last, k->dense);
    if (k->mask) memcpy(k->mask, last.mask, (size_t)(r->N * last.mask_size));
    k->entries = 0;
    for (int64_t n = 0; k->entry && n < r->N; n++) {
        k->count[n] = (int32_t)last.count[n];
        memcpy(k->entry + k->entries, last.entry + last.begin[n], last.count[n] * sizeof *k->entry);
        k->entries += last.count[n];
    }
}

static UpStatus unpack_sparse(UpRollout *r) {
    const UpKeptObs *k = &r->kept;
    int64_t used = 0;
    UP_TRY(up__rollout_reserve_entries(r, (uint64_t)k->entries));
    for (int64_t n = 0; n < r->N; n++) {
        int32_t count = k->count[n];
        if (count < 0 || count > k->entries - used || count > r->obs.dim)
            return up_fail(UP_FORMAT, "the checkpoint's observations are damaged");
        for (int64_t i = used; i < used + count; i++)
            if (k->entry[i] / 2 >= r->obs.dim)
                return up_fail(UP_FORMAT, "the checkpoint's observations are damaged");
        r->obs.begin[n] = (uint64_t)used;
        r->obs.count[n] = (uint32_t)count;
        used += count;
    }
    memcpy(r->obs.entry, k->entry, (size_t)used * sizeof *k->entry);
    r->pool_used = (uint64_t)used;
    return UP_OK;
}

UpStatus up_rollout_unpack(UpRollout *r) {
    const UpKeptObs *k = &r->kept;
    r->length = 0;
    if (r->obs.frame)
        up__stack_load(r, k->dense);
    else if (k->dense)
        memcpy(up__obs_frames(&r->obs), k->dense, (size_t)r->N * up__obs_frame_bytes(&r->obs));
    if (k->mask) memcpy(r->obs.mask, k->mask, (size_t)(r->N * r->obs.mask_size));
    if (k->entry) UP_TRY(unpack_sparse(r));
    r->started = true;
    return UP_OK;
}
