// Which environment answers an id: a shared object by its path, a native or an added one where it
// exists, else the real one in a worker.
#include <stdio.h>
#include <string.h>

#include "env/atari/atari.h"
#include "env/bridge/bridge.h"
#include "env/keyword.h"
#include "env/known.h"
#include "env/plugin.h"
#include "env/wrappers/wrapper.h"
#include "uphill/env.h"

static const char foreign_prefix[] = "gym:";

// Adds the nearest known id to a message about one that no environment answers, in place of what
// Gymnasium advises. What is missing of a package its worker tells.
static UpStatus unknown(UpStatus status, const char *id, const char *message) {
    if (up_env_is_code(id)) return status;
    char nearest[UP_ENV_ID_MAX], text[1024];
    snprintf(text, sizeof text, "%s", message);
    char *advice = strstr(text, "; did you mean");
    if (up_env_nearest(id, nearest) && strcmp(nearest, id) != 0) {
        if (advice) *advice = 0;
        return up_fail(status, "%s; did you mean %s?", text, nearest);
    }
    return up_fail(status, advice ? "%s" : "%s; `uphill envs` lists the native ones", text);
}

// Uphill's own environments are held against their specs by tests, foreign ones at every step,
// unless it is them that is being tested.
static UpStatus made_by(UpStatus status, UpEnv **env, const UpEnvDef *def) {
    if (status != UP_OK || def->strict) return status;
    const UpEnvSpec *spec = &(*env)->spec;
    (*env)->checked = true;
    if (spec->mask_size == 0 || spec->mask_size == up_space_mask(&spec->action)) return UP_OK;
    char space[128];
    up_space_format(&spec->action, space, sizeof space);
    status = up_fail(
        UP_ENVIRONMENT,
        "%s: its masks have %lld numbers (spec.mask_size), those of actions of %s have "
        "%lld",
        def->id, (long long)spec->mask_size, space, (long long)up_space_mask(&spec->action));
    up_env_destroy(*env);
    return status;
}

// Of a host program's own environment.
static UpStatus check_keywords(UpEnv **env, const UpEnvDef *def) {
    UpStatus status = up__keywords_end(def);
    if (status != UP_OK) up_env_destroy(*env);
    return status;
}

static UpStatus create(UpEnv **env, const UpEnvDef *def, int instances) {
    if (def->id[0] == 0) return up_fail(UP_USAGE, "no environment was named: give its id");
    if (instances < 1)
        return up_fail(UP_USAGE, "%s: %d environments were asked for: at least 1 is needed",
                       def->id, instances);
    UP_TRY(up__bridge_check_module(def->id, false));
    if (up_plugin_path(def->id) > 0)
        return made_by(up__plugin_create(env, def, instances), env, def);
    bool own;
    const UpEnvInfo *info = up__env_find(def->id, &own);
    if (info) {
        UP_TRY(up__env_def_check_native(def));
        up__keywords_begin();
        UP_TRY(info->create(env, def, instances));
        return own ? UP_OK : made_by(check_keywords(env, def), env, def);
    }
    if (strncmp(def->id, "uphill/", 7) == 0) {
        char message[UP_OPTION_TEXT_MAX + 64];
        snprintf(message, sizeof message, "there is no environment %s", def->id);
        return unknown(UP_UNKNOWN, def->id, message);
    }
    UpAtariDef atari;
    bool ours;
    UP_TRY(up__atari_def(&atari, def, &ours));
    if (ours) UP_TRY(up__env_def_check_native(def));
    if (ours) return up__atari_create(env, def, &atari, instances);
    UpStatus status = made_by(up__bridge_create(env, def, instances), env, def);
    if (status == UP_USAGE) return up__keyword_advise(def);
    bool forced = strncmp(def->id, foreign_prefix, strlen(foreign_prefix)) == 0;
    bool absent = status == UP_UNKNOWN || status == UP_NOT_FOUND; // without Python, who knows?
    if (absent && !forced) return unknown(status, def->id, up_error());
    return status;
}

static UpStatus stack_frames(UpEnv *env, const UpEnvDef *def) {
    env->spec.stack = def->frame_stack > 1 ? def->frame_stack : 1;
    bool box = env->spec.obs.kind == UP_SPACE_BOX && env->spec.obs_form != UP_OBS_SPARSE;
    if (def->frame_stack <= 1 || box) return UP_OK;
    return up_fail(UP_USAGE,
                   "%s: only observations that are vectors or images can be stacked, not discrete "
                   "ones or those of pong80: set env.frame_stack to 1",
                   def->id);
}

UpStatus up_env_create(UpEnv **env, const UpEnvDef *def, int instances) {
    UpStatus status = up__env_def_check(def);
    if (status == UP_OK) status = create(env, def, instances);
    if (status != UP_OK) {
        *env = NULL;
        return status;
    }
    if (def->preprocess == UP_PREPROCESS_ATARI && (*env)->vtable->console)
        UP_TRY(up__atari_wrap(env, def));
    status = up__env_def_check_made(def, &(*env)->spec);
    if (status == UP_OK) status = stack_frames(*env, def);
    if (status != UP_OK) {
        up_env_destroy(*env);
        *env = NULL;
        return status;
    }
    if (def->max_episode_steps) (*env)->spec.max_episode_steps = def->max_episode_steps;
    if (def->mask_velocity) UP_TRY(up__mask_velocity_wrap(env, def->id));
    if (def->rescale_action) UP_TRY(up__rescale_action_wrap(env));
    return UP_OK;
}
