// Environments in shared objects.
#include "env/plugin.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char symbol[] = "up_plugin",
                  rebuild[] = "compile it again with this version's headers";

size_t up_plugin_path(const char *id) {
    for (const char *at = strstr(id, ".so"); at; at = strstr(at + 1, ".so"))
        if (at > id && (at[3] == 0 || at[3] == ':')) return (size_t)(at + 3 - id);
    return 0;
}

// ---------------------------------------------------------------------------------------------------
// Loading

// Without a slash dlopen would search the system's folders, so "x.so" becomes "./x.so".
static UpStatus find_path(const char *id, char path[PATH_MAX]) {
    int length = (int)up_plugin_path(id);
    bool bare = !memchr(id, '/', (size_t)length);
    if (snprintf(path, PATH_MAX, "%s%.*s", bare ? "./" : "", length, id) >= PATH_MAX)
        return up_fail(UP_USAGE, "the path of the environment is too long");
    if (access(path, R_OK) == 0) return UP_OK;
    return up_fail(UP_NOT_FOUND, "%s: cannot be read (%s): compile it there, or correct the path",
                   path, strerror(errno));
}

static UpStatus check_plugin(const UpPlugin *plugin, const char *path) {
    if (plugin->abi != UP_ENV_ABI)
        return up_fail(UP_FORMAT,
                       "%s was compiled for version %u of the environment interface, "
                       "this program has version %d: %s",
                       path, plugin->abi, UP_ENV_ABI, rebuild);
    if (plugin->env_size != sizeof(UpEnv) || plugin->vtable_size != sizeof(UpEnvVtable) ||
        plugin->step_size != sizeof(UpStep) || plugin->def_size != sizeof(UpEnvDef))
        return up_fail(
            UP_FORMAT,
            "%s was compiled with other headers than this program (UpEnv, UpEnvVtable, "
            "UpStep, UpEnvDef of %u, %u, %u, %u bytes there, %zu, %zu, %zu, %zu here): %s",
            path, plugin->env_size, plugin->vtable_size, plugin->step_size, plugin->def_size,
            sizeof(UpEnv), sizeof(UpEnvVtable), sizeof(UpStep), sizeof(UpEnvDef), rebuild);
    if (plugin->count == 0 || !plugin->envs)
        return up_fail(UP_FORMAT, "%s holds no environment: list it in UP_PLUGIN", path);
    for (uint32_t i = 0; i < plugin->count; i++)
        if (!plugin->envs[i].id || !plugin->envs[i].id[0] || !plugin->envs[i].create)
            return up_fail(UP_FORMAT, "%s: entry %u of UP_PLUGIN lacks an id or a create function",
                           path, i);
    return UP_OK;
}

UpStatus up_plugin_load(const UpPlugin **plugin, const char *id) {
    char path[PATH_MAX];
    *plugin = NULL;
    if (!up_plugin_path(id))
        return up_fail(UP_USAGE, "%s names no shared object: its path must end in .so", id);
    UP_TRY(find_path(id, path));
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL); // loaded once, however often it is opened
    if (!object) {
        const char *reason = dlerror();
        size_t length = strlen(path); // with which the reason begins, mostly
        if (strncmp(reason, path, length) == 0 && reason[length] == ':') reason += length + 2;
        return up_fail(UP_FORMAT, "%s cannot be loaded: %s; compile it with cc -shared -fPIC", path,
                       reason);
    }
    const UpPlugin *found = dlsym(object, symbol);
    UpStatus status =
        found ? check_plugin(found, path)
              : up_fail(UP_FORMAT,
                        "%s is no environment of Uphill's: it has no symbol %s; end its source "
                        "with UP_PLUGIN(environments) of uphill/plugin.h",
                        path, symbol);
    if (status != UP_OK) {
        dlclose(object);
        return status;
    }
    *plugin = found;
    return UP_OK;
}

// ---------------------------------------------------------------------------------------------------
// Creation

static UpStatus choose(const UpPlugin *plugin, const char *id, const UpEnvInfo **info) {
    int length = (int)up_plugin_path(id);
    const char *wanted = id[length] == ':' ? id + length + 1 : "";
    char known[512] = "";
    if (!*wanted && plugin->count == 1) {
        *info = &plugin->envs[0];
        return UP_OK;
    }
    for (uint32_t i = 0; i < plugin->count; i++) {
        *info = &plugin->envs[i];
        if (strcmp(wanted, (*info)->id) == 0) return UP_OK;
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", (*info)->id);
    }
    if (!*wanted)
        return up_fail(UP_UNKNOWN, "%s holds %u environments: name one, %.*s:%s; it has: %s", id,
                       plugin->count, length, id, plugin->envs[0].id, known);
    return up_fail(UP_UNKNOWN, "%.*s holds no environment %s; it has: %s", length, id, wanted,
                   known);
}

// What is relied on before the first step.
static UpStatus check_made(const UpEnv *env, const UpEnvDef *def, int instances) {
    const UpEnvVtable *vtable = env->vtable;
    if (!vtable || vtable->abi != UP_ENV_ABI)
        return up_fail(UP_FORMAT, "%s: its vtable must begin with UP_ENV_ABI (%d)", def->id,
                       UP_ENV_ABI);
    if (!vtable->reset || !vtable->step || !vtable->destroy)
        return up_fail(UP_FORMAT, "%s: its vtable needs reset, step and destroy", def->id);
    if (env->instances != instances)
        return up_fail(UP_FORMAT, "%s: %d instances were asked for, `instances` says %d", def->id,
                       instances, env->instances);
    if (env->spec.obs.size < 1 || env->spec.action.size < 1)
        return up_fail(UP_FORMAT, "%s: its spec needs an observation and an action space", def->id);
    return UP_OK;
}

// Gives back what was made, if it can be told how.
static void discard(UpEnv **env) {
    const UpEnvVtable *vtable = *env ? (*env)->vtable : NULL;
    if (vtable && vtable->abi == UP_ENV_ABI && vtable->destroy) vtable->destroy(*env);
    *env = NULL;
}

UpStatus up__plugin_create(UpEnv **env, const UpEnvDef *def, int instances) {
    const UpPlugin *plugin;
    const UpEnvInfo *info = NULL;
    *env = NULL;
    UP_TRY(up_plugin_load(&plugin, def->id));
    UP_TRY(choose(plugin, def->id, &info));
    if (strlen(info->id) >= UP_ENV_ID_MAX)
        return up_fail(UP_FORMAT, "%s: the id %s is longer than %d characters", def->id, info->id,
                       UP_ENV_ID_MAX - 1);
    if (def->preprocess != UP_PREPROCESS_NONE)
        return up_fail(UP_USAGE, "%s: env.preprocess is for Atari's frames", def->id);
    UpEnvDef own = *def; // which knows the environment by its own id
    snprintf(own.id, sizeof own.id, "%s", info->id);
    up_fail(UP_OK, "it gave no reason");
    UpStatus status = info->create(env, &own, instances);
    if (status == UP_OK && !*env)
        status = up_fail(UP_FORMAT, "it returned UP_OK and no environment");
    if (status == UP_OK) {
        status = check_made(*env, &own, instances);
        if (status == UP_OK) return UP_OK;
        discard(env);
    }
    *env = NULL;
    return up_fail(status, "%s could not be created: %s", def->id, up_error());
}
