// uphill runs, envs, algos, recipes: what there is.
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <time.h>

#include "cli.h"
#include "uphill/recipe.h"
#include "uphill/registry.h"
#include "uphill/train.h"

// "2026-12-01 14:35", or a dash for a date that no calendar has.
static void format_date(char *text, size_t size, int64_t seconds) {
    time_t when = (time_t)seconds;
    struct tm local;
    bool written = seconds > 0 && localtime_r(&when, &local) && local.tm_year < 8100 &&
                   strftime(text, size, "%Y-%m-%d %H:%M", &local) > 0;
    if (!written) snprintf(text, size, "-");
}

static void print_run(void *user, const UpRunRecord *r) {
    int *count = user;
    if ((*count)++ == 0)
        printf("%-16s %-10s %-22s %5s %12s %9s %9s %-11s %s\n", "started", "algo", "environment",
               "seed", "steps", "seconds", "reward", "ended", "folder");
    char when[32], reward[32] = "-"; // before the first episode ended
    if (!isnan(r->running_reward)) snprintf(reward, sizeof reward, "%.2f", r->running_reward);
    format_date(when, sizeof when, r->started);
    // A run that was killed could not say so, nor how far it came.
    bool killed = strcmp(r->stop_reason, "running") == 0 && !up_train_alive(r->folder);
    int64_t steps = killed ? up_train_saved(r->folder) : r->steps;
    cli_print("%-16s %-10s %-22s %5lld %12lld %9.1f %9s %-11s %s\n", when, r->algo, r->env,
              (long long)r->seed, (long long)steps, r->seconds, reward,
              killed ? "broken off" : r->stop_reason, r->folder);
}

static UpStatus runs(const CliArgs *args) {
    (void)args;
    int count = 0;
    UP_TRY(up_registry_each(print_run, &count));
    if (count == 0) puts("no runs yet: uphill train pong");
    return UP_OK;
}

static void print_foreign(void *user, const char *id, const char *summary) {
    (void)user;
    cli_print("%-44s %s\n", id, summary);
}

static UpStatus envs(const CliArgs *args) {
    const char *package = cli_value(args, "--from");
    if (package) return up_env_each_foreign(package, print_foreign, NULL);
    int count;
    const UpEnvInfo *env = up_env_list(&count);
    puts("Native, in C:");
    for (int i = 0; i < count; i++)
        printf("  %-26s %s\n", env[i].id, env[i].summary);
    puts("  ALE/X-v5, XNoFrameskip-v4, X-v4, XDeterministic-v4   104 Atari 2600 games: "
         "docs/atari.md");
    puts("Through worker processes (Python packages; `uphill doctor` tells which are there):\n"
         "  any id of Gymnasium, gym:ID to force Gymnasium's own implementation\n"
         "  package:ID of any package that registers environments: uphill envs --from PACKAGE\n"
         "Your own, in C:\n"
         "  ./x.so, ./x.so:ID   shared objects: uphill new env NAME writes one");
    return UP_OK;
}

static void print_options(const UpAlgo *algo) {
    static UpConfig config;
    UpSection section[UP_SECTIONS_MAX];
    up_config_default(&config, algo->name);
    int sections = up_config_sections(algo, section);
    for (int s = 0; s < sections; s++) {
        const UpOptionTable *table = section[s].table;
        printf("\n[%s] %s\n", table->section, table->title);
        for (int i = 0; i < table->count; i++) {
            const UpOption *o = &table->rows[i];
            char value[UP_OPTION_TEXT_MAX], name[96], condition[128];
            up_options_format(table, i, (const char *)&config + section[s].offset, value,
                              sizeof value);
            snprintf(name, sizeof name, "%s.%s", table->section, o->name);
            up_options_condition(o, condition, sizeof condition);
            printf("  %-28s = %-10s %s", name, value, o->help);
            if (condition[0]) printf("; with %s", condition);
            if (o->choices) printf(" (%s)", o->choices);
            if (o->type == UP_OPTION_INT || o->type == UP_OPTION_REAL)
                printf(" [%g, %g]", o->min, o->max);
            if (o->source && o->source[0]) printf(". %s", o->source);
            putchar('\n');
        }
    }
}

static UpStatus algos(const CliArgs *args) {
    int count;
    const UpAlgo *const *list = up_algo_list(&count);
    for (int i = 0; i < count; i++) {
        if (args->words > 0 && strcmp(args->word[0], list[i]->name) != 0) continue;
        printf("%-13s %s\n", list[i]->name, list[i]->summary);
        if (cli_flag(args, "--options") || args->words > 0) print_options(list[i]);
    }
    if (args->words > 0 && !up_algo_find(args->word[0]))
        return up_fail(UP_UNKNOWN, "there is no algorithm \"%s\"; `uphill algos` lists them",
                       args->word[0]);
    return UP_OK;
}

static void print_recipe(void *user, const char *name, const char *summary) {
    (void)user;
    printf("%-22s %s\n", name, summary);
}

static UpStatus recipes(const CliArgs *args) {
    if (args->words == 0) {
        up_recipe_each(print_recipe, NULL);
        return UP_OK;
    }
    char *text;
    UpStatus status = up_recipe_read(args->word[0], &text);
    if (status == UP_UNKNOWN)
        return up_fail(UP_UNKNOWN, "there is no recipe \"%s\"; `uphill recipes` lists them",
                       args->word[0]);
    UP_TRY(status);
    fputs(text, stdout);
    free(text);
    return UP_OK;
}

const CliCommand cli_runs = {"runs", "",   0, 0,   "list the runs of this machine",
                             NULL,   NULL, 0, runs};

static const CliOption envs_options[] = {
    {"--from", "PACKAGE", "what a Python package registers with Gymnasium"},
};
const CliCommand cli_envs = {"envs", "",           0, 0,   "list the environments",
                             NULL,   envs_options, 1, envs};

static const CliOption algos_options[] = {{"--options", NULL, "every option with its default"}};
const CliCommand cli_algos = {
    "algos", "[ALGO]",      0, 1,    "list the algorithms and their options",
    NULL,    algos_options, 1, algos};
const CliCommand cli_recipes = {"recipes", "[NAME]", 0, 1,      "list the recipes, or print one",
                                NULL,      NULL,     0, recipes};
