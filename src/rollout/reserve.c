// Arrays that grow with a play or a rollout.
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

UpStatus up__play_reserve(UpPlay *p, int64_t T) {
    int64_t rows = (T + 1) * p->N, numbers = (up__stack_lead(p) + rows) * p->obs.dim;
    UpObs *obs = &p->obs;
    if (obs->form == UP_OBS_F32) UP_TRY(grow(&obs->f32, numbers, sizeof(float)));
    if (obs->form == UP_OBS_U8) UP_TRY(grow(&obs->u8, numbers, 1));
    if (obs->stack > 1) UP_TRY(grow(&obs->frame, rows * obs->stack, sizeof *obs->frame));
    if (obs->mask_size) UP_TRY(grow(&obs->mask, rows * obs->mask_size, 1));
    if (obs->form == UP_OBS_SPARSE) {
        UP_TRY(grow(&obs->begin, rows, sizeof *obs->begin));
        UP_TRY(grow(&obs->count, rows, sizeof *obs->count));
    }
    p->T = T;
    obs->rows = rows;
    return UP_OK;
}

UpStatus up__play_reserve_entries(UpPlay *p, uint64_t entries) {
    if (entries <= p->pool_size) return UP_OK;
    uint64_t size = p->pool_size * 2 > entries ? p->pool_size * 2 : entries;
    UP_TRY(grow(&p->obs.entry, (int64_t)size, sizeof *p->obs.entry));
    p->pool_size = size;
    return UP_OK;
}

UpStatus up__rollout_reserve_memory(UpRollout *r, int64_t T) {
    int64_t segments = (T + r->segment - 1) / r->segment;
    return grow(&r->memory, segments * r->N * r->play.actor.memory, sizeof *r->memory);
}

UpStatus up__rollout_reserve(UpRollout *r, int64_t T) {
    int64_t cells = T * r->N;
    UP_TRY(up__play_reserve(&r->play, T));
    if (r->memory) UP_TRY(up__rollout_reserve_memory(r, T));
    UP_TRY(grow(&r->begins, cells + r->N, 1));
    UP_TRY(grow(&r->action, cells * r->A, sizeof *r->action));
    UP_TRY(grow(&r->log_prob, cells, sizeof *r->log_prob));
    UP_TRY(grow(&r->value, cells + r->N, sizeof *r->value));
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
    return UP_OK;
}
