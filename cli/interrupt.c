// Being asked to stop: Ctrl-C, and the signals of other processes.
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "uphill/stop.h"

volatile sig_atomic_t cli_stop;
static volatile sig_atomic_t by_key;

static void request_stop(int number, siginfo_t *info, void *context) {
    (void)context;
    cli_stop = number;
    by_key = info->si_code == SI_KERNEL; // a key press, which the shell of a loop was sent, too
    signal(number, SIG_DFL);             // a second one ends the program at once
}

// Until then a signal ends the program as it always does, but not without a word.
static void end_at_once(int number) {
    static const char line[] = "\nuphill: interrupted\n";
    ssize_t written = write(STDERR_FILENO, line, sizeof line - 1);
    (void)written;
    signal(number, SIG_DFL);
    raise(number);
}

void cli_announce(void) {
    struct sigaction action = {.sa_handler = end_at_once, .sa_flags = SA_RESTART}, before;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, NULL, &before);
    if (before.sa_handler != SIG_IGN) sigaction(SIGINT, &action, NULL);
}

void cli_catch(void) {
    up_set_stop(&cli_stop);
    struct sigaction action = {.sa_sigaction = request_stop, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigemptyset(&action.sa_mask);
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction before;
        sigaction(numbers[i], NULL, &before);
        bool nohup = numbers[i] == SIGHUP && before.sa_handler == SIG_IGN;
        if (!nohup) sigaction(numbers[i], &action, NULL);
    }
}

// 128 + the signal. After Ctrl-C the program dies of the signal itself, which a shell shows as the
// same number, and which ends the loop that it runs.
int cli_stopped(void) {
    if (cli_stop == SIGINT && by_key) {
        signal(SIGINT, SIG_DFL);
        raise(SIGINT);
    }
    return 128 + cli_stop;
}
