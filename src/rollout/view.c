// The observations of one step, as views into those of a rollout.
#include "core/obs.h"
#include "rollout/rollout_internal.h"

UpObs up_rollout_obs(const UpRollout *r, int64_t t) {
    return up__obs_view(&r->obs, t * r->N, r->N);
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
