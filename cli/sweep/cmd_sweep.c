// uphill sweep: grid and random search over options, several runs at once.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "sweep/sweep.h"

// Options that are swept, as they stand on the command line.
static UpStatus read_varied(SweepDef *def, const CliArgs *args, SweepVary vary[CLI_VALUES]) {
    bool random = false;
    for (int i = 0; i < args->values; i++) {
        const char *name = args->option[i]->name, *text = args->value[i];
        if (strcmp(name, "--grid") != 0 && strcmp(name, "--random") != 0) continue;
        size_t key = strcspn(text, "=");
        for (int k = 0; k < args->values; k++)
            if (strcmp(args->option[k]->name, "--set") == 0 &&
                strncmp(args->value[k], text, key) == 0 && args->value[k][key] == '=')
                return up_fail(UP_USAGE,
                               "%s %.*s: --set gives it one value already; leave that out", name,
                               (int)key, text);
        vary[def->varied++] = (SweepVary){strcmp(name, "--random") == 0, text};
        random |= vary[def->varied - 1].random;
    }
    if (def->varied == 0 && !cli_value(args, "--seeds"))
        return up_fail(UP_USAGE, "nothing to sweep: name an option by --grid "
                                 "optim.learning_rate=1e-4,1e-3 or --random "
                                 "optim.learning_rate=1e-4:1e-2:log, or seeds alone by --seeds 5");
    if (!random && cli_value(args, "--runs"))
        return up_fail(UP_USAGE, "--runs counts random draws, and no option has --random");
    return UP_OK;
}

static void choose_folder(const CliArgs *args, char folder[SWEEP_PATH]) {
    const char *out = cli_value(args, "--out");
    snprintf(folder, SWEEP_PATH, "%s%s", out ? "" : "sweeps/", out ? out : args->word[0]);
    for (char *c = folder + strlen("sweeps/"); !out && *c; c++)
        if (*c == '/' || *c == ':') *c = '-';
}

static UpStatus run(const CliArgs *args) {
    SweepVary vary[CLI_VALUES];
    char folder[SWEEP_PATH], *command;
    int64_t seeds = 3, jobs = 0;
    SweepDef def = {.vary = vary,
                    .folder = folder,
                    .score = cli_value(args, "--score"),
                    .quiet = cli_flag(args, "--quiet")};
    UP_TRY(cli_config(&def.base, args, args->word[0]));
    UP_TRY(cli_int(args, "--seeds", 1, SWEEP_RUNS, &seeds));
    UP_TRY(cli_int(args, "--runs", 1, SWEEP_RUNS, &def.draws));
    UP_TRY(cli_int(args, "--jobs", 1, 1024, &jobs));
    UP_TRY(read_varied(&def, args, vary));
    def.seeds = (int)seeds;
    def.jobs = (int)jobs;
    choose_folder(args, folder);
    UP_TRY(cli_command_text(&cli_sweep, args, &command));
    def.command = command;
    UpStatus status = sweep_conduct(&def);
    free(command);
    return status;
}

static const CliOption options[] = {
    {"--grid", "section.key=A,B,…", "try each of these values; may be repeated"},
    {"--random", "section.key=LO:HI[:log]", "draw values between LO and HI; may be repeated"},
    {"--runs", "N", "random draws (default 10), for each combination of the grid"},
    {"--seeds", "S", "runs of each setting, with seeds 1 to S (default 3)"},
    {"--jobs", "J", "runs at the same time (default: one per core)"},
    {"--score", "NAME", "running_reward (default), return_mean, or steps to the target"},
    {"--out", "DIR", "where everything is written (default sweeps/NAME)"},
    {"--algo", "A", "as for `uphill train`, and so are the following"},
    {"--steps", "N", "environment steps of each run"},
    {"--envs", "N", "instances stepped together"},
    {"--threads", "T", "threads of each run (default 1)"},
    {"--seed", "S", "the first seed; the draws depend on it, too (default 1)"},
    {"--target", "R", "a run stops when its running reward reaches R"},
    {"--set", "section.key=value", "any option, for all runs; may be repeated"},
    {"--trust", NULL, "open an environment that is code and that a file names"},
    {"--quiet", NULL, "no progress, only the table"},
};

const CliCommand cli_sweep = {
    "sweep",
    "ENV|RECIPE",
    1,
    1,
    "search for good values of options",
    "  uphill sweep cartpole-ppo --grid optim.learning_rate=1e-4,1e-3,1e-2 --seeds 5\n"
    "  uphill sweep cartpole-ppo --random optim.learning_rate=1e-5:1e-1:log --runs 20\n"
    "  uphill sweep cartpole-ppo --seeds 5\n"
    "With :log, values are drawn uniformly in the logarithm: as many between 0.001 and 0.01 as\n"
    "between 0.01 and 0.1. A list of sizes is written 64x64. Several --grid make all "
    "combinations.\n"
    "Ctrl-C saves (exit status 130). The same command goes on: what is done is not repeated.\n"
    "DIR gets sweep.csv (a row for each run), a plot for each swept option, and runs/.",
    options,
    sizeof options / sizeof *options,
    run};
