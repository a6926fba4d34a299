// taxi: the task that the CartPole tutorial mentions, by tables: Q-learning, SARSA and the softmax
// policy gradient on Taxi-v4. How good the greedy policy is, over all 300 places where an episode
// may begin.
#include <math.h>

#include "experiments/lab.h"
#include "uphill/tabular.h"

enum {
    EPISODES = 50000,
    EVERY = 250,
    EARLY = 10000 / EVERY,
    POINTS = EPISODES / EVERY,
    STARTS = 300,
    ACTIONS = 6
};
enum { STATES = 500, CELLS = STATES * ACTIONS };
enum { Q_LEARNING, SARSA, POLICY_GRADIENT, METHODS };

static const double gamma_of_task = 0.99;
static const UpEpsilon epsilon = {1, 0.01, EPISODES / 5};
static const struct {
    const char *label;
    double alpha, beta; // step sizes of the table and of the baseline
} methods[METHODS] = {
    {"Q-learning", 0.2, 0}, {"SARSA", 0.2, 0}, {"softmax policy gradient", 0.001, 0.3}};

typedef struct Learner {
    UpTabularTask task, test; // to learn in, and to be measured in
    UpTabularEpisode episode;
    double table[CELLS], baseline[STATES], gradient[CELLS];
    UpRng rng;
} Learner;

typedef struct Trial {
    int seeds;
    uint64_t start[STARTS]; // seeds of resets, one for each place
    double *mean;           // (METHODS, seeds, POINTS) return of the greedy policy
} Trial;

static UpStatus open_taxi(UpTabularTask *task) {
    UpEnv *env;
    UP_TRY(cli_lab_env(&env, "Taxi-v4", "", 1));
    UpStatus status = up_tabular_open(task, env);
    if (status != UP_OK) up_env_destroy(env);
    return status;
}

static void close_taxi(UpTabularTask *task) {
    UpEnv *env = task->env;
    if (!env) return;
    up_tabular_close(task);
    up_env_destroy(env);
}

static UpStatus find_starts(Trial *trial) {
    UpTabularTask task;
    bool seen[STATES] = {false};
    UP_TRY(open_taxi(&task));
    UpStatus status = UP_OK;
    for (uint64_t seed = 0, found = 0; found < STARTS && status == UP_OK; seed++) {
        status = up_tabular_reset(&task, seed);
        if (status != UP_OK || seen[task.state]) continue;
        seen[task.state] = true;
        trial->start[found++] = seed;
    }
    close_taxi(&task);
    return status;
}

// The mean return of the table's greedy policy, once from every start.
static UpStatus measure(Learner *l, const Trial *trial, double *mean) {
    *mean = 0;
    for (int s = 0; s < STARTS; s++) {
        UpTransition t = {0};
        UP_TRY(up_tabular_reset(&l->test, trial->start[s]));
        while (!t.terminated && !t.truncated) {
            const double *row = l->table + l->test.state * ACTIONS;
            UP_TRY(up_tabular_step(&l->test, up_tabular_greedy(row, ACTIONS, NULL), &t));
            *mean += t.reward / STARTS;
        }
    }
    return UP_OK;
}

// SARSA learns a step late, when it knows what it does next; Q-learning could at once.
static UpStatus learn_values(Learner *l, int method, double explore) {
    double alpha = methods[method].alpha;
    UpTransition t = {0};
    int64_t next =
        up_tabular_epsilon_greedy(l->table + l->task.state * ACTIONS, ACTIONS, explore, &l->rng);
    while (!t.terminated && !t.truncated) {
        UP_TRY(up_tabular_step(&l->task, next, &t));
        next = up_tabular_epsilon_greedy(l->table + t.next * ACTIONS, ACTIONS, explore, &l->rng);
        if (method == SARSA)
            up_tabular_sarsa(l->table, ACTIONS, &t, next, alpha, gamma_of_task);
        else
            up_tabular_q_learning(l->table, ACTIONS, &t, alpha, gamma_of_task);
    }
    return UP_OK;
}

static UpStatus learn_policy(Learner *l) {
    UpTransition t = {0};
    for (l->episode.length = 0; !t.terminated && !t.truncated;) {
        const double *row = l->table + l->task.state * ACTIONS;
        UP_TRY(up_tabular_step(&l->task, up_tabular_sample(row, ACTIONS, &l->rng), &t));
        UP_TRY(up_tabular_push(&l->episode, &t));
    }
    up_tabular_returns(&l->episode, gamma_of_task, t.truncated ? l->baseline[t.next] : 0);
    up_tabular_policy_gradient(l->table, l->baseline, l->gradient, ACTIONS, &l->episode,
                               methods[POLICY_GRADIENT].alpha, methods[POLICY_GRADIENT].beta);
    return UP_OK;
}

static UpStatus learn(Learner *l, const Trial *trial, int method, double *mean) {
    for (int e = 0; e < EPISODES; e++) {
        UP_TRY(method == POLICY_GRADIENT
                   ? learn_policy(l)
                   : learn_values(l, method, up_tabular_epsilon(&epsilon, e)));
        if (e % EVERY == EVERY - 1) UP_TRY(measure(l, trial, &mean[e / EVERY]));
    }
    return UP_OK;
}

static UpStatus run_seed(void *context, int number) {
    Trial *trial = context;
    int method = number / trial->seeds;
    uint64_t seed = (uint64_t)(number % trial->seeds) + 1;
    Learner l = {0};
    UpStatus status = open_taxi(&l.task);
    if (status == UP_OK) status = open_taxi(&l.test);
    if (status == UP_OK) status = up_tabular_reset(&l.task, seed);
    up_rng_stream(&l.rng, seed, UP_STREAM_POLICY, 0);
    if (status == UP_OK)
        status = learn(&l, trial, method, trial->mean + (ptrdiff_t)number * POINTS);
    up_tabular_episode_free(&l.episode);
    close_taxi(&l.task);
    close_taxi(&l.test);
    return status;
}

// Points first … last − 1 of every run.
static UpStatus figure(CliLab *lab, const Trial *trial, const double *x, int first, int last,
                       const char *title, const char *name) {
    int curves = METHODS * lab->seeds;
    UpCurve *curve = up_arena_alloc(&lab->arena, (size_t)curves, sizeof *curve);
    if (!curve) return UP_MEMORY;
    for (int i = 0; i < curves; i++)
        curve[i] = (UpCurve){.label = methods[i / lab->seeds].label,
                             .points = last - first,
                             .x = x + first,
                             .y = trial->mean + (ptrdiff_t)i * POINTS + first};
    UpPlot plot = {.title = title,
                   .x_label = "episodes",
                   .y_label = "mean return of the greedy policy over the 300 starts",
                   .curves = curves,
                   .curve = curve,
                   .target = NAN,
                   .levels = 1,
                   .level = &(UpLevel){"7.93: the optimal policy", 7.93},
                   .panels = first > 0}; // one line dips where the others stay
    return cli_lab_figure(lab, &plot, name);
}

static UpStatus run(CliLab *lab) {
    int runs = METHODS * lab->seeds;
    Trial trial = {.seeds = lab->seeds, .mean = cli_lab_numbers(lab, (size_t)runs * POINTS)};
    double *x = cli_lab_numbers(lab, POINTS);
    UP_TRY(up_arena_status(&lab->arena));
    for (int i = 0; i < POINTS; i++)
        x[i] = (i + 1) * EVERY;
    UP_TRY(find_starts(&trial));
    UP_TRY(cli_lab_each(lab, runs, run_seed, &trial));
    for (int m = 0; m < METHODS; m++) {
        char row[96];
        snprintf(row, sizeof row, "%s: mean return after %d episodes", methods[m].label, EPISODES);
        cli_lab_row(lab, row, trial.mean + (ptrdiff_t)m * lab->seeds * POINTS + POINTS - 1, POINTS,
                    7.93);
    }
    UP_TRY(figure(lab, &trial, x, 0, EARLY, "Taxi-v4 with tables: the first 10,000 episodes",
                  "taxi-early"));
    return figure(lab, &trial, x, EARLY, POINTS, "Taxi-v4 with tables: what followed", "taxi-late");
}

const CliExperiment cli_taxi = {
    "taxi", "Taxi-v4 by Q-learning, SARSA and a tabular policy gradient (the CartPole tutorial)",
    10, run, false};
