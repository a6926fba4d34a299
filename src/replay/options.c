#include <stddef.h>

#include "uphill/replay.h"

#define ROW(field, type, fallback, min, max, unit, help, source, when)                             \
    {                                                                                              \
#field, type, offsetof(UpReplayDef, field), fallback, min, max, NULL, unit, help, source,  \
            when                                                                                   \
    }

static const UpOption rows[] = {
    ROW(size, UP_OPTION_INT, "1000000", 2, 2e9, "steps",
        "that are held, of all instances together; the newest replace the oldest", "Mnih 2015",
        NULL),
    ROW(batch, UP_OPTION_INT, "256", 1, 65536, "steps", "of a minibatch", "", NULL),
    ROW(start, UP_OPTION_INT, "100", 0, 9e15, "steps",
        "of the run before the first update; until then actions are random", "Stable-Baselines3",
        NULL),
    ROW(updates, UP_OPTION_REAL, "1", 0, 1000, "updates",
        "for each step of the environment, whatever the number of instances", "Haarnoja 2018",
        NULL),
    ROW(n_steps, UP_OPTION_INT, "1", 1, 1000, "steps",
        "rewards of a return before it bootstraps; fewer where an episode ends", "Hessel 2018",
        NULL),
    ROW(prioritised, UP_OPTION_BOOL, "false", 0, 1, "",
        "draw a step as often as its TD error is large, else all alike", "Schaul 2016", NULL),
    ROW(alpha, UP_OPTION_REAL, "0.6", 0, 1, "", "exponent of the TD error", "Schaul 2016",
        "prioritised=true"),
    ROW(beta, UP_OPTION_REAL, "0.4", 0, 1, "",
        "exponent of the importance weights at the start of training; 1 at its end", "Schaul 2016",
        "prioritised=true"),
};

const UpOptionTable up_replay_options = {
    "replay", "the steps that a learner remembers (dqn, q-actor-critic, ddpg, td3, sac)", rows,
    sizeof rows / sizeof *rows};
