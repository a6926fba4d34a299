// bandit-baseline: the warm-up of Welleck 2020. A softmax over 100 arms behind a network of eight
// tanh units, Adam, 20,000 batches; what does a baseline do, and how many samples are enough?
#include <math.h>

#include "experiments/lab.h"
#include "uphill/optim.h"
#include "uphill/policy.h"
#include "uphill/tabular.h"

enum { BATCHES = 20000, EVERY = 100, POINTS = BATCHES / EVERY, ARMS = 100, SAMPLES_MAX = 100 };
enum { NONE, AVERAGE, CLAMPED, BASELINES, SIZES = 3, SETTINGS = BASELINES * SIZES };

static const int sizes[SIZES] = {1, 10, 100};
static const char *const labels[BASELINES] = {"no baseline", "running average",
                                              "running average, clamped at 0"};

typedef struct Bandit {
    UpEnv *env;
    UpPolicy policy;
    UpOptim optim;
    UpArena arena;
    UpObs one; // (1) the only observation
    UpStep step;
    int samples, baseline;
    double average; // b of the document's text, of batches
    double running; // r ← 0.99 r + 0.01 reward, which the document's code takes for a baseline
    UpRng rng;
} Bandit;

static double baseline_of(const Bandit *b) {
    return b->baseline == NONE ? 0 : b->baseline == AVERAGE ? b->average : b->running;
}

// b_n = 0.1 r_{n−1} + 0.9 b_{n−1}
static void remember(Bandit *b) {
    double mean = 0;
    for (int k = 0; k < b->samples; k++) {
        mean += b->step.reward[k] / b->samples;
        b->running = 0.99 * b->running + 0.01 * b->step.reward[k];
    }
    b->average = 0.1 * mean + 0.9 * b->average;
}

static int draw(const double *probability, UpRng *rng) {
    double left = up_rng_double(rng);
    int a = 0;
    while (a < ARMS - 1 && (left -= probability[a]) >= 0)
        a++;
    return a;
}

// One batch: loss = −mean of A log π(a), with A = r − b, or max(0, r − b), whose derivative by the
// logits is −A (1{a} − π).
static UpStatus learn(Bandit *b) {
    double logit[ARMS], pi[ARMS], weight[ARMS] = {0}, sum = 0;
    float *action = (float *)b->step.action;
    UpPolicyOut out = up_policy_forward(&b->policy, up_seen(&b->one), UP_HEADS_ALL);
    for (int a = 0; a < ARMS; a++)
        logit[a] = (double)out.param[a];
    up_tabular_softmax(logit, ARMS, pi);
    for (int k = 0; k < b->samples; k++)
        action[k] = (float)draw(pi, &b->rng);
    UP_TRY(up_env_step(b->env, &b->step));
    for (int k = 0; k < b->samples; k++) {
        double advantage = b->step.reward[k] - baseline_of(b);
        if (b->baseline == CLAMPED) advantage = fmax(advantage, 0);
        weight[(int)action[k]] += advantage / b->samples;
        sum += advantage / b->samples;
    }
    UpReal d_param[ARMS];
    for (int a = 0; a < ARMS; a++)
        d_param[a] = (UpReal)(sum * pi[a] - weight[a]);
    up_policy_backward(&b->policy, up_seen(&b->one), d_param, NULL);
    up_optim_step(&b->optim, b->optim.def.learning_rate, b->policy.param, b->policy.grad, NULL);
    remember(b);
    return UP_OK;
}

static UpStatus prepare(Bandit *b, uint64_t seed) {
    static const UpPolicyDef def = {.hidden = {1, {8}},
                                    .activation = UP_TANH,
                                    .bias = true,
                                    .init = UP_INIT_TORCH,
                                    .gain_hidden = 1,
                                    .gain_policy = 1,
                                    .gain_value = 1};
    UpOptimDef adam = up_optim_def_default();
    adam.kind = UP_ADAM;
    adam.learning_rate = 1e-3;
    adam.epsilon = 1e-8;
    adam.max_grad_norm = 0;
    uint64_t seeds[SAMPLES_MAX];
    for (int k = 0; k < b->samples; k++)
        seeds[k] = seed;
    UP_TRY(cli_lab_env(&b->env, "uphill/Bandit-v0", "", b->samples));
    UP_TRY(up_policy_create(&b->policy, &def, &b->env->spec, false, 1, seed));
    UP_TRY(up_optim_create(&b->optim, &adam, b->policy.size, &b->arena));
    UP_TRY(up_obs_create(&b->one, &b->env->spec, 1, &b->arena));
    UP_TRY(up_obs_create(&b->step.obs, &b->env->spec, b->samples, &b->arena));
    UP_TRY(up_obs_create(&b->step.final_obs, &b->env->spec, b->samples, &b->arena));
    b->step.action = up_arena_alloc(&b->arena, (size_t)b->samples, sizeof(float));
    b->step.reward = up_arena_alloc(&b->arena, (size_t)b->samples, sizeof(double));
    b->step.terminated = up_arena_alloc(&b->arena, (size_t)b->samples, 1);
    b->step.truncated = up_arena_alloc(&b->arena, (size_t)b->samples, 1);
    UP_TRY(up_arena_status(&b->arena));
    b->one.f32[0] = 1;
    up_rng_stream(&b->rng, seed, UP_STREAM_POLICY, 0);
    return up_env_reset(b->env, seeds, b->step.obs);
}

typedef struct Trial {
    int seeds;
    double *running; // (SETTINGS, seeds, POINTS)
    double *solved;  // (SETTINGS, seeds) 1 where the best arm was found
} Trial;

static UpStatus run_seed(void *context, int task) {
    Trial *trial = context;
    int setting = task / trial->seeds, seed = task % trial->seeds + 1;
    Bandit b = {.samples = sizes[setting / BASELINES], .baseline = setting % BASELINES};
    UpStatus status = prepare(&b, (uint64_t)seed);
    for (int i = 0; i < BATCHES && status == UP_OK; i++) {
        status = learn(&b);
        if (i % EVERY == EVERY - 1)
            trial->running[(ptrdiff_t)task * POINTS + i / EVERY] = b.running;
    }
    trial->solved[task] = b.running > 0.95;
    up_policy_destroy(&b.policy);
    up_env_destroy(b.env);
    up_arena_free(&b.arena);
    return status;
}

static UpStatus figure(CliLab *lab, const Trial *trial, const double *x, int size) {
    static const UpLevel level[] = {{"0.9: the good arms", 0.9}, {"1.0: the best arm", 1}};
    UpCurve *curve = up_arena_alloc(&lab->arena, BASELINES * (size_t)lab->seeds, sizeof *curve);
    char name[64], title[96], row[128];
    if (!curve) return UP_MEMORY;
    for (int i = 0; i < BASELINES * lab->seeds; i++) {
        ptrdiff_t task = (ptrdiff_t)size * BASELINES * lab->seeds + i;
        curve[i] = (UpCurve){.label = labels[i / lab->seeds],
                             .points = POINTS,
                             .x = x,
                             .y = trial->running + task * POINTS};
    }
    for (int b = 0; b < BASELINES; b++) {
        ptrdiff_t task = (ptrdiff_t)(size * BASELINES + b) * lab->seeds;
        snprintf(row, sizeof row, "%d a batch, %s: running reward", sizes[size], labels[b]);
        cli_lab_row(lab, row, trial->running + task * POINTS + POINTS - 1, POINTS, NAN);
        snprintf(row, sizeof row, "%d a batch, %s: best arm found", sizes[size], labels[b]);
        cli_lab_row(lab, row, trial->solved + task, 1, NAN);
    }
    snprintf(name, sizeof name, "bandit-baseline-%d", sizes[size]);
    snprintf(title, sizeof title, "Bandit of 100 arms: what a baseline does with %d pull%s a batch",
             sizes[size], size ? "s" : "");
    UpPlot plot = {.title = title,
                   .x_label = "batches",
                   .y_label = "running reward",
                   .curves = BASELINES * lab->seeds,
                   .curve = curve,
                   .target = NAN,
                   .levels = 2,
                   .level = level,
                   .panels = true};
    return cli_lab_figure(lab, &plot, name);
}

static UpStatus run(CliLab *lab) {
    int tasks = SETTINGS * lab->seeds;
    Trial trial = {.seeds = lab->seeds,
                   .running = cli_lab_numbers(lab, (size_t)tasks * POINTS),
                   .solved = cli_lab_numbers(lab, (size_t)tasks)};
    double *x = cli_lab_numbers(lab, POINTS);
    UP_TRY(up_arena_status(&lab->arena));
    for (int i = 0; i < POINTS; i++)
        x[i] = (i + 1) * EVERY;
    UP_TRY(cli_lab_each(lab, tasks, run_seed, &trial));
    for (int size = 0; size < SIZES; size++)
        UP_TRY(figure(lab, &trial, x, size));
    return UP_OK;
}

const CliExperiment cli_bandit_baseline = {
    "bandit-baseline", "a bandit of 100 arms with and without a baseline (Welleck 2020)", 10, run,
    false};
