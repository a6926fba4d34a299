// The runs of a sweep, several at a time. Each is a process of its own, so that one that crashes
// takes no other with it.
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "screen/panel_line.h"
#include "sweep/sweep.h"
#include "uphill/file.h"
#include "uphill/train.h"

// What a run tells the process that waits for it, in memory that both see.
typedef struct Job {
    pid_t pid; // 0: free
    int run;
    _Atomic int64_t steps;
    char message[256]; // why it failed
} Job;

typedef struct Jobs {
    Sweep *sweep;
    Job *job; // (sweep->jobs) shared
    int active, next;
    int done, failed;      // of all runs, earlier sessions included
    int64_t total, behind; // steps of all runs, and of those that are done
    int64_t before;        // of `behind`, those of earlier sessions
    double start, last_line;
    bool live; // a terminal: the line of progress is redrawn in place
} Jobs;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

// ---------------------------------------------------------------------------------------------------
// A run, in its own process

static void stop_run(int number) {
    cli_stop = number;
}

static void tell_steps(void *user, const UpProgress *progress) {
    Job *job = user;
    atomic_store(&job->steps, progress->steps);
}

static UpStatus train(const Sweep *sweep, Job *job, const char *folder) {
    static UpConfig config;
    char path[SWEEP_PATH + 16];
    struct stat info;
    UpTrainer *trainer = NULL;
    UpTrainHooks hooks = {.user = job, .iteration = tell_steps, .stop = &cli_stop};
    UP_TRY(sweep_config(sweep, job->run, &config));
    snprintf(path, sizeof path, "%s/config.ini", folder);
    bool resume = stat(path, &info) == 0;
    UP_TRY(resume ? up_train_resume(&trainer, &config, folder)
                  : up_train_create(&trainer, &config, folder));
    UpStatus status = up_train_run(trainer, &hooks);
    up_train_destroy(trainer);
    return status;
}

// The process ends with a run's status as its exit status. Warnings go to FOLDER/log.txt.
static int run_child(const Sweep *sweep, Job *job) {
    char folder[SWEEP_PATH], log[SWEEP_PATH + 16];
    struct stat info;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    signal(SIGINT, SIG_IGN); // Ctrl-C reaches all processes; the first one passes it on as SIGTERM
    signal(SIGTERM, stop_run);
    sweep_run_folder(sweep, job->run, folder);
    snprintf(log, sizeof log, "%s/log.txt", folder);
    UpStatus status = up_folder_create(folder);
    if (status == UP_OK) {
        int file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (file >= 0) {
            dup2(file, STDOUT_FILENO);
            dup2(file, STDERR_FILENO);
            close(file);
        }
        status = train(sweep, job, folder);
        fflush(NULL);
        if (stat(log, &info) == 0 && info.st_size == 0) unlink(log);
    }
    if (status != UP_OK) snprintf(job->message, sizeof job->message, "%s", up_error());
    return (int)status;
}

static void start_run(Jobs *jobs, Job *job, int run) {
    job->run = run;
    job->message[0] = 0;
    atomic_store(&job->steps, 0);
    fflush(NULL);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        if (getppid() != parent) _exit(UP_INTERRUPTED);
        _exit(run_child(jobs->sweep, job));
    }
    if (pid < 0) return;
    job->pid = pid;
    jobs->active++;
}

// ---------------------------------------------------------------------------------------------------
// Progress

static void clear_line(const Jobs *jobs) {
    if (jobs->live) fputs("\r\033[K", stderr);
}

static void draw_live(Jobs *jobs) {
    const Sweep *sweep = jobs->sweep;
    int64_t steps = jobs->behind;
    char left[32] = "–";
    if (!jobs->live || now() - jobs->last_line < 0.25) return;
    jobs->last_line = now();
    for (int i = 0; i < sweep->jobs; i++)
        if (jobs->job[i].pid) steps += atomic_load(&jobs->job[i].steps);
    double speed = (double)(steps - jobs->before) / (now() - jobs->start);
    if (speed > 0) format_duration(left, sizeof left, (double)(jobs->total - steps) / speed);
    fprintf(stderr, "\r%d of %d runs done", jobs->done, sweep->runs);
    if (jobs->failed) fprintf(stderr, ", %d failed", jobs->failed);
    fprintf(stderr, ", %d running, %.1f %%, %.0f steps/s, left %s\033[K", jobs->active,
            100 * (double)steps / (double)jobs->total, speed, left);
    fflush(stderr);
}

static void print_run(const Jobs *jobs, int run) {
    const Sweep *sweep = jobs->sweep;
    const SweepResult *result = &sweep->result[run];
    if (sweep->quiet) return;
    clear_line(jobs);
    fprintf(stderr, "%d of %d: setting %d, seed %lld", jobs->done + jobs->failed, sweep->runs,
            sweep->number[run % sweep->settings], (long long)sweep_seed(sweep, run));
    for (int p = 0; p < sweep->params; p++) {
        const char *text = sweep_text(sweep, run % sweep->settings, p);
        if (*text) fprintf(stderr, ", %s=%s", sweep->param[p].key, text);
    }
    if (result->state == SWEEP_FAILED)
        fprintf(stderr, ": failed: %s\n", result->message);
    else if (isnan(sweep_score(sweep, run)))
        fputs(": no episode has ended\n", stderr);
    else
        fprintf(stderr, ": %s %.4g\n", sweep->score->title, sweep_score(sweep, run));
    fflush(stderr);
}

// ---------------------------------------------------------------------------------------------------
// All of them

static int64_t budget(const Sweep *sweep, int run) {
    UpConfig config;
    return sweep_config(sweep, run, &config) == UP_OK ? config.train.steps : 0;
}

static void book(Jobs *jobs, int run) {
    jobs->behind += budget(jobs->sweep, run);
    jobs->done += jobs->sweep->result[run].state == SWEEP_DONE;
    jobs->failed += jobs->sweep->result[run].state == SWEEP_FAILED;
}

// The run has come to its end, or to one that cannot be mended now.
static void finish_run(Jobs *jobs, int run, const char *failure) {
    SweepResult *result = &jobs->sweep->result[run];
    if (sweep_read_result(jobs->sweep, run) != UP_OK && !failure) failure = up_error();
    if (failure) {
        result->state = SWEEP_FAILED;
        snprintf(result->message, sizeof result->message, "%s", failure);
    }
    if (result->state == SWEEP_BROKEN_OFF) return; // interrupted
    book(jobs, run);
    print_run(jobs, run);
}

static void end_run(Jobs *jobs, Job *job, int ended) {
    char failure[256];
    job->pid = 0;
    jobs->active--;
    bool failed =
        !WIFEXITED(ended) || (WEXITSTATUS(ended) != UP_OK && WEXITSTATUS(ended) != UP_INTERRUPTED);
    if (WIFSIGNALED(ended))
        snprintf(failure, sizeof failure, "it crashed (%s)", strsignal(WTERMSIG(ended)));
    else
        snprintf(failure, sizeof failure, "%s",
                 job->message[0] ? job->message : "it ended without a word; see its log.txt");
    finish_run(jobs, job->run, failed ? failure : NULL);
}

static void reap(Jobs *jobs) {
    int ended;
    for (pid_t pid; jobs->active > 0 && (pid = waitpid(-1, &ended, WNOHANG)) > 0;)
        for (int i = 0; i < jobs->sweep->jobs; i++)
            if (jobs->job[i].pid == pid) end_run(jobs, &jobs->job[i], ended);
}

// Starts runs as long as there are free jobs.
static void fill(Jobs *jobs) {
    Sweep *sweep = jobs->sweep;
    for (int i = 0; i < sweep->jobs; i++) {
        Job *job = &jobs->job[i];
        while (!job->pid && jobs->next < sweep->runs) {
            int run = jobs->next++;
            if (sweep->result[run].state == SWEEP_DONE) continue;
            start_run(jobs, job, run);
            if (!job->pid) finish_run(jobs, run, "no process could be started");
        }
    }
}

static void stop_runs(const Jobs *jobs) {
    clear_line(jobs);
    if (!jobs->sweep->quiet)
        fputs("stopping: runs save first; a second Ctrl-C ends at once\n", stderr);
    for (int i = 0; i < jobs->sweep->jobs; i++)
        if (jobs->job[i].pid) kill(jobs->job[i].pid, SIGTERM);
}

static void work(Jobs *jobs) {
    bool stopped = false;
    while (jobs->active > 0 || (jobs->next < jobs->sweep->runs && !cli_stop)) {
        if (!cli_stop) fill(jobs);
        if (cli_stop && !stopped) {
            stop_runs(jobs);
            stopped = true;
        }
        reap(jobs);
        draw_live(jobs);
        if (jobs->active > 0) nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    clear_line(jobs);
}

UpStatus sweep_train(Sweep *sweep) {
    const char *terminal = getenv("TERM"), *plain = getenv("NO_COLOR");
    bool fancy = terminal && strcmp(terminal, "dumb") != 0 && !(plain && plain[0]);
    Jobs jobs = {.sweep = sweep, .start = now()};
    size_t size = (size_t)sweep->jobs * sizeof *jobs.job;
    jobs.live = !sweep->quiet && isatty(STDERR_FILENO) && fancy;
    jobs.job = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (jobs.job == MAP_FAILED) return up_fail(UP_MEMORY, "out of memory for %d jobs", sweep->jobs);
    UpStatus status = UP_OK;
    for (int run = 0; run < sweep->runs && status == UP_OK; run++) {
        status = sweep_read_result(sweep, run);
        jobs.total += budget(sweep, run);
        if (sweep->result[run].state == SWEEP_DONE) book(&jobs, run);
    }
    jobs.before = jobs.behind;
    if (status != UP_OK) {
        munmap(jobs.job, size);
        return status;
    }
    if (!sweep->quiet)
        fprintf(stderr, "%d setting%s × %d seed%s = %d runs, %d of them done, %d at a time\n",
                sweep->settings, sweep->settings > 1 ? "s" : "", sweep->seeds,
                sweep->seeds > 1 ? "s" : "", sweep->runs, jobs.done, sweep->jobs);
    cli_catch(); // a second Ctrl-C ends the program at once; its runs save and end
    work(&jobs);
    munmap(jobs.job, size);
    sweep->interrupted = cli_stop && jobs.done + jobs.failed < sweep->runs;
    return UP_OK;
}
