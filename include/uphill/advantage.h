// From rewards to the weight Ψ of each action's log-probability.
#ifndef UPHILL_ADVANTAGE_H
#define UPHILL_ADVANTAGE_H

#include "uphill/option.h"
#include "uphill/rollout.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum UpPsi { UP_PSI_TOTAL, UP_PSI_TO_GO } UpPsi;
typedef enum UpBaseline { UP_BASELINE_NONE, UP_BASELINE_AVERAGE, UP_BASELINE_VALUE } UpBaseline;
typedef enum UpStandardize {
    UP_STANDARDIZE_NONE,
    UP_STANDARDIZE_EPISODE,   // documents 000 and 004: within each episode
    UP_STANDARDIZE_BATCH,     // over the rollout
    UP_STANDARDIZE_MINIBATCH, // over each minibatch (PPO detail 7)
} UpStandardize;

// [advantage]
typedef struct UpAdvantageDef {
    double gamma;  // discount
    double lambda; // GAE; 1 is the n-step return minus the value
    int psi;       // UpPsi, for complete episodes (REINFORCE)
    int baseline;  // UpBaseline, likewise
    bool restart;  // cut returns and advantages at every reward that is not 0 (Pong, document 000)
    int standardize; // UpStandardize
} UpAdvantageDef;

extern const UpOptionTable up_advantage_options;

// Generalised advantage estimation (Schulman 2016): fills advantage, and ret = advantage + value.
//   δ_t = r_t + γ V_{t+1} − V_t        Â_t = δ_t + γ λ Â_{t+1}
// V_{t+1} is 0 behind a terminated step and V(final observation) behind a truncated one. With
// `restart` a step whose reward is not 0 counts as terminated: a point in Pong ends what its
// actions can change.
void up_advantage_gae(UpRollout *rollout, double gamma, double lambda, bool restart);

// Monte Carlo returns of complete episodes: fills ret and sets advantage = ret.
//   total:  Σ_{t'} γ^{t'} r_{t'} over the whole episode, the same for each of its steps
//   to go:  R_t = Σ_{t'≥t} γ^{t'−t} r_{t'}
void up_advantage_returns(UpRollout *rollout, double gamma, UpPsi psi, bool restart);

// advantage −= baseline: nothing, `average`, or the value of each observation.
void up_advantage_baseline(UpRollout *rollout, UpBaseline baseline, double average);

// advantage = (advantage − mean) / (standard deviation + 1e-8), over each episode or over the
// rollout. The deviation is the population's (division by n), as NumPy's std in document 004.
void up_advantage_standardize(UpRollout *rollout, UpStandardize over);

// The same for a plain array; the deviation divides by n − 1, as PyTorch's std (PPO detail 7).
void up_standardize(UpReal *values, int64_t count);

// 1 − Var(ret − value) / Var(ret) over the valid samples: 1 is a perfect value function, 0 a
// constant.
double up_explained_variance(const UpRollout *rollout);

#ifdef __cplusplus
}
#endif
#endif
