// Learning with tables: one number for each state, or for each state and action. The equations are
// those of Sun 2024 and the CartPole tutorial and of Sutton and Barto, "Reinforcement Learning"
// (2018), whose boxes are named. docs/tabular.md has them side by side.
//
// A table is an array of double that the caller owns: V (states), Q or θ (states, actions). States
// and actions are integers from 0. Action masks are not read: every action may be tried.
#ifndef UPHILL_TABULAR_H
#define UPHILL_TABULAR_H

#include <stdbool.h>
#include <stdint.h>

#include "uphill/env.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---------------------------------------------------------------------------------------------------
// One environment, its states numbered

typedef struct UpTransition {
    int64_t state, action;
    double reward;
    int64_t next;               // the state behind the action; the last one where the episode ended
    bool terminated, truncated; // the task ended: `next` is worth nothing; the clock ended: it is
} UpTransition;

typedef struct UpTabularTask {
    UpEnv *env; // borrowed, one instance
    int64_t states, actions;
    int64_t state; // where the episode stands
    float action;
    double reward;
    uint8_t terminated, truncated;
    UpStep step;
    UpArena arena;
} UpTabularTask;

// How many states an observation space has: n of a Discrete, the product of a MultiDiscrete's
// choices, 1 for a Box of one number that has one value (the bandits). UP_USAGE for the others.
UpStatus up_tabular_states(const UpSpace *obs, int64_t *states);
// The number of the state that `row` shows; the last component of a MultiDiscrete counts fastest.
int64_t up_tabular_state(const UpSpace *obs, const float *row);

// Puts tables before an environment of one instance, Discrete actions and numbered states. Nothing
// is left behind on failure.
UpStatus up_tabular_open(UpTabularTask *task, UpEnv *env);
void up_tabular_close(UpTabularTask *task);
UpStatus up_tabular_reset(UpTabularTask *task, uint64_t seed);
// Takes `action`. Behind the end of an episode task->state is the first one of the next.
UpStatus up_tabular_step(UpTabularTask *task, int64_t action, UpTransition *transition);

// ---------------------------------------------------------------------------------------------------
// Choosing actions

// argmax_a q(a); ties are broken by chance, or in favour of the first where rng is NULL.
int64_t up_tabular_greedy(const double *q, int64_t actions, UpRng *rng);
// With probability 1 − ε the greedy action, else any of them (Sun 2024; section 2.2).
int64_t up_tabular_epsilon_greedy(const double *q, int64_t actions, double epsilon, UpRng *rng);

// ε falls from `start` to `end` in a straight line over the first `steps` steps, then stays.
typedef struct UpEpsilon {
    double start, end;
    int64_t steps; // 0: always `end`
} UpEpsilon;
double up_tabular_epsilon(const UpEpsilon *epsilon, int64_t step);

// π(a) = exp θ(a) / Σ_b exp θ(b) (equation 13.2), and an action drawn from it.
void up_tabular_softmax(const double *theta, int64_t actions, double *probability);
int64_t up_tabular_sample(const double *theta, int64_t actions, UpRng *rng);

// ---------------------------------------------------------------------------------------------------
// Learning from a transition. All return δ, the error that they made smaller; alpha is the step
// size.

// δ = r + γ V(s') − V(s), V(s) ← V(s) + α δ   (Sun 2024; box of section 6.1)
double up_tabular_td0(double *v, const UpTransition *t, double alpha, double gamma);

// e(s) ← e(s) + 1 for the present state, V ← V + α δ e, e ← γλ e for all states; e (states) is
// zeroed where the episode ended. Accumulating traces (section 12.2).
double up_tabular_td_lambda(double *v, double *e, int64_t states, const UpTransition *t,
                            double alpha, double gamma, double lambda);

// δ = r + γ Q(s',a') − Q(s,a), Q(s,a) ← Q(s,a) + α δ; a' is what will be done next
// (box of section 6.4).
double up_tabular_sarsa(double *q, int64_t actions, const UpTransition *t, int64_t next_action,
                        double alpha, double gamma);

// δ = r + γ max_a Q(s',a) − Q(s,a), Q(s,a) ← Q(s,a) + α δ   (box of section 6.5; the Q table that
// the CartPole tutorial compares itself with)
double up_tabular_q_learning(double *q, int64_t actions, const UpTransition *t, double alpha,
                             double gamma);

// ---------------------------------------------------------------------------------------------------
// Learning from an episode

// A finished episode, in the order in which it was played. Grows as it has to.
typedef struct UpTabularEpisode {
    int64_t length, capacity;
    UpTransition *step; // (length)
    double *ret;        // (length) G_t, filled by up_tabular_returns
} UpTabularEpisode;
UpStatus up_tabular_push(UpTabularEpisode *episode, const UpTransition *transition);
void up_tabular_episode_free(UpTabularEpisode *episode); // ready for use again, as `= {0}`

// G_t = r_t + γ G_{t+1}, from the last step to the first. `beyond` is what follows the last one: 0
// where the episode terminated.
void up_tabular_returns(UpTabularEpisode *episode, double gamma, double beyond);

typedef enum UpVisits { UP_VISITS_FIRST, UP_VISITS_EVERY } UpVisits;

// Monte Carlo prediction from ep->ret: for the first, or for every, visit of a cell
//   N ← N + 1, table ← table + step (G_t − table),  step = 1/N where alpha is 0, else alpha
// (Sun 2024; boxes of sections 5.1 and 5.3). A cell is a state where actions is 0, else a state
// and an action. visits (cells) counts N; seen (cells) is zero before and after.
void up_tabular_monte_carlo(double *table, int64_t *visits, uint8_t *seen, int64_t actions,
                            const UpTabularEpisode *episode, UpVisits which, double alpha);

// ∇_θ(b) log π(a) = 1{a = b} − π(b); adds scale times that to gradient (actions)
// (equation 13.9 for a table).
void up_tabular_score(const double *theta, int64_t actions, int64_t action, double scale,
                      double *gradient);

// The softmax policy gradient from ep->ret, REINFORCE with baseline (box of section 13.4), without
// its factor γ^t, as Sun 2024's algorithm 1:
//   θ(s_t) ← θ(s_t) + α (G_t − b(s_t)) ∇ log π(a_t|s_t),    b(s_t) ← b(s_t) + β (G_t − b(s_t))
// baseline (states) may be NULL: b = 0. All gradients are those at the episode's beginning;
// `gradient` (states, actions) is zero before and after.
void up_tabular_policy_gradient(double *theta, double *baseline, double *gradient, int64_t actions,
                                const UpTabularEpisode *episode, double alpha, double beta);

#ifdef __cplusplus
}
#endif
#endif
