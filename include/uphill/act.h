// A trained policy that acts, and nothing else: what runs on a robot. libuphill-act is this header
// and the few files of libuphill that it needs, with libc and libm alone; libuphill holds it, too.
//
//     UpAct *act;
//     if (up_act_load(&act, "runs/walk/best.safetensors") != UP_OK) puts(up_error());
//     up_act(act, observation, NULL, action); // as often as you like
//     up_act_free(act);
//
// up_act asks for no memory, starts no thread and opens no file.
//
// Threads: an UpAct belongs to one thread at a time, as its outputs lie in it; every thread that
// acts loads its own. up_error() is the calling thread's. up_act needs 24 KiB of stack.
#ifndef UPHILL_ACT_H
#define UPHILL_ACT_H

#include <stdint.h>

#include "uphill/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct UpAct UpAct;

// Loads the policy of a checkpoint (best.safetensors, checkpoints/….safetensors). Nothing that the
// file says is executed, and no environment is needed. *act is the caller's to free on success and
// NULL on failure.
UpStatus up_act_load(UpAct **act, const char *path);
void up_act_free(UpAct *act); // NULL is fine

// How many numbers up_act reads and writes.
int64_t up_act_obs_size(const UpAct *act);
int64_t up_act_action_size(const UpAct *act);
int64_t up_act_mask_size(const UpAct *act); // 0: the policy's actions are not masked

// An episode begins: a policy that remembers (policy.net with lstm or gru) forgets the one before.
// To load it begins one, too; without memory it does nothing.
void up_act_begin(UpAct *act);

// The greedy action, as `uphill eval` takes it.
//   obs     (up_act_obs_size) the raw observation as the environment gives it, after the run's
//           [env] preprocess: numbers; the bytes of a picture as 0 to 255; an integer of a Discrete
//           space as itself. Where the policy reads the newest few (env.frame_stack), all of them,
//           oldest first; behind a reset, copies of the first. Normalised inside where the policy
//           normalises.
//   mask    (up_act_mask_size) 1 where an action may be taken now, else 0; NULL: all may
//   action  (up_act_action_size) what the environment takes: an integer (as a float) of a Discrete
//           space, one for each component of a MultiDiscrete, bits, or numbers in the units of the
//           environment's own bounds, clipped to them (env.rescale_action is undone here)
// Fills all of `action` and cannot fail. Neither obs nor mask is kept or changed. An observation of
// NaN gives numbers of NaN, or some integer that is an action.
void up_act(UpAct *act, const float *obs, const uint8_t *mask, float *action);

#ifdef __cplusplus
}
#endif
#endif
