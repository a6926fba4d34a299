#include <stddef.h>

#include "uphill/advantage.h"

#define ROW(f, type, value, min, max, choices, help, source, when)                                 \
    { #f, type, offsetof(UpAdvantageDef, f), value, min, max, choices, "", help, source, when }

static const UpOption rows[] = {
    ROW(gamma, UP_OPTION_REAL, "0.99", 0, 1, NULL, "discount of later rewards", "Pong tutorial",
        NULL),
    ROW(lambda, UP_OPTION_REAL, "0.95", 0, 1, NULL,
        "weight of longer returns; 0 is the TD target, 1 the n-step return", "Schulman 2016",
        "psi=q|advantage|td, n_steps!=1, steps ahead=several"),
    ROW(n_steps, UP_OPTION_INT, "0", 0, 1e6, NULL,
        "rewards before V stands for the rest; 0: all of the rollout's", "Mnih 2016",
        "psi=q|advantage|td, steps ahead=several"),
    ROW(psi, UP_OPTION_CHOICE, "advantage", 0, 0, "total|to_go|baselined|q|advantage|td",
        "what weighs an action: the episode's return, what followed, the same minus a baseline, "
        "Q(s, a), A(s, a), or the TD residual; the first three need rollout.episodes",
        "Sun 2024", NULL),
    ROW(baseline, UP_OPTION_CHOICE, "none", 0, 0, "none|average|value",
        "the running average of R_t, or a learned V(s)", "Welleck 2020, Sun 2024", "psi=baselined"),
    ROW(gamma_t, UP_OPTION_BOOL, "false", 0, 1, NULL,
        "weigh step t of an episode by gamma^t, as the discounted return's gradient does",
        "Sun 2024", NULL),
    ROW(restart, UP_OPTION_BOOL, "false", 0, 1, NULL,
        "cut returns and advantages where the environment pays something (a point in Pong)",
        "Pong tutorial", NULL),
    ROW(standardize, UP_OPTION_CHOICE, "none", 0, 0, "none|episode|batch|minibatch",
        "subtract the mean and divide by the deviation, over what",
        "Pong and CartPole tutorials; PPO detail 7", NULL),
};

const UpOptionTable up_advantage_options = {"advantage", "from rewards to the weight of an action",
                                            rows, sizeof rows / sizeof *rows};
