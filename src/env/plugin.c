// Environments in shared objects.
#include "env/plugin.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file_internal.h"
#include "env/keyword.h"

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

// The loader maps what the object's headers say and touches it: where the file ends before, that is
// SIGBUS. What else may be wrong with an object it says itself.
static bool is_whole(int object, off_t size) {
    ElfW(Ehdr) head;
    if (pread(object, &head, sizeof head, 0) != (ssize_t)sizeof head) return false;
    if (memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_phentsize != sizeof(ElfW(Phdr)))
        return false;
    for (unsigned i = 0; i < head.e_phnum; i++) {
        ElfW(Phdr) part;
        off_t at = (off_t)(head.e_phoff + i * sizeof part);
        if (at < 0 || pread(object, &part, sizeof part, at) != (ssize_t)sizeof part) return false;
        if (part.p_offset > (size_t)size || part.p_filesz > (size_t)size - part.p_offset)
            return false;
    }
    return true;
}

static UpStatus check_object(const char *path) {
    struct stat info = {0};
    int object = up__open_read(path);
    if (object < 0) return up__fail_errno("read", path, errno);
    bool file = fstat(object, &info) == 0 && S_ISREG(info.st_mode);
    bool whole = file && is_whole(object, info.st_size);
    close(object);
    if (!file) return up_fail(UP_FORMAT, "%s is no file: name a shared object", path);
    if (!whole)
        return up_fail(UP_FORMAT,
                       "%s is no shared object, or one that was cut off: compile it again with "
                       "cc -shared -fPIC",
                       path);
    return UP_OK;
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

// NULL and a message, with its status, where there is none.
static const UpPlugin *load(const char *id, UpStatus *status) {
    char path[PATH_MAX];
    *status = find_path(id, path);
    if (*status == UP_OK) *status = check_object(path);
    if (*status != UP_OK) return NULL;
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL); // loaded once, however often it is opened
    if (!object) {
        const char *reason = dlerror();
        size_t length = strlen(path); // with which the reason begins, mostly
        if (strncmp(reason, path, length) == 0 && reason[length] == ':') reason += length + 2;
        *status = up_fail(UP_FORMAT, "%s cannot be loaded: %s; compile it with cc -shared -fPIC",
                          path, reason);
        return NULL;
    }
    const UpPlugin *found = dlsym(object, symbol);
    *status = found ? check_plugin(found, path)
                    : up_fail(UP_FORMAT,
                              "%s is no environment of Uphill's: it has no symbol %s; end its "
                              "source with UP_PLUGIN(environments) of uphill/plugin.h",
                              path, symbol);
    if (*status == UP_OK) return found;
    dlclose(object);
    return NULL;
}

// ---------------------------------------------------------------------------------------------------
// Creation

// NULL and a message where `id` does not say which.
static const UpEnvInfo *choose(const UpPlugin *plugin, const char *id) {
    int length = (int)up_plugin_path(id);
    const char *wanted = id[length] == ':' ? id + length + 1 : "";
    char known[512] = "";
    if (!*wanted && plugin->count == 1) return &plugin->envs[0];
    for (uint32_t i = 0; i < plugin->count; i++) {
        const char *own = plugin->envs[i].id;
        if (strcmp(wanted, own) == 0) return &plugin->envs[i];
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", own);
    }
    if (*wanted)
        up_fail(UP_UNKNOWN, "%.*s holds no environment %s; it has: %s", length, id, wanted, known);
    else
        up_fail(UP_UNKNOWN, "%s holds %u environments: name one, %.*s:%s; it has: %s", id,
                plugin->count, length, id, plugin->envs[0].id, known);
    return NULL;
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
static void discard(UpEnv *env) {
    const UpEnvVtable *vtable = env->vtable;
    if (vtable && vtable->abi == UP_ENV_ABI && vtable->destroy) vtable->destroy(env);
}

static UpStatus make(UpEnv **env, const UpEnvInfo *info, const UpEnvDef *def, int instances) {
    UpEnv *made = NULL;
    up_fail(UP_OK, "it gave no reason"); // for one that fails without a message
    up__keywords_begin();
    UP_TRY(info->create(&made, def, instances));
    if (!made) return up_fail(UP_FORMAT, "it returned UP_OK and no environment");
    UpStatus status = check_made(made, def, instances);
    if (status == UP_OK) status = up__keywords_end(def);
    if (status == UP_OK)
        *env = made;
    else
        discard(made);
    return status;
}

UpStatus up__plugin_create(UpEnv **env, const UpEnvDef *def, int instances) {
    UpStatus status;
    *env = NULL;
    const UpPlugin *plugin = load(def->id, &status);
    if (!plugin) return status;
    const UpEnvInfo *info = choose(plugin, def->id);
    if (!info) return UP_UNKNOWN;
    if (strlen(info->id) >= UP_ENV_ID_MAX)
        return up_fail(UP_FORMAT, "%s: the id %s is longer than %d characters", def->id, info->id,
                       UP_ENV_ID_MAX - 1);
    if (def->preprocess != UP_PREPROCESS_NONE)
        return up_fail(UP_USAGE, "%s: env.preprocess is for Atari's frames", def->id);
    if (!def->strict) UP_TRY(up__env_def_check_native(def)); // else check-env watches its calls
    UpEnvDef own = *def; // which knows the environment by its own id
    snprintf(own.id, sizeof own.id, "%s", info->id);
    status = make(env, info, &own, instances);
    if (status == UP_OK) return UP_OK;
    if (status == UP_USAGE) return status; // of a keyword
    return up_fail(status, "%s could not be created: %s", def->id, up_error());
}
