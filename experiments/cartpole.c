// cartpole-three-ways: CartPole-v1 by a Q table over a state cut into boxes, by REINFORCE as
// the CartPole tutorial writes it, and by PPO. How many steps, and how much time of one core, does
// each of them take?
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "experiments/lab.h"
#include "uphill/tabular.h"
#include "uphill/train.h"

enum { Q_TABLE, REINFORCE, PPO, METHODS };
enum { NUMBERS = 4, ACTIONS = 2, STATES = 4 * 4 * 8 * 8, POINTS = 400, LEVELS = 3 };
enum { STEPS, EPISODES, SECONDS, UNITS };
enum { RECENT = 100, EVAL_EPISODES = 100, EVAL_SEED = 1000000, EVAL_ENVS = 10 };

static const struct {
    const char *label, *recipe;
} methods[METHODS] = {
    {"Q table", NULL}, {"REINFORCE", "cartpole-reinforce"}, {"PPO", "cartpole-ppo"}};
static const int64_t whole_budget = 500000; // steps of the environment

// Position, speed, angle, angular speed: limits of the inner boxes, and how many there are.
static const struct {
    double limit;
    int boxes;
} cuts[NUMBERS] = {{2.4, 4}, {2, 4}, {0.21, 8}, {2, 8}};

static const double levels[LEVELS] = {180, 195, 475};

// One run of one method.
typedef struct Run {
    int64_t budget;
    int points;
    double steps[POINTS], seconds[POINTS], recent[POINTS]; // mean return of the last episodes
    double reached[LEVELS][UNITS]; // where the running reward was first as high; NAN: nowhere
    double score;                  // mean of 100 greedy episodes at the end
    double begin;                  // of its time
} Run;

typedef struct Trial {
    const CliLab *lab;
    Run *run; // (METHODS, seeds)
} Trial;

// Of this thread alone: a run takes one, and how many others there are must not matter.
static double thread_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void record(void *user, const UpProgress *p) {
    Run *run = user;
    double seconds = thread_seconds() - run->begin;
    if (isnan(p->running_reward)) return;
    for (int i = 0; i < LEVELS; i++)
        if (p->running_reward >= levels[i] && isnan(run->reached[i][STEPS])) {
            run->reached[i][STEPS] = (double)p->steps;
            run->reached[i][EPISODES] = (double)p->episodes;
            run->reached[i][SECONDS] = seconds;
        }
    if (p->steps * POINTS < (run->points + 1) * run->budget || run->points == POINTS) return;
    run->steps[run->points] = (double)p->steps;
    run->seconds[run->points] = seconds;
    run->recent[run->points++] = p->return_mean;
}

// ---------------------------------------------------------------------------------------------------
// Q table

typedef struct Pole {
    UpEnv *env;
    UpStep step;
    float action;
    double reward;
    uint8_t terminated, truncated;
    double q[STATES * ACTIONS];
    UpRng rng;
    UpArena arena;
} Pole;

// The box that an observation lies in; the outer ones reach to infinity.
static int64_t box_of(const float *obs) {
    int64_t box = 0;
    for (int i = 0; i < NUMBERS; i++) {
        double part = ((double)obs[i] / cuts[i].limit + 1) / 2 * cuts[i].boxes;
        int64_t at = part < 0 ? 0 : part >= cuts[i].boxes ? cuts[i].boxes - 1 : (int64_t)part;
        box = box * cuts[i].boxes + at;
    }
    return box;
}

static UpStatus open_pole(Pole *p, uint64_t seed) {
    UP_TRY(cli_lab_env(&p->env, "CartPole-v1", "", 1));
    UP_TRY(up_obs_create(&p->step.obs, &p->env->spec, 1, &p->arena));
    UP_TRY(up_obs_create(&p->step.final_obs, &p->env->spec, 1, &p->arena));
    p->step.action = &p->action;
    p->step.reward = &p->reward;
    p->step.terminated = &p->terminated;
    p->step.truncated = &p->truncated;
    up_rng_stream(&p->rng, seed, UP_STREAM_POLICY, 0);
    return up_env_reset(p->env, &seed, p->step.obs);
}

static void close_pole(Pole *p) {
    up_env_destroy(p->env);
    up_arena_free(&p->arena);
}

// One step, ε-greedy.
static UpStatus move(Pole *p, double epsilon, UpTransition *t) {
    int64_t state = box_of(p->step.obs.f32);
    int64_t action = up_tabular_epsilon_greedy(p->q + state * ACTIONS, ACTIONS, epsilon, &p->rng);
    p->action = (float)action;
    UP_TRY(up_env_step(p->env, &p->step));
    bool ended = p->terminated || p->truncated;
    *t = (UpTransition){.state = state,
                        .action = action,
                        .reward = p->reward,
                        .next = box_of(ended ? p->step.final_obs.f32 : p->step.obs.f32),
                        .terminated = p->terminated,
                        .truncated = p->truncated};
    return UP_OK;
}

static UpStatus score_table(Pole *p, double *score) {
    uint64_t seed = EVAL_SEED;
    UpTransition t;
    *score = 0;
    UP_TRY(up_env_reset(p->env, &seed, p->step.obs));
    for (int episodes = 0; episodes < EVAL_EPISODES; episodes += t.terminated || t.truncated) {
        UP_TRY(move(p, 0, &t));
        *score += t.reward / EVAL_EPISODES;
    }
    return UP_OK;
}

// An episode has ended: what `uphill train` tells of it.
static void book(UpProgress *now, double recent[RECENT], double ret) {
    recent[now->episodes % RECENT] = ret;
    now->running_reward = now->episodes++ == 0 ? ret : 0.99 * now->running_reward + 0.01 * ret;
    int count = now->episodes < RECENT ? (int)now->episodes : RECENT;
    now->return_mean = 0;
    for (int i = 0; i < count; i++)
        now->return_mean += recent[i] / count;
}

static UpStatus learn_table(Pole *p, Run *run) {
    const double gamma = 0.999, alpha_start = 0.2, alpha_end = 0.01;
    const UpEpsilon epsilon = {1, 0, run->budget / 5};
    UpProgress now = {.running_reward = NAN};
    double ret = 0, recent[RECENT];
    while (now.steps < run->budget) {
        UpTransition t;
        double done = (double)now.steps / (double)run->budget;
        UP_TRY(move(p, up_tabular_epsilon(&epsilon, now.steps), &t));
        up_tabular_q_learning(p->q, ACTIONS, &t,
                              up_schedule(UP_LINEAR, alpha_start, alpha_end, done), gamma);
        ret += t.reward;
        now.steps++;
        if (!t.terminated && !t.truncated) continue;
        book(&now, recent, ret);
        ret = 0;
        record(run, &now);
    }
    return score_table(p, &run->score);
}

static UpStatus run_table(Run *run, uint64_t seed) {
    Pole *p = calloc(1, sizeof *p);
    if (!p) return up_fail(UP_MEMORY, "out of memory for a Q table");
    UpStatus status = open_pole(p, seed);
    if (status == UP_OK) status = learn_table(p, run);
    close_pole(p);
    free(p);
    return status;
}

// ---------------------------------------------------------------------------------------------------
// Policies: the recipes

static UpStatus read_recipe(UpConfig *config, const char *recipe, int64_t steps, uint64_t seed) {
    UP_TRY(cli_lab_recipe(config, recipe, steps));
    config->train.seed = (int64_t)seed;
    config->train.target = NAN;
    config->train.threads = 1;
    return UP_OK;
}

static UpStatus score_policy(UpPolicy *policy, double *score) {
    double returns[EVAL_EPISODES];
    int64_t lengths[EVAL_EPISODES];
    UpEnv *env;
    UP_TRY(cli_lab_env(&env, "CartPole-v1", "", EVAL_ENVS));
    UpEvaluation how = {.episodes = EVAL_EPISODES, .seed = EVAL_SEED, .greedy = true};
    UpStatus status = up_evaluate(policy, env, &how, returns, lengths, NULL);
    *score = 0;
    for (int i = 0; i < EVAL_EPISODES && status == UP_OK; i++)
        *score += returns[i] / EVAL_EPISODES;
    up_env_destroy(env);
    return status;
}

static UpStatus run_policy(Run *run, const char *recipe, uint64_t seed) {
    UpTrainer *trainer;
    UpConfig *config = calloc(1, sizeof *config);
    if (!config) return up_fail(UP_MEMORY, "out of memory for %s", recipe);
    UpStatus status = read_recipe(config, recipe, run->budget, seed);
    if (status == UP_OK) status = up_train_create(&trainer, config, NULL);
    free(config);
    if (status != UP_OK) return status;
    UpTrainHooks hooks = {.user = run, .iteration = record};
    status = up_train_run(trainer, &hooks);
    if (status == UP_OK) status = score_policy(up_train_policy(trainer), &run->score);
    up_train_destroy(trainer);
    return status;
}

static UpStatus run_seed(void *context, int task) {
    Trial *trial = context;
    int method = task / trial->lab->seeds;
    uint64_t seed = (uint64_t)(task % trial->lab->seeds) + 1;
    Run *run = &trial->run[task];
    *run =
        (Run){.budget = cli_lab_share(trial->lab, whole_budget, 1000), .begin = thread_seconds()};
    for (int i = 0; i < LEVELS * UNITS; i++)
        run->reached[i / UNITS][i % UNITS] = NAN;
    return method == Q_TABLE ? run_table(run, seed) : run_policy(run, methods[method].recipe, seed);
}

// ---------------------------------------------------------------------------------------------------
// Figures and table

static UpStatus figure(CliLab *lab, const Trial *trial, bool seconds) {
    static const UpLevel level[] = {{"195", 195}, {"475: solved", 475}};
    int curves = METHODS * lab->seeds;
    UpCurve *curve = up_arena_alloc(&lab->arena, (size_t)curves, sizeof *curve);
    if (!curve) return UP_MEMORY;
    for (int i = 0; i < curves; i++)
        curve[i] = (UpCurve){.label = methods[i / lab->seeds].label,
                             .points = trial->run[i].points,
                             .x = seconds ? trial->run[i].seconds : trial->run[i].steps,
                             .y = trial->run[i].recent};
    UpPlot plot = {.title = seconds
                                ? "CartPole-v1 by a Q table, REINFORCE and PPO: time of one core"
                                : "CartPole-v1 by a Q table, REINFORCE and PPO: steps",
                   .x_label = seconds ? "seconds of one core" : "environment steps",
                   .y_label = "mean return of the last 100 episodes",
                   .curves = curves,
                   .curve = curve,
                   .target = NAN,
                   .levels = 2,
                   .level = level,
                   .log_x = seconds};
    return cli_lab_figure(lab, &plot, seconds ? "cartpole-seconds" : "cartpole-steps");
}

// How many seeds reached a level, and what those needed for it.
static void level_rows(CliLab *lab, const Run *run, const char *label, int level, double *value) {
    static const char *const unit[UNITS] = {"steps", "episodes", "seconds of one core"};
    char what[128];
    CliLab those = *lab;
    for (int u = 0; u < UNITS; u++) {
        those.seeds = 0;
        for (int s = 0; s < lab->seeds; s++)
            if (!isnan(run[s].reached[level][u])) value[those.seeds++] = run[s].reached[level][u];
        if (u == 0) {
            const double share = 100.0 * those.seeds / lab->seeds;
            CliLab one = *lab;
            one.seeds = 1;
            snprintf(what, sizeof what, "%s: seeds that reached %g, %%", label, levels[level]);
            cli_lab_row(&one, what, &share, 1, NAN);
        }
        snprintf(what, sizeof what, "%s: %s to %g", label, unit[u], levels[level]);
        if (those.seeds > 0) cli_lab_row(&those, what, value, 1, NAN);
    }
}

static UpStatus rows(CliLab *lab, const Trial *trial) {
    double *value = cli_lab_numbers(lab, (size_t)lab->seeds);
    char what[128];
    if (!value) return UP_MEMORY;
    for (int m = 0; m < METHODS; m++) {
        const Run *run = trial->run + (ptrdiff_t)m * lab->seeds;
        for (int level = 0; level < LEVELS; level++)
            level_rows(lab, run, methods[m].label, level, value);
        for (int s = 0; s < lab->seeds; s++)
            value[s] = run[s].score;
        snprintf(what, sizeof what, "%s: mean of %d greedy episodes", methods[m].label,
                 EVAL_EPISODES);
        cli_lab_row(lab, what, value, 1, NAN);
    }
    return UP_OK;
}

static UpStatus run(CliLab *lab) {
    Trial trial = {.lab = lab};
    int runs = METHODS * lab->seeds;
    trial.run = up_arena_alloc(&lab->arena, (size_t)runs, sizeof *trial.run);
    if (!trial.run) return UP_MEMORY;
    UP_TRY(cli_lab_each(lab, runs, run_seed, &trial));
    UP_TRY(rows(lab, &trial));
    UP_TRY(figure(lab, &trial, false));
    return figure(lab, &trial, true);
}

const CliExperiment cli_cartpole = {
    "cartpole-three-ways", "CartPole-v1 by a Q table, REINFORCE and PPO (the CartPole tutorial)", 5,
    run, true};
