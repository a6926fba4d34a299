// What the algorithms share: gathering samples into a minibatch, one step on it, the regression of
// a value function, and the natural gradient.
#ifndef UPHILL_ALGO_INTERNAL_H
#define UPHILL_ALGO_INTERNAL_H

#include "uphill/algo.h"

extern const UpAlgo up__reinforce, up__vpg, up__actor_critic, up__a2c, up__ppo, up__npg, up__trpo,
    up__vtrace;

// The algorithm of that name; UP_UNKNOWN names the nearest, and `where` the name stands.
UpStatus up__algo_named(const char *name, const char *where, const UpAlgo **algo);

// learner.c

// Ψ and what the value is regressed on, as [advantage] says.
void up__learner_advantages(UpLearner *learner, UpRollout *rollout, UpUpdateStats *stats);

// Lists the valid samples of a rollout, in segments, in learner->order, in time order.
UpStatus up__learner_list(UpLearner *learner, const UpRollout *rollout);

// Copies `count` samples from `first` on, in order, into the learner's minibatch; both are
// multiples of L.
void up__learner_gather(UpLearner *learner, const UpRollout *rollout, int64_t first, int64_t count);

// Runs the policy on samples order[first … first+count), computes the loss, and adds its gradient.
// Standardises the gathered advantages first if `standardize`.
UpStatus up__learner_gradient(UpLearner *learner, const UpRollout *rollout, const UpLoss *loss,
                              int64_t first, int64_t count, bool standardize, UpLossSums *sums);

// The same for any number of samples, in pieces that fit the learner's buffers.
UpStatus up__learner_pieces(UpLearner *learner, const UpRollout *rollout, const UpLoss *loss,
                            int64_t first, int64_t count, UpLossSums *sums);

// Steps the optimiser on the accumulated gradient; UP_NUMERIC where it is not finite.
UpStatus up__learner_step(UpLearner *learner, const UpRollout *rollout, UpUpdateStats *stats);

// Gradient of all samples that are listed, then one step.
UpStatus up__learner_full_step(UpLearner *learner, const UpRollout *rollout, const UpLoss *loss,
                               UpUpdateStats *stats);

// The same on the policy's loss alone, a mean over samples.
UpStatus up__learner_policy_step(UpLearner *learner, const UpRollout *rollout,
                                 double entropy_weight, UpUpdateStats *stats);

// The failure of a gradient that is not finite; `option` is what may help.
UpStatus up__learner_not_finite(const UpLearner *learner, const UpRollout *rollout,
                                const char *option);

// value_fit.c: the value function's own regression on rollout->ret

extern const UpOptionTable up__value_options;
UpStatus up__value_check(const UpConfig *config); // separate networks
UpStatus up__value_prepare(UpLearner *learner, const UpRollout *rollout);
UpStatus up__value_fit(UpLearner *learner, const UpRollout *rollout, UpUpdateStats *stats);

// natural.c: the natural gradient, for npg and trpo

#define UP__NATURAL_ROW(Def, f, type, value, min, max, unit, help, source)                         \
    { #f, type, offsetof(Def, natural.f), value, min, max, NULL, unit, help, source, NULL }
#define UP__NATURAL_ROWS(Def)                                                                      \
    UP__NATURAL_ROW(Def, kl, UP_OPTION_REAL, "0.01", 1e-9, 1e3, "nats",                            \
                    "length of a step: mean KL between the old and the new policy",                \
                    "Schulman 2015"),                                                              \
        UP__NATURAL_ROW(Def, cg_steps, UP_OPTION_INT, "15", 1, 10000, "steps",                     \
                        "steps of conjugate gradients, at most",                                   \
                        "Schulman 2015: 10; sb3-contrib: 15"),                                     \
        UP__NATURAL_ROW(Def, damping, UP_OPTION_REAL, "0.1", 0, 1e6, "",                           \
                        "added to the diagonal of the Fisher matrix", "sb3-contrib")

int64_t up__natural_rows(const UpConfig *config);
UpStatus up__natural_prepare(UpLearner *learner, const UpRollout *rollout);

// out = (F + damping I) v over the rollout, F the mean Fisher matrix of the policy. Needs
// up__learner_list, and where the rollout is one piece, its forward pass.
void up__natural_product(UpLearner *learner, const UpRollout *rollout, const UpReal *v,
                         double damping, UpReal *out);

// natural->gradient = that of the policy loss over the rollout; natural->step = F⁻¹ gradient,
// scaled so that the quadratic estimate of KL is def->kl. *length is the factor.
UpStatus up__natural_direction(UpLearner *learner, const UpRollout *rollout,
                               const UpNaturalDef *def, double *length, UpUpdateStats *stats);

#endif
