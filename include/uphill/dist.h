// Action distributions. Each is a set of functions on one row: `param` is the network's output for
// one observation, `log_std` the learnable vector of a Gaussian (NULL for the others), `action` a
// row of the rollout. Batches loop over rows.
//
//   categorical   P = n logits     action: 1 integer in [0, n)     π(a) = softmax(param)_a
//   multi-        P = Σ choices    action: an integer      an independent categorical for each
//   categorical                    for each component      component of a MultiDiscrete
//   bernoulli     P = n logits     action: n bits                  π(1) = sigmoid(param)
//   gaussian      P = n means      action: n numbers               N(mean, exp(log_std)²)
//   squashed      P = n means,     action: n numbers of            middle + reach · tanh(u),
//   gaussian      n log_std        a bounded Box                   u ~ N(mean, exp(log_std)²)
//   tanh          P = n numbers    action: n numbers of            middle + reach · tanh(param),
//                                  a bounded Box                   always
//
// Bits are independent (one of them is the policy of the CartPole tutorial), and so are a
// Gaussian's numbers. A logit of -INFINITY stands for an action that may not be taken: it is never
// drawn, and neither counts in the entropy and the divergence nor receives a gradient. UpPolicy
// sets it where an action mask says so.
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

enum { UP_DIST_ACTIONS_MAX = 512 }; // components of a Gaussian action

// A squashed Gaussian's log_std, which the network computes, is held within these (Haarnoja 2018);
// beyond them no gradient reaches it.
#define UP_DIST_LOG_STD_MIN (-20)
#define UP_DIST_LOG_STD_MAX 2

typedef enum UpDistKind {
    UP_CATEGORICAL,
    UP_MULTI_CATEGORICAL,
    UP_BERNOULLI,
    UP_GAUSSIAN,
    UP_SQUASHED_GAUSSIAN, // the actor of SAC
    UP_CERTAIN,           // the actor of DDPG and TD3: nothing is drawn
} UpDistKind;

// What is put over a Box.
typedef enum UpBoxHead {
    UP_BOX_GAUSSIAN,
    UP_BOX_SQUASHED, // these two over a bounded Box
    UP_BOX_TANH,
} UpBoxHead;
#define UP_BOX_CHOICES "gaussian|squashed|tanh" // in the order of the enum

typedef struct UpDist {
    UpDistKind kind;
    int64_t params;                   // P, width of the network's output
    int64_t actions;                  // width of an action row
    int64_t choices[UP_SPACE_BOUNDS]; // (actions) of a multi-categorical
    // squashed Gaussian and tanh: of the first `bounds` components; the last stands for the rest
    int bounds;
    UpReal middle[UP_SPACE_BOUNDS], reach[UP_SPACE_BOUNDS];
} UpDist;

// The distribution that fits an action space: categorical for Discrete, multi-categorical for
// MultiDiscrete, Bernoulli for MultiBinary, and what `box` says for a Box; `bernoulli` asks for one
// sigmoid output over Discrete(2). UP_MISMATCH where what is asked for does not fit the space.
UpStatus up_dist_for_space(UpDist *dist, const UpSpace *action, UpBoxHead box, bool bernoulli);

void up_dist_sample(const UpDist *dist, const UpReal *param, const UpReal *log_std, UpRng *rng,
                    float *action);
void up_dist_mode(const UpDist *dist, const UpReal *param, const UpReal *log_std, float *action);
UpReal up_dist_log_prob(const UpDist *dist, const UpReal *param, const UpReal *log_std,
                        const float *action);
UpReal up_dist_entropy(const UpDist *dist, const UpReal *param, const UpReal *log_std);

// Of a squashed Gaussian log π is the density of tanh(u), before it is stretched to the bounds, so
// that an entropy does not hang on the unit of the bounds; the entropy has no closed form and is
// NAN. What tanh draws is certain: log π and the entropy are 0, and there is no divergence (NAN).
//
// KL(p ‖ q).
UpReal up_dist_kl(const UpDist *dist, const UpReal *p, const UpReal *p_log_std, const UpReal *q,
                  const UpReal *q_log_std);

// d_param += c_log_prob · ∂ log π(action)/∂param + c_entropy · ∂ H/∂param, and likewise d_log_std.
void up_dist_backward(const UpDist *dist, const UpReal *param, const UpReal *log_std,
                      const float *action, UpReal c_log_prob, UpReal c_entropy, UpReal *d_param,
                      UpReal *d_log_std);

// tangent = c · M tangent, where M is the Fisher matrix of the distribution with respect to its
// parameters, the second derivative of KL(p ‖ q) at q = p. tangent (params), in place. A Gaussian's
// log_std is apart from it: 2 for each component, nothing between them and the means.
void up_dist_fisher(const UpDist *dist, const UpReal *param, const UpReal *log_std, UpReal c,
                    UpReal *tangent);

// Squashed Gaussian and tanh: the action as a differentiable function of the parameters and of
// standard normal noise (A; tanh reads none), the reparameterisation of Haarnoja 2018. Writes the
// action (A), as the environment takes it, and returns its log π, sound however far out u is:
// log(1 − tanh²u) = 2 (log 2 − u − softplus(−2u)).
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
