// variance-ladder: documents 001 and 003 climb from the total reward to the TD residual to lower
// the variance of the gradient's estimate. Here is that variance, at policies from random to good.
#include <math.h>
#include <string.h>

#include "experiment_ladder.h"
#include "uphill/train.h"

enum { STOPS = 5, GOOD = STOPS - 1 };

// Shares of a training at which the policy is kept.
static const double stop_at[STOPS] = {0, 0.125, 0.25, 0.5, 1};

static const CliLakeRewards lake_rewards = {.goal = 10, .hole = -10, .ice = -1};

typedef struct Task {
    const char *name, *title, *algo;
    int64_t steps, fit; // of the training; of the value function's own, at each policy that is kept
    int episodes;       // that are measured
    int least;          // of them, however short the experiment
    double gamma, discount; // of V and what leans on it; of "to go, discounted"
    bool lake;
    const char *config, *train, *regress; // of both; of the training; of the value function's own
} Task;

enum { TASKS = 3 };
static const Task tasks[TASKS] = {
    {.name = "pong",
     .title = "Pong",
     .algo = "ppo",
     .steps = 500000,
     .fit = 20480,
     .episodes = 16,
     .least = 2,
     .gamma = 0.99,
     .discount = 0.99,
     .config = "[env]\nid = uphill/Pong-v0\npreprocess = pong80\n"
               "[rollout]\nenvs = 16\nsteps = 128\n"
               "[policy]\nhidden = 50\nactivation = relu\nshared = false\n"
               "[optim]\noptimizer = adam\nlearning_rate = 1e-3\nmax_grad_norm = 0.5\n",
     .train = "[ppo]\nminibatch = 1024\nclip = 0.1\nentropy_weight = 0.01\n",
     .regress = "[value]\nepochs = 4\nminibatch = 512\n"},
    {.name = "cartpole",
     .title = "CartPole",
     .algo = "vpg",
     .steps = 120000,
     .fit = 40960,
     .episodes = 120,
     .least = 2,
     .gamma = 0.99,
     .discount = 0.99,
     .config = "[env]\nid = CartPole-v1\n[rollout]\nenvs = 8\nsteps = 128\n"
               "[policy]\nhidden = 32,32\nactivation = tanh\nshared = false\n"
               "[optim]\noptimizer = adam\nlearning_rate = 1e-2\n",
     .train = "",
     .regress = ""},
    {.name = "lake",
     .title = "FrozenLake, +10 at the goal, −10 in a hole, −1 a step",
     .algo = "vpg",
     .steps = 60000,
     .fit = 40960,
     .episodes = 4000,
     .least = 3000,
     .gamma = 1,
     .discount = 0.9,
     .lake = true,
     .config = "[env]\nid = FrozenLake-v1\nreward_schedule = (10,-10,-1)\n"
               "max_episode_steps = 100000\n"
               "[rollout]\nenvs = 8\nsteps = 128\n"
               "[policy]\nhidden = none\nbias = false\nshared = false\n"
               "[optim]\noptimizer = adam\nlearning_rate = 3e-2\n",
     .train = "",
     .regress = "[value]\nlearning_rate = 3e-2\nschedule = linear\n"},
};

typedef struct Trial {
    CliLab *lab;
    CliEstimates *at; // (TASKS, seeds, STOPS)
    double *exact;    // (TASKS, seeds, STOPS) squared length of the exact gradient, of the lake
} Trial;

static UpStatus configure(const CliLab *lab, const Task *task, const char *algo, const char *more,
                          int64_t steps, int seed, UpConfig *config) {
    char text[2048];
    snprintf(text, sizeof text,
             "[train]\nalgo = %s\nsteps = %lld\nseed = %d\nthreads = 1\n%s%s"
             "[advantage]\ngamma = %g\n",
             algo, (long long)cli_lab_share(lab, steps, 1), seed, task->config, more, task->gamma);
    return up_config_parse(config, text, task->name);
}

// A training whose policy is kept on the way.
typedef struct Course {
    UpTrainer *trainer;
    int64_t steps;
    int next;
    UpReal *kept; // (STOPS, policy size)
} Course;

static void keep(void *user, const UpProgress *progress) {
    Course *c = user;
    const UpPolicy *p = up_train_policy(c->trainer);
    while (c->next < STOPS && (double)progress->steps >= stop_at[c->next] * (double)c->steps)
        memcpy(c->kept + (size_t)c->next++ * p->size, p->param, p->size * sizeof *p->param);
}

static UpStatus train(Course *c, const UpConfig *config, UpArena *arena) {
    UP_TRY(up_train_create(&c->trainer, config, NULL));
    c->steps = config->train.steps;
    c->kept = up_arena_alloc(arena, STOPS * up_train_policy(c->trainer)->size, sizeof *c->kept);
    if (!c->kept) return UP_MEMORY;
    keep(c, up_train_progress(c->trainer));
    UpTrainHooks hooks = {.user = c, .iteration = keep};
    return up_train_run(c->trainer, &hooks);
}

// The policy stays, its value function learns: document 003's algorithm 1 with a step size of 0.
static UpStatus fit_value(UpTrainer **trainer, const CliLab *lab, const Task *task, int seed,
                          const UpReal *param) {
    UpConfig config;
    UP_TRY(configure(lab, task, "vpg", task->regress, task->fit, seed + 1000, &config));
    UP_TRY(up_config_set(&config, "optim.learning_rate", "0", task->name));
    UP_TRY(up_train_create(trainer, &config, NULL));
    UpPolicy *p = up_train_policy(*trainer);
    memcpy(p->param, param, p->size * sizeof *param);
    return up_train_run(*trainer, NULL);
}

static UpStatus judge(Trial *trial, const Task *task, UpTrainer *trainer, int seed, int stop,
                      UpArena *arena) {
    ptrdiff_t at = ((task - tasks) * trial->lab->seeds + seed - 1) * STOPS + stop;
    UpPolicy *p = up_train_policy(trainer);
    double *exact = NULL;
    if (task->lake) {
        exact = up_arena_alloc(arena, p->size, sizeof *exact);
        if (!exact) return UP_MEMORY;
        cli_lake_gradient(p, &lake_rewards, exact);
        for (size_t i = 0; i < p->size; i++)
            trial->exact[at] += exact[i] * exact[i];
    }
    int episodes = (int)cli_lab_share(trial->lab, task->episodes, task->least);
    return cli_estimate(p, &up_trainer_config(trainer)->env, task->gamma, task->discount, episodes,
                        (uint64_t)(seed * STOPS + stop), exact, &trial->at[at]);
}

static UpStatus run_task(void *context, int index) {
    Trial *trial = context;
    const Task *task = &tasks[index / trial->lab->seeds];
    int seed = index % trial->lab->seeds + 1;
    UpConfig config;
    UpArena arena = {0};
    Course course = {0};
    UpStatus status =
        configure(trial->lab, task, task->algo, task->train, task->steps, seed, &config);
    if (status == UP_OK) status = train(&course, &config, &arena);
    for (int stop = 0; stop < STOPS && status == UP_OK; stop++) {
        UpTrainer *fitted = NULL;
        const UpReal *param = course.kept + (size_t)stop * up_train_policy(course.trainer)->size;
        status = fit_value(&fitted, trial->lab, task, seed, param);
        if (status == UP_OK) status = judge(trial, task, fitted, seed, stop, &arena);
        up_train_destroy(fitted);
    }
    up_train_destroy(course.trainer);
    up_arena_free(&arena);
    return status;
}

// ---------------------------------------------------------------------------------------------------
// What is told

typedef enum Quantity { VARIANCE, RELATIVE, ERRORS, RETURN } Quantity;

static double quantity(const Trial *trial, int task, int seed, int stop, int rung, Quantity which) {
    ptrdiff_t at = (ptrdiff_t)(task * trial->lab->seeds + seed) * STOPS + stop;
    const CliEstimates *e = &trial->at[at];
    double episodes = (double)cli_lab_share(trial->lab, tasks[task].episodes, tasks[task].least);
    double by_chance = e->variance[rung] / episodes; // E |mean of g − E g|²
    double square = tasks[task].lake ? trial->exact[at] : e->square[rung];
    switch (which) {
    case VARIANCE:
        return e->variance[rung];
    case RELATIVE: // a mean that chance could have made says nothing about E g
        return tasks[task].lake || square > by_chance ? e->variance[rung] / square : NAN;
    case ERRORS:
        return sqrt(e->error[rung] / by_chance);
    case RETURN:
        return e->ret;
    }
    return NAN;
}

static UpStatus row(const Trial *trial, int task, int stop, int rung, Quantity which) {
    static const char *const names[] = {": variance", ": variance / |mean|²",
                                        ": standard errors from exact", "mean return"};
    const CliLab *lab = trial->lab;
    double *value = cli_lab_numbers(trial->lab, (size_t)lab->seeds);
    char what[160];
    if (!value) return UP_MEMORY;
    for (int seed = 0; seed < lab->seeds; seed++)
        value[seed] = quantity(trial, task, seed, stop, rung, which);
    snprintf(what, sizeof what, "%s, %s policy, %s%s", tasks[task].name,
             stop == 0      ? "random"
             : stop == GOOD ? "last"
                            : "middle",
             which == RETURN ? "" : cli_rungs[rung].label, names[which]);
    cli_lab_row(trial->lab, what, value, 1, NAN);
    return UP_OK;
}

static UpStatus rows(const Trial *trial, int task) {
    for (int stop = 0; stop < STOPS; stop += GOOD / 2) {
        UP_TRY(row(trial, task, stop, 0, RETURN));
        for (int which = VARIANCE; which <= (tasks[task].lake ? ERRORS : RELATIVE); which++)
            for (int rung = 0; rung < CLI_RUNGS; rung++)
                UP_TRY(row(trial, task, stop, rung, (Quantity)which));
    }
    return UP_OK;
}

static UpStatus figure(const Trial *trial, int task, Quantity which) {
    CliLab *lab = trial->lab;
    int curves = CLI_RUNGS * lab->seeds;
    double *x = cli_lab_numbers(lab, STOPS), *y = cli_lab_numbers(lab, (size_t)(curves * STOPS));
    UpCurve *curve = up_arena_alloc(&lab->arena, (size_t)curves, sizeof *curve);
    char name[64], title[160];
    if (!x || !y || !curve) return UP_MEMORY;
    for (int stop = 0; stop < STOPS; stop++)
        x[stop] = stop_at[stop] * (double)cli_lab_share(lab, tasks[task].steps, 1);
    bool any = false;
    for (int i = 0; i < curves; i++) {
        for (int stop = 0; stop < STOPS; stop++) {
            double value = quantity(trial, task, i % lab->seeds, stop, i / lab->seeds, which);
            y[i * STOPS + stop] = value;
            any |= isfinite(value) != 0;
        }
        curve[i] = (UpCurve){.label = cli_rungs[i / lab->seeds].label,
                             .points = STOPS,
                             .x = x,
                             .y = y + (ptrdiff_t)i * STOPS};
    }
    if (!any) return UP_OK; // too few episodes for any of them
    snprintf(name, sizeof name, "ladder-%s%s", tasks[task].name,
             which == RELATIVE ? "-relative" : "");
    snprintf(title, sizeof title, "%s: variance of one episode's gradient%s", tasks[task].title,
             which == RELATIVE ? ", relative" : "");
    UpPlot plot = {.title = title,
                   .x_label = "training steps of the policy that is held fixed",
                   .y_label = which == RELATIVE ? "trace of the covariance / |mean gradient|²"
                                                : "trace of the covariance, reward²",
                   .curves = curves,
                   .curve = curve,
                   .target = NAN,
                   .log_y = true};
    return cli_lab_figure(lab, &plot, name);
}

static UpStatus run(CliLab *lab) {
    size_t cells = (size_t)TASKS * (size_t)lab->seeds * STOPS;
    Trial trial = {.lab = lab,
                   .at = up_arena_alloc(&lab->arena, cells, sizeof *trial.at),
                   .exact = cli_lab_numbers(lab, cells)};
    if (!trial.at || !trial.exact) return UP_MEMORY;
    UP_TRY(cli_ladder_bandit(lab));
    UP_TRY(cli_lab_each(lab, TASKS * lab->seeds, run_task, &trial));
    for (int task = TASKS - 1; task >= 0; task--) {
        UP_TRY(rows(&trial, task));
        UP_TRY(figure(&trial, task, VARIANCE));
        UP_TRY(figure(&trial, task, RELATIVE));
    }
    return cli_ladder_curves(lab);
}

const CliExperiment cli_variance_ladder = {
    .name = "variance-ladder",
    .summary = "variance of the gradient's estimate, rung by rung (documents 001, 003)",
    .seeds = 3,
    .run = run,
    .shorter = true};
