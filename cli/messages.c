// What reaches a person on standard error while a command runs: warnings, and what environments
// print.
#include <stdio.h>

#include "cli.h"

static void print_warning(void *user, const char *message) {
    (void)user;
    fprintf(stderr, "uphill: warning: %s\n", message);
}

// What an environment prints is for the person who runs it, and no output of Uphill's own.
static void print_output(void *user, const char *line) {
    (void)user;
    fprintf(stderr, "%s\n", line);
}

void cli_show_messages(void) {
    up_set_warn(print_warning, NULL);
    up_set_output(print_output, NULL);
}
