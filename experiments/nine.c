// mujoco-nine: Sun 2024's nine robots, PPO and TRPO beside each other. Each of the eighteen
// recipes is trained whole, with three seeds: up to four hours of one core.
#include <math.h>

#include "experiments/lab.h"

enum { TASKS = 9, ALGORITHMS = 2 };

static const struct {
    const char *recipe, *title;
    UpCenter center; // where one seed of three may fail altogether, of the middle half
} task[TASKS] = {
    {"ant", "Ant-v5", UP_CENTER_MEAN},
    {"halfcheetah", "HalfCheetah-v5", UP_CENTER_MEAN},
    {"hopper", "Hopper-v5", UP_CENTER_MEAN},
    {"humanoid", "Humanoid-v5", UP_CENTER_MEAN},
    {"inverted-double-pendulum", "InvertedDoublePendulum-v5", UP_CENTER_IQM},
    {"inverted-pendulum", "InvertedPendulum-v5", UP_CENTER_MEAN},
    {"reacher", "Reacher-v5", UP_CENTER_MEAN},
    {"swimmer", "Swimmer-v5", UP_CENTER_IQM},
    {"walker2d", "Walker2d-v5", UP_CENTER_MEAN},
};
static const struct {
    const char *recipe, *label;
} algorithm[ALGORITHMS] = {{"ppo", "PPO"}, {"trpo", "TRPO"}};

static UpStatus run_one(CliLab *lab, int t, int a, UpCurve *curve) {
    char recipe[64], what[128];
    double *last = cli_lab_numbers(lab, (size_t)lab->seeds);
    if (!last) return UP_MEMORY;
    snprintf(recipe, sizeof recipe, "%s-%s", task[t].recipe, algorithm[a].recipe);
    UP_TRY(
        cli_lab_sweep(lab, recipe, recipe, lab->seeds, cli_lab_share(lab, 1000000, 2048), NULL, 0));
    for (int seed = 0; seed < lab->seeds; seed++) {
        curve[seed].label = algorithm[a].label;
        UP_TRY(cli_lab_run(lab, recipe, seed, "steps", "return_mean", &curve[seed]));
        last[seed] = cli_lab_last(&curve[seed], curve[seed].y);
    }
    snprintf(what, sizeof what, "%s, %s: mean return of the last 100", task[t].title,
             algorithm[a].label);
    cli_lab_row(lab, what, last, 1, NAN);
    return UP_OK;
}

static UpStatus run(CliLab *lab) {
    for (int t = 0; t < TASKS; t++) {
        UpCurve *curve =
            up_arena_alloc(&lab->arena, ALGORITHMS * (size_t)lab->seeds, sizeof *curve);
        if (!curve) return UP_MEMORY;
        for (int a = 0; a < ALGORITHMS; a++)
            UP_TRY(run_one(lab, t, a, curve + a * lab->seeds));
        char title[64];
        snprintf(title, sizeof title, "%s by PPO and TRPO", task[t].title);
        UpPlot plot = {.title = title,
                       .x_label = "environment steps",
                       .y_label = "mean return of the last 100 episodes",
                       .curves = ALGORITHMS * lab->seeds,
                       .curve = curve,
                       .target = NAN,
                       .center = task[t].center};
        UP_TRY(cli_lab_figure(lab, &plot, task[t].recipe));
    }
    return UP_OK;
}

const CliExperiment cli_mujoco_nine = {"mujoco-nine", "PPO and TRPO on nine robots (Sun 2024)", 3,
                                       run, true};
