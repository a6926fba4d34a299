// What the parts of `uphill experiment variance-ladder` share: the rungs, and how the variance of a
// gradient estimate is measured at a fixed policy.
#ifndef UPHILL_EXPERIMENT_LADDER_H
#define UPHILL_EXPERIMENT_LADDER_H

#include <stdbool.h>

#include "experiments/lab.h"
#include "uphill/advantage.h"
#include "uphill/policy.h"

enum { CLI_RUNGS = 11 };

// What a rung's rewards are discounted by: not at all, by the discount that lecture 22 and Sun 2024
// introduce to lower the variance, or by the one that the value function was learned with.
typedef enum CliDiscount { CLI_PLAIN, CLI_DISCOUNTED, CLI_AS_VALUE } CliDiscount;

typedef struct CliRung {
    const char *label;
    UpPsi psi;
    CliDiscount discount;
    UpBaseline baseline;
    bool whole; // the average is one of whole episodes, which nobody should subtract from R_t
    double lambda;
    int64_t n_steps;
} CliRung;

extern const CliRung cli_rungs[CLI_RUNGS];

// [advantage] for a rung; gamma is the value function's discount.
UpAdvantageDef cli_rung_def(const CliRung *rung, double gamma, double discount);

// The estimate of one episode is g = Σ_t Ψ_t ∇ log π(a_t|s_t), for each rung from the same
// episodes.
typedef struct CliEstimates {
    double variance[CLI_RUNGS]; // trace of the covariance matrix of g
    double square[CLI_RUNGS];   // |E g|², without bias
    double error[CLI_RUNGS];    // |mean of g − exact gradient|²; 0 where that is not known
    double ret;                 // mean return of an episode
} CliEstimates;

// Plays `episodes` episodes with a policy that stays as it is, after a quarter as many for the
// running averages. exact (policy->size) is the gradient of the undiscounted return, or NULL.
UpStatus cli_estimate(UpPolicy *policy, const UpEnvDef *env, double gamma, double discount,
                      int episodes, uint64_t seed, const double *exact, CliEstimates *out);

// FrozenLake's 4 × 4 map, slippery, with these rewards: the exact gradient (policy->size) of the
// undiscounted return.
typedef struct CliLakeRewards {
    double goal, hole, ice;
} CliLakeRewards;
void cli_lake_gradient(UpPolicy *policy, const CliLakeRewards *rewards, double *gradient);

// Policies at which the variance is measured: kept at these shares of a training.
enum { CLI_STOPS = 5 };
extern const double cli_stop_at[CLI_STOPS];

typedef struct CliLadderTask {
    const char *name, *title, *algo;
    int64_t steps, fit; // of the training; of the value function's own, at each policy that is kept
    int episodes;       // that are measured
    int least;          // of them, however short the experiment
    double gamma, discount; // of V and what leans on it; of "to go, discounted"
    bool lake;
    const char *config, *train, *regress; // of both; of the training; of the value function's own
} CliLadderTask;

// One of the tasks, and what was found.
typedef struct CliLadder {
    CliLab *lab;
    const CliLadderTask *task;
    CliEstimates *at; // (seeds, CLI_STOPS)
    double *exact;    // (seeds, CLI_STOPS) squared length of the exact gradient, of the lake
} CliLadder;

// Rows of the summary, and figures.
UpStatus cli_ladder_report(const CliLadder *ladder);

// A softmax over ten arms, with and without a baseline: rows of the summary.
UpStatus cli_ladder_bandit(CliLab *lab);

// Learning curves on CartPole, one line a rung.
UpStatus cli_ladder_curves(CliLab *lab);

#endif
