// The observations of one step, as views into those of a rollout.
#include "rollout/rollout_internal.h"

UpObs up_rollout_obs(const UpRollout *r, int64_t t) {
    UpObs view = r->obs;
    int64_t row = t * r->N;
    view.rows = r->N;
    if (view.frame) {
        view.frame += row * view.stack; // into the whole pool
    } else {
        if (view.f32) view.f32 += row * view.dim;
        if (view.u8) view.u8 += row * view.dim;
    }
    if (view.mask) view.mask += row * view.mask_size;
    if (view.begin) {
        view.begin += row;
        view.count += row;
    }
    return view;
}

UpObs up__rollout_frames(const UpRollout *r, int64_t t) {
    UpObs view = up_rollout_obs(r, t);
    int64_t first = (view.stack + t) * r->N * view.dim;
    if (!view.frame) return view;
    if (view.f32) view.f32 += first;
    if (view.u8) view.u8 += first;
    view.frame = NULL;
    view.stack = 1;
    return view;
}
