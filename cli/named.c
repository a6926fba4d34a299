// What a word of the command line names: an environment, or what was mistaken for one.
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "uphill/plugin.h"
#include "uphill/recipe.h"
#include "uphill/train.h"

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

// A run directory, or what lies in one, in place of an environment.
static UpStatus is_in_run(const char *word) {
    char run[PATH_MAX];
    if (!up_train_run_of(word, run, sizeof run)) return UP_OK;
    return up_fail(UP_USAGE,
                   "%s is %s run: name an environment; train goes on with the run by --resume %s "
                   "and begins from its weights by --init %s, rollout plays it by --run %s",
                   word, strcmp(word, run) == 0 ? "a" : "of a", run, run, run);
}

// Files and folders that are no environment but stand beside one.
static UpStatus check_file(const char *word) {
    struct stat info;
    size_t length = strlen(word);
    char pattern[PATH_MAX];
    glob_t found;
    if (stat(word, &info) != 0) return UP_OK;
    UP_TRY(is_in_run(word));
    if (length > 2 && strcmp(word + length - 2, ".c") == 0)
        return up_fail(UP_USAGE,
                       "%s is source text: compile it to a shared object, and name that; "
                       "`uphill new env NAME` makes a folder that does",
                       word);
    if (!S_ISDIR(info.st_mode)) return UP_OK;
    snprintf(pattern, sizeof pattern, "%s/*.so", word);
    bool one = glob(pattern, 0, NULL, &found) == 0;
    up_fail(UP_USAGE, "%s is a folder: name the shared object of an environment%s%s", word,
            one ? ", " : "", one ? found.gl_pathv[0] : "");
    if (one) globfree(&found);
    return UP_USAGE;
}

static UpStatus is_recipe(const char *word) {
    static UpConfig config;
    char *text;
    if (up_recipe_read(word, &text) != UP_OK) return UP_OK;
    UpStatus status = up_config_parse(&config, text, word);
    free(text);
    if (status != UP_OK) return UP_OK;
    return up_fail(UP_UNKNOWN, "%s is a recipe of `uphill train`; name its environment, %s", word,
                   config.env.id);
}

// A native one but for the case of its letters.
static UpStatus check_natives(const char *word, bool *is_one) {
    int natives;
    const UpEnvInfo *native = up_env_list(&natives);
    for (int i = 0; i < natives && !*is_one; i++)
        *is_one = strcmp(native[i].id, word) == 0;
    for (int i = 0; i < natives && !*is_one; i++)
        if (strcasecmp(native[i].id, word) == 0)
            return up_fail(UP_UNKNOWN, "there is no environment \"%s\"; did you mean %s?", word,
                           native[i].id);
    return UP_OK;
}

static UpStatus no_environment(const char *word) {
    char id[UP_ENV_ID_MAX];
    UP_TRY(is_recipe(word));
    bool near = up_env_nearest(word, id);
    return up_fail(UP_UNKNOWN, "there is no environment \"%s\"%s%s%s; `uphill envs` lists them",
                   word, near ? "; did you mean " : "", near ? id : "", near ? "?" : "");
}

UpStatus cli_check_id(const char *word, bool recipes) {
    bool native = false;
    UP_TRY(check_natives(word, &native));
    if (native) return UP_OK;
    if (up_plugin_path(word) > 0) return UP_OK;
    UP_TRY(check_file(word));
    if (strstr(word, "-v") || strchr(word, ':') || strchr(word, '/')) return UP_OK;
    const char *ending = strrchr(word, '.');
    if (ending && strcmp(ending, ".py") == 0) return UP_OK;
    if (!recipes) return no_environment(word);
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
