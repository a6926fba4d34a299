// From rewards to the weight Ψ of each action's log-probability.
#ifndef UPHILL_ADVANTAGE_H
#define UPHILL_ADVANTAGE_H

#include "uphill/option.h"
#include "uphill/rollout.h"

#ifdef __cplusplus
extern "C" {
#endif

// What weighs ∇ log π(a_t|s_t): the six forms of Sun 2024, in its order. The first three are
// sums of what was paid, over complete episodes; the others lean on a learned value function.
typedef enum UpPsi {
    UP_PSI_TOTAL,     // Σ_t' γ^t' r_t': the return of the whole episode
    UP_PSI_TO_GO,     // Σ_{t'≥t} γ^(t'−t) r_t': what followed the action
    UP_PSI_BASELINED, // the same minus a baseline b(s_t)
    UP_PSI_Q,         // an estimate of Q(s_t, a_t): the λ-return
    UP_PSI_ADVANTAGE, // an estimate of A(s_t, a_t): the λ-return minus V(s_t), which is GAE
    UP_PSI_TD,        // δ_t = r_t + γ V(s_{t+1}) − V(s_t)
} UpPsi;
typedef enum UpBaseline { UP_BASELINE_NONE, UP_BASELINE_AVERAGE, UP_BASELINE_VALUE } UpBaseline;
typedef enum UpStandardize {
    UP_STANDARDIZE_NONE,
    UP_STANDARDIZE_EPISODE,   // the Pong and CartPole tutorials: within each episode
    UP_STANDARDIZE_BATCH,     // over the rollout
    UP_STANDARDIZE_MINIBATCH, // over each minibatch (PPO detail 7)
} UpStandardize;

// [advantage]
typedef struct UpAdvantageDef {
    double gamma;    // discount
    double lambda;   // weight of longer returns; 1 is the n-step return, 0 the TD target
    int64_t n_steps; // rewards that a return adds up before V stands for the rest; 0: all there are
    int psi;         // UpPsi
    int baseline;    // UpBaseline, of psi = baselined
    bool gamma_t;    // weigh step t of an episode by γ^t (Sun 2024)
    bool restart;    // cut returns and advantages where the environment pays (a point of Pong)
    int standardize; // UpStandardize
} UpAdvantageDef;

extern const UpOptionTable up_advantage_options;

// Fills advantage with Ψ as def->psi says, and ret with what a value function is regressed on: the
// return that followed (total, to go, baselined) or the λ-return (the others). `average` is the
// running-average baseline.
void up_advantage_psi(UpRollout *rollout, const UpAdvantageDef *def, double average);

// Whether Ψ needs a value function.
bool up_advantage_needs_value(const UpAdvantageDef *def);

// Generalised advantage estimation (Schulman 2016): fills advantage, and ret = advantage + value.
//   δ_t = r_t + γ V_{t+1} − V_t        Â_t = Σ_{l<n} (γλ)^l δ_{t+l}
// with no limit for n_steps = 0. V_{t+1} is 0 behind a terminated step and V(final observation)
// behind a truncated one. With `restart` a step that was paid (rollout->paid) counts as terminated:
// a point in Pong ends what its actions can change. What [rollout] makes of a reward, a move's
// penalty for one, cuts nothing.
void up_advantage_gae(UpRollout *rollout, double gamma, double lambda, int64_t n_steps,
                      bool restart);

// advantage = δ_t alone; ret stays.
void up_advantage_td(UpRollout *rollout, double gamma, bool restart);

// V-trace (Espeholt 2018) for a rollout that another policy played, from rollout->ratio, which is
// ρ_t = π(a_t|s_t) / μ(a_t|s_t):
//   v_t = V_t + min(ρ̄, ρ_t) δ_t + γ λ min(c̄, ρ_t) (v_{t+1} − V_{t+1})              ret
//   Ψ_t = min(ρ̄, ρ_t) (r_t + γ v_{t+1} − V_t)                                      advantage
void up_advantage_vtrace(UpRollout *rollout, const UpAdvantageDef *def, double rho_bar,
                         double c_bar);

// Monte Carlo returns of complete episodes: ret = what followed each step; advantage = the same, or
// with `total` the whole episode's return for each of its steps. With `restart` each stretch up to
// a step that was paid is an episode of its own, in both.
void up_advantage_returns(UpRollout *rollout, double gamma, bool total, bool restart);

// advantage −= baseline: nothing, `average`, or the value of each observation.
void up_advantage_baseline(UpRollout *rollout, UpBaseline baseline, double average);

// advantage *= γ^t, with t counted from the beginning of the episode. The policy gradient of the
// discounted return has this factor; leaving it out, as most do, cares for late steps as for early
// ones.
void up_advantage_gamma_t(UpRollout *rollout, double gamma);

// advantage = (advantage − mean) / (standard deviation + 1e-8), over each episode or over the
// rollout. The deviation is the population's (division by n), as NumPy's std in the CartPole
// tutorial. Where it is no more than what returns and values are rounded by, all become 0: nothing
// tells the actions apart.
void up_advantage_standardize(UpRollout *rollout, UpStandardize over);

// The same for `count` samples in arrays of their own, ret and value those that the advantages come
// from; the deviation divides by n − 1, as PyTorch's std (PPO detail 7).
void up_standardize(UpReal *advantage, const UpReal *ret, const UpReal *value, int64_t count);

// 1 − Var(ret − value) / Var(ret) over the valid samples: 1 is a perfect value function, 0 a
// constant.
double up_explained_variance(const UpRollout *rollout);

#ifdef __cplusplus
}
#endif
#endif
