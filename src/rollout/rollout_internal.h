#ifndef UPHILL_ROLLOUT_INTERNAL_H
#define UPHILL_ROLLOUT_INTERNAL_H

#include "uphill/rollout.h"

// reserve.c: room for T steps; what is there stays.
UpStatus up__play_reserve(UpPlay *play, int64_t T);
UpStatus up__rollout_reserve(UpRollout *rollout, int64_t T);        // its play's, too
UpStatus up__rollout_reserve_memory(UpRollout *rollout, int64_t T); // where the actor has one

// Room for `entries` sparse entries in all; what is there stays.
UpStatus up__play_reserve_entries(UpPlay *play, uint64_t entries);

// play.c: room for its actor's memory
UpStatus up__play_remember(UpPlay *play);

// seen.c
// The newest frames of the stacks of step t, or the observations themselves where nothing is
// stacked; and where the environment writes them.
UpObs up__play_frames(const UpPlay *play, int64_t t);
UpObs up__play_written(const UpPlay *play, int64_t t);
UpStatus up__play_first(UpPlay *play);  // the environment wrote step 0
UpStatus up__play_next(UpPlay *play);   // play->step was taken: goes on to what it showed
UpStatus up__play_rewind(UpPlay *play); // the last row becomes that of step 0

// stack.c, where obs.stack > 1
int64_t up__stack_lead(const UpPlay *play); // frames of the pool before step 0; also for others
void up__stack_begin(UpPlay *play);         // all episodes began at step 0
void up__stack_push(UpPlay *play);          // a step was taken: the rows of step t + 1
// The last observations of episodes that step t ended, of which final_obs holds the newest frames.
UpObs up__stack_final(UpPlay *play, int64_t t);
void up__stack_carry(UpPlay *play); // the frames of row 0 move before those of step 1
// Bytes of up__obs_save as the rows of step 0.
void up__stack_load(UpPlay *play, const void *bytes);

#endif
