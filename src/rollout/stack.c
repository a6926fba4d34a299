// Stacks of frames in a rollout. Each frame is kept once; a row is a list of the frames it consists
// of, by their numbers in the pool:
//
//   0 … N-1                 last frames of episodes that were cut at this step
//   N … stack·N-1           frames from before row 0, oldest first
//   (stack + t)·N + n       what instance n showed at step t
//
// An episode begins with its first frame repeated, as in Gymnasium's FrameStackObservation.
#include <string.h>

#include "core/obs.h"
#include "rollout/rollout_internal.h"

static uint32_t *row_of(const UpRollout *r, int64_t t, int64_t n) {
    return r->obs.frame + (t * r->N + n) * r->obs.stack;
}

static uint32_t number_of(const UpRollout *r, int64_t t, int64_t n) {
    return (uint32_t)((r->obs.stack + t) * r->N + n);
}

static void fill(const UpRollout *r, uint32_t *row, uint32_t frame) {
    for (int64_t j = 0; j < r->obs.stack; j++)
        row[j] = frame;
}

static void shift(const UpRollout *r, const uint32_t *from, uint32_t frame, uint32_t *to) {
    memcpy(to, from + 1, (size_t)(r->obs.stack - 1) * sizeof *to);
    to[r->obs.stack - 1] = frame;
}

int64_t up__stack_lead(const UpRollout *r) {
    return r->obs.stack > 1 ? r->obs.stack * r->N : 0;
}

void up__stack_begin(UpRollout *r) {
    for (int64_t n = 0; n < r->N; n++)
        fill(r, row_of(r, 0, n), number_of(r, 0, n));
}

void up__stack_push(UpRollout *r, int64_t t) {
    for (int64_t n = 0; n < r->N; n++) {
        int64_t cell = t * r->N + n;
        if (!r->active[n]) continue; // carried over as it is
        uint32_t *to = row_of(r, t + 1, n), newest = number_of(r, t + 1, n);
        if (r->terminated[cell] || r->truncated[cell])
            fill(r, to, newest);
        else
            shift(r, row_of(r, t, n), newest, to);
    }
}

UpObs up__stack_final(UpRollout *r, int64_t t) {
    UpObs view = r->obs;
    size_t size = up__obs_frame_bytes(&view);
    view.rows = r->N;
    view.frame = r->final_frame;
    view.mask = NULL;
    memcpy(up__obs_frames(&view), up__obs_frames(&r->final_obs), (size_t)r->N * size);
    for (int64_t n = 0; n < r->N; n++)
        shift(r, row_of(r, t, n), (uint32_t)n, view.frame + n * view.stack);
    return view;
}

void up__stack_load(UpRollout *r, const void *bytes) {
    size_t size = up__obs_frame_bytes(&r->obs);
    const unsigned char *from = bytes;
    for (int64_t n = 0; n < r->N; n++)
        for (int64_t j = 0; j < r->obs.stack; j++, from += size) {
            uint32_t number = (uint32_t)((j + 1) * r->N + n);
            row_of(r, 0, n)[j] = number;
            memcpy(up__obs_frames(&r->obs) + number * size, from, size);
        }
}

void up__stack_carry(UpRollout *r) {
    UpObs last = up_rollout_obs(r, r->length);
    up__obs_save(&last, r->kept.dense);
    up__stack_load(r, r->kept.dense);
}

UpStatus up__stack_create(UpRollout *r) {
    size_t N = (size_t)r->N, stack = (size_t)r->obs.stack;
    r->final_frame = up_arena_alloc(&r->arena, N * stack, sizeof *r->final_frame);
    return up_arena_status(&r->arena);
}
