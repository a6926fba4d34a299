// trust-region: Sun 2024 ends at TRPO, and says of the vanilla policy gradient only that it has
// a step size. What does a step of each algorithm do to the policy and to the return, and over what
// range of step sizes does it learn?
#include "experiments/trust.h"

#include <math.h>
#include <string.h>

#include "experiments/lab.h"

enum { LINES = 5, FACTORS = 8, TASKS = 2, PARTS = 2, PLAYED = 50 };
enum { ONE_STEP, TRAINING };
enum { LEAST = 2048 }; // steps in which some episodes end

static const struct {
    const char *label, *algo, *option;
    double usual;
} lines[LINES] = {
    {"VPG, learning rate 0.01", "vpg", "optim.learning_rate", 0.01},
    {"NPG, KL 0.02", "npg", "npg.kl", 0.02},
    {"TRPO, KL bound 0.02", "trpo", "trpo.kl", 0.02},
    {"PPO, learning rate 0.001", "ppo", "optim.learning_rate", 0.001},
    {"PPO, clip 0.1", "ppo", "ppo.clip", 0.1},
};

// Step sizes are the usual one times 10^(k/2).
static const int exponent[FACTORS] = {-3, -2, -1, 0, 1, 2, 3, 4};

typedef struct Task {
    const char *name, *title, *algo;
    int64_t steps, base; // of a training; of the one that makes the policy that one step starts at
    const char *config;
} Task;

static const Task tasks[TASKS] = {
    {.name = "cartpole",
     .title = "CartPole",
     .algo = "trpo",
     .steps = 51200,
     .base = 40960,
     .config = "[env]\nid = CartPole-v1\n[rollout]\nenvs = 8\nsteps = 128\n"
               "scale_reward = false\nclip_reward = 0\n"
               "[advantage]\ngamma = 0.99\nlambda = 0.95\n"
               "[policy]\nhidden = 32,32\nactivation = tanh\nshared = false\n"},
    {.name = "pendulum",
     .title = "Pendulum",
     .algo = "trpo",
     .steps = 81920,
     .base = 61440,
     .config = "[env]\nid = Pendulum-v1\n[rollout]\nenvs = 8\nsteps = 256\n"
               "scale_reward = true\nclip_reward = 10\n"
               "[advantage]\ngamma = 0.95\nlambda = 0.95\n"
               "[policy]\nhidden = 32,32\nactivation = tanh\nshared = false\n"},
};

// kl of one update (ONE_STEP) or the mean over a training's; what the return became more by, or the
// mean return of the last 100 episodes.
typedef struct Cell {
    double kl, ret;
} Cell;

typedef struct Trial {
    CliLab *lab;
    Cell *cell; // (TASKS, PARTS, LINES, FACTORS, seeds)
} Trial;

static Cell *cell_at(const Trial *trial, int task, int part, int line, int factor, int seed) {
    ptrdiff_t row = ((task * PARTS + part) * LINES + line) * FACTORS + factor;
    return &trial->cell[row * trial->lab->seeds + seed - 1];
}

static double factor_of(int factor) {
    return pow(10, exponent[factor] / 2.0);
}

static UpStatus configure(const Task *task, const char *algo, int64_t steps, int seed,
                          UpConfig *config) {
    char text[2048];
    snprintf(
        text, sizeof text, "[train]\nalgo = %s\nsteps = %lld\nseed = %d\nthreads = 1\n%s%s", algo,
        (long long)steps, seed, task->config,
        strcmp(algo, "ppo")
            ? ""
            : "[ppo]\nepochs = 10\nminibatch = 256\nclip = 0.1\n[optim]\nlearning_rate = 0.001\n");
    return up_config_parse(config, text, task->name);
}

static UpStatus configure_line(const Task *task, int line, int factor, int64_t steps, int seed,
                               UpConfig *config) {
    char value[32];
    snprintf(value, sizeof value, "%.6g", lines[line].usual * factor_of(factor));
    UP_TRY(configure(task, lines[line].algo, steps, seed, config));
    return up_config_set(config, lines[line].option, value, task->name);
}

static UpStatus train(const Trial *trial, int task, int line, int factor, int seed) {
    Cell *cell = cell_at(trial, task, TRAINING, line, factor, seed);
    UpConfig config;
    CliWatch watch;
    int64_t steps = cli_lab_share(trial->lab, tasks[task].steps, LEAST);
    UP_TRY(configure_line(&tasks[task], line, factor, steps, seed, &config));
    UpStatus status = cli_watch_open(&watch, &config, NULL);
    if (status == UP_OK) status = cli_watch_run(&watch);
    if (status == UP_OK)
        *cell =
            (Cell){watch.broken ? NAN : watch.kl, up_train_progress(watch.trainer)->return_mean};
    cli_watch_close(&watch);
    return status;
}

static UpStatus mean_return(UpTrainer *trainer, uint64_t seed, double *mean) {
    double returns[PLAYED];
    int64_t lengths[PLAYED];
    UpEnv *env;
    UP_TRY(up_env_create(&env, &up_trainer_config(trainer)->env, 10));
    UpEvaluation how = {.episodes = PLAYED, .seed = seed};
    UpStatus status = up_evaluate(up_train_policy(trainer), env, &how, returns, lengths, NULL);
    up_env_destroy(env);
    *mean = 0;
    for (int i = 0; i < PLAYED && status == UP_OK; i++)
        *mean += returns[i] / PLAYED;
    return status;
}

// One update of the policy `param`, whose return is `before`.
static UpStatus step_once(const Trial *trial, int task, int line, int factor, int seed,
                          const UpReal *param, double before) {
    Cell *cell = cell_at(trial, task, ONE_STEP, line, factor, seed);
    UpConfig config;
    CliWatch watch;
    UP_TRY(configure_line(&tasks[task], line, factor, 1, seed + 1000, &config));
    config.train.steps = config.rollout.envs * config.rollout.steps;
    UpStatus status = cli_watch_open(&watch, &config, param);
    if (status == UP_OK) status = cli_watch_run(&watch);
    double after = NAN;
    if (status == UP_OK && !watch.broken)
        status = mean_return(watch.trainer, (uint64_t)seed, &after);
    *cell = (Cell){watch.broken ? NAN : watch.kl, after - before};
    cli_watch_close(&watch);
    return status;
}

static UpStatus step_all(const Trial *trial, int task, int seed) {
    UpConfig config;
    UpTrainer *base = NULL;
    int64_t steps = cli_lab_share(trial->lab, tasks[task].base, LEAST);
    double before;
    UP_TRY(configure(&tasks[task], tasks[task].algo, steps, seed, &config));
    UP_TRY(up_train_create(&base, &config, NULL));
    UpStatus status = up_train_run(base, NULL);
    if (status == UP_OK) status = mean_return(base, (uint64_t)seed, &before);
    for (int i = 0; i < LINES * FACTORS && status == UP_OK; i++)
        status = step_once(trial, task, i / FACTORS, i % FACTORS, seed,
                           up_train_policy(base)->param, before);
    up_train_destroy(base);
    return status;
}

// Tasks in the order seed, task, line, factor; the single steps of a seed count as one line more.
static UpStatus run_one(void *context, int index) {
    const Trial *trial = context;
    enum { EACH = LINES * FACTORS + 1 };
    int seed = index / (TASKS * EACH) + 1, task = index / EACH % TASKS, at = index % EACH;
    if (at == LINES * FACTORS) return step_all(trial, task, seed);
    return train(trial, task, at / FACTORS, at % FACTORS, seed);
}

static UpStatus figure(const Trial *trial, int task, int part, bool kl) {
    static const char *const y_labels[PARTS] = {"change of the mean return of an episode",
                                                "mean return of the last 100 episodes"};
    CliLab *lab = trial->lab;
    int curves = LINES * lab->seeds;
    double *x = cli_lab_numbers(lab, FACTORS), *y = cli_lab_numbers(lab, (size_t)curves * FACTORS);
    UpCurve *curve = up_arena_alloc(&lab->arena, (size_t)curves, sizeof *curve);
    char name[64], title[160];
    UP_TRY(up_arena_status(&lab->arena));
    for (int k = 0; k < FACTORS; k++)
        x[k] = factor_of(k);
    for (int i = 0; i < curves; i++) {
        for (int k = 0; k < FACTORS; k++) {
            const Cell *cell = cell_at(trial, task, part, i / lab->seeds, k, i % lab->seeds + 1);
            y[i * FACTORS + k] = kl ? cell->kl : cell->ret;
        }
        curve[i] = (UpCurve){.label = lines[i / lab->seeds].label,
                             .points = FACTORS,
                             .x = x,
                             .y = y + (ptrdiff_t)i * FACTORS};
    }
    snprintf(name, sizeof name, "trust-%s-%s-%s", tasks[task].name,
             part == ONE_STEP ? "step" : "training", kl ? "kl" : "return");
    snprintf(title, sizeof title, "%s, %s", tasks[task].title,
             part == ONE_STEP ? "one update of the same policy" : "trained with each step size");
    UpPlot plot = {.title = title,
                   .x_label = "step size, as a multiple of the one in the legend",
                   .y_label = !kl                ? y_labels[part]
                              : part == ONE_STEP ? "KL(old ‖ new), nats"
                                                 : "mean KL(old ‖ new) of an update, nats",
                   .curves = curves,
                   .curve = curve,
                   .target = NAN,
                   .log_x = true,
                   .log_y = kl};
    return cli_lab_figure(lab, &plot, name);
}

static void rows(const Trial *trial, int task, int part, int line) {
    for (int k = 0; k < FACTORS; k++) {
        const Cell *first = cell_at(trial, task, part, line, k, 1);
        char what[160];
        if (exponent[k] % 2) continue; // whole powers of ten
        snprintf(what, sizeof what, "%s, %s, %s × %.3g: ", tasks[task].name,
                 part == ONE_STEP ? "one step" : "training", lines[line].label, factor_of(k));
        size_t end = strlen(what);
        enum { STRIDE = sizeof(Cell) / sizeof(double) };
        snprintf(what + end, sizeof what - end, "KL");
        cli_lab_row(trial->lab, what, &first->kl, STRIDE, NAN);
        snprintf(what + end, sizeof what - end, part == ONE_STEP ? "change" : "return");
        cli_lab_row(trial->lab, what, &first->ret, STRIDE, NAN);
    }
}

static UpStatus run(CliLab *lab) {
    size_t cells = (size_t)TASKS * PARTS * LINES * FACTORS * (size_t)lab->seeds;
    Trial trial = {.lab = lab, .cell = up_arena_alloc(&lab->arena, cells, sizeof *trial.cell)};
    if (!trial.cell) return UP_MEMORY;
    UP_TRY(cli_lab_each(lab, lab->seeds * TASKS * (LINES * FACTORS + 1), run_one, &trial));
    for (int i = 0; i < TASKS * PARTS; i++) {
        for (int line = 0; line < LINES; line++)
            rows(&trial, i / PARTS, i % PARTS, line);
        UP_TRY(figure(&trial, i / PARTS, i % PARTS, true));
        UP_TRY(figure(&trial, i / PARTS, i % PARTS, false));
    }
    return UP_OK;
}

const CliExperiment cli_trust_region = {
    .name = "trust-region",
    .summary = "step size against KL and return: VPG, NPG, TRPO, PPO (Sun 2024)",
    .seeds = 3,
    .run = run,
    .shorter = true};
