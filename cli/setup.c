// From arguments to a config.
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "uphill/plugin.h"
#include "uphill/recipe.h"

enum { RECIPES_MAX = 256 };

typedef struct Names {
    int count;
    char name[RECIPES_MAX][64];
} Names;

static void add_name(void *user, const char *name, const char *summary) {
    Names *names = user;
    (void)summary;
    if (names->count < RECIPES_MAX) snprintf(names->name[names->count++], 64, "%s", name);
}

// A word that is no recipe is an environment's id, unless it looks like a recipe that was mistyped.
static UpStatus check_id(const char *word) {
    int natives;
    const UpEnvInfo *native = up_env_list(&natives);
    for (int i = 0; i < natives; i++)
        if (strcmp(native[i].id, word) == 0) return UP_OK;
    if (strstr(word, "-v") || strchr(word, ':') || strchr(word, '/')) return UP_OK;
    const char *ending = strrchr(word, '.');
    if (up_plugin_path(word) > 0 || (ending && strcmp(ending, ".py") == 0)) return UP_OK;
    if (up_algo_find(word))
        return up_fail(UP_UNKNOWN,
                       "%s is an algorithm: name an environment or a recipe, uphill train "
                       "CartPole-v1 --algo %s",
                       word, word);
    static Names names;
    names.count = 0;
    up_recipe_each(add_name, &names);
    const char *candidates[RECIPES_MAX];
    for (int i = 0; i < names.count; i++)
        candidates[i] = names.name[i];
    char id[UP_ENV_ID_MAX];
    const char *recipe = up_nearest(word, candidates, names.count), *near = recipe;
    bool task = !strchr(word, '-'); // recipes are called task-algorithm
    if ((task || !recipe) && up_env_nearest(word, id)) near = id;
    return up_fail(UP_UNKNOWN,
                   "there is no recipe or environment \"%s\"%s%s%s; `uphill recipes` and "
                   "`uphill envs` list them, `uphill algos` what --algo takes",
                   word, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static UpStatus set_from(UpConfig *config, const CliArgs *args, const char *option,
                         const char *key) {
    const char *value = cli_value(args, option);
    return value ? up_config_set(config, key, value, option) : UP_OK;
}

// Weights are remembered by their whole path, too.
static UpStatus set_init(UpConfig *config, const CliArgs *args) {
    const char *init = cli_value(args, "--init");
    char real[PATH_MAX];
    if (!init) return UP_OK;
    if (!realpath(init, real))
        return up_fail(UP_NOT_FOUND,
                       "--init %s: there is no such run or file; `uphill runs` lists "
                       "runs",
                       init);
    return up_config_set(config, "train.init", real, "--init");
}

// Each --set section.key=value; keys begin with `prefix`.
static UpStatus set_all(UpConfig *config, const CliArgs *args, const char *prefix) {
    for (int i = 0; i < args->values; i++) {
        if (strcmp(args->option[i]->name, "--set") != 0) continue;
        char key[256];
        const char *equals = strchr(args->value[i], '=');
        if (!equals)
            return up_fail(UP_USAGE, "--set %s: write --set section.key=value", args->value[i]);
        snprintf(key, sizeof key, "%.*s", (int)(equals - args->value[i]), args->value[i]);
        if (strncmp(key, prefix, strlen(prefix)) != 0)
            return up_fail(UP_USAGE,
                           "--set %s does nothing here: only options of the environment (env.…) "
                           "can change",
                           args->value[i]);
        UP_TRY(up_config_set(config, key, equals + 1, "--set"));
    }
    return UP_OK;
}

UpStatus cli_overrides(UpConfig *config, const CliArgs *args) {
    UP_TRY(set_from(config, args, "--steps", "train.steps"));
    UP_TRY(set_from(config, args, "--envs", "rollout.envs"));
    UP_TRY(set_from(config, args, "--threads", "train.threads"));
    UP_TRY(set_from(config, args, "--seed", "train.seed"));
    UP_TRY(set_from(config, args, "--target", "train.target"));
    UP_TRY(set_init(config, args));
    return set_all(config, args, "");
}

UpStatus cli_env_overrides(UpConfig *config, const CliArgs *args) {
    return set_all(config, args, "env.");
}

// A run's config.ini says what was true at its end. Who repeats the run by it wants to know that it
// was otherwise on the way.
static void warn_of_history(const char *file) {
    char path[PATH_MAX];
    struct stat info;
    const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;
    int folder = (int)(name - file);
    if (strcmp(name, "config.ini") != 0) return;
    snprintf(path, sizeof path, "%.*shistory.csv", folder, file);
    if (stat(path, &info) == 0)
        up_warn("%s: options of that run were changed on its way, as %s lists; here they hold "
                "their last values from the beginning",
                file, path);
}

// A shared object is remembered by its whole path, so that a checkpoint finds it from any folder.
// One that is not there keeps its name; making the environment tells.
static UpStatus absolute_object(UpEnvDef *def) {
    size_t length = up_plugin_path(def->id);
    char path[UP_OPTION_TEXT_MAX], real[PATH_MAX], id[PATH_MAX + UP_OPTION_TEXT_MAX];
    snprintf(path, sizeof path, "%.*s", (int)length, def->id);
    if (length == 0 || !realpath(path, real)) return UP_OK;
    if (snprintf(id, sizeof id, "%s%s", real, def->id + length) >= UP_OPTION_TEXT_MAX)
        return up_fail(UP_USAGE, "%s: the path is longer than %d bytes; use a shorter one", id,
                       UP_OPTION_TEXT_MAX - 1);
    strcpy(def->id, id);
    return UP_OK;
}

UpStatus cli_config(UpConfig *config, const CliArgs *args, const char *name) {
    const char *algo = cli_value(args, "--algo");
    char *text = NULL;
    UpStatus status = up_recipe_read(name, &text);
    if (status == UP_OK) {
        status = up_config_parse(config, text, name);
        free(text);
        UP_TRY(status);
        warn_of_history(name);
        if (algo && strcmp(algo, config->train.algo) != 0)
            return up_fail(UP_USAGE, "recipe %s uses %s; name its environment, %s, to use %s", name,
                           config->train.algo, config->env.id, algo);
        // A file given by its path may be a run's config.ini, which knows what it was made from.
        if (!strchr(name, '/')) UP_TRY(up_config_set(config, "train.recipe", name, name));
    } else if (status == UP_UNKNOWN) {
        UP_TRY(check_id(name));
        UP_TRY(up_config_default(config, algo ? algo : "ppo"));
        UP_TRY(up_config_set(config, "env.id", name, "command line"));
    } else {
        return status;
    }
    char id[UP_OPTION_TEXT_MAX];
    memcpy(id, config->env.id, sizeof id);
    UP_TRY(cli_overrides(config, args));
    bool by_file = status == UP_OK && strcmp(id, config->env.id) == 0;
    if (by_file) UP_TRY(cli_trust(args, &config->env, name));
    return absolute_object(&config->env);
}

UpStatus cli_env_def(UpEnvDef *def, const CliArgs *args, const char *id) {
    UpConfig config;
    UP_TRY(up_config_default(&config, "ppo"));
    UP_TRY(check_id(id));
    UP_TRY(up_config_set(&config, "env.id", id, "command line"));
    UP_TRY(cli_env_overrides(&config, args));
    *def = config.env;
    return absolute_object(def);
}

UpStatus cli_trust(const CliArgs *args, const UpEnvDef *def, const char *file) {
    if (!up_env_is_code(def->id) || cli_flag(args, "--trust")) return UP_OK;
    return up_fail(UP_USAGE,
                   "%s asks for the environment %s, which is code that would run on this machine: "
                   "add --trust if you trust it",
                   file, def->id);
}

UpStatus cli_sample(const CliArgs *args, const UpConfig *config, bool *sample) {
    const UpAlgo *algo = up_algo_find(config->train.algo);
    *sample = cli_flag(args, "--sample");
    if (!*sample || !algo || !algo->certain) return UP_OK;
    return up_fail(UP_USAGE, "--sample: %s learns %s, not probabilities to draw from: leave it out",
                   algo->name, algo->certain);
}

bool cli_is_run(const char *path) {
    struct stat info;
    size_t length = strlen(path);
    bool file = length > 12 && strcmp(path + length - 12, ".safetensors") == 0;
    return file || (stat(path, &info) == 0 && S_ISDIR(info.st_mode));
}
