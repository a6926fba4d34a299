// epsilon-greedy-testbed: the slide "Exploration and Exploitation" of document 003, figure 2.2 of
// Sutton and Barto (2018). 2,000 bandits of ten arms for each seed, action values as means of the
// rewards so far.
#include <math.h>

#include "experiment.h"
#include "uphill/tabular.h"

enum { ARMS = 10, PROBLEMS = 2000, STEPS = 1000, METHODS = 3, PLOTS = 2 };

static const struct {
    const char *label;
    double epsilon, reward, optimal; // expected reward and % best arm at step 1,000, 40,000 runs
} methods[METHODS] = {
    {"greedy", 0, 1.03, 36}, {"ε = 0.01", 0.01, 1.32, 61}, {"ε = 0.1", 0.1, 1.37, 80}};

typedef struct Testbed {
    UpEnv *env;
    UpArena arena;
    UpStep step;
    double *mean;    // (PROBLEMS, ARMS) true, as the environment draws them
    double *q;       // (PROBLEMS, ARMS) estimated
    int64_t *pulled; // (PROBLEMS, ARMS)
    UpRng rng;
} Testbed;

typedef struct Trial {
    int seeds;
    double *plot[PLOTS]; // (METHODS, seeds, STEPS) mean reward; share of pulls of the best arm in %
    double *expected;    // (METHODS, seeds) mean of the chosen arms at the last step
} Trial;

// The arms of a problem are the first ten normal numbers of its seed's stream.
static UpStatus draw_problems(Testbed *t, uint64_t seed) {
    uint64_t seeds[PROBLEMS];
    for (int i = 0; i < PROBLEMS; i++) {
        UpRng rng;
        seeds[i] = seed * PROBLEMS + (uint64_t)i;
        up_rng_seed(&rng, seeds[i]);
        for (int a = 0; a < ARMS; a++)
            t->mean[i * ARMS + a] = up_rng_normal(&rng);
    }
    return up_env_reset(t->env, seeds, t->step.obs);
}

static UpStatus prepare(Testbed *t, uint64_t seed) {
    UP_TRY(cli_lab_env(&t->env, "uphill/Testbed-v0", "", PROBLEMS));
    UP_TRY(up_obs_create(&t->step.obs, &t->env->spec, PROBLEMS, &t->arena));
    UP_TRY(up_obs_create(&t->step.final_obs, &t->env->spec, PROBLEMS, &t->arena));
    t->step.action = up_arena_alloc(&t->arena, PROBLEMS, sizeof(float));
    t->step.reward = up_arena_alloc(&t->arena, PROBLEMS, sizeof(double));
    t->step.terminated = up_arena_alloc(&t->arena, PROBLEMS, 1);
    t->step.truncated = up_arena_alloc(&t->arena, PROBLEMS, 1);
    t->mean = up_arena_alloc(&t->arena, PROBLEMS * ARMS, sizeof *t->mean);
    t->q = up_arena_alloc(&t->arena, PROBLEMS * ARMS, sizeof *t->q);
    t->pulled = up_arena_alloc(&t->arena, PROBLEMS * ARMS, sizeof *t->pulled);
    if (!t->step.action || !t->step.reward || !t->step.terminated || !t->step.truncated ||
        !t->mean || !t->q || !t->pulled)
        return UP_MEMORY;
    up_rng_stream(&t->rng, seed, UP_STREAM_POLICY, 0);
    return draw_problems(t, seed);
}

// One pull in every problem. Q(a) ← Q(a) + (r − Q(a)) / N(a), equation 2.3.
static UpStatus pull(Testbed *t, double epsilon, double *reward, double *optimal,
                     double *expected) {
    float *action = (float *)t->step.action;
    for (int i = 0; i < PROBLEMS; i++)
        action[i] = (float)up_tabular_epsilon_greedy(t->q + i * ARMS, ARMS, epsilon, &t->rng);
    UP_TRY(up_env_step(t->env, &t->step));
    *reward = *optimal = *expected = 0;
    for (int i = 0; i < PROBLEMS; i++) {
        int a = (int)action[i], cell = i * ARMS + a;
        double best = t->mean[i * ARMS + up_tabular_greedy(t->mean + i * ARMS, ARMS, NULL)];
        t->q[cell] += (t->step.reward[i] - t->q[cell]) / (double)++t->pulled[cell];
        *reward += t->step.reward[i] / PROBLEMS;
        *optimal += 100.0 * (t->mean[cell] == best) / PROBLEMS;
        *expected += t->mean[cell] / PROBLEMS;
    }
    return UP_OK;
}

static UpStatus run_seed(void *context, int task) {
    Trial *trial = context;
    double epsilon = methods[task / trial->seeds].epsilon;
    Testbed t = {0};
    UpStatus status = prepare(&t, (uint64_t)(task % trial->seeds + 1));
    for (int i = 0; i < STEPS && status == UP_OK; i++) {
        ptrdiff_t at = (ptrdiff_t)task * STEPS + i;
        status =
            pull(&t, epsilon, &trial->plot[0][at], &trial->plot[1][at], &trial->expected[task]);
    }
    up_env_destroy(t.env);
    up_arena_free(&t.arena);
    return status;
}

static UpStatus figure(CliLab *lab, const Trial *trial, const double *x, int which) {
    static const char *const names[PLOTS] = {"testbed-reward", "testbed-optimal"};
    static const char *const y_labels[PLOTS] = {"average reward", "pulls of the best arm, %"};
    UpCurve *curve = up_arena_alloc(&lab->arena, (size_t)(METHODS * lab->seeds), sizeof *curve);
    if (!curve) return UP_MEMORY;
    for (int i = 0; i < METHODS * lab->seeds; i++)
        curve[i] = (UpCurve){.label = methods[i / lab->seeds].label,
                             .points = STEPS,
                             .x = x,
                             .y = trial->plot[which] + (ptrdiff_t)i * STEPS};
    UpPlot plot = {.title = "ε-greedy on the 10-armed testbed, 2,000 problems a run",
                   .x_label = "steps",
                   .y_label = y_labels[which],
                   .curves = METHODS * lab->seeds,
                   .curve = curve,
                   .target = NAN,
                   .levels = which == 0,
                   .level = &(UpLevel){"1.54: the best arm's mean", 1.54}};
    return cli_lab_figure(lab, &plot, names[which]);
}

static UpStatus run(CliLab *lab) {
    int tasks = METHODS * lab->seeds;
    Trial trial = {.seeds = lab->seeds, .expected = cli_lab_numbers(lab, (size_t)tasks)};
    double *x = cli_lab_numbers(lab, STEPS);
    for (int i = 0; i < PLOTS; i++)
        trial.plot[i] = cli_lab_numbers(lab, (size_t)tasks * STEPS);
    if (!trial.plot[0] || !trial.plot[1] || !trial.expected || !x) return UP_MEMORY;
    for (int i = 0; i < STEPS; i++)
        x[i] = i + 1;
    UP_TRY(cli_lab_each(lab, tasks, run_seed, &trial));
    for (int m = 0; m < METHODS; m++) {
        char row[96];
        snprintf(row, sizeof row, "%s: expected reward at step 1000", methods[m].label);
        cli_lab_row(lab, row, trial.expected + (ptrdiff_t)m * lab->seeds, 1, methods[m].reward);
        snprintf(row, sizeof row, "%s: %% best arm at step 1000", methods[m].label);
        cli_lab_row(lab, row, trial.plot[1] + (ptrdiff_t)m * lab->seeds * STEPS + STEPS - 1, STEPS,
                    methods[m].optimal);
    }
    UP_TRY(figure(lab, &trial, x, 0));
    return figure(lab, &trial, x, 1);
}

const CliExperiment cli_epsilon_greedy = {
    "epsilon-greedy-testbed", "exploring, or not, on 2,000 bandits of ten arms (document 003)", 20,
    run, false};
