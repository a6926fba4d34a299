#ifndef UPHILL_ROLLOUT_INTERNAL_H
#define UPHILL_ROLLOUT_INTERNAL_H

#include "uphill/rollout.h"

// reserve.c: room for T steps; what is there stays.
UpStatus up__rollout_reserve(UpRollout *rollout, int64_t T);

// Room for `entries` sparse entries in all; what is there stays.
UpStatus up__rollout_reserve_entries(UpRollout *rollout, uint64_t entries);

// view.c: where the environment writes at step t: the newest frames of that step's stacks, or the
// observations themselves where nothing is stacked.
UpObs up__rollout_frames(const UpRollout *rollout, int64_t t);

// kept.c
UpStatus up__kept_create(UpRollout *rollout);

// stack.c, where obs.stack > 1
UpStatus up__stack_create(UpRollout *rollout);
int64_t
up__stack_lead(const UpRollout *rollout); // frames of the pool before step 0; also for others
void up__stack_begin(UpRollout *rollout); // all episodes began at step 0
void up__stack_push(UpRollout *rollout, int64_t t); // step t was taken: the rows of step t + 1
// The last observations of episodes that step t ended, of which final_obs holds the newest frames.
UpObs up__stack_final(UpRollout *rollout, int64_t t);
void up__stack_carry(UpRollout *rollout); // the last rows become those of step 0
// Bytes of up__obs_save as the rows of step 0.
void up__stack_load(UpRollout *rollout, const void *bytes);

#endif
