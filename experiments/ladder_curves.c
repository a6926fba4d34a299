// Learning curves for `uphill experiment variance-ladder`: CartPole, ten episodes a batch, Ψ alone
// differs.
#include <math.h>

#include "experiments/ladder.h"
#include "uphill/train.h"

enum { POINTS = 40, STEPS = 64000 };

static const double discount = 0.99;

typedef struct Trial {
    CliLab *lab;
    int rung[CLI_RUNGS], rungs; // those that are options of a training
    double *x;                  // (POINTS) steps
    double *y;                  // (rungs, seeds, POINTS) mean return of the last 100 episodes
} Trial;

typedef struct Curve {
    const double *x;
    double *y;
    int points;
} Curve;

static void follow(void *user, const UpProgress *progress) {
    Curve *c = user;
    while (c->points < POINTS && (double)progress->steps >= c->x[c->points])
        c->y[c->points++] = progress->return_mean;
}

static UpStatus configure(const Trial *trial, const CliRung *rung, int seed, UpConfig *config) {
    char text[1024];
    snprintf(text, sizeof text,
             "[train]\nalgo = vpg\nsteps = %lld\nseed = %d\nthreads = 1\n"
             "[env]\nid = CartPole-v1\n[rollout]\nenvs = 10\nepisodes = 10\n"
             "[policy]\nhidden = 32,32\nactivation = tanh\n"
             "[optim]\noptimizer = adam\nlearning_rate = 1e-2\n",
             (long long)cli_lab_share(trial->lab, STEPS, 1), seed);
    UP_TRY(up_config_parse(config, text, "learning curves"));
    config->advantage = cli_rung_def(rung, discount, discount);
    return up_config_check(config);
}

static UpStatus run_curve(void *context, int task) {
    Trial *trial = context;
    int seeds = trial->lab->seeds;
    UpConfig config;
    Curve curve = {.x = trial->x, .y = trial->y + (ptrdiff_t)task * POINTS};
    UpTrainHooks hooks = {.user = &curve, .iteration = follow};
    UpTrainer *trainer = NULL;
    UP_TRY(configure(trial, &cli_rungs[trial->rung[task / seeds]], task % seeds + 1, &config));
    UP_TRY(up_train_create(&trainer, &config, NULL));
    UpStatus status = up_train_run(trainer, &hooks);
    up_train_destroy(trainer);
    return status;
}

static UpStatus figure(const Trial *trial) {
    CliLab *lab = trial->lab;
    int curves = trial->rungs * lab->seeds;
    UpCurve *curve = up_arena_alloc(&lab->arena, (size_t)curves, sizeof *curve);
    if (!curve) return UP_MEMORY;
    for (int i = 0; i < curves; i++)
        curve[i] = (UpCurve){.label = cli_rungs[trial->rung[i / lab->seeds]].label,
                             .points = POINTS,
                             .x = trial->x,
                             .y = trial->y + (ptrdiff_t)i * POINTS};
    UpPlot plot = {.title = "VPG on CartPole-v1, ten episodes a batch, by what Ψ is",
                   .x_label = "environment steps",
                   .y_label = "mean return of the last 100 episodes",
                   .curves = curves,
                   .curve = curve,
                   .target = NAN,
                   .panels = true};
    return cli_lab_figure(lab, &plot, "ladder-learning");
}

UpStatus cli_ladder_curves(CliLab *lab) {
    Trial trial = {.lab = lab};
    for (int i = 0; i < CLI_RUNGS; i++)
        if (!cli_rungs[i].whole) trial.rung[trial.rungs++] = i;
    int runs = trial.rungs * lab->seeds;
    trial.x = cli_lab_numbers(lab, POINTS);
    trial.y = cli_lab_numbers(lab, (size_t)runs * POINTS);
    UP_TRY(up_arena_status(&lab->arena));
    for (int i = 0; i < POINTS; i++)
        trial.x[i] = (double)cli_lab_share(lab, STEPS, 1) * (i + 1) / POINTS;
    UP_TRY(cli_lab_each(lab, runs, run_curve, &trial));
    for (int i = 0; i < trial.rungs; i++) {
        char what[128];
        snprintf(what, sizeof what, "cartpole, %s: return at the end of training",
                 cli_rungs[trial.rung[i]].label);
        cli_lab_row(lab, what, trial.y + (ptrdiff_t)i * lab->seeds * POINTS + POINTS - 1, POINTS,
                    NAN);
    }
    return figure(&trial);
}
