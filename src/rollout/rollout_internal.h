#ifndef UPHILL_ROLLOUT_INTERNAL_H
#define UPHILL_ROLLOUT_INTERNAL_H

#include "uphill/rollout.h"

// Room for T steps; what is there stays.
UpStatus up__rollout_reserve(UpRollout *rollout, int64_t T);

// Room for `entries` sparse entries in all; what is there stays.
UpStatus up__rollout_reserve_entries(UpRollout *rollout, uint64_t entries);

// The N observations of step t.
UpObs up__rollout_obs(const UpRollout *rollout, int64_t t);

#endif
