// The options of [env].
#include <string.h>

#include "uphill/env.h"

static const UpOption rows[] = {
    {"id", UP_OPTION_TEXT, offsetof(UpEnvDef, id), "", 0, 0, NULL, "",
     "the environment: a name of Gymnasium's, gym:NAME for the real Gymnasium's own, or the path "
     "of a shared object",
     "", NULL},
    {"preprocess", UP_OPTION_CHOICE, offsetof(UpEnvDef, preprocess), "none", 0, 0,
     "none|pong80|atari", "",
     "what is done to an observation; pong80: 80x80 binary difference of Pong's frames; atari: "
     "Gymnasium's AtariPreprocessing",
     "Pong tutorial; Welleck 2020; Machado 2018", NULL},
    {"noop_max", UP_OPTION_INT, offsetof(UpEnvDef, noop_max), "30", 0, 1e6, NULL, "frames",
     "an episode begins with 1 to this many frames without an action; 0: none", "Machado 2018",
     "preprocess=atari"},
    {"frame_skip", UP_OPTION_INT, offsetof(UpEnvDef, frame_skip), "4", 1, 1000, NULL, "frames",
     "frames that an action lasts; the last two become the observation", "Machado 2018",
     "preprocess=atari"},
    {"screen_size", UP_OPTION_INT, offsetof(UpEnvDef, screen_size), "84", 1, 160, NULL, "pixels",
     "side of the square that the screen is shrunk to", "Machado 2018", "preprocess=atari"},
    {"terminal_on_life_loss", UP_OPTION_BOOL, offsetof(UpEnvDef, terminal_on_life_loss), "false", 0,
     1, NULL, "", "an episode ends with a life", "", "preprocess=atari"},
    {"grayscale_obs", UP_OPTION_BOOL, offsetof(UpEnvDef, grayscale_obs), "true", 0, 1, NULL, "",
     "grey pictures, else colour", "Machado 2018", "preprocess=atari"},
    {"fire_reset", UP_OPTION_BOOL, offsetof(UpEnvDef, fire_reset), "false", 0, 1, NULL, "",
     "FIRE is pressed after a reset, then the action that follows it", "", "preprocess=atari"},
    {"frame_stack", UP_OPTION_INT, offsetof(UpEnvDef, frame_stack), "1", 1, 64, NULL, "frames",
     "a policy reads this many observations at once, the oldest first", "Mnih 2015", NULL},
    {"workers", UP_OPTION_INT, offsetof(UpEnvDef, workers), "0", 0, 256, NULL, "processes",
     "processes for environments that are not native; 0: one per core", "", "worker processes=yes"},
    {"timeout", UP_OPTION_REAL, offsetof(UpEnvDef, timeout), "60", 0.01, 86400, NULL, "seconds",
     "a worker that is silent for longer counts as hung", "", "worker processes=yes"},
    {"options", UP_OPTION_TEXT, offsetof(UpEnvDef, options), "", 0, UP_ENV_OPTIONS_MAX - 1, NULL,
     "", "the environment's own keywords, as in g=9.81;render=1; env.g=9.81 adds one", "", NULL},
    {"max_episode_steps", UP_OPTION_INT, offsetof(UpEnvDef, max_episode_steps), "0", 0, 2e9, NULL,
     "steps",
     "an episode is truncated after this many steps of the policy, also with preprocess = atari, "
     "where Gymnasium counts frames; 0: after the environment's own number",
     "", NULL},
    {"mask_velocity", UP_OPTION_BOOL, offsetof(UpEnvDef, mask_velocity), "false", 0, 1, NULL, "",
     "velocities read 0, in the classic tasks and LunarLander: a policy has to remember",
     "rl_zoo3: MaskVelocityWrapper", NULL},
    {"rescale_action", UP_OPTION_BOOL, offsetof(UpEnvDef, rescale_action), "false", 0, 1, NULL, "",
     "actions of a Box are taken from [-1, 1] and stretched to its bounds", "", "action space=Box"},
};
const UpOptionTable up_env_options = {"env", "which environment, and how it is presented", rows,
                                      sizeof rows / sizeof *rows};

UpEnvDef up_env_def_default(void) {
    UpEnvDef def;
    memset(&def, 0, sizeof def);
    up_options_default(&up_env_options, &def);
    return def;
}
