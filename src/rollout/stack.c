// Stacks of frames in a play. Each frame is kept once; a row is a list of the frames it consists
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

static uint32_t *row_of(const UpPlay *p, int64_t t, int64_t n) {
    return p->obs.frame + (t * p->N + n) * p->obs.stack;
}

static uint32_t number_of(const UpPlay *p, int64_t t, int64_t n) {
    return (uint32_t)((p->obs.stack + t) * p->N + n);
}

static void fill(const UpPlay *p, uint32_t *row, uint32_t frame) {
    for (int64_t j = 0; j < p->obs.stack; j++)
        row[j] = frame;
}

static void shift(const UpPlay *p, const uint32_t *from, uint32_t frame, uint32_t *to) {
    memcpy(to, from + 1, (size_t)(p->obs.stack - 1) * sizeof *to);
    to[p->obs.stack - 1] = frame;
}

int64_t up__stack_lead(const UpPlay *p) {
    return p->obs.stack > 1 ? p->obs.stack * p->N : 0;
}

void up__stack_begin(UpPlay *p) {
    for (int64_t n = 0; n < p->N; n++)
        fill(p, row_of(p, 0, n), number_of(p, 0, n));
}

void up__stack_push(UpPlay *p) {
    for (int64_t n = 0; n < p->N; n++) {
        if (!p->active[n]) continue; // carried over as it is
        uint32_t *to = row_of(p, p->t + 1, n), newest = number_of(p, p->t + 1, n);
        if (p->terminated[n] || p->truncated[n])
            fill(p, to, newest);
        else
            shift(p, row_of(p, p->t, n), newest, to);
    }
}

UpObs up__stack_final(UpPlay *p, int64_t t) {
    UpObs view = p->obs;
    size_t size = up__obs_frame_bytes(&view);
    view.rows = p->N;
    view.frame = p->final_frame;
    view.mask = NULL;
    memcpy(up__obs_frames(&view), up__obs_frames(&p->final_obs), (size_t)p->N * size);
    for (int64_t n = 0; n < p->N; n++)
        shift(p, row_of(p, t, n), (uint32_t)n, view.frame + n * view.stack);
    return view;
}

void up__stack_load(UpPlay *p, const void *bytes) {
    size_t size = up__obs_frame_bytes(&p->obs);
    const unsigned char *from = bytes;
    for (int64_t n = 0; n < p->N; n++)
        for (int64_t j = 0; j < p->obs.stack; j++, from += size) {
            uint32_t number = number_of(p, j + 1 - p->obs.stack, n);
            row_of(p, 0, n)[j] = number;
            memcpy(up__obs_frames(&p->obs) + number * size, from, size);
        }
}

// Oldest first, each frame moves to a place from which nothing younger is still to be moved: its
// new number is at most its old one, and numbers ascend in a row.
void up__stack_carry(UpPlay *p) {
    size_t size = up__obs_frame_bytes(&p->obs);
    unsigned char *frames = up__obs_frames(&p->obs);
    for (int64_t n = 0; n < p->N; n++)
        for (int64_t j = 0; j < p->obs.stack; j++) {
            uint32_t *frame = row_of(p, 0, n) + j, number = number_of(p, j + 1 - p->obs.stack, n);
            memmove(frames + number * size, frames + *frame * size, size);
            *frame = number;
        }
}
