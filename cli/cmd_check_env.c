// uphill check-env: does an environment keep the rules of uphill/env.h?
#include <stdio.h>

#include "cli.h"
#include "uphill/check.h"

typedef struct Outcome {
    int faults, rules, unchecked;
} Outcome;

static void print_finding(const UpCheckFinding *f) {
    if (f->fault[0] && f->advice[0])
        printf("  FAULT  %s: %s. %c%s.\n", f->rule, f->fault, f->advice[0] + 'A' - 'a',
               f->advice + 1);
    else if (f->fault[0])
        printf("  FAULT  %s: %s\n", f->rule, f->fault);
    else if (f->checked)
        printf("  ok     %s%s%s\n", f->rule, f->note[0] ? ": " : "", f->note);
    else
        printf("  -      %s: not checked\n", f->rule);
}

static void print_report(void *user, const UpCheckReport *report) {
    Outcome *outcome = user;
    *outcome = (Outcome){report->faults, report->rules, report->unchecked};
    if (report->title[0]) printf("%s\n", report->title);
    if (report->steps && report->fails_at)
        printf("%d instances, %lld steps in a run, since it fails at step %lld: ok is what was "
               "kept until then\n",
               report->instances, (long long)report->steps, (long long)report->fails_at);
    else if (report->steps)
        printf("%d instances, %lld steps in a run\n", report->instances, (long long)report->steps);
    for (int i = 0; i < report->rules; i++)
        print_finding(&report->finding[i]);
    if (report->unchecked > 0) puts("It stopped there: check again when the faults are repaired.");
}

static UpStatus run(const CliArgs *args) {
    UpEnvDef def;
    int64_t steps = 0;
    Outcome outcome = {0};
    UP_TRY(cli_int(args, "--steps", 1, 1000000, &steps));
    UP_TRY(cli_env_def(&def, args, args->word[0]));
    fflush(stdout);
    UP_TRY(up_check_env(&def, steps, print_report, &outcome));
    if (outcome.faults == 0) return UP_OK;
    int checked = outcome.rules - outcome.unchecked;
    if (outcome.unchecked == 0)
        return up_fail(UP_ENVIRONMENT, "%s breaks %d of the %d rules", args->word[0],
                       outcome.faults, outcome.rules);
    return up_fail(UP_ENVIRONMENT,
                   "%s breaks %d of the %d rules that were checked; %d could not be checked before "
                   "that is repaired",
                   args->word[0], outcome.faults, checked, outcome.unchecked);
}

static const CliOption options[] = {
    {"--steps", "K",
     "steps in each run (default 1000; two episodes if they are short, 200 with pictures)"},
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
