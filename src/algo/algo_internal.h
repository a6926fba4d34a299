// What the algorithms share: gathering samples into a minibatch, one step on it, the regression of
// a value function, and the natural gradient.
#ifndef UPHILL_ALGO_INTERNAL_H
#define UPHILL_ALGO_INTERNAL_H

#include "uphill/algo.h"

extern const UpAlgo up__reinforce, up__vpg, up__actor_critic, up__a2c, up__ppo, up__npg, up__trpo,
    up__vtrace, up__dqn, up__ddpg, up__td3, up__sac, up__q_actor_critic, up__pqn;

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

double up__learner_rate(const UpLearner *learner); // the learning rate, as [optim] says

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

// replayed.c: for those that learn from a replay

// Their memory, and the minibatch that was drawn from it.
typedef struct UpReplayed {
    UpReplay replay;
    UpReplayBatch batch;
    UpReal *error; // (batch) TD errors
    const UpRollout *rollout;
} UpReplayed;

// Their returns are made when steps are drawn.
#define UP__REPLAYED_UNREAD                                                                        \
    "advantage.psi advantage.baseline advantage.lambda advantage.n_steps advantage.gamma_t "       \
    "advantage.restart advantage.standardize"

void up__replayed_defaults(UpConfig *config);
UpStatus up__replayed_check(const UpConfig *config);
int64_t up__replayed_rows(const UpConfig *config); // of a minibatch
UpStatus up__replayed_prepare(UpLearner *learner, const UpRollout *rollout, UpReplayed *memory);
// Remembers what the rollout holds; returns how many updates follow, exactly replay.updates for
// each step of the run behind replay.start, however many instances took it.
int64_t up__replayed_add(UpReplayed *memory, const UpRollout *rollout);
// The observations of the minibatch that were acted on, or those that returns bootstrap from.
UpObs up__replayed_obs(const UpReplayed *memory, bool next);
bool up__replayed_random(const UpReplayed *memory); // are actions random now?
// Did the rollout pass a multiple of `every` steps?
bool up__replayed_passed(const UpRollout *rollout, int64_t every);

// to ← (1 − τ) to + τ from (Polyak averaging; Lillicrap 2016).
void up__polyak(size_t size, double tau, const UpReal *from, UpReal *to);
void up__keep_block(UpKeep *keep, const char *name, UpReal *block, size_t size);

void up__no_value(void *user, UpSeen seen, UpReal *value); // of an actor: all 0

// greedy.c: actions by values, for dqn and pqn

// ε after this share of training: from `start` to `end` within `span` of it.
double up__epsilon(double start, double end, double span, double done);
// Of one row of values, -INFINITY where an action may not be taken.
int64_t up__best_action(const UpReal *value, int64_t actions);
// With probability ε any action that may be taken, else the best.
int64_t up__epsilon_greedy(const UpReal *value, int64_t actions, double epsilon, UpRng *rng);
// UP_UNSUPPORTED where the policy's outputs are not one value for each action.
UpStatus up__values_check(const UpLearner *learner);

// critics.c: Q(s, a) of continuous actions, for ddpg, td3 and sac

enum { UP_CRITICS = 2 };

// One network or two, each with its target network, over an observation with the action behind it.
typedef struct UpCritics {
    int count;
    int64_t rows, obs, actions; // of a minibatch; numbers of an observation and of an action
    UpNet net[UP_CRITICS];
    size_t size;                   // of the blocks
    UpReal *param, *target, *grad; // (size) of all networks; the first two are kept
    UpNetCache cache[UP_CRITICS];
    UpReal *input;                              // (rows, obs + actions)
    UpReal *d_out[UP_CRITICS];                  // (rows)
    UpReal *d_input[UP_CRITICS];                // (rows, obs + actions)
    UpReal *least;                              // (rows) the smaller Q; by up__critics_least
    UpReal *d_action;                           // (rows, actions); by up__critics_gradient
    double loss[UP_CRITICS], value[UP_CRITICS]; // sums over the rows; by up__critics_learn
    UpOptim optim;
} UpCritics;

UpStatus up__critics_prepare(UpLearner *learner, const UpReplayed *memory, int count,
                             UpCritics *critics);
// What the networks read, first the observations, then the actions (rows, A).
void up__critics_see(UpCritics *critics, const UpObs *obs);
void up__critics_act(UpCritics *critics, const UpReal *action);
// least = min Q(s, a) under the parameters, or those of the target networks.
void up__critics_least(UpCritics *critics, const UpReal *block, UpPool *pool);
// d_action = scale · ∂ Σ min Q(s, a) / ∂a, after up__critics_least with the same parameters.
void up__critics_gradient(UpCritics *critics, double scale, UpPool *pool);
// One step down mean ½ w (Q − y)² of each network, on the actions of the minibatch. error = Q − y
// of the first network.
UpStatus up__critics_learn(UpLearner *learner, UpReplayed *memory, UpCritics *critics,
                           const UpReal *y, UpUpdateStats *stats);

// Acting of those that have a Box's actions: any of it before replay.start.
UpStatus up__box_check(const UpConfig *config, int box);
void up__box_random(const UpSpace *space, int64_t rows, UpRng *rng, float *action);
bool up__no_value_function(const UpConfig *config);

// deterministic.c: ddpg and td3

typedef struct UpDeterministicDef {
    int critics;
    int64_t delay; // updates of the critics for each one of the policy
    double tau, noise, target_noise, target_clip;
} UpDeterministicDef;

UpStatus up__deterministic_check(const UpConfig *config);
UpStatus up__deterministic_prepare(UpLearner *learner, const UpRollout *rollout,
                                   UpDeterministicDef def);
UpActor up__deterministic_actor(UpLearner *learner);
UpStatus up__deterministic_update(UpLearner *learner, UpRollout *rollout, UpUpdateStats *stats);

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
