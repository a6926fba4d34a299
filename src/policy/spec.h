// What a checkpoint says of its environment, so that a policy can be loaded and can act where the
// environment is not: metadata that begins with "space.".
//
//   space.obs             a space, as below
//   space.obs_form        f32, u8 or sparse
//   space.stack           observations that the policy reads at once
//   space.action          a space
//   space.action_inside   under env.rescale_action: the space that actions are stretched to
//
//   discrete 6 · multi_discrete 3,2,2 · multi_binary 8
//   box float32 3 low -1,-1,-8 high 1,1,8 · box uint8 84,84,1 low 0 high 255
//   several 3,number,bit low 0,-1,0 high 2,1,1
#ifndef UP_POLICY_SPEC_H
#define UP_POLICY_SPEC_H

#include "uphill/env.h"
#include "uphill/tensors.h"

enum { UP__SPEC_METAS = 5 };

extern const char *const up__spec_kinds[], *const up__spec_forms[]; // by UpSpaceKind, UpObsForm

// Writes up to UP__SPEC_METAS entries, texts in `arena`. inside: NULL where actions are not
// rescaled.
UpStatus up__spec_write(const UpEnvSpec *spec, const UpSpace *inside, UpMeta meta[UP__SPEC_METAS],
                        int *metas, UpArena *arena);

// Fills id, obs, obs_form, stack and action of *spec, and *inside (size 0 where actions are not
// rescaled). UP_NOT_FOUND where the file is older than these entries, UP_FORMAT where they are
// damaged; nothing that they say makes a product of sizes overflow.
UpStatus up__spec_read(UpEnvSpec *spec, UpSpace *inside, const UpTensorFile *file);

#endif
