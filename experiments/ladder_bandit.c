// The gradient bandit of Sutton and Barto (section 2.8): ten arms with means N(4, 1), rewards
// N(mean, 1), a softmax over the arms that does not prefer any yet. What does the reward's average
// take off the variance of the estimate (r − b) ∇ log π(a)?
#include <math.h>

#include "experiments/ladder.h"
#include "uphill/tabular.h"

// PULLS is an episode of the testbed; the next one is another problem.
enum { ARMS = 10, PROBLEMS = 2000, PULLS = 1000, BASELINES = 2 };

typedef struct Bandit {
    UpEnv *env;
    UpArena arena;
    UpStep step;
    double *total;  // (PROBLEMS) of the rewards so far
    double *sum;    // (BASELINES, PROBLEMS, ARMS) of the estimates
    double *square; // (BASELINES, PROBLEMS)
    UpRng rng;
} Bandit;

typedef struct Trial {
    double *variance; // (seeds, BASELINES)
} Trial;

static UpStatus prepare(Bandit *b, uint64_t seed) {
    uint64_t seeds[PROBLEMS];
    for (int i = 0; i < PROBLEMS; i++)
        seeds[i] = seed * PROBLEMS + (uint64_t)i;
    UP_TRY(cli_lab_env(&b->env, "uphill/Testbed-v0", "mean_of_arms=4", PROBLEMS));
    UP_TRY(up_obs_create(&b->step.obs, &b->env->spec, PROBLEMS, &b->arena));
    UP_TRY(up_obs_create(&b->step.final_obs, &b->env->spec, PROBLEMS, &b->arena));
    b->step.action = up_arena_alloc(&b->arena, PROBLEMS, sizeof(float));
    b->step.reward = up_arena_alloc(&b->arena, PROBLEMS, sizeof(double));
    b->step.terminated = up_arena_alloc(&b->arena, PROBLEMS, 1);
    b->step.truncated = up_arena_alloc(&b->arena, PROBLEMS, 1);
    b->total = up_arena_alloc(&b->arena, PROBLEMS, sizeof *b->total);
    b->sum = up_arena_alloc(&b->arena, BASELINES * PROBLEMS * ARMS, sizeof *b->sum);
    b->square = up_arena_alloc(&b->arena, BASELINES * PROBLEMS, sizeof *b->square);
    UP_TRY(up_arena_status(&b->arena));
    up_rng_stream(&b->rng, seed, UP_STREAM_POLICY, 0);
    return up_env_reset(b->env, seeds, b->step.obs);
}

// One pull in every problem. The baseline is the average of the pulls before.
static UpStatus pull(Bandit *b, int before, bool counts) {
    static const double level[ARMS] = {0}; // equal logits
    float *action = (float *)b->step.action;
    for (int i = 0; i < PROBLEMS; i++)
        action[i] = (float)up_tabular_sample(level, ARMS, &b->rng);
    UP_TRY(up_env_step(b->env, &b->step));
    for (int i = 0; i < PROBLEMS; i++) {
        const double baseline[BASELINES] = {0, counts ? b->total[i] / before : 0};
        for (int k = 0; k < BASELINES && counts; k++) {
            double estimate[ARMS] = {0}, *sum = b->sum + (k * PROBLEMS + i) * ARMS;
            up_tabular_score(level, ARMS, (int64_t)action[i], b->step.reward[i] - baseline[k],
                             estimate);
            for (int a = 0; a < ARMS; a++) {
                sum[a] += estimate[a];
                b->square[k * PROBLEMS + i] += estimate[a] * estimate[a];
            }
        }
        b->total[i] += b->step.reward[i];
    }
    return UP_OK;
}

// The trace of the covariance matrix within a problem, averaged over the problems.
static double variance_of(const Bandit *b, int baseline, int pulls) {
    double variance = 0;
    for (int i = 0; i < PROBLEMS; i++) {
        const double *sum = b->sum + (baseline * PROBLEMS + i) * ARMS;
        double within = b->square[baseline * PROBLEMS + i];
        for (int a = 0; a < ARMS; a++)
            within -= sum[a] * sum[a] / pulls;
        variance += within / (pulls - 1) / PROBLEMS;
    }
    return variance;
}

static UpStatus run_seed(void *context, int task) {
    Trial *trial = context;
    Bandit b = {0};
    UpStatus status = prepare(&b, (uint64_t)task + 1);
    for (int i = 0; i < PULLS && status == UP_OK; i++)
        status = pull(&b, i, i >= PULLS / 2); // the first half is for the average
    for (int k = 0; k < BASELINES && status == UP_OK; k++)
        trial->variance[task * BASELINES + k] = variance_of(&b, k, PULLS / 2);
    up_env_destroy(b.env);
    up_arena_free(&b.arena);
    return status;
}

UpStatus cli_ladder_bandit(CliLab *lab) {
    Trial trial = {cli_lab_numbers(lab, (size_t)lab->seeds * BASELINES)};
    if (!trial.variance) return UP_MEMORY;
    UP_TRY(cli_lab_each(lab, lab->seeds, run_seed, &trial));
    cli_lab_row(lab, "bandit of ten arms, no baseline: variance", trial.variance, BASELINES, 16.11);
    cli_lab_row(lab, "bandit of ten arms, average reward: variance", trial.variance + 1, BASELINES,
                1.62);
    return UP_OK;
}
