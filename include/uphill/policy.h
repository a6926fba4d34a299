// A policy: network, action distribution and value head over one flat parameter block and one flat
// gradient block, with the observation normaliser that belongs to it.
//
//   shared:    obs -> trunk (hidden layers) -> policy head
//                                            -> value head
//   separate:  obs -> policy network,   obs -> value network
#ifndef UPHILL_POLICY_H
#define UPHILL_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "uphill/arena.h"
#include "uphill/dist.h"
#include "uphill/net.h"
#include "uphill/option.h"
#include "uphill/rollout.h"
#include "uphill/tensors.h"

#ifdef __cplusplus
extern "C" {
#endif

// [policy]
enum { UP_POLICY_NET_MAX = 180 };
typedef struct UpPolicyDef {
    char net[UP_POLICY_NET_MAX + 1]; // the hidden layers, as up_net_parse reads them; "dense" or
                                     //   empty: dense ones, as the next two say
    UpSizes hidden;                  // units of the hidden layers; none: a linear policy
    int activation;                  // UpActivation of the hidden layers
    bool bias;                       // layers have one
    bool shared;                     // policy and value share the hidden layers
    int init;                        // UpInit
    double gain_hidden, gain_policy, gain_value; // of the initialisation (PPO detail 2)
    int box;                                     // UpBoxHead: what chooses continuous actions
    double log_std;     // initial log standard deviation of a Gaussian (PPO detail 24)
    bool bernoulli;     // one sigmoid output for two actions (the CartPole tutorial) in place of a
                        // softmax
    bool normalize_obs; // running mean and variance of observations (PPO detail 28)
    double clip_obs;    // then clip to ± this (PPO detail 29)
} UpPolicyDef;

extern const UpOptionTable up_policy_options;

// Whether def->net says what the hidden layers are, and not hidden and activation.
bool up_policy_has_net(const UpPolicyDef *def);
// Whether some of them remember.
bool up_policy_remembers(const UpPolicyDef *def);

// Running statistics of observations (Chan's parallel update, as Gymnasium's and baselines').
typedef struct UpObsStats {
    double count;
    double *mean, *var; // (D)
} UpObsStats;

// What a policy says of an observation: the result of a layer.
typedef enum UpHeadKind {
    UP_HEAD_POLICY, // the distribution's parameters
    UP_HEAD_VALUE,
    UP_HEAD_KINDS
} UpHeadKind;
enum { UP_HEADS_POLICY = 1 << UP_HEAD_POLICY, UP_HEADS_VALUE = 1 << UP_HEAD_VALUE };
enum { UP_HEADS_ALL = UP_HEADS_POLICY | UP_HEADS_VALUE };

typedef struct UpHead {
    UpHeadKind kind;
    int first, layer;  // its first layer of its own, and that whose result it is; -1: there is none
    int64_t width;     // numbers in a row
    size_t begin, end; // the numbers of the block that serve this head alone
} UpHead;

typedef struct UpPolicy {
    UpPolicyDef def;
    UpSpace obs_space, action_space;
    UpObsForm obs_form;
    int64_t stack; // observations that it reads at once, as UpEnvSpec says
    UpDist dist;
    bool has_value;
    UpNet net;  // all layers: shared ones, the value's, the policy's
    int shared; // layers that all heads read: the first of the network
    UpHead head[UP_HEAD_KINDS];
    size_t size;          // numbers in the block
    size_t log_std;       // offset of log_std (dist.log_stds) in the block
    UpReal *param, *grad; // (size)
    UpObsStats stats;     // normalize_obs only
    UpPool *pool;         // borrowed; NULL: one thread

    // Outputs of the last forward pass, and room for their gradients.
    int64_t rows; // capacity of everything below
    UpNetCache cache;
    UpObs one_hot;       // (rows) Discrete and MultiDiscrete observations as the network reads
                         //   them; filled by forward
    UpArena arena;       // parameters and statistics
    UpArena cache_arena; // what depends on `rows`
} UpPolicy;

// A policy for these spaces, its weights drawn from `seed`. `value`: with a value head. `rows` is
// the largest batch it will see (it can be raised with up_policy_reserve). On failure nothing is
// left behind.
UpStatus up_policy_create(UpPolicy *policy, const UpPolicyDef *def, const UpEnvSpec *spec,
                          bool value, int64_t rows, uint64_t seed);
void up_policy_destroy(UpPolicy *policy);
UpStatus up_policy_reserve(UpPolicy *policy, int64_t rows);

// Numbers that it remembers from row to row of a sequence (M of UpSeen); 0 without recurrent
// layers.
int64_t up_policy_memory(const UpPolicy *policy);

// What forward computed, for `obs->rows` rows; valid until the next forward.
typedef struct UpPolicyOut {
    const UpReal *param;   // (rows, P) of the distribution; NULL where nobody asked
    const UpReal *log_std; // (dist.log_stds), or NULL
    const UpReal *value;   // (rows); NULL where nobody asked, and without a value head
} UpPolicyOut;

// heads: UP_HEADS_ALL, or some of them. Where the observation has a mask, the logits of actions
// that may not be taken are infinite.
UpPolicyOut up_policy_forward(UpPolicy *policy, UpSeen seen, unsigned heads);

// After forward on the same rows, with the heads that it needs: adds to policy->grad. d_param or
// d_value may be NULL: the gradient of the other alone.
void up_policy_backward(UpPolicy *policy, UpSeen seen, const UpReal *d_param,
                        const UpReal *d_value);

// After up_policy_forward on the same rows: adds scale · F v to policy->grad, where F is the Fisher
// matrix of the policy summed over these rows, the second derivative of Σ KL(π_now ‖ π) at π_now.
// v (size) is a direction of the parameters; the value's have no part.
void up_policy_fisher(UpPolicy *policy, UpSeen seen, const UpReal *v, double scale);

// Whether the policy can read and act in an environment: UP_MISMATCH says why not.
UpStatus up_policy_fits(const UpPolicy *policy, const UpEnvSpec *spec);

// Normalises raw observations in place, first updating the statistics if `learn`.
// active (rows): rows to leave alone, or NULL.
void up_policy_observe(UpPolicy *policy, UpObs *obs, const uint8_t *active, bool learn);

// The policy as something that chooses actions in a rollout. It borrows the policy. For training:
// it samples, and learns observation statistics. Frozen, for evaluation: statistics stay as they
// are, and `greedy` takes the mode in place of a sample.
UpActor up_policy_actor(UpPolicy *policy);
UpActor up_policy_actor_frozen(UpPolicy *policy, bool greedy);

// One raw observation in, one action out, as a robot does: no allocation, no threads. memory
// (up_policy_memory): what it remembers of the episode, 0 where one begins; it is brought up to
// date. NULL: it remembers nothing. rng NULL: the mode. obs (1 row) is normalised in place; action
// (A) is clipped to the action space.
void up_policy_act(UpPolicy *policy, UpObs *obs, UpReal *memory, UpRng *rng, float *action);

// Tensors in PyTorch's names and orientation: trunk.0.weight (out, in), policy.0.bias,
// value.0.weight, policy.log_std, obs.mean, obs.var. Writes up to UP_POLICY_TENSORS rows, data in
// `arena`.
enum { UP_POLICY_TENSORS = 128 };
UpStatus up_policy_export(const UpPolicy *policy, UpTensor *tensor, int *tensors, UpArena *arena);
// The reverse; UP_MISMATCH names the first tensor that is absent or has another shape.
UpStatus up_policy_import(UpPolicy *policy, const UpTensorFile *file);

#ifdef __cplusplus
}
#endif
#endif
