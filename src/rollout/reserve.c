// Arrays that grow with a rollout.
#include <stdlib.h>

#include "rollout/rollout_internal.h"

// They come from realloc; everything else lies in the arena.
static UpStatus grow(void *pointer, int64_t count, size_t size) {
    void **array = pointer;
    void *larger = realloc(*array, (size_t)count * size);
    if (!larger)
        return up_fail(UP_MEMORY,
                       "out of memory for a rollout: %lld × %zu bytes; use fewer "
                       "rollout.envs, rollout.steps or rollout.episodes",
                       (long long)count, size);
    *array = larger;
    return UP_OK;
}

UpStatus up__rollout_reserve(UpRollout *r, int64_t T) {
    int64_t cells = T * r->N, rows = cells + r->N;
    int64_t numbers = (up__stack_lead(r) + rows) * r->obs.dim;
    if (r->obs.form == UP_OBS_F32) UP_TRY(grow(&r->obs.f32, numbers, sizeof(float)));
    if (r->obs.form == UP_OBS_U8) UP_TRY(grow(&r->obs.u8, numbers, 1));
    if (r->obs.stack > 1) UP_TRY(grow(&r->obs.frame, rows * r->obs.stack, sizeof *r->obs.frame));
    if (r->obs.mask_size) UP_TRY(grow(&r->obs.mask, rows * r->obs.mask_size, 1));
    if (r->obs.form == UP_OBS_SPARSE) {
        UP_TRY(grow(&r->obs.begin, rows, sizeof *r->obs.begin));
        UP_TRY(grow(&r->obs.count, rows, sizeof *r->obs.count));
    }
    UP_TRY(grow(&r->action, cells * r->A, sizeof *r->action));
    UP_TRY(grow(&r->log_prob, cells, sizeof *r->log_prob));
    UP_TRY(grow(&r->value, rows, sizeof *r->value));
    UP_TRY(grow(&r->reward, cells, sizeof *r->reward));
    UP_TRY(grow(&r->paid, cells, 1));
    UP_TRY(grow(&r->terminated, cells, 1));
    UP_TRY(grow(&r->truncated, cells, 1));
    UP_TRY(grow(&r->valid, cells, 1));
    UP_TRY(grow(&r->final_value, cells, sizeof *r->final_value));
    UP_TRY(grow(&r->advantage, cells, sizeof *r->advantage));
    UP_TRY(grow(&r->ret, cells, sizeof *r->ret));
    UP_TRY(grow(&r->ratio, cells, sizeof *r->ratio));
    UP_TRY(grow(&r->episode, cells, sizeof *r->episode));
    r->T = T;
    r->obs.rows = rows;
    return UP_OK;
}

UpStatus up__rollout_reserve_entries(UpRollout *r, uint64_t entries) {
    if (entries <= r->pool_size) return UP_OK;
    uint64_t size = r->pool_size * 2 > entries ? r->pool_size * 2 : entries;
    UP_TRY(grow(&r->obs.entry, (int64_t)size, sizeof *r->obs.entry));
    r->pool_size = size;
    return UP_OK;
}
