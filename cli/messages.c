// What reaches a person on standard error while a command runs: warnings, and what environments
// print.
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

static void print_warning(void *user, const char *message) {
    (void)user;
    fprintf(stderr, "uphill: warning: %s\n", message);
}

// A worker that takes another's place warns of the same again.
static bool is_repeated(const char *line) {
    static char last[1024];
    if (strncmp(line, "uphill: warning: ", 17) != 0) return false;
    if (strcmp(line, last) == 0) return true;
    snprintf(last, sizeof last, "%s", line);
    return false;
}

// What an environment prints is for the person who runs it, and no output of Uphill's own.
static void print_output(void *user, const char *line) {
    (void)user;
    if (is_repeated(line)) return;
    fprintf(stderr, "%s\n", line);
}

void cli_show_messages(void) {
    up_set_warn(print_warning, NULL);
    up_set_output(print_output, NULL);
}
