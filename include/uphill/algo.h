// Algorithms: each selects and orders the stages of the loop. One short file per algorithm, wiring
// only.
#ifndef UPHILL_ALGO_H
#define UPHILL_ALGO_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "uphill/advantage.h"
#include "uphill/env.h"
#include "uphill/gradient.h"
#include "uphill/optim.h"
#include "uphill/option.h"
#include "uphill/policy.h"
#include "uphill/replay.h"
#include "uphill/rollout.h"

#ifdef __cplusplus
extern "C" {
#endif

// [train]
typedef struct UpTrainDef {
    char algo[UP_OPTION_TEXT_MAX];
    char recipe[UP_OPTION_TEXT_MAX]; // that the run was made from, for the records; "": none
    char init[UP_OPTION_TEXT_MAX];   // the run or file whose weights it begins from; "": none
    int64_t steps;                   // environment steps in all, exactly
    int64_t seed;
    double target;             // stop when the running reward reaches it; NAN: never
    int64_t threads;           // of the learner; 0: one per core
    double checkpoint_seconds; // at least this long between two checkpoints
    int64_t film_every;        // steps between two films of an episode; 0: none
    int64_t log_every;         // steps between two rows of metrics; 0: a run has about 5,000
    int64_t keep;              // newest checkpoints that are kept
} UpTrainDef;

// [eval]: evaluation during training
typedef struct UpEvalDef {
    int64_t every;    // steps between two evaluations; 0: none
    int64_t episodes; // of each
} UpEvalDef;

// [reinforce]
typedef struct UpReinforceDef {
    bool divide;         // by the number of episodes: the estimator of Welleck 2020; else their sum
                         // (CartPole tutorial)
    double value_weight; // of the regression of the learned baseline
    double entropy_weight;
} UpReinforceDef;

// [a2c]
typedef struct UpA2cDef {
    int reduction; // UpReduction of the policy loss
    double value_weight, entropy_weight;
} UpA2cDef;

typedef enum UpReduction {
    UP_MEAN_SAMPLES,   // mean over the rollout's samples, as most implementations
    UP_MEAN_INSTANCES, // sum over steps, mean over instances: Welleck 2020
} UpReduction;

// [ppo]
typedef struct UpPpoDef {
    int64_t epochs;    // passes over a rollout
    int64_t minibatch; // samples in a minibatch
    double clip;       // c of the clipped ratio
    int clip_schedule; // UpSchedule, to 0
    double value_clip; // 0: no value clipping (PPO detail 9 uses `clip`)
    double value_weight, entropy_weight;
    double target_kl; // stop the epochs of an update when KL exceeds it; 0: never
} UpPpoDef;

// [vpg]
typedef struct UpVpgDef {
    double entropy_weight;
} UpVpgDef;

// [actor-critic]
typedef struct UpActorCriticDef {
    double entropy_weight;
} UpActorCriticDef;

// What is common to steps along the natural gradient F⁻¹ g.
typedef struct UpNaturalDef {
    double kl;        // length of a step: KL between the old and the new policy
    int64_t cg_steps; // of conjugate gradients, at most
    double damping;   // added to the diagonal of F
} UpNaturalDef;

// [npg]
typedef struct UpNpgDef {
    UpNaturalDef natural;
} UpNpgDef;

// [trpo]
typedef struct UpTrpoDef {
    UpNaturalDef natural;
    int64_t backtracks; // tries of the line search
    double shrink;      // each try is as long as the one before times this
} UpTrpoDef;

// [vtrace]
typedef struct UpVtraceDef {
    int64_t epochs;        // passes over a rollout
    int64_t minibatch;     // samples in a minibatch; 0: the whole rollout
    double rho_bar, c_bar; // limits of the importance weights
    double value_weight, entropy_weight;
} UpVtraceDef;

// [dqn]
typedef struct UpDqnDef {
    bool double_q; // the action that the target bootstraps from is the network's own choice
    bool duelling; // Q = V + A - mean A, on a shared or separate networks
    double epsilon_start, epsilon_end; // share of random actions
    double epsilon_share;              // of training in which it falls from start to end
    int64_t target_every;              // steps of the environment between two copies of the network
} UpDqnDef;

// [pqn]
typedef struct UpPqnDef {
    int64_t epochs;    // passes over a rollout
    int64_t minibatch; // samples in a minibatch
    double epsilon_start, epsilon_end, epsilon_share;
} UpPqnDef;

// [q-actor-critic]
typedef struct UpQActorCriticDef {
    double tau;         // share of the target network that each update renews
    double critic_rate; // learning rate of Q
    double entropy_weight;
} UpQActorCriticDef;

// [ddpg]
typedef struct UpDdpgDef {
    double tau;
    double noise; // deviation of what is added to actions that are played
} UpDdpgDef;

// [td3]
typedef struct UpTd3Def {
    double tau, noise;
    int64_t policy_delay;             // updates of the critics for each one of the policy
    double target_noise, target_clip; // of the actions that targets are made of
} UpTd3Def;

// [sac]
typedef struct UpSacDef {
    double tau;
    double temperature;     // weight of the entropy, where it is learned: its start
    bool learn_temperature; // so that the entropy is target_entropy
    double target_entropy;  // NAN: minus the number of an action's components
} UpSacDef;

// [value]: regression of a value function that has its own optimiser.
typedef struct UpValueDef {
    int64_t epochs;           // passes over a rollout
    int64_t minibatch;        // samples in a minibatch; 0: the whole rollout
    double learning_rate;     // of Adam
    int schedule;             // UpSchedule of the learning rate
    double learning_rate_end; // where linear and cosine arrive at the end of training
    double epsilon;           // of Adam
    double max_grad_norm;     // global L2 clip; 0: none
} UpValueDef;

enum { UP_SECTIONS_MAX = 32 };

// Everything that makes a run, resolved: what config.ini holds.
typedef struct UpConfig {
    UpTrainDef train;
    UpEnvDef env;
    UpRolloutDef rollout;
    UpPolicyDef policy;
    UpAdvantageDef advantage;
    UpOptimDef optim;
    UpReinforceDef reinforce;
    UpA2cDef a2c;
    UpPpoDef ppo;
    UpVpgDef vpg;
    UpActorCriticDef actor_critic;
    UpNpgDef npg;
    UpTrpoDef trpo;
    UpVtraceDef vtrace;
    UpValueDef value;
    UpReplayDef replay;
    UpDqnDef dqn;
    UpPqnDef pqn;
    UpQActorCriticDef q_actor_critic;
    UpDdpgDef ddpg;
    UpTd3Def td3;
    UpSacDef sac;
    UpEvalDef eval;
    // Options that up_config_set was asked for since the config was made or read: bit `row` of the
    // section's place among all of up_config_sections. They must do something: up_config_check.
    uint64_t given[UP_SECTIONS_MAX];
} UpConfig;

// Vectors for steps along the natural gradient, each laid out as the policy's parameters.
typedef struct UpNatural {
    UpReal *gradient, *step, *residual, *search, *product, *old; // (policy.size)
    UpReal *old_param; // (rows of a rollout, P) the distributions before the step
    int64_t old_size;
} UpNatural;

// What an algorithm works with.
typedef struct UpLearner {
    const UpConfig *config;
    UpPolicy *policy;
    UpOptim *optim;
    UpPool *pool;
    UpKeep *keep;          // what must last: an algorithm adds its own in `prepare`
    UpRng shuffle;         // order of minibatches; kept
    double average_return; // running average of R_t, a baseline; kept
    double done;           // share of training that is over, in [0, 1]
    // Room for minibatches of up to `rows` samples.
    int64_t rows;
    // What is learned from at once is a segment: L steps in a row of one instance, a sample where
    // the policy has no memory.
    int64_t L, M;    // M: numbers of the policy's memory
    int64_t samples; // that are learned from: order's, L each
    uint32_t *order; // (rows of a rollout) the first cells of segments, in the order of learning
    uint32_t *cell;  // (rows) those gathered, where L > 1
    uint8_t *begins; // (rows) likewise
    UpReal *memory;  // (rows, M) before each gathered segment
    UpObs obs;       // (rows) gathered observations: row t*S + s is step t of segment s
    UpSeen seen;     // of them
    float *action;   // (rows, A)
    UpReal *advantage, *ret, *log_prob, *value; // (rows)
    UpReal *d_param;                            // (rows, P)
    UpReal *d_value;                            // (rows)
    int64_t order_size;
    UpOptim value_optim; // of the value's own regression; kept
    UpNatural natural;
    void *own; // what an algorithm has besides; made by `prepare` in `arena`
    void (*release)(struct UpLearner *); // gives back what of it is not in `arena`; NULL: nothing
    size_t replay_bytes;                 // of the replay; 0: none
    UpArena arena;
} UpLearner;

// Numbers of a run, one a line:
//   X(name, kind, group, label, decimals, peer, factor)
// makes a member of UpUpdateStats (or, in uphill/train.h, of UpProgress), a column of metrics.csv,
// a place in the panel and tags of TensorBoard; see UpMetric in uphill/train.h.
#define UP_UPDATE_METRICS(X)                                                                       \
    X(loss, MEAN, "loss", NULL, -1, "train/loss", 1)                                               \
    X(policy_loss, MEAN, "loss", "policy loss", -1,                                                \
      "train/policy_gradient_loss train/policy_loss", 1)                                           \
    X(value_loss, MEAN, "loss", "value loss", -1, "train/value_loss", 2)                           \
    X(entropy, MEAN, "loss", "entropy", -1, "train/entropy_loss", -1)                              \
    X(kl, MEAN, "loss", "KL", -1, "train/approx_kl", 1)                                            \
    X(clip_fraction, MEAN, "loss", "clip fraction", -1, "train/clip_fraction", 1)                  \
    X(explained_variance, MEAN, "loss", "explained variance", 2, "train/explained_variance", 1)    \
    X(q_value, MEAN, "loss", "Q", -1, NULL, 1)                                                     \
    X(temperature, MEAN, "loss", "temperature", -1, "train/ent_coef", 1)                           \
    X(exploration, LAST, "loss", "exploration", -1, "rollout/exploration_rate", 1)                 \
    X(grad_norm, MEAN, "loss", NULL, -1, NULL, 1)                                                  \
    X(learning_rate, LAST, "loss", "learning rate", -1, "train/learning_rate", 1)

// What an update tells. NAN where an algorithm has no such number.
typedef struct UpUpdateStats {
#define UP_MEMBER(name, ...) double name;
    UP_UPDATE_METRICS(UP_MEMBER)
#undef UP_MEMBER
} UpUpdateStats;

#define UP_NAN_OF(name, ...) NAN,
#define UP_UPDATE_STATS_NONE ((UpUpdateStats){UP_UPDATE_METRICS(UP_NAN_OF)})

typedef struct UpAlgo {
    const char *name;    // "ppo"
    const char *summary; // one line
    const UpOptionTable *options;
    size_t def_offset; // of its Def in UpConfig
    bool needs_value;  // always has a value function; else where advantage.psi asks for one
    bool fits_value;   // the value function has its own optimiser: [value]
    bool pathwise;     // the gradient comes to the policy through its action: policy.box may be
                       //   squashed or tanh, which have no likelihood ratio to climb by
    bool natural;      // the policy steps without an optimiser: no [optim]
    bool recurrent;    // it can train a policy with a memory
    // Options of the sections that it shares with others and does not read, "advantage.psi
    // advantage.n_steps"; NULL: none. Beside it, UpOption.when says what an option needs.
    const char *unread;
    bool replays; // learns from a replay: [replay]
    // What an evaluation by samples has no meaning for, as there is no distribution; NULL: it has.
    const char *certain; // "values"
    // Defaults of the other sections where they differ for this algorithm.
    void (*defaults)(UpConfig *config);
    // Whether the policy has a value function, where that is not for needs_value and
    // advantage.psi to say; may be NULL.
    bool (*has_value)(const UpConfig *config);
    // What its options cannot check one by one; may be NULL.
    UpStatus (*check)(const UpConfig *config);
    // The samples that one of its gradients takes; NULL: a whole rollout, in pieces of any size.
    int64_t (*minibatch)(const UpConfig *config);
    // Makes room for more than minibatches, before the first rollout; may be NULL.
    UpStatus (*prepare)(UpLearner *learner, const UpRollout *rollout);
    // Who chooses the actions of training; NULL: samples of the policy.
    UpActor (*actor)(UpLearner *learner);
    // One update of the policy from one rollout.
    UpStatus (*update)(UpLearner *learner, UpRollout *rollout, UpUpdateStats *stats);
} UpAlgo;

const UpAlgo *const *up_algo_list(int *count);
const UpAlgo *up_algo_find(const char *name); // NULL if there is none

// What an algorithm works with: room for its minibatches of this rollout, and what it
// prepares. Everything is borrowed; threads are the policy's. The caller's to destroy, also on
// failure.
UpStatus up_learner_create(UpLearner *learner, const UpAlgo *algo, const UpConfig *config,
                           UpPolicy *policy, UpOptim *optim, const UpRollout *rollout,
                           UpKeep *keep);
void up_learner_destroy(UpLearner *learner);

extern const UpOptionTable up_train_options, up_eval_options;

// All sections of a config: the table and its Def's offset.
typedef struct UpSection {
    const UpOptionTable *table;
    size_t offset;
} UpSection;
// The sections that matter for `algo` (its own one last); NULL: all.
int up_config_sections(const UpAlgo *algo, UpSection section[UP_SECTIONS_MAX]);

// Whether the policy has a value function.
bool up_config_needs_value(const UpConfig *config);

// Every option's default, for one algorithm.
UpStatus up_config_default(UpConfig *config, const char *algo);

// The option that somebody meant by a word that is none, as "section.key" of those that matter for
// the config's algorithm: what other libraries call it ("lr", "clip_range"), its name without the
// section, and with `typos` what is nearest. False if nothing is.
bool up_config_nearest(const UpConfig *config, const char *word, bool typos,
                       char key[UP_OPTION_NAME_MAX]);

// "section.key" = value.
UpStatus up_config_set(UpConfig *config, const char *key, const char *value, const char *where);

// The config as an INI text with the sections that matter; *text is the caller's to free().
UpStatus up_config_format(const UpConfig *config, char **text);

// An INI text (a recipe, a saved config) over the defaults of the algorithm that it names in
// [train]. `name` stands in messages.
UpStatus up_config_parse(UpConfig *config, const char *text, const char *name);

// Whether a run of this config reads option `row` of a section; else `why` says what hinders it. Of
// the environment, `spec` may be NULL: what it decides counts as read then.
bool up_config_reads(const UpConfig *config, const UpSection *section, int row,
                     const UpEnvSpec *spec, char why[UP_OPTION_WHY_MAX]);

// Checks what single options cannot know (minibatch larger than the rollout, say), and that every
// option that was asked for is read: one that does nothing here is UP_USAGE, also where it equals
// the default.
UpStatus up_config_check(const UpConfig *config);
// The latter again where the environment is known (else NULL, and nothing is warned of): options
// that nobody asked for (of a recipe, of a saved config), that are not read and differ from the
// default are warned of.
UpStatus up_config_check_env(const UpConfig *config, const UpEnvSpec *spec);

#ifdef __cplusplus
}
#endif
#endif
