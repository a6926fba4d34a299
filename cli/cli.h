// The command line: one table row per command and per option; --help is made from the same rows.
#ifndef UPHILL_CLI_H
#define UPHILL_CLI_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "uphill/algo.h"
#include "uphill/status.h"

typedef struct CliOption {
    const char *name;  // "--steps"
    const char *value; // what stands for its value in --help; NULL: a flag
    const char *help;
} CliOption;

enum { CLI_VALUES = 256 }; // enough to name all games of Atari

typedef struct CliArgs {
    int words; // arguments that are no options
    const char *word[CLI_VALUES];
    int values;
    const CliOption *option[CLI_VALUES];
    const char *value[CLI_VALUES]; // "" for a flag
} CliArgs;

typedef struct CliCommand {
    const char *name;
    const char *words; // "ENV|RECIPE"
    int min_words, max_words;
    const char *summary; // one line
    const char *details; // more lines for its own --help, or NULL
    const CliOption *options;
    int option_count;
    UpStatus (*run)(const CliArgs *args);
} CliCommand;

extern const CliCommand cli_train, cli_eval, cli_rollout, cli_play, cli_plot, cli_runs, cli_envs,
    cli_algos, cli_recipes, cli_doctor, cli_new, cli_check_env, cli_bench, cli_experiment,
    cli_weights, cli_sweep, cli_fit, cli_net;

// UP_USAGE names the nearest valid option.
UpStatus cli_parse(const CliCommand *command, int argc, char **argv, CliArgs *args);

// The last value given for an option, or NULL.
const char *cli_value(const CliArgs *args, const char *name);
bool cli_flag(const CliArgs *args, const char *name);
UpStatus cli_int(const CliArgs *args, const char *name, int64_t min, int64_t max, int64_t *value);

// print.c: printf for what holds names that files, workers or other programs chose: the end of
// the line in the format stays, anything else that a terminal would obey is printed as '?'
// (uphill/text.h). At most 4,000 bytes.
void cli_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

// A space, and a word as it would be typed into a shell.
void cli_put_word(FILE *out, const char *word);

// The command as it would be typed into a shell; *text is the caller's to free().
UpStatus cli_command_text(const CliCommand *command, const CliArgs *args, char **text);

// Prints what to do for `uphill COMMAND --help`.
void cli_help(const CliCommand *command);

// named.c: a word that is no recipe is an environment's id, unless it looks like something else, of
// which the message then speaks; `recipes`: where a recipe could stand.
UpStatus cli_check_id(const char *word, bool recipes);

// setup.c: the config of `uphill train`-like arguments: an environment's id or a recipe, --algo,
// --set …
UpStatus cli_config(UpConfig *config, const CliArgs *args, const char *name);
// Applies --steps, --envs, --threads, --seed, --target and --set on a config.
UpStatus cli_overrides(UpConfig *config, const CliArgs *args);
// Applies --set env.key=value alone, on a config that a run was trained with.
UpStatus cli_env_overrides(UpConfig *config, const CliArgs *args);
// An environment alone, from its id and --set env.key=value.
UpStatus cli_env_def(UpEnvDef *def, const CliArgs *args, const char *id);

// Whether a run's policy shall act by samples: --sample, which is UP_USAGE where its algorithm
// learned no probabilities.
UpStatus cli_sample(const CliArgs *args, const UpConfig *config, bool *sample);

// table.c: the table of `uphill rollout --csv`: a header, then a row per step and instance, with
// the observation that the step returned: an episode's last one where it ended.
void cli_table_header(FILE *csv, const UpEnvSpec *spec);
void cli_table_step(FILE *csv, const UpEnv *env, const UpStep *out, int64_t step);

// Whether an environment that a file names may be opened: where it is code (a shared object, a
// package), only with --trust.
UpStatus cli_trust(const CliArgs *args, const UpEnvDef *def, const char *file);

// interrupt.c: from cli_catch on, SIGINT, SIGTERM and SIGHUP set cli_stop to their number, the
// first time; the second time they end the program at once. A command that stopped for it prints
// what it has and returns UP_INTERRUPTED, and main ends with cli_stopped().
extern volatile sig_atomic_t cli_stop;
void cli_catch(void);
void cli_announce(void); // before: SIGINT says a line and ends the program
int cli_stopped(void);

void cli_show_messages(void);      // warnings, and what environments print, to standard error
bool cli_is_run(const char *path); // a run directory or a .safetensors file

#endif
