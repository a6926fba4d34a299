// epsilon-greedy-testbed: the slide "Exploration and Exploitation" of Sun 2024, figure 2.2 of
// Sutton and Barto (2018); and gradient-bandit, the smallest policy gradient, their figure 2.5.
// Each on 2,000 bandits of ten arms for each seed.
#include <math.h>

#include "experiments/lab.h"
#include "uphill/tabular.h"

enum { ARMS = 10, PROBLEMS = 2000, STEPS = 1000, METHODS_MAX = 4, PLOTS = 2 };

typedef struct Method {
    const char *label;
    double epsilon;         // of action values that are means of the rewards so far
    double alpha;           // of a softmax policy, where not 0
    bool baseline;          // the softmax policy subtracts the mean of the rewards so far
    double reward, optimal; // known at step 1,000: expected reward (NAN: not), % best arm
} Method;

// What one of the two experiments is about. Known figures: 40,000 and 20,000 bandits.
typedef struct Setup {
    const char *title, *name;
    double mean_of_arms;
    int methods;
    Method method[METHODS_MAX];
} Setup;

static const Setup greedy = {"ε-greedy on the 10-armed testbed, 2,000 problems a run",
                             "testbed",
                             0,
                             3,
                             {{"greedy", 0, 0, false, 1.03, 36},
                              {"ε = 0.01", 0.01, 0, false, 1.32, 61},
                              {"ε = 0.1", 0.1, 0, false, 1.37, 80}}};
static const Setup gradient = {"Gradient bandit, arms of means N(4, 1), 2,000 problems a run",
                               "gradient-bandit",
                               4,
                               4,
                               {{"α = 0.1, baseline", 0, 0.1, true, NAN, 85.3},
                                {"α = 0.4, baseline", 0, 0.4, true, NAN, 73.7},
                                {"α = 0.1, none", 0, 0.1, false, NAN, 48.5},
                                {"α = 0.4, none", 0, 0.4, false, NAN, 27.5}}};
static const double best_of_ten = 1.54; // mean of the largest of ten numbers from N(0, 1)

typedef struct Testbed {
    UpEnv *env;
    UpArena arena;
    UpStep step;
    double *mean;    // (PROBLEMS, ARMS) true, as the environment draws them
    double *q;       // (PROBLEMS, ARMS) estimated, or θ of a softmax policy
    int64_t *pulled; // (PROBLEMS, ARMS)
    double *average; // (PROBLEMS) of the rewards so far
    int64_t pulls;   // of each problem
    UpRng rng;
} Testbed;

typedef struct Trial {
    const Setup *setup;
    int seeds;
    double *plot[PLOTS]; // (methods, seeds, STEPS) mean reward; share of pulls of the best arm in %
    double *expected;    // (methods, seeds) mean of the chosen arms at the last step
} Trial;

// The arms of a problem are the first ten normal numbers of its seed's stream.
static UpStatus draw_problems(Testbed *t, double mean_of_arms, uint64_t seed) {
    uint64_t seeds[PROBLEMS];
    for (int i = 0; i < PROBLEMS; i++) {
        UpRng rng;
        seeds[i] = seed * PROBLEMS + (uint64_t)i;
        up_rng_seed(&rng, seeds[i]);
        for (int a = 0; a < ARMS; a++)
            t->mean[i * ARMS + a] = mean_of_arms + up_rng_normal(&rng);
    }
    return up_env_reset(t->env, seeds, t->step.obs);
}

static UpStatus prepare(Testbed *t, double mean_of_arms, uint64_t seed) {
    char keyword[64];
    snprintf(keyword, sizeof keyword, "mean_of_arms=%g", mean_of_arms);
    UP_TRY(cli_lab_env(&t->env, "uphill/Testbed-v0", keyword, PROBLEMS));
    UP_TRY(up_obs_create(&t->step.obs, &t->env->spec, PROBLEMS, &t->arena));
    UP_TRY(up_obs_create(&t->step.final_obs, &t->env->spec, PROBLEMS, &t->arena));
    t->step.action = up_arena_alloc(&t->arena, PROBLEMS, sizeof(float));
    t->step.reward = up_arena_alloc(&t->arena, PROBLEMS, sizeof(double));
    t->step.terminated = up_arena_alloc(&t->arena, PROBLEMS, 1);
    t->step.truncated = up_arena_alloc(&t->arena, PROBLEMS, 1);
    t->mean = up_arena_alloc(&t->arena, PROBLEMS * ARMS, sizeof *t->mean);
    t->q = up_arena_alloc(&t->arena, PROBLEMS * ARMS, sizeof *t->q);
    t->pulled = up_arena_alloc(&t->arena, PROBLEMS * ARMS, sizeof *t->pulled);
    t->average = up_arena_alloc(&t->arena, PROBLEMS, sizeof *t->average);
    UP_TRY(up_arena_status(&t->arena));
    up_rng_stream(&t->rng, seed, UP_STREAM_POLICY, 0);
    return draw_problems(t, mean_of_arms, seed);
}

// Learns from one pull. Q(a) ← Q(a) + (r − Q(a)) / N(a), equation 2.3; or for a softmax
// θ ← θ + α (r − r̄) ∇ log π(a), equation 2.12, where r̄ is the mean of the rewards so far, this one
// among them.
static void learn(Testbed *t, const Method *m, int i, int a, double reward) {
    double *row = t->q + (ptrdiff_t)i * ARMS, score[ARMS] = {0};
    if (m->alpha == 0) {
        row[a] += (reward - row[a]) / (double)++t->pulled[i * ARMS + a];
        return;
    }
    t->average[i] += (reward - t->average[i]) / (double)(t->pulls + 1);
    double baseline = m->baseline ? t->average[i] : 0;
    up_tabular_score(row, ARMS, a, m->alpha * (reward - baseline), score);
    for (int b = 0; b < ARMS; b++)
        row[b] += score[b];
}

// One pull in every problem.
static UpStatus pull(Testbed *t, const Method *m, double *reward, double *optimal,
                     double *expected) {
    float *action = (float *)t->step.action;
    for (int i = 0; i < PROBLEMS; i++) {
        const double *row = t->q + (ptrdiff_t)i * ARMS;
        action[i] =
            (float)(m->alpha > 0 ? up_tabular_sample(row, ARMS, &t->rng)
                                 : up_tabular_epsilon_greedy(row, ARMS, m->epsilon, &t->rng));
    }
    UP_TRY(up_env_step(t->env, &t->step));
    *reward = *optimal = *expected = 0;
    for (int i = 0; i < PROBLEMS; i++) {
        int a = (int)action[i], cell = i * ARMS + a;
        double best = t->mean[i * ARMS + up_tabular_greedy(t->mean + i * ARMS, ARMS, NULL)];
        learn(t, m, i, a, t->step.reward[i]);
        *reward += t->step.reward[i] / PROBLEMS;
        *optimal += 100.0 * (t->mean[cell] == best) / PROBLEMS;
        *expected += t->mean[cell] / PROBLEMS;
    }
    t->pulls++;
    return UP_OK;
}

static UpStatus run_seed(void *context, int task) {
    Trial *trial = context;
    const Method *method = &trial->setup->method[task / trial->seeds];
    Testbed t = {0};
    UpStatus status = prepare(&t, trial->setup->mean_of_arms, (uint64_t)(task % trial->seeds) + 1);
    for (int i = 0; i < STEPS && status == UP_OK; i++) {
        ptrdiff_t at = (ptrdiff_t)task * STEPS + i;
        status = pull(&t, method, &trial->plot[0][at], &trial->plot[1][at], &trial->expected[task]);
    }
    up_env_destroy(t.env);
    up_arena_free(&t.arena);
    return status;
}

static UpStatus figure(CliLab *lab, const Trial *trial, const double *x, int which) {
    static const char *const endings[PLOTS] = {"reward", "optimal"};
    static const char *const y_labels[PLOTS] = {"average reward", "pulls of the best arm, %"};
    const Setup *setup = trial->setup;
    int curves = setup->methods * lab->seeds;
    char name[64], best[64];
    UpCurve *curve = up_arena_alloc(&lab->arena, (size_t)curves, sizeof *curve);
    if (!curve) return UP_MEMORY;
    for (int i = 0; i < curves; i++)
        curve[i] = (UpCurve){.label = setup->method[i / lab->seeds].label,
                             .points = STEPS,
                             .x = x,
                             .y = trial->plot[which] + (ptrdiff_t)i * STEPS};
    snprintf(name, sizeof name, "%s-%s", setup->name, endings[which]);
    snprintf(best, sizeof best, "%.2f: the best arm's mean", setup->mean_of_arms + best_of_ten);
    UpPlot plot = {.title = setup->title,
                   .x_label = "steps",
                   .y_label = y_labels[which],
                   .curves = curves,
                   .curve = curve,
                   .target = NAN,
                   .levels = which == 0,
                   .level = &(UpLevel){best, setup->mean_of_arms + best_of_ten}};
    return cli_lab_figure(lab, &plot, name);
}

static UpStatus run(CliLab *lab, const Setup *setup) {
    int tasks = setup->methods * lab->seeds;
    Trial trial = {
        .setup = setup, .seeds = lab->seeds, .expected = cli_lab_numbers(lab, (size_t)tasks)};
    double *x = cli_lab_numbers(lab, STEPS);
    for (int i = 0; i < PLOTS; i++)
        trial.plot[i] = cli_lab_numbers(lab, (size_t)tasks * STEPS);
    UP_TRY(up_arena_status(&lab->arena));
    for (int i = 0; i < STEPS; i++)
        x[i] = i + 1;
    UP_TRY(cli_lab_each(lab, tasks, run_seed, &trial));
    for (int m = 0; m < setup->methods; m++) {
        const Method *method = &setup->method[m];
        char row[96];
        snprintf(row, sizeof row, "%s: expected reward at step 1000", method->label);
        cli_lab_row(lab, row, trial.expected + (ptrdiff_t)m * lab->seeds, 1, method->reward);
        snprintf(row, sizeof row, "%s: %% best arm at step 1000", method->label);
        cli_lab_row(lab, row, trial.plot[1] + (ptrdiff_t)m * lab->seeds * STEPS + STEPS - 1, STEPS,
                    method->optimal);
    }
    UP_TRY(figure(lab, &trial, x, 0));
    return figure(lab, &trial, x, 1);
}

static UpStatus run_greedy(CliLab *lab) {
    return run(lab, &greedy);
}

static UpStatus run_gradient(CliLab *lab) {
    return run(lab, &gradient);
}

const CliExperiment cli_epsilon_greedy = {
    "epsilon-greedy-testbed", "exploring, or not, on 2,000 bandits of ten arms (Sun 2024)", 20,
    run_greedy, false};
const CliExperiment cli_gradient_bandit = {
    "gradient-bandit",
    "the policy gradient on ten arms, with and without a baseline (Welleck 2020)", 10, run_gradient,
    false};
