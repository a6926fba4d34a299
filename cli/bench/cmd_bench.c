// uphill bench env: our steps a second beside those of others, measured in turns on the same
// machine.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "cli.h"
#include "uphill/doctor.h"
#include "uphill/plugin.h"
#include "uphill/recipe.h"

// ---------------------------------------------------------------------------------------------------
// A round, a row

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count) {
    qsort(values, (size_t)count, sizeof *values, by_value);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

// "31.2 M", "190 k", "54.3 "
static void format_rate(char *text, size_t size, double rate) {
    double scale = rate >= 1e6 ? 1e6 : rate >= 1e3 ? 1e3 : 1;
    snprintf(text, size, "%.3g %s", rate / scale, scale == 1e6 ? "M" : scale == 1e3 ? "k" : " ");
}

// The median of what each turn of a is to the same turn of b.
static double median_ratio(const double *a, const double *b, int count) {
    double ratio[BENCH_ROUNDS_MAX];
    for (int i = 0; i < count; i++)
        ratio[i] = a[i] / b[i];
    return median(ratio, count);
}

static void format_median(char *text, size_t size, const Bench *b, const double *rates) {
    double rate[BENCH_ROUNDS_MAX];
    memcpy(rate, rates, sizeof rate);
    format_rate(text, size, median(rate, b->rounds));
}

// How many times its rate on one thread a setting reaches.
static double gain(const Bench *b, const BenchSetting *s, int which) {
    return median_ratio(s->rate[which], b->setting->rate[which], b->rounds);
}

// Above the first row: what goes wrong before has none.
static void print_head(const Bench *b) {
    static bool printed;
    if (printed) return;
    printed = true;
    printf("steps a second; medians of %d turns of %g s; ours in batches of %d\n"
           "%-28s %8s %12s  %-10s %12s %9s   %s\n",
           b->rounds, b->seconds, b->instances, "environment", "threads", "uphill", "beside",
           "steps/s", "ratio", "gains");
}

static void print_row(const Bench *b, const BenchSetting *s, int peer) {
    char own[32], other[32] = "";
    format_median(own, sizeof own, b, s->rate[BENCH_OURS]);
    printf("%-28s %8d %12s", b->def.id, s->threads, own);
    if (peer >= 0) {
        format_median(other, sizeof other, b, s->rate[peer]);
        printf("  %-10s %12s %9.3g", bench_peer_title[peer], other,
               median_ratio(s->rate[BENCH_OURS], s->rate[peer], b->rounds));
        if (s->threads > 1) printf("   %.2f, %.2f", gain(b, s, BENCH_OURS), gain(b, s, peer));
    }
    putchar('\n');
    fflush(stdout);
}

static void print_rows(const Bench *b) {
    print_head(b);
    for (const BenchSetting *s = b->setting; s < b->setting + b->settings; s++) {
        int shown = 0;
        for (int peer = 0; peer < BENCH_PEERS; peer++) {
            if (b->reason[peer][0]) continue;
            print_row(b, s, peer);
            shown++;
        }
        if (shown == 0) print_row(b, s, -1);
    }
    if (b->reason[0][0]) printf("  Gymnasium: %s\n", b->reason[0]);
}

// One turn of everything: what else the machine does strikes all of them alike.
static UpStatus measure_round(Bench *b, int round) {
    for (BenchSetting *s = b->setting; s < b->setting + b->settings; s++) {
        UP_TRY(bench_ours(b, s, &s->rate[BENCH_OURS][round]));
        for (int peer = 0; peer < BENCH_PEERS; peer++)
            if (!b->reason[peer][0]) bench_peer(b, peer, s->threads, &s->rate[peer][round]);
    }
    return UP_OK;
}

static UpStatus measure(Bench *b) {
    const char *own = strncmp(b->def.id, "uphill/", 7) == 0 ? "it is Uphill's own"
                      : up_plugin_path(b->def.id) > 0       ? "it does not know shared objects"
                                                            : "";
    for (int peer = 0; peer < BENCH_PEERS; peer++)
        snprintf(b->reason[peer], BENCH_REASON, "%s", own);
    for (BenchSetting *s = b->setting; s < b->setting + b->settings; s++)
        UP_TRY(bench_open(b, s));
    for (int round = 0; round < b->rounds; round++)
        UP_TRY(measure_round(b, round));
    print_rows(b);
    return UP_OK;
}

static UpStatus bench_env(Bench *b, const CliArgs *args, const char *id) {
    int cores = up_cores();
    UP_TRY(cli_env_def(&b->def, args, id));
    memset(b->setting, 0, sizeof b->setting);
    b->setting[0].threads = 1;
    b->setting[1].threads = cores;
    b->settings = cores > 1 ? 2 : 1;
    UpStatus status = measure(b);
    for (BenchSetting *s = b->setting; s < b->setting + b->settings; s++)
        bench_close(s);
    return status;
}

// ---------------------------------------------------------------------------------------------------
// The command

static UpStatus run(const CliArgs *args) {
    static Bench b;
    int64_t rounds = 5, envs = 64;
    const char *seconds = cli_value(args, "--seconds");
    char *end = NULL;
    if (strcmp(args->word[0], "env") != 0)
        return up_fail(UP_USAGE, "uphill bench measures no \"%s\"; usage: uphill bench env [ID…]",
                       args->word[0]);
    UP_TRY(cli_int(args, "--rounds", 1, BENCH_ROUNDS_MAX, &rounds));
    UP_TRY(cli_int(args, "--envs", 1, 1 << 20, &envs));
    b = (Bench){.instances = (int)envs, .rounds = (int)rounds, .seconds = 0.5};
    if (seconds) b.seconds = strtod(seconds, &end);
    if (seconds && (end == seconds || *end || !(b.seconds > 0 && b.seconds <= 3600)))
        return up_fail(UP_USAGE, "--seconds %s: it must be a number up to 3600", seconds);
    if (up_doctor_python(b.python, sizeof b.python) != UP_OK) b.python[0] = 0;
    snprintf(b.script, sizeof b.script, "%s/workers/uphill_bench.py", up_data_folder());

    if (args->words > 1) {
        for (int i = 1; i < args->words; i++)
            UP_TRY(bench_env(&b, args, args->word[i]));
        return UP_OK;
    }
    int count;
    const UpEnvInfo *list = up_env_list(&count);
    for (int i = 0; i < count; i++) { // what cannot be made here does not stop the others
        UpStatus status = bench_env(&b, args, list[i].id);
        if (status == UP_USAGE) return status;
        if (status == UP_OK) continue;
        print_head(&b);
        printf("%-28s left out: %s\n", list[i].id, up_error());
    }
    return UP_OK;
}

static const CliOption options[] = {
    {"--rounds", "R", "turns; the median counts (default 5)"},
    {"--seconds", "S", "of each turn (default 0.5)"},
    {"--envs", "N", "instances of ours, and of EnvPool's (default 64)"},
    {"--set", "env.key=value", "an option of the environment"},
};

const CliCommand cli_bench = {
    "bench",
    "env [ID…]",
    1,
    CLI_VALUES,
    "measure environments, ours beside others'",
    "Random actions, drawn beforehand, on one thread and on all cores. "
    "Beside ours: Gymnasium's own\n"
    "environment in a loop, one process for each thread; ALE alone for "
    "Atari's games; EnvPool where\n"
    "it is installed. \"gain\" is the rate by the rate on one thread, \"ratio\" ours by theirs, "
    "each the\n"
    "median over the turns. Without an ID, all native environments but Atari's games.",
    options,
    sizeof options / sizeof *options,
    run};
