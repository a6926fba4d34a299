// uphill experiment: an experiment of the documents, with its figure and its table.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "experiments/lab.h"
#include "uphill/file.h"
#include "uphill/text.h"

static const CliExperiment *const experiments[] = {
    &cli_bandit_baseline,
    &cli_epsilon_greedy,
    &cli_gradient_bandit,
    &cli_mc_vs_td,
    &cli_mujoco_nine,
    &cli_pong_reinforce,
    &cli_taxi,
    &cli_cartpole,
    &cli_trust_region,
    &cli_variance_ladder,
};
enum { EXPERIMENTS = sizeof experiments / sizeof experiments[0] };

static UpStatus find(const char *name, const CliExperiment **found) {
    const char *names[EXPERIMENTS];
    for (int i = 0; i < EXPERIMENTS; i++) {
        *found = experiments[i];
        names[i] = experiments[i]->name;
        if (strcmp(names[i], name) == 0) return UP_OK;
    }
    const char *near = up_nearest(name, names, EXPERIMENTS);
    return up_fail(UP_UNKNOWN,
                   "there is no experiment \"%s\"%s%s%s; `uphill experiment` lists them", name,
                   near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static UpStatus conduct(const CliExperiment *experiment, CliLab *lab) {
    char path[2048], *text = NULL;
    size_t size;
    UP_TRY(up_folder_create(lab->folder));
    lab->summary = up_text_open(&text, &size);
    if (!lab->summary) return UP_MEMORY;
    fputs("what,mean,standard_error,known\n", lab->summary);
    UpStatus status = experiment->run(lab);
    UpStatus closed = up_text_close(lab->summary, &text);
    if (status == UP_OK) status = closed;
    snprintf(path, sizeof path, "%s/summary.csv", lab->folder);
    if (status == UP_OK) status = up_file_write(path, text, size);
    if (status == UP_OK) printf("%s\n", path);
    free(text);
    up_arena_free(&lab->arena);
    return status;
}

static UpStatus run(const CliArgs *args) {
    if (args->words == 0 && args->values > 0)
        return up_fail(UP_USAGE, "%s: name an experiment; `uphill experiment` lists them",
                       args->option[0]->name);
    if (args->words == 0) {
        for (int i = 0; i < EXPERIMENTS; i++)
            printf("%-24s %s\n", experiments[i]->name, experiments[i]->summary);
        return UP_OK;
    }
    const CliExperiment *experiment;
    UP_TRY(find(args->word[0], &experiment));
    char folder[1024];
    const char *out = cli_value(args, "--out");
    int64_t seeds = experiment->seeds;
    int64_t percent = 100;
    UP_TRY(cli_int(args, "--seeds", 1, 100000, &seeds));
    UP_TRY(cli_int(args, "--percent", 1, 100, &percent));
    if (cli_value(args, "--percent") && !experiment->shorter)
        return up_fail(UP_USAGE, "%s has one length only: --percent is for others",
                       experiment->name);
    snprintf(folder, sizeof folder, "runs/experiments/%s", experiment->name);
    char *command;
    UP_TRY(cli_command_text(&cli_experiment, args, &command));
    CliLab lab = {.folder = out ? out : folder,
                  .command = command,
                  .seeds = (int)seeds,
                  .percent = (int)percent};
    UpStatus status = conduct(experiment, &lab);
    free(command);
    return status;
}

static const CliOption options[] = {
    {"--out", "DIR", "where figures and tables go (default runs/experiments/NAME)"},
    {"--seeds", "N", "runs of each setting"},
    {"--percent", "P",
     "of the steps and episodes, for a quick look: pong-reinforce, trust-region, "
     "variance-ladder"},
};

const CliCommand cli_experiment = {
    "experiment",
    "[NAME]",
    0,
    1,
    "repeat an experiment of the documents",
    "Without NAME: a list. Each writes its figures as SVG and PNG, their points as CSV, and\n"
    "summary.csv: mean, standard error over the seeds, and what is known from elsewhere.",
    options,
    sizeof options / sizeof *options,
    run};
