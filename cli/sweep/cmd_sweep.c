// uphill sweep: grid and random search over options, several runs at once.
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sweep/sweep.h"
#include "uphill/text.h"

static const SweepScore scores[] = {
    {"running_reward", "running reward", false},
    {"return_mean", "mean of the last 100 returns", false},
    {"steps", "steps to the target", true},
};
enum { SCORES = sizeof scores / sizeof *scores };

static UpStatus choose_score(Sweep *sweep, const CliArgs *args) {
    const char *name = cli_value(args, "--score");
    sweep->score = &scores[0];
    for (int i = 0; name && i < SCORES; i++)
        if (strcmp(scores[i].name, name) == 0) sweep->score = &scores[i];
    if (name && strcmp(sweep->score->name, name) != 0)
        return up_fail(UP_USAGE, "--score %s: it must be running_reward, return_mean or steps",
                       name);
    if (sweep->score->lower && isnan(sweep->base.train.target))
        return up_fail(UP_USAGE, "--score steps counts the steps to a target: name it by --target");
    return UP_OK;
}

static UpStatus choose_folder(Sweep *sweep, const CliArgs *args) {
    const char *out = cli_value(args, "--out");
    size_t length = (size_t)snprintf(sweep->folder, sizeof sweep->folder, "%s%s",
                                     out ? "" : "sweeps/", out ? out : args->word[0]);
    if (length >= sizeof sweep->folder)
        return up_fail(UP_USAGE, "--out %.40s… has more than %zu bytes", sweep->folder,
                       sizeof sweep->folder - 1);
    for (char *c = sweep->folder + strlen("sweeps/"); !out && *c; c++)
        if (*c == '/' || *c == ':') *c = '-';
    return UP_OK;
}

// A word as it would be typed into a shell.
static void put_word(FILE *out, const char *word) {
    bool plain = *word != 0;
    for (const char *c = word; *c; c++)
        plain &= isalnum((unsigned char)*c) || strchr("_-+=,.:/@%", *c) != NULL;
    if (plain) {
        fprintf(out, " %s", word);
        return;
    }
    fputs(" '", out);
    for (; *word; word++)
        fprintf(out, *word == '\'' ? "'\\''" : "%c", *word);
    fputc('\'', out);
}

static UpStatus write_command(Sweep *sweep, const CliArgs *args) {
    size_t size;
    FILE *out = up_text_open(&sweep->command, &size);
    if (!out) return UP_MEMORY;
    fputs("uphill sweep", out);
    put_word(out, args->word[0]);
    for (int i = 0; i < args->values; i++) {
        put_word(out, args->option[i]->name);
        if (args->option[i]->value) put_word(out, args->value[i]);
    }
    UP_TRY(up_text_close(out, &sweep->command));
    up_text_clean(sweep->command); // it is a line of sweep.ini
    return UP_OK;
}

static UpStatus check_end(const Sweep *sweep) {
    int done = 0, failed = -1;
    for (int run = sweep->runs - 1; run >= 0; run--) {
        done += sweep->result[run].state == SWEEP_DONE;
        if (sweep->result[run].state == SWEEP_FAILED) failed = run;
    }
    if (done == 0 && failed >= 0 && !sweep->interrupted)
        return up_fail(UP_ENVIRONMENT, "every run failed; the first: %s",
                       sweep->result[failed].message);
    return UP_OK;
}

static UpStatus conduct(Sweep *sweep, const CliArgs *args) {
    int64_t jobs = up_cores();
    UP_TRY(sweep_plan(sweep, args));
    UP_TRY(choose_score(sweep, args));
    jobs = jobs > sweep->base.train.threads ? jobs / sweep->base.train.threads : 1;
    UP_TRY(cli_int(args, "--jobs", 1, 1024, &jobs));
    sweep->jobs = jobs < sweep->runs ? (int)jobs : sweep->runs;
    sweep->quiet = cli_flag(args, "--quiet");
    UP_TRY(choose_folder(sweep, args));
    UP_TRY(write_command(sweep, args));
    UP_TRY(sweep_claim(sweep));
    UP_TRY(sweep_train(sweep));
    UP_TRY(sweep_report(sweep));
    UP_TRY(check_end(sweep));
    UP_TRY(sweep_plots(sweep));
    if (!sweep->interrupted) return UP_OK;
    printf("interrupted and saved; go on with: %s\n", sweep->command);
    return up_fail(UP_INTERRUPTED, "the sweep was interrupted; the same command goes on");
}

UpStatus sweep_conduct(const CliArgs *args) {
    Sweep *sweep = calloc(1, sizeof *sweep);
    if (!sweep) return up_fail(UP_MEMORY, "out of memory for a sweep");
    UpStatus status = conduct(sweep, args);
    free(sweep->command);
    up_arena_free(&sweep->arena);
    free(sweep);
    return status;
}

static UpStatus run(const CliArgs *args) {
    UpStatus status = sweep_conduct(args);
    return status == UP_INTERRUPTED ? UP_OK : status;
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
    "Ctrl-C saves. The same command goes on: what is done is not repeated.\n"
    "DIR gets sweep.csv (a row for each run), a plot for each swept option, and runs/.",
    options,
    sizeof options / sizeof *options,
    run};
