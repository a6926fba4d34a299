#include <stddef.h>

#include "uphill/advantage.h"

#define ROW(field, type, fallback, min, max, choices, help, source)                                \
    { #field, type, offsetof(UpAdvantageDef, field), fallback, min, max, choices, "", help, source }

static const UpOption rows[] = {
    ROW(gamma, UP_OPTION_REAL, "0.99", 0, 1, NULL, "discount of later rewards", "document 000"),
    ROW(lambda, UP_OPTION_REAL, "0.95", 0, 1, NULL,
        "GAE: 0 is the TD residual, 1 the n-step return minus the value", "Schulman 2016"),
    ROW(psi, UP_OPTION_CHOICE, "to_go", 0, 0, "total|to_go",
        "REINFORCE: weigh an action by the episode's whole return, or by what came after it",
        "document 003"),
    ROW(baseline, UP_OPTION_CHOICE, "none", 0, 0, "none|average|value",
        "REINFORCE: subtract nothing, the running average of the return, or a learned V(s)",
        "documents 002 and 003"),
    ROW(restart, UP_OPTION_BOOL, "false", 0, 1, NULL,
        "cut returns and advantages at each reward that is not 0 (a point in Pong)",
        "document 000"),
    ROW(standardize, UP_OPTION_CHOICE, "none", 0, 0, "none|episode|batch|minibatch",
        "subtract the mean and divide by the deviation, over what",
        "documents 000, 004; PPO detail 7"),
};

const UpOptionTable up_advantage_options = {"advantage", "from rewards to the weight of an action",
                                            rows, sizeof rows / sizeof *rows};
