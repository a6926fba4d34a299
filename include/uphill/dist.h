// Action distributions. A distribution is a list of independent parts, one behind the other: one
// part for most action spaces, a categorical for each component of a MultiDiscrete, and the parts
// of each entry of a Dict or Tuple. Functions work on one row: `param` is the network's output for
// one observation, `log_std` the learnable vector of the Gaussians (NULL without any), `action` a
// row of the rollout. Batches loop over rows. Log-probabilities, entropies and divergences are sums
// over the parts.
//
//   categorical     n logits         action: 1 integer in [0, n)    π(a) = softmax(param)_a
//   bernoulli       n logits         action: n bits                 π(1) = sigmoid(param)
//   gaussian        n means          action: n numbers              N(mean, exp(log_std)²)
//   gaussian-state  n means,         action: n numbers              N(mean, exp(log_std)²)
//                   n log_std
//   squashed        n means,         action: n numbers of           middle + reach · tanh(u),
//                   n log_std        a bounded Box                  u ~ N(mean, exp(log_std)²)
//   tanh            n numbers        action: n numbers of           middle + reach · tanh(param),
//                                    a bounded Box                  always
//
// Bits are independent (one of them is the policy of the CartPole tutorial), and so are a
// Gaussian's numbers. A logit of -INFINITY stands for an action that may not be taken, one of
// INFINITY for a bit that must be set: what is forbidden is never drawn, and neither counts in the
// entropy and the divergence nor receives a gradient. UpPolicy sets them where an action mask says
// so (up_dist_mask).
#ifndef UPHILL_DIST_H
#define UPHILL_DIST_H

#include <stdbool.h>
#include <stdint.h>

#include "uphill/random.h"
#include "uphill/real.h"
#include "uphill/space.h"
#include "uphill/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    UP_DIST_ACTIONS_MAX = 512,       // components of a Box of actions
    UP_DIST_PARTS = UP_SPACE_BOUNDS, // parts of a distribution
};

// The log_std that a network computes is held within these (Haarnoja 2018); beyond them no gradient
// reaches it.
#define UP_DIST_LOG_STD_MIN (-20)
#define UP_DIST_LOG_STD_MAX 2

typedef enum UpDistKind {
    UP_CATEGORICAL,
    UP_BERNOULLI,
    UP_GAUSSIAN,
    UP_STATE_GAUSSIAN,
    UP_SQUASHED_GAUSSIAN, // the actor of SAC
    UP_CERTAIN,           // tanh, the actor of DDPG and TD3: nothing is drawn
    UP_DIST_KINDS,
} UpDistKind;

// What is put over a Box.
typedef enum UpBoxHead {
    UP_BOX_GAUSSIAN,
    UP_BOX_STATE_GAUSSIAN,
    UP_BOX_SQUASHED, // these two over a bounded Box
    UP_BOX_TANH,
} UpBoxHead;
#define UP_BOX_CHOICES "gaussian|gaussian-state|squashed|tanh" // in the order of the enum

typedef struct UpDistPart {
    UpDistKind kind;
    int64_t param, params;   // its first number in a row of parameters, and how many
    int64_t action, actions; // likewise in a row of actions
    int64_t log_std;         // of UP_GAUSSIAN: its first number in the vector log_std
} UpDistPart;

typedef struct UpDist {
    int64_t params;   // P, width of the network's output
    int64_t actions;  // width of an action row
    int64_t masks;    // width of an action mask, as up_space_mask
    int64_t log_stds; // numbers of the learnable vector log_std
    int parts;
    UpDistPart part[UP_DIST_PARTS];
    // squashed and tanh: of the first `bounds` components of an action; the last stands for the
    // rest
    int bounds;
    UpReal middle[UP_SPACE_BOUNDS], reach[UP_SPACE_BOUNDS];
} UpDist;

const char *up_dist_name(UpDistKind kind);

// The distribution that fits an action space: categorical for Discrete and each component of a
// MultiDiscrete, Bernoulli for MultiBinary, what `box` says for a Box; `bernoulli` asks for one
// sigmoid output over Discrete(2). UP_MISMATCH where what is asked for does not fit the space.
UpStatus up_dist_for_space(UpDist *dist, const UpSpace *action, UpBoxHead box, bool bernoulli);

// Writes infinities into one row of logits where the mask (masks) closes something.
void up_dist_mask(const UpDist *dist, const uint8_t *mask, UpReal *param);

// Of a squashed Gaussian log π is the density of tanh(u), before it is stretched to the bounds, so
// that an entropy does not hang on the unit of the bounds; the entropy has no closed form and is
// NAN. What tanh draws is certain: log π and the entropy are 0, and there is no divergence (NAN).

// Returns log π of what was drawn.
UpReal up_dist_sample(const UpDist *dist, const UpReal *param, const UpReal *log_std, UpRng *rng,
                      float *action);
void up_dist_mode(const UpDist *dist, const UpReal *param, const UpReal *log_std, float *action);
UpReal up_dist_log_prob(const UpDist *dist, const UpReal *param, const UpReal *log_std,
                        const float *action);
UpReal up_dist_entropy(const UpDist *dist, const UpReal *param, const UpReal *log_std);

// KL(p ‖ q).
UpReal up_dist_kl(const UpDist *dist, const UpReal *p, const UpReal *p_log_std, const UpReal *q,
                  const UpReal *q_log_std);

// What up_dist_evaluate leaves for up_dist_backward, so that each softmax is computed once.
typedef struct UpDistKept {
    UpReal norm[UP_DIST_PARTS], entropy[UP_DIST_PARTS]; // of the categoricals
} UpDistKept;

// Returns log π(action).
UpReal up_dist_evaluate(const UpDist *dist, const UpReal *param, const UpReal *log_std,
                        const float *action, UpReal *entropy, UpDistKept *kept);

// d_param += c_log_prob · ∂ log π(action)/∂param + c_entropy · ∂ H/∂param, and likewise d_log_std.
// `kept`: of up_dist_evaluate with the same row.
void up_dist_backward(const UpDist *dist, const UpReal *param, const UpReal *log_std,
                      const float *action, const UpDistKept *kept, UpReal c_log_prob,
                      UpReal c_entropy, UpReal *d_param, UpReal *d_log_std);

// tangent = c · M tangent, where M is the Fisher matrix of the distribution with respect to its
// parameters, the second derivative of KL(p ‖ q) at q = p. tangent (params), in place. The vector
// log_std is apart from it: 2 for each component, nothing between them and the means.
void up_dist_fisher(const UpDist *dist, const UpReal *param, const UpReal *log_std, UpReal c,
                    UpReal *tangent);

// Squashed Gaussian and tanh, which come alone: the action as a differentiable function of the
// parameters and of standard normal noise (A; tanh reads none), the reparameterisation of Haarnoja
// 2018. Writes the action (A), as the environment takes it, and returns its log π, sound however
// far out u is: log(1 − tanh²u) = 2 (log 2 − u − softplus(−2u)).
UpReal up_dist_pathwise(const UpDist *dist, const UpReal *param, const UpReal *noise,
                        UpReal *action);

// d_param += d_action · ∂ action/∂param + d_log_prob · ∂ log π(action)/∂param, both along the path
// that `noise` fixes: of a loss L(action, log π), d_action (A) is ∂L/∂action, d_log_prob ∂L/∂log π.
void up_dist_pathwise_backward(const UpDist *dist, const UpReal *param, const UpReal *noise,
                               const UpReal *d_action, UpReal d_log_prob, UpReal *d_param);

#ifdef __cplusplus
}
#endif
#endif
