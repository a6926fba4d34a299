#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static UpStatus unknown_option(const CliCommand *command, const char *word) {
    const char *names[CLI_VALUES];
    int count = 0;
    for (; count < command->option_count; count++)
        names[count] = command->options[count].name;
    const char *near = up_nearest(word, names, count);
    return up_fail(UP_USAGE, "%s has no option %s%s%s%s; `uphill %s --help` lists them",
                   command->name, word, near ? "; did you mean " : "", near ? near : "",
                   near ? "?" : "", command->name);
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
        if (strncmp(word, "--", 2) != 0) {
            args->word[args->words++] = word;
            continue;
        }
        const char *equals = strchr(word, '=');
        size_t length = equals ? (size_t)(equals - word) : strlen(word);
        const CliOption *option = find_option(command, word, length);
        if (!option) return unknown_option(command, word);
        if (!option->value && equals) return up_fail(UP_USAGE, "%s takes no value", option->name);
        if (option->value && !equals && i + 1 == argc)
            return up_fail(UP_USAGE, "%s needs a value: %s %s", option->name, option->name,
                           option->value);
        args->option[args->values] = option;
        args->value[args->values++] = !option->value ? "" : equals ? equals + 1 : argv[++i];
    }
    if (args->words < command->min_words || args->words > command->max_words)
        return up_fail(UP_USAGE, "usage: uphill %s %s; `uphill %s --help` tells more",
                       command->name, command->words, command->name);
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
