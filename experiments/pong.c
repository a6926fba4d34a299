// pong-reinforce: the Pong tutorial on the real game. REINFORCE from the difference of two frames,
// with 200 hidden units; and the two extras that it names, a search over hyper-parameters and a
// move penalty.
#include <math.h>

#include "experiments/lab.h"

static const char *const search_grid[] = {"optim.learning_rate=3e-4,1e-3,3e-3",
                                          "rollout.move_penalty=0,3e-3"};

typedef struct Learned {
    UpCurve *curve;                   // (seeds)
    double *reward, *mean, *episodes; // (seeds) at the end
} Learned;

static UpStatus read_run(CliLab *lab, Learned *learned, int seed) {
    UpCurve *curve = &learned->curve[seed], running;
    UP_TRY(cli_lab_run(lab, "curves", seed, "episodes", "return_mean", curve));
    UP_TRY(cli_lab_run(lab, "curves", seed, "episodes", "running_reward", &running));
    curve->label = "REINFORCE";
    learned->mean[seed] = cli_lab_last(curve, curve->y);
    learned->reward[seed] = cli_lab_last(&running, running.y);
    learned->episodes[seed] = cli_lab_last(curve, curve->x);
    return UP_OK;
}

static UpStatus report(CliLab *lab, Learned *learned) {
    static const UpLevel level[] = {{"0: as good as the opponent", 0}};
    for (int seed = 0; seed < lab->seeds; seed++)
        UP_TRY(read_run(lab, learned, seed));
    cli_lab_row(lab, "running reward at the end", learned->reward, 1, NAN);
    cli_lab_row(lab, "mean return of the last 100 episodes", learned->mean, 1, NAN);
    cli_lab_row(lab, "episodes", learned->episodes, 1, NAN);
    UpPlot plot = {.title = "Atari's Pong by REINFORCE, from pixels",
                   .x_label = "episodes, each up to 21 points",
                   .y_label = "mean return of the last 100 episodes",
                   .curves = lab->seeds,
                   .curve = learned->curve,
                   .target = NAN,
                   .levels = 1,
                   .level = level};
    return cli_lab_figure(lab, &plot, "pong-reinforce");
}

static UpStatus run(CliLab *lab) {
    size_t seeds = (size_t)lab->seeds;
    Learned learned = {.curve = up_arena_alloc(&lab->arena, seeds, sizeof(UpCurve)),
                       .reward = cli_lab_numbers(lab, seeds),
                       .mean = cli_lab_numbers(lab, seeds),
                       .episodes = cli_lab_numbers(lab, seeds)};
    UP_TRY(up_arena_status(&lab->arena));
    UP_TRY(cli_lab_sweep(lab, "curves", "pong-atari-reinforce", lab->seeds,
                         cli_lab_share(lab, 7000000, 1), NULL, 0));
    UP_TRY(report(lab, &learned));
    return cli_lab_sweep(lab, "search", "pong-atari-reinforce", lab->seeds,
                         cli_lab_share(lab, 600000, 1), search_grid, 2);
}

const CliExperiment cli_pong_reinforce = {
    "pong-reinforce", "REINFORCE on Atari's Pong, with a small search (the Pong tutorial)", 3, run,
    true};
