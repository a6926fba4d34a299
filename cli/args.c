#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "uphill/text.h"

static bool has_option(const CliCommand *command, const char *name) {
    for (int i = 0; i < command->option_count; i++)
        if (strcmp(command->options[i].name, name) == 0) return true;
    return false;
}

// What `--lr` and the like are here: one of the command's own options, or --set section.key where
// the command sets that section.
static UpStatus not_a_flag(const CliCommand *command, const char *word, const char *key) {
    static const char *const flags[][2] = {{"train.steps", "--steps"},
                                           {"rollout.envs", "--envs"},
                                           {"train.threads", "--threads"},
                                           {"train.seed", "--seed"},
                                           {"train.target", "--target"}};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        if (strcmp(key, flags[i][0]) != 0 || !has_option(command, flags[i][1])) continue;
        return up_fail(UP_USAGE, "%s has no option %s; did you mean %s?", command->name, word,
                       flags[i][1]);
    }
    // A command that does not choose the algorithm sets options of the environment alone.
    if (!has_option(command, "--algo") && strncmp(key, "env.", 4) != 0) return UP_OK;
    return up_fail(UP_USAGE, "%s has no option %s; write --set %s=VALUE", command->name, word, key);
}

static UpStatus unknown_option(const CliCommand *command, const char *word, const char *algo) {
    const char *names[CLI_VALUES];
    char key[UP_OPTION_NAME_MAX];
    for (int i = 0; i < command->option_count; i++)
        names[i] = command->options[i].name;
    UpConfig config;
    bool sets = has_option(command, "--set") && up_config_default(&config, algo) == UP_OK;
    if (sets && up_config_nearest(&config, word, false, key))
        UP_TRY(not_a_flag(command, word, key));
    const char *near = up_nearest(word, names, command->option_count);
    if (near)
        return up_fail(UP_USAGE, "%s has no option %s; did you mean %s?", command->name, word,
                       near);
    if (sets && up_config_nearest(&config, word, true, key)) UP_TRY(not_a_flag(command, word, key));
    return up_fail(UP_USAGE, "%s has no option %s; `uphill %s --help` lists them", command->name,
                   word, command->name);
}

// The algorithm that the arguments name, of whose options an unknown one may be.
static const char *algo_of(int argc, char **argv) {
    for (int i = 0; i + 1 < argc; i++)
        if (strcmp(argv[i], "--algo") == 0) return argv[i + 1];
    return "ppo";
}

static const CliOption *find_option(const CliCommand *command, const char *word, size_t length) {
    for (int i = 0; i < command->option_count; i++) {
        const char *name = command->options[i].name;
        if (strlen(name) == length && strncmp(name, word, length) == 0) return &command->options[i];
    }
    return NULL;
}

UpStatus cli_parse(const CliCommand *command, int argc, char **argv, CliArgs *args) {
    *args = (CliArgs){0};
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        if (args->words == CLI_VALUES || args->values == CLI_VALUES)
            return up_fail(UP_USAGE, "more than %d arguments", CLI_VALUES);
        if (word[0] != '-' || word[1] == 0) { // "-" alone is standard input or output
            args->word[args->words++] = word;
            continue;
        }
        const char *equals = strchr(word, '=');
        size_t length = equals ? (size_t)(equals - word) : strlen(word);
        const CliOption *option = find_option(command, word, length);
        if (!option) {
            char name[128];
            snprintf(name, sizeof name, "%.*s", (int)length, word);
            return unknown_option(command, name, algo_of(argc, argv));
        }
        if (!option->value && equals) return up_fail(UP_USAGE, "%s takes no value", option->name);
        if (option->value && !equals && i + 1 == argc)
            return up_fail(UP_USAGE, "%s needs a value: %s %s", option->name, option->name,
                           option->value);
        args->option[args->values] = option;
        args->value[args->values++] = !option->value ? "" : equals ? equals + 1 : argv[++i];
    }
    if (args->words < command->min_words || args->words > command->max_words)
        return up_fail(UP_USAGE, "usage: uphill %s%s%s; `uphill %s --help` tells more",
                       command->name, *command->words ? " " : "", command->words, command->name);
    return UP_OK;
}

const char *cli_value(const CliArgs *args, const char *name) {
    for (int i = args->values - 1; i >= 0; i--)
        if (strcmp(args->option[i]->name, name) == 0) return args->value[i];
    return NULL;
}

bool cli_flag(const CliArgs *args, const char *name) {
    return cli_value(args, name) != NULL;
}

UpStatus cli_int(const CliArgs *args, const char *name, int64_t min, int64_t max, int64_t *value) {
    const char *text = cli_value(args, name);
    if (!text) return UP_OK;
    char *end;
    errno = 0;
    double real = strtod(text, &end);                         // 1e6 is a number of steps too
    bool inside = real >= (double)min && real <= (double)max; // false for NaN
    int64_t number = inside ? (int64_t)real : 0;
    if (*text == 0 || *end != 0 || errno || !inside || (double)number != real)
        return up_fail(UP_USAGE, "%s %s: it must be a whole number between %lld and %lld", name,
                       text, (long long)min, (long long)max);
    *value = number;
    return UP_OK;
}

void cli_help(const CliCommand *command) {
    printf("uphill %s%s%s\n  %s\n", command->name, *command->words ? " " : "", command->words,
           command->summary);
    if (command->option_count > 0) puts("\nOptions");
    for (int i = 0; i < command->option_count; i++) {
        const CliOption *option = &command->options[i];
        char left[64];
        snprintf(left, sizeof left, "%s %s", option->name, option->value ? option->value : "");
        printf("  %-24s %s\n", left, option->help);
    }
    if (command->details) printf("\n%s\n", command->details);
}

// A word as it would be typed into a shell.
void cli_put_word(FILE *out, const char *word) {
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

UpStatus cli_command_text(const CliCommand *command, const CliArgs *args, char **text) {
    size_t size;
    FILE *out = up_text_open(text, &size);
    if (!out) return UP_MEMORY;
    fprintf(out, "uphill %s", command->name);
    for (int i = 0; i < args->words; i++)
        cli_put_word(out, args->word[i]);
    for (int i = 0; i < args->values; i++) {
        cli_put_word(out, args->option[i]->name);
        if (args->option[i]->value) cli_put_word(out, args->value[i]);
    }
    UP_TRY(up_text_close(out, text));
    up_text_clean(*text); // it is told, and becomes a line of a file
    return UP_OK;
}
