#include <stddef.h>

#include "uphill/rollout.h"

#define ROW(f, type, value, min, max, unit, help, source, when)                                    \
    { #f, type, offsetof(UpRolloutDef, f), value, min, max, NULL, unit, help, source, when }

static const UpOption rows[] = {
    ROW(envs, UP_OPTION_INT, "8", 1, 65536, "instances", "instances stepped together (N)",
        "PPO detail 1", NULL),
    ROW(steps, UP_OPTION_INT, "128", 1, 1e6, "steps", "steps of each instance in one rollout (T)",
        "PPO detail 1", "episodes=0"),
    ROW(episodes, UP_OPTION_INT, "0", 0, 1e6, "episodes",
        "complete episodes in one rollout, in place of `steps`; 0: use `steps`", "Sun 2024", NULL),
    ROW(segment, UP_OPTION_INT, "32", 1, 1e6, "steps",
        "a policy with a memory is trained on this many steps in a row, at most `steps`, which "
        "they "
        "divide",
        "Hausknecht & Stone 2015", "memory=yes"),
    ROW(move_penalty, UP_OPTION_REAL, "0", 0, 1e9, "reward",
        "subtracted from the reward that is learned from where the action is not 0; returns that "
        "are reported stay the environment's",
        "Pong tutorial", "action space=Discrete"),
    ROW(scale_reward, UP_OPTION_BOOL, "false", 0, 1, "",
        "divide rewards by the running deviation of the discounted return", "PPO detail 30", NULL),
    ROW(clip_reward, UP_OPTION_REAL, "0", 0, 1e9, "reward",
        "then clip rewards to plus or minus this; 0: never", "PPO detail 31", NULL),
};

const UpOptionTable up_rollout_options = {"rollout", "how experience is gathered", rows,
                                          sizeof rows / sizeof *rows};
