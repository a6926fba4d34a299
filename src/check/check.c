// The checks run in a process of their own, so that an environment which crashes is a finding, too.
#include "uphill/check.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check/internal.h"
#include "uphill/plugin.h"

static const double TURN = 0.1; // seconds between looks at the checks

static int run_checks(UpCheckNotes *notes, const UpEnvDef *def, int64_t steps) {
    notes->status = up__check_runs(notes, def, steps);
    if (notes->status != UP_OK) snprintf(notes->error, UP__CHECK_TEXT, "%s", up_error());
    notes->done = true;
    return 0;
}

// A worker that hangs is the bridge's matter, and what happens here is a failed step. What runs in
// this process has nobody else to stop it.
static double limit_of_a_call(const UpEnvDef *def) {
    return up_plugin_path(def->id) > 0 ? def->timeout : 8 * (def->timeout + 60);
}

// Waits for the checks, and ends them where a call takes too long: true. Time is counted in turns
// of the loop, so that it does not pass while the user has stopped the program.
static bool wait_for(pid_t child, const UpCheckNotes *notes, double limit, int *ended) {
    const struct timespec turn = {.tv_nsec = (long)(1e9 * TURN)};
    sigset_t end_of_child;
    sigemptyset(&end_of_child);
    sigaddset(&end_of_child, SIGCHLD);
    int64_t calls = 0;
    double waited = 0;
    while (waitpid(child, ended, WNOHANG) == 0) {
        waited = notes->calls == calls ? waited + TURN : 0;
        calls = notes->calls;
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
static void judge_end(UpCheckNotes *notes, int ended, double hung) {
    char how[128];
    if (notes->done) return;
    if (hung > 0)
        snprintf(how, sizeof how, "did not return from %s for %g s", notes->call, hung);
    else if (WIFSIGNALED(ended))
        snprintf(how, sizeof how, "crashed (%s)", strsignal(WTERMSIG(ended)));
    else
        snprintf(how, sizeof how, "ended the whole program (exit status %d)", WEXITSTATUS(ended));
    notes->fault[UP__CHECK_RUNS][0] = 0; // this is worse than what was found before
    up__check_fault(notes, UP__CHECK_RUNS, "it %s at step %lld, %s", how, (long long)notes->at,
                    notes->doing);
}

// Forks, and waits for what the child finds.
static UpStatus check_apart(UpCheckNotes *notes, const UpEnvDef *def, int64_t steps) {
    sigset_t signals, before;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD); // wait_for looks for it
    pthread_sigmask(SIG_BLOCK, &signals, &before);
    pid_t own = getpid(), child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); // a kill -9 of the program ends its checks, too
        if (getppid() != own) _exit(1);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        _exit(run_checks(notes, def, steps));
    }
    int ended = 0;
    double limit = limit_of_a_call(def);
    bool hung = child > 0 && wait_for(child, notes, limit, &ended);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (child < 0) return up_fail(UP_MEMORY, "no process for the checks could be started");
    judge_end(notes, ended, hung ? limit : 0);
    if (notes->error[0]) return up_fail((UpStatus)notes->status, "%s", notes->error);
    return UP_OK;
}

UpStatus up_check_env(const UpEnvDef *def, int64_t steps, UpCheckFn report, void *user) {
    UpCheckNotes *notes =
        mmap(NULL, sizeof *notes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (notes == MAP_FAILED) return up_fail(UP_MEMORY, "out of memory");
    UpEnvDef own = *def;
    own.strict = true;
    UpStatus status = check_apart(notes, &own, steps);
    if (status == UP_OK) up__check_report(notes, report, user);
    munmap(notes, sizeof *notes);
    return status;
}
