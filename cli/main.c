// uphill: the command line. It uses the public headers alone.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

enum { COMMANDS = 18 };
static const CliCommand *const commands[COMMANDS] = {
    &cli_train, &cli_eval,       &cli_rollout, &cli_play,   &cli_plot, &cli_runs,
    &cli_envs,  &cli_algos,      &cli_recipes, &cli_doctor, &cli_new,  &cli_check_env,
    &cli_bench, &cli_experiment, &cli_weights, &cli_sweep,  &cli_fit,  &cli_net,
};

static void print_help(void) {
    puts("uphill: policy-gradient reinforcement learning\n\n"
         "  uphill train pong                  learn Pong from pixels\n"
         "  uphill train CartPole-v1 --algo a2c --steps 200000\n"
         "  uphill eval runs/pong-1            how good is it?\n\n"
         "Commands (uphill help COMMAND tells more):");
    for (int i = 0; i < COMMANDS; i++)
        printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
    puts("\nExit status: 0, 1 on failure, 2 on wrong usage, 130 after Ctrl-C.");
}

static int fail(UpStatus status) {
    if (status == UP_INTERRUPTED && cli_stop) {
        fflush(stdout);
        return cli_stopped();
    }
    fprintf(stderr, "uphill: %s\n", up_error()[0] ? up_error() : up_status_text(status));
    return status == UP_USAGE || status == UP_UNKNOWN ? 2 : 1;
}

// What other programs call it.
static const char *elsewhere(const char *word) {
    static const char *const names[][2] = {
        {"evaluate", "eval"},   {"test", "eval"},  {"learn", "train"},    {"run", "train"},
        {"fine-tune", "train"}, {"enjoy", "play"}, {"watch", "play"},     {"render", "play"},
        {"record", "play"},     {"film", "play"},  {"list", "runs"},      {"tune", "sweep"},
        {"check", "check-env"}, {"init", "new"},   {"benchmark", "bench"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(word, names[i][0]) == 0) return names[i][1];
    return NULL;
}

static int unknown_command(const char *word) {
    const char *names[COMMANDS];
    for (int i = 0; i < COMMANDS; i++)
        names[i] = commands[i]->name;
    const char *near = elsewhere(word);
    if (!near) near = up_nearest(word, names, COMMANDS);
    fprintf(stderr, "uphill: there is no command \"%s\"%s%s%s; `uphill --help` lists them\n", word,
            near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    return 2;
}

// A full disk behind stdout is a failure too.
static int finish(void) {
    if (fflush(stdout) == 0 && !ferror(stdout)) return 0;
    if (errno == EPIPE) return 1; // `uphill algos | head`: the reader has had enough
    perror("uphill: could not write the output");
    return 1;
}

static const CliCommand *find_command(const char *name) {
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(name, commands[i]->name) == 0) return commands[i];
    return NULL;
}

static bool is_help(const char *word) {
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static bool is_version(const char *word) {
    static const char *const words[] = {"--version", "-v", "-V", "version"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(word, words[i]) == 0) return true;
    return false;
}

// uphill help [COMMAND]
static int help(int argc, char **argv) {
    const CliCommand *command = argc > 2 ? find_command(argv[2]) : NULL;
    if (argc > 2 && !command && !is_help(argv[2])) return unknown_command(argv[2]);
    if (command)
        cli_help(command);
    else
        print_help();
    return finish();
}

int main(int argc, char **argv) {
    cli_show_messages();
    signal(SIGPIPE, SIG_IGN); // a closed pipe is an error to report, not a death
    signal(SIGXFSZ, SIG_IGN); // likewise a file that has reached its limit (ulimit -f)
    if (argc < 2) {
        print_help();
        return 2;
    }
    if (is_help(argv[1]) || strcmp(argv[1], "help") == 0) return help(argc, argv);
    if (is_version(argv[1])) {
        puts("uphill " UP_VERSION);
        return finish();
    }
    const CliCommand *command = find_command(argv[1]);
    if (!command) return unknown_command(argv[1]);
    for (int a = 2; a < argc; a++) {
        if (!is_help(argv[a])) continue;
        cli_help(command);
        return finish();
    }
    cli_announce();
    CliArgs args;
    UpStatus status = cli_parse(command, argc - 2, argv + 2, &args);
    if (status == UP_OK) status = command->run(&args);
    return status == UP_OK ? finish() : fail(status);
}
