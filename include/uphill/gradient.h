// Losses and their gradients with respect to the policy's outputs: what each algorithm differs in.
// A minibatch of B samples goes in; d_param and d_value come out, ready for up_policy_backward.
#ifndef UPHILL_GRADIENT_H
#define UPHILL_GRADIENT_H

#include <stdint.h>

#include "uphill/dist.h"
#include "uphill/real.h"
#include "uphill/thread.h"

#ifdef __cplusplus
extern "C" {
#endif

// A minibatch, gathered from the rollout, with the outputs of the policy for it.
typedef struct UpBatch {
    int64_t B;
    const UpDist *dist;
    const float *action;     // (B, A)
    const UpReal *advantage; // (B)
    const UpReal *ret;       // (B) what the value is regressed on
    const UpReal *log_prob;  // (B) when the action was taken; PPO only
    const UpReal *value;     // (B) when the action was taken; clipped value loss only
    const UpReal *param;     // (B, P) of the distribution, now
    const UpReal *log_std;   // (dist->log_stds) now; NULL without any
    const UpReal *new_value; // (B) now; NULL without a value head
    UpReal *d_param;         // (B, P) out: = dLoss/dparam
    UpReal *d_log_std;       // (dist->log_stds) out: += dLoss/dlog_std
    UpReal *d_value;         // (B)    out: = dLoss/dvalue
} UpBatch;

// The loss. Weights are per sample, so that "mean over the batch" is weight 1/B and Welleck 2020's
// "sum over the batch, divided by the instances" is 1/N.
//
//   L = policy_weight · Σ_i −Ψ_i log π(a_i|s_i)                      clip = 0 (all but PPO)
//   L = policy_weight · Σ_i −min(ρ_i Â_i, clamp(ρ_i, 1−c, 1+c) Â_i)    clip = c (PPO)
//     + value_weight · Σ_i ½ (V(s_i) − R_i)²
//     − entropy_weight · Σ_i H(π(·|s_i))
//
// The clipped policy loss is equation 7 of Schulman 2017; the value loss has a clipped form too
// (PPO detail 9).
typedef struct UpLoss {
    double policy_weight, value_weight, entropy_weight;
    double clip;       // c of the ratio ρ = π(a|s) / π_old(a|s); 0: no ratio
    double value_clip; // the value may move by this much from where it was; 0: no clipping
} UpLoss;

// Sums over the samples (not weighted), in double, in order.
typedef struct UpLossSums {
    double policy;  // Σ −Ψ log π, or the clipped surrogate
    double value;   // Σ ½ (V − R)²
    double entropy; // Σ H
    double kl; // Σ (ρ − 1) − log ρ: the k3 estimate of KL(π_old ‖ π) (PPO detail 12)
    double clipped; // samples whose ratio left [1−c, 1+c]
} UpLossSums;

UpLossSums up_loss(const UpLoss *loss, const UpBatch *batch, UpPool *pool);

#ifdef __cplusplus
}
#endif
#endif
