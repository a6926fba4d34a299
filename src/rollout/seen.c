// The observations of a play: where the environment writes them, and how they come to lie in rows.
#include <string.h>

#include "core/obs.h"
#include "rollout/rollout_internal.h"

UpObs up_play_obs(const UpPlay *p) {
    return up__obs_view(&p->obs, p->t * p->N, p->N);
}

UpObs up__play_frames(const UpPlay *p, int64_t t) {
    UpObs view = up__obs_view(&p->obs, t * p->N, p->N);
    int64_t first = (view.stack + t) * p->N * view.dim;
    if (!view.frame) return view;
    if (view.f32) view.f32 += first;
    if (view.u8) view.u8 += first;
    view.frame = NULL;
    view.stack = 1;
    return view;
}

UpObs up__play_written(const UpPlay *p, int64_t t) {
    UpObs row = up__play_frames(p, t), to = row.begin ? p->slot : row;
    to.mask = row.mask;
    return to;
}

// Appends the sparse rows that the environment wrote to `slot` as the observations of step t.
// Instances that sat idle wrote none.
static UpStatus append_sparse(UpPlay *p, int64_t t, const uint8_t *active) {
    const UpObs *slot = &p->slot;
    uint64_t total = 0;
    for (int64_t n = 0; n < p->N; n++)
        total += slot->count[n];
    UP_TRY(up__play_reserve_entries(p, p->pool_used + total));
    UpObs row = up__play_frames(p, t);
    for (int64_t n = 0; n < p->N; n++) {
        if (active && !active[n]) continue;
        row.begin[n] = p->pool_used;
        row.count[n] = slot->count[n];
        memcpy(row.entry + p->pool_used, slot->entry + slot->begin[n],
               slot->count[n] * sizeof *slot->entry);
        p->pool_used += slot->count[n];
    }
    return UP_OK;
}

UpStatus up__play_first(UpPlay *p) {
    p->t = 0;
    if (p->obs.frame) up__stack_begin(p);
    if (!p->obs.begin) return UP_OK;
    p->pool_used = 0;
    return append_sparse(p, 0, NULL);
}

UpStatus up__play_next(UpPlay *p) {
    const uint8_t *active = p->step.active;
    if (p->obs.begin) UP_TRY(append_sparse(p, p->t + 1, active));
    if (p->obs.frame) up__stack_push(p);
    UpObs from = up__obs_view(&p->obs, p->t * p->N, p->N);
    p->t++;
    UpObs to = up__obs_view(&p->obs, p->t * p->N, p->N);
    for (int64_t n = 0; active && n < p->N; n++)
        if (!active[n]) up__obs_copy(&from, n, &to, n); // idle instances keep what they saw
    return UP_OK;
}

UpStatus up__play_rewind(UpPlay *p) {
    if (p->t == 0) return UP_OK;
    UpObs last = up_play_obs(p);
    p->t = 0;
    UpObs to = last.begin ? up__play_written(p, 0) : up_play_obs(p);
    for (int64_t n = 0; n < p->N; n++)
        up__obs_copy(&last, n, &to, n);
    if (last.frame) up__stack_carry(p);
    if (!last.begin) return UP_OK;
    p->pool_used = 0;
    return append_sparse(p, 0, NULL);
}
