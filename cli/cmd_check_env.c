// uphill check-env: does an environment keep the rules of uphill/env.h? The checks run in a process
// of their own, so that an environment which crashes is a finding, too.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "cli.h"
#include "uphill/plugin.h"

static const double TURN = 0.1; // seconds between looks at the checks

static const struct {
    const char *title, *advice;
} rules[CHECK_COUNT] = {
#define CHECK_ROW(name, title, advice) {title, advice},
    CHECK_RULES(CHECK_ROW)
#undef CHECK_ROW
};

static int run_checks(CheckReport *report, const UpEnvDef *def, int64_t steps) {
    report->status = check_env(report, def, steps);
    if (report->status != UP_OK) snprintf(report->error, CHECK_TEXT, "%s", up_error());
    report->done = true;
    return 0;
}

// A worker that hangs is the bridge's matter: it is restarted a few times, and what happens here at
// last is a failed step. What runs in this process has nobody else to stop it.
static double limit_of_a_call(const UpEnvDef *def) {
    return up_plugin_path(def->id) > 0 ? def->timeout : 8 * (def->timeout + 60);
}

// Waits for the checks, and ends them where a call takes too long: true. Time is counted in turns
// of the loop, so that it does not pass while the user has stopped the program.
static bool wait_for(pid_t child, const CheckReport *report, double limit, int *ended) {
    const struct timespec turn = {.tv_nsec = (long)(1e9 * TURN)};
    sigset_t end_of_child;
    sigemptyset(&end_of_child);
    sigaddset(&end_of_child, SIGCHLD);
    int64_t calls = 0;
    double waited = 0;
    while (waitpid(child, ended, WNOHANG) == 0) {
        waited = report->calls == calls ? waited + TURN : 0;
        calls = report->calls;
        if (waited > limit) {
            kill(child, SIGKILL);
            waitpid(child, ended, 0);
            return true;
        }
        sigtimedwait(&end_of_child, NULL, &turn);
    }
    return false;
}

// How the child ended, where it did not end by itself.
static void judge_end(CheckReport *report, int ended, double hung) {
    char how[128];
    if (report->done) return;
    if (hung > 0)
        snprintf(how, sizeof how, "did not return from %s for %g s", report->call, hung);
    else if (WIFSIGNALED(ended))
        snprintf(how, sizeof how, "crashed (%s)", strsignal(WTERMSIG(ended)));
    else
        snprintf(how, sizeof how, "ended the whole program (exit status %d)", WEXITSTATUS(ended));
    report->fault[CHECK_RUNS][0] = 0; // this is worse than what was found before
    check_fault(report, CHECK_RUNS, "it %s at step %lld, %s", how, (long long)report->at,
                report->doing);
}

static int print_report(const CheckReport *report) {
    int faults = 0;
    if (report->title[0]) printf("%s\n", report->title);
    if (report->steps)
        printf("%d instances, %lld steps in a run\n", CHECK_N, (long long)report->steps);
    for (int i = 0; i < CHECK_COUNT; i++) {
        if (!check_broken(report, (CheckRule)i)) continue;
        printf("  FAULT  %s: %s. %c%s.\n", rules[i].title, report->fault[i],
               rules[i].advice[0] + 'A' - 'a', rules[i].advice + 1);
        faults++;
    }
    for (int i = 0; i < CHECK_COUNT && faults == 0; i++)
        printf("  ok     %s%s%s\n", rules[i].title, report->note[i][0] ? ": " : "",
               report->note[i]);
    if (faults > 0) puts("Other rules may be broken, too: check again when these are repaired.");
    return faults;
}

static UpStatus run(const CliArgs *args) {
    UpEnvDef def;
    int64_t steps = 0;
    UP_TRY(cli_int(args, "--steps", 1, 1000000, &steps));
    UP_TRY(cli_env_def(&def, args, args->word[0]));
    CheckReport *report =
        mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (report == MAP_FAILED) return up_fail(UP_MEMORY, "out of memory");
    fflush(stdout);
    sigset_t signals, before;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD); // wait_for looks for it
    sigprocmask(SIG_BLOCK, &signals, &before);
    pid_t child = fork();
    if (child < 0) return up_fail(UP_MEMORY, "no process for the checks could be started");
    if (child == 0) {
        sigprocmask(SIG_SETMASK, &before, NULL);
        _exit(run_checks(report, &def, steps));
    }
    int ended = 0;
    double limit = limit_of_a_call(&def);
    bool hung = wait_for(child, report, limit, &ended);
    sigprocmask(SIG_SETMASK, &before, NULL);
    judge_end(report, ended, hung ? limit : 0);
    if (report->error[0]) return up_fail((UpStatus)report->status, "%s", report->error);
    int faults = print_report(report);
    if (faults == 0) return UP_OK;
    return up_fail(UP_ENVIRONMENT, "%s breaks %d of the %d rules that were checked", args->word[0],
                   faults, CHECK_COUNT);
}

static const CliOption options[] = {
    {"--steps", "K", "steps in each run (default: as many as take half a second, at least 100)"},
    {"--set", "env.key=value", "an option of the environment"},
};

const CliCommand cli_check_env = {
    "check-env",
    "ENV|./x.so",
    1,
    1,
    "check that an environment keeps the rules",
    "Steps it many times with random actions, in batches of 8 and alone, and looks for writes\n"
    "outside its arrays, numbers outside its spaces, runs that do not repeat themselves, "
    "instances\n"
    "that depend on each other, episodes that do not begin anew, calls of a shared object that\n"
    "take longer than env.timeout, and more. Exit status 1 if\n"
    "something was found; each finding says where, and what to do.",
    options,
    sizeof options / sizeof *options,
    run};
