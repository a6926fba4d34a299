// What the algorithms share: gathering samples into a minibatch, and one step on it.
#ifndef UPHILL_ALGO_INTERNAL_H
#define UPHILL_ALGO_INTERNAL_H

#include "uphill/algo.h"

extern const UpAlgo up__reinforce, up__a2c, up__ppo;

// Lists the valid samples of a rollout in learner->order, in time order. Returns how many.
UpStatus up__learner_list(UpLearner *learner, const UpRollout *rollout);

// Runs the policy on samples order[first … first+count), computes the loss, and adds its gradient.
// Standardises the gathered advantages first if `standardize`.
UpStatus up__learner_gradient(UpLearner *learner, const UpRollout *rollout, const UpLoss *loss,
                              int64_t first, int64_t count, bool standardize, UpLossSums *sums);

// Steps the optimiser on the accumulated gradient; UP_NUMERIC where it is not finite.
UpStatus up__learner_step(UpLearner *learner, const UpRollout *rollout, UpUpdateStats *stats);

// Gradient of a whole rollout, in chunks that fit the learner's buffers, then one step.
UpStatus up__learner_full_step(UpLearner *learner, const UpRollout *rollout, const UpLoss *loss,
                               UpUpdateStats *stats);

#endif
