// What the files of a policy share: the half that acts (forward.c, observe.c, tensors.c, spec.c),
// which libuphill-act consists of, and the half that learns.
#ifndef UP_POLICY_INTERNAL_H
#define UP_POLICY_INTERNAL_H

#include "uphill/policy.h"

// The networks and where their numbers lie; no memory is taken.
UpStatus up__policy_describe(UpPolicy *policy, const UpPolicyDef *def, const UpEnvSpec *spec,
                             bool value);

// Before memory is taken for them: a file cannot ask for more weights than it holds.
UpStatus up__policy_held(const UpPolicy *policy, const UpTensorFile *file);

// Room for the numbers, with that of a gradient where the policy learns. On failure the caller
// destroys the policy.
UpStatus up__policy_allocate(UpPolicy *policy, bool learns);

// What the network reads.
UpInput up__policy_input(UpPolicy *policy, UpSeen seen);

// The layers of some heads; returns how many the policy has.
int up__policy_ends(const UpPolicy *policy, unsigned heads, UpNetEnd end[UP_HEAD_KINDS]);

// Holds a Box's numbers (A) within its bounds, as the environments do.
void up__policy_clip(const UpPolicy *policy, float *action);

#endif
