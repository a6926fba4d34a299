// Which environment answers an id: a shared object by its path, a native or an added one where it
// exists, else the real one in a worker.
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "env/atari/atari.h"
#include "env/bridge/bridge.h"
#include "env/keyword.h"
#ifdef UP_HAVE_MUJOCO
#include "env/mujoco/mujoco.h"
#endif
#include "env/native/task.h"
#include "env/plugin.h"
#include "env/wrappers/wrapper.h"
#include "uphill/env.h"

#ifdef UP_HAVE_MUJOCO
enum { MUJOCOS = 11 };
#else
enum { MUJOCOS = 0 };
#endif
enum { ENVS_MAX = 64 };

static const UpEnvInfo mujoco[MUJOCOS + 1] = {
#ifdef UP_HAVE_MUJOCO
    {"Ant-v5", "MuJoCo: a quadruped runs; 1000 steps, 8 torques", up__mujoco_create},
    {"HalfCheetah-v5", "MuJoCo: a flat cheetah runs; 1000 steps, 6 torques", up__mujoco_create},
    {"Hopper-v5", "MuJoCo: one leg hops and must not fall; 1000 steps, 3 torques",
     up__mujoco_create},
    {"Humanoid-v5", "MuJoCo: a man walks and must not fall; 1000 steps, 17 torques",
     up__mujoco_create},
    {"HumanoidStandup-v5", "MuJoCo: a man lies and shall rise; 1000 steps, 17 torques",
     up__mujoco_create},
    {"InvertedDoublePendulum-v5", "MuJoCo: a cart balances two poles in a row; 1000 steps, a force",
     up__mujoco_create},
    {"InvertedPendulum-v5", "MuJoCo: a cart balances a pole; 1000 steps, a force",
     up__mujoco_create},
    {"Pusher-v5", "MuJoCo: an arm pushes an object to its goal; 100 steps, 7 torques",
     up__mujoco_create},
    {"Reacher-v5", "MuJoCo: an arm of two links touches a target; 50 steps, 2 torques",
     up__mujoco_create},
    {"Swimmer-v5", "MuJoCo: three links swim; 1000 steps, 2 torques", up__mujoco_create},
    {"Walker2d-v5", "MuJoCo: two legs walk and must not fall; 1000 steps, 6 torques",
     up__mujoco_create},
#endif
    {NULL, NULL, NULL},
};

// The native environments, MuJoCo's, then those of up_env_register.
static UpEnvInfo known[ENVS_MAX];
static int known_count;
static pthread_once_t is_filled = PTHREAD_ONCE_INIT;

static void fill_known(void) {
    known_count = up__task_list(known, ENVS_MAX - MUJOCOS);
    for (int i = 0; i < MUJOCOS; i++)
        known[known_count++] = mujoco[i];
}

static const char foreign_prefix[] = "gym:";

const UpEnvInfo *up_env_list(int *count) {
    pthread_once(&is_filled, fill_known);
    *count = known_count;
    return known;
}

// ---------------------------------------------------------------------------------------------------
// Options

static const UpOption rows[] = {
    {"id", UP_OPTION_TEXT, offsetof(UpEnvDef, id), "", 0, 0, NULL, "",
     "the environment: a name of Gymnasium's, gym:NAME for the real Gymnasium's own, or the path "
     "of a shared object",
     ""},
    {"preprocess", UP_OPTION_CHOICE, offsetof(UpEnvDef, preprocess), "none", 0, 0,
     "none|pong80|atari", "",
     "what is done to an observation; pong80: 80x80 binary difference of Pong's frames; atari: "
     "Gymnasium's AtariPreprocessing",
     "Pong tutorial; Welleck 2020; Machado 2018"},
    {"noop_max", UP_OPTION_INT, offsetof(UpEnvDef, noop_max), "30", 0, 1e6, NULL, "frames",
     "atari: an episode begins with 1 to this many frames without an action; 0: none",
     "Machado 2018"},
    {"frame_skip", UP_OPTION_INT, offsetof(UpEnvDef, frame_skip), "4", 1, 1000, NULL, "frames",
     "atari: frames that an action lasts; the last two become the observation", "Machado 2018"},
    {"screen_size", UP_OPTION_INT, offsetof(UpEnvDef, screen_size), "84", 1, 160, NULL, "pixels",
     "atari: side of the square that the screen is shrunk to", "Machado 2018"},
    {"terminal_on_life_loss", UP_OPTION_BOOL, offsetof(UpEnvDef, terminal_on_life_loss), "false", 0,
     1, NULL, "", "atari: an episode ends with a life", ""},
    {"grayscale_obs", UP_OPTION_BOOL, offsetof(UpEnvDef, grayscale_obs), "true", 0, 1, NULL, "",
     "atari: grey pictures, else colour", "Machado 2018"},
    {"fire_reset", UP_OPTION_BOOL, offsetof(UpEnvDef, fire_reset), "false", 0, 1, NULL, "",
     "atari: FIRE is pressed after a reset, then the action that follows it", ""},
    {"frame_stack", UP_OPTION_INT, offsetof(UpEnvDef, frame_stack), "1", 1, 64, NULL, "frames",
     "a policy reads this many observations at once, the oldest first", "Mnih 2015"},
    {"workers", UP_OPTION_INT, offsetof(UpEnvDef, workers), "0", 0, 256, NULL, "processes",
     "processes for environments that are not native; 0: one per core", ""},
    {"timeout", UP_OPTION_REAL, offsetof(UpEnvDef, timeout), "60", 0.01, 86400, NULL, "seconds",
     "a worker that is silent for longer counts as hung", ""},
    {"options", UP_OPTION_TEXT, offsetof(UpEnvDef, options), "", 0, 0, NULL, "",
     "the environment's own keywords, as in g=9.81;render=1; env.g=9.81 adds one", ""},
    {"max_episode_steps", UP_OPTION_INT, offsetof(UpEnvDef, max_episode_steps), "0", 0, 2e9, NULL,
     "steps", "an episode is truncated after this many; 0: after the environment's own number", ""},
    {"rescale_action", UP_OPTION_BOOL, offsetof(UpEnvDef, rescale_action), "false", 0, 1, NULL, "",
     "actions of a Box are taken from [-1, 1] and stretched to its bounds", ""},
};
const UpOptionTable up_env_options = {"env", "which environment, and how it is presented", rows,
                                      sizeof rows / sizeof *rows};

UpEnvDef up_env_def_default(void) {
    UpEnvDef def;
    memset(&def, 0, sizeof def);
    up_options_default(&up_env_options, &def);
    return def;
}

// ---------------------------------------------------------------------------------------------------
// Creation

static const UpEnvInfo *find(const char *id) {
    pthread_once(&is_filled, fill_known);
    for (int i = 0; i < known_count; i++)
        if (strcmp(known[i].id, id) == 0) return &known[i];
    return NULL;
}

UpStatus up_env_register(const UpEnvInfo *info) {
    if (!info->id || !info->id[0] || strlen(info->id) >= UP_ENV_ID_MAX)
        return up_fail(UP_USAGE, "an environment needs an id of 1 to %d characters",
                       UP_ENV_ID_MAX - 1);
    if (!info->create) return up_fail(UP_USAGE, "%s needs a function that creates it", info->id);
    if (find(info->id)) return up_fail(UP_USAGE, "there is an environment %s already", info->id);
    if (known_count == ENVS_MAX)
        return up_fail(UP_USAGE, "%s: there is room for %d environments only", info->id, ENVS_MAX);
    known[known_count++] = *info;
    return UP_OK;
}

// Adds the nearest known id to a message about one that no environment answers, in place of what
// Gymnasium advises.
static UpStatus unknown(UpStatus status, const char *id, const char *message) {
    char nearest[UP_ENV_ID_MAX], text[1024];
    snprintf(text, sizeof text, "%s", message);
    char *advice = strstr(text, "; did you mean");
    if (up_env_nearest(id, nearest) && strcmp(nearest, id) != 0) {
        if (advice) *advice = 0;
        return up_fail(status, "%s; did you mean %s?", text, nearest);
    }
    return up_fail(status, advice ? "%s" : "%s; `uphill envs` lists the native ones", text);
}

static UpStatus create(UpEnv **env, const UpEnvDef *def, int instances) {
    *env = NULL;
    if (def->id[0] == 0) return up_fail(UP_USAGE, "no environment was named: give its id");
    if (instances < 1)
        return up_fail(UP_USAGE, "%s: %d environments were asked for: at least 1 is needed",
                       def->id, instances);

    if (up_plugin_path(def->id) > 0) return up__plugin_create(env, def, instances);
    const UpEnvInfo *info = find(def->id);
    if (info) return info->create(env, def, instances);
    if (strncmp(def->id, "uphill/", 7) == 0) {
        char message[UP_OPTION_TEXT_MAX + 64];
        snprintf(message, sizeof message, "there is no environment %s", def->id);
        return unknown(UP_UNKNOWN, def->id, message);
    }
    UpAtariDef atari;
    bool ours;
    UP_TRY(up__atari_def(&atari, def, &ours));
    if (ours) return up__atari_create(env, def, &atari, instances);
    UpStatus status = up__bridge_create(env, def, instances);
    if (status == UP_USAGE) return up__keyword_advise(def);
    bool forced = strncmp(def->id, foreign_prefix, strlen(foreign_prefix)) == 0;
    bool absent = status == UP_UNKNOWN || status == UP_NOT_FOUND; // without Python, who knows?
    if (absent && !forced) return unknown(status, def->id, up_error());
    return status;
}

static UpStatus stack_frames(UpEnv **env, const UpEnvDef *def) {
    (*env)->spec.stack = def->frame_stack > 1 ? def->frame_stack : 1;
    bool box = (*env)->spec.obs.kind == UP_SPACE_BOX && (*env)->spec.obs_form != UP_OBS_SPARSE;
    if (def->frame_stack <= 1 || box) return UP_OK;
    up_env_destroy(*env);
    *env = NULL;
    return up_fail(UP_USAGE,
                   "%s: only observations that are vectors or images can be stacked, not discrete "
                   "ones or those of pong80: set env.frame_stack to 1",
                   def->id);
}

// An option that would change nothing is a mistake: MuJoCo's tasks have a frame_skip of their own.
static UpStatus check_atari_options(const UpEnvDef *def) {
    if (def->preprocess == UP_PREPROCESS_ATARI) return UP_OK;
    const UpEnvDef plain = up_env_def_default();
    const char *name = def->noop_max != plain.noop_max             ? "noop_max"
                       : def->frame_skip != plain.frame_skip       ? "frame_skip"
                       : def->screen_size != plain.screen_size     ? "screen_size"
                       : def->grayscale_obs != plain.grayscale_obs ? "grayscale_obs"
                       : def->fire_reset != plain.fire_reset       ? "fire_reset"
                       : def->terminal_on_life_loss != plain.terminal_on_life_loss
                           ? "terminal_on_life_loss"
                           : NULL;
    if (!name) return UP_OK;
    return up_fail(UP_USAGE,
                   "%s: env.%s is part of env.preprocess = atari; a keyword of the environment's "
                   "own of that name is set by env.options=%s=…",
                   def->id, name, name);
}

UpStatus up_env_create(UpEnv **env, const UpEnvDef *def, int instances) {
    *env = NULL;
    UP_TRY(check_atari_options(def));
    UP_TRY(create(env, def, instances));
    if (def->preprocess == UP_PREPROCESS_ATARI && (*env)->vtable->console)
        UP_TRY(up__atari_wrap(env, def));
    UP_TRY(stack_frames(env, def));
    if (def->max_episode_steps) (*env)->spec.max_episode_steps = def->max_episode_steps;
    if (def->rescale_action) UP_TRY(up__rescale_action_wrap(env));
    return UP_OK;
}
