// variance-ladder: lecture 22 and Sun 2024 climb from the total reward to the TD residual to lower
// the variance of the gradient's estimate. Here is that variance, at policies from random to good.
#include <math.h>
#include <string.h>

#include "experiments/ladder.h"
#include "uphill/train.h"

static const CliLakeRewards lake_rewards = {.goal = 10, .hole = -10, .ice = -0.3};

enum { TASKS = 3 };
static const CliLadderTask tasks[TASKS] = {
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
               "[rollout]\nenvs = 16\nsteps = 128\nscale_reward = false\nclip_reward = 0\n"
               "[policy]\nhidden = 50\nactivation = relu\nshared = false\n"
               "[optim]\noptimizer = adam\nlearning_rate = 1e-3\nmax_grad_norm = 0.5\n",
     .train = "[ppo]\nepochs = 4\nminibatch = 1024\nclip = 0.1\nentropy_weight = 0.01\n",
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
     .title = "FrozenLake",
     .algo = "vpg",
     .steps = 60000,
     .fit = 40960,
     .episodes = 4000,
     .least = 3000,
     .gamma = 1,
     .discount = 0.9,
     .lake = true,
     .config = "[env]\nid = FrozenLake-v1\nreward_schedule = (10,-10,-0.3)\n"
               "max_episode_steps = 100000\n"
               "[rollout]\nenvs = 8\nsteps = 128\n"
               "[policy]\nhidden = none\nbias = false\nshared = false\n"
               "[optim]\noptimizer = adam\nlearning_rate = 0.1\n",
     .train = "",
     .regress = "[value]\nlearning_rate = 3e-2\nschedule = linear\n"},
};

static UpStatus configure(const CliLab *lab, const CliLadderTask *task, const char *algo,
                          const char *more, int64_t steps, int seed, UpConfig *config) {
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
    UpReal *kept; // (CLI_STOPS, policy size)
} Course;

static void keep(void *user, const UpProgress *progress) {
    Course *c = user;
    const UpPolicy *p = up_train_policy(c->trainer);
    while (c->next < CLI_STOPS &&
           (double)progress->steps >= cli_stop_at[c->next] * (double)c->steps)
        memcpy(c->kept + (size_t)c->next++ * p->size, p->param, p->size * sizeof *p->param);
}

static UpStatus train(Course *c, const UpConfig *config, UpArena *arena) {
    UP_TRY(up_train_create(&c->trainer, config, NULL));
    c->steps = config->train.steps;
    c->kept = up_arena_alloc(arena, CLI_STOPS * up_train_policy(c->trainer)->size, sizeof *c->kept);
    if (!c->kept) return UP_MEMORY;
    keep(c, up_train_progress(c->trainer));
    UpTrainHooks hooks = {.user = c, .iteration = keep};
    return up_train_run(c->trainer, &hooks);
}

// The policy stays, its value function learns: Sun 2024's algorithm 1 with a step size of 0.
static UpStatus fit_value(UpTrainer **trainer, const CliLab *lab, const CliLadderTask *task,
                          int seed, const UpReal *param) {
    UpConfig config;
    UP_TRY(configure(lab, task, "vpg", task->regress, task->fit, seed + 1000, &config));
    UP_TRY(up_config_set(&config, "optim.learning_rate", "0", task->name));
    UP_TRY(up_train_create(trainer, &config, NULL));
    UpPolicy *p = up_train_policy(*trainer);
    memcpy(p->param, param, p->size * sizeof *param);
    return up_train_run(*trainer, NULL);
}

static UpStatus judge(const CliLadder *ladder, UpTrainer *trainer, int seed, int stop,
                      UpArena *arena) {
    const CliLadderTask *task = ladder->task;
    int at = (seed - 1) * CLI_STOPS + stop;
    UpPolicy *p = up_train_policy(trainer);
    double *exact = NULL;
    if (task->lake) {
        exact = up_arena_alloc(arena, p->size, sizeof *exact);
        if (!exact) return UP_MEMORY;
        cli_lake_gradient(p, &lake_rewards, exact);
        for (size_t i = 0; i < p->size; i++)
            ladder->exact[at] += exact[i] * exact[i];
    }
    int episodes = (int)cli_lab_share(ladder->lab, task->episodes, task->least);
    return cli_estimate(p, &up_trainer_config(trainer)->env, task->gamma, task->discount, episodes,
                        (uint64_t)seed * CLI_STOPS + (uint64_t)stop, exact, &ladder->at[at]);
}

// One training, and what there is to say of the policies that it came by.
static UpStatus run_one(void *context, int index) {
    const CliLadder *ladders = context;
    const CliLadder *ladder = &ladders[index / ladders->lab->seeds];
    const CliLadderTask *task = ladder->task;
    int seed = index % ladder->lab->seeds + 1;
    UpConfig config;
    UpArena arena = {0};
    Course course = {0};
    UpStatus status =
        configure(ladder->lab, task, task->algo, task->train, task->steps, seed, &config);
    if (status == UP_OK) status = train(&course, &config, &arena);
    for (int stop = 0; stop < CLI_STOPS && status == UP_OK; stop++) {
        UpTrainer *fitted = NULL;
        const UpReal *param = course.kept + (size_t)stop * up_train_policy(course.trainer)->size;
        status = fit_value(&fitted, ladder->lab, task, seed, param);
        if (status == UP_OK) status = judge(ladder, fitted, seed, stop, &arena);
        up_train_destroy(fitted);
    }
    up_train_destroy(course.trainer);
    up_arena_free(&arena);
    return status;
}

static UpStatus run(CliLab *lab) {
    CliLadder ladder[TASKS];
    size_t cells = (size_t)lab->seeds * CLI_STOPS;
    for (int i = 0; i < TASKS; i++) {
        ladder[i] = (CliLadder){.lab = lab,
                                .task = &tasks[i],
                                .at = up_arena_alloc(&lab->arena, cells, sizeof(CliEstimates)),
                                .exact = cli_lab_numbers(lab, cells)};
    }
    UP_TRY(up_arena_status(&lab->arena));
    UP_TRY(cli_ladder_bandit(lab));
    UP_TRY(cli_lab_each(lab, TASKS * lab->seeds, run_one, ladder));
    for (int i = TASKS - 1; i >= 0; i--) // the longest stand first, the smallest are told first
        UP_TRY(cli_ladder_report(&ladder[i]));
    return cli_ladder_curves(lab);
}

const CliExperiment cli_variance_ladder = {
    .name = "variance-ladder",
    .summary =
        "variance of the gradient's estimate, rung by rung (Deep Learning, lecture 22; Sun 2024)",
    .seeds = 3,
    .run = run,
    .shorter = true};
