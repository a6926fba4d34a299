// What the settings of a sweep read of its options: combinations that differ only in what nothing
// reads are one setting, and an option that no setting reads is refused before anything is made.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sweep/sweep.h"

// What is found out, in memory that two processes see.
typedef struct Verdict {
    bool done;
    UpStatus status;
    char message[1024];
    uint64_t read[UP_SECTIONS_MAX]; // rows that some setting reads
    uint32_t idle[];                // (settings)
} Verdict;

// The environment that was made last, of which settings are asked.
typedef struct Asked {
    UpEnvDef def;
    UpEnv *env; // NULL: none, or it cannot be made
    bool tried;
} Asked;

bool sweep_option(const char *key, UpSection *found, int *row) {
    UpSection section[UP_SECTIONS_MAX];
    int sections = up_config_sections(NULL, section);
    size_t length = strcspn(key, ".");
    for (int s = 0; s < sections; s++) {
        const UpOptionTable *table = section[s].table;
        if (strlen(table->section) != length || strncmp(table->section, key, length) != 0) continue;
        *found = section[s];
        for (*row = 0; *row < table->count && key[length]; ++*row)
            if (strcmp(table->rows[*row].name, key + length + 1) == 0) return true;
    }
    return false;
}

static uint32_t idle_params(const Sweep *sweep, const UpConfig *config, const UpEnvSpec *spec) {
    uint32_t idle = 0;
    for (int p = 0; p < sweep->params; p++) {
        UpSection section;
        int row;
        char why[UP_OPTION_WHY_MAX];
        if (sweep_option(sweep->param[p].key, &section, &row) &&
            !up_config_reads(config, &section, row, spec, why))
            idle |= UINT32_C(1) << p;
    }
    return idle;
}

static bool same_def(const UpEnvDef *a, const UpEnvDef *b) {
    static char text[2][UP_ENV_OPTIONS_MAX];
    for (int row = 0; row < up_env_options.count; row++) {
        up_options_format(&up_env_options, row, a, text[0], sizeof text[0]);
        up_options_format(&up_env_options, row, b, text[1], sizeof text[1]);
        if (strcmp(text[0], text[1]) != 0) return false;
    }
    return true;
}

// What it decides is the same for every run; that it fails otherwise is for the runs to tell.
static UpStatus make(Asked *asked, const UpEnvDef *def) {
    if (asked->tried && same_def(&asked->def, def)) return UP_OK;
    up_env_destroy(asked->env);
    *asked = (Asked){*def, NULL, true};
    UpStatus status = up_env_create(&asked->env, def, 1);
    if (status == UP_OK) return UP_OK;
    asked->env = NULL;
    return status == UP_USAGE || status == UP_UNKNOWN || status == UP_NOT_FOUND ? status : UP_OK;
}

static UpStatus judge(Sweep *sweep, int setting, bool first, Asked *asked, Verdict *v) {
    UpSection section[UP_SECTIONS_MAX];
    int sections = up_config_sections(NULL, section);
    UpConfig config;
    char why[UP_OPTION_WHY_MAX];
    sweep->idle[setting] = 0;
    UP_TRY(sweep_config(sweep, setting, &config));
    sweep->idle[setting] = idle_params(sweep, &config, NULL);
    if (first && asked) {
        UP_TRY(sweep_config(sweep, setting, &config));
        UP_TRY(make(asked, &config.env));
    }
    const UpEnvSpec *spec = asked && asked->env ? &asked->env->spec : NULL;
    sweep->idle[setting] |= idle_params(sweep, &config, spec);
    for (int s = 0; s < sections; s++)
        for (int row = 0; row < section[s].table->count; row++)
            if (up_config_reads(&config, &section[s], row, spec, why))
                v->read[s] |= UINT64_C(1) << row;
    return UP_OK;
}

// An option that was asked for and that no setting reads.
static UpStatus refuse_idle(const Sweep *sweep, const Asked *asked, const Verdict *v) {
    UpSection section[UP_SECTIONS_MAX];
    int sections = up_config_sections(NULL, section);
    UpConfig config;
    char why[UP_OPTION_WHY_MAX] = "nothing reads it";
    UP_TRY(sweep_config(sweep, 0, &config));
    for (int s = 0; s < sections; s++) {
        const UpOptionTable *table = section[s].table;
        for (int row = 0; row < table->count; row++) {
            char key[2 * UP_OPTION_NAME_MAX];
            const char *how = sweep->base.given[s] >> row & 1 ? "--set" : NULL;
            snprintf(key, sizeof key, "%s.%s", table->section, table->rows[row].name);
            for (int p = 0; p < sweep->params; p++)
                if (strcmp(sweep->param[p].key, key) == 0)
                    how = sweep->param[p].random ? "--random" : "--grid";
            if (!how || v->read[s] >> row & 1) continue;
            up_config_reads(&config, &section[s], row,
                            asked && asked->env ? &asked->env->spec : NULL, why);
            return up_fail(UP_USAGE, "%s %s does nothing here: %s; leave it out", how, key, why);
        }
    }
    return UP_OK;
}

// Draws of the same combination of the grid are asked of one environment.
static UpStatus judge_all(Sweep *sweep, Asked *asked, Verdict *v) {
    int grid = 1;
    for (int p = 0; p < sweep->params; p++)
        grid *= sweep->param[p].random ? 1 : sweep->param[p].values;
    for (int g = 0; g < grid; g++)
        for (int s = g; s < sweep->settings; s += grid)
            UP_TRY(judge(sweep, s, s == g, asked, v));
    memcpy(v->idle, sweep->idle, (size_t)sweep->settings * sizeof *v->idle);
    return refuse_idle(sweep, asked, v);
}

// In a process of its own: an environment that crashes takes no sweep with it.
static void ask(Sweep *sweep, Verdict *v) {
    fflush(NULL);
    pid_t pid = fork();
    if (pid > 0) waitpid(pid, NULL, 0);
    if (pid != 0) return;
    Asked asked = {0};
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    up_set_warn(NULL, NULL); // the log of each run says it
    v->status = judge_all(sweep, &asked, v);
    snprintf(v->message, sizeof v->message, "%s", v->status == UP_OK ? "" : up_error());
    up_env_destroy(asked.env);
    v->done = true;
    _exit(0);
}

static UpStatus find_idle(Sweep *sweep) {
    size_t bytes = sizeof(Verdict) + (size_t)sweep->settings * sizeof(uint32_t);
    Verdict *v = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (v == MAP_FAILED)
        return up_fail(UP_MEMORY, "out of memory for %d settings", sweep->settings);
    ask(sweep, v);
    UpStatus status = v->status;
    if (!v->done) {
        memset(v, 0, bytes);
        status = judge_all(sweep, NULL, v);
    } else if (status != UP_OK) {
        up_fail(status, "%s", v->message);
    }
    memcpy(sweep->idle, v->idle, (size_t)sweep->settings * sizeof *v->idle);
    munmap(v, bytes);
    return status;
}

static bool same(const Sweep *sweep, int a, int b) {
    if (sweep->idle[a] != sweep->idle[b]) return false;
    for (int p = 0; p < sweep->params; p++) {
        int at = sweep->number[a] - 1, other = sweep->number[b] - 1;
        bool differs =
            sweep->text[at * sweep->params + p] != sweep->text[other * sweep->params + p];
        if (differs && !(sweep->idle[a] >> p & 1)) return false;
    }
    return true;
}

UpStatus sweep_reads(Sweep *sweep) {
    int kept = 0;
    UP_TRY(find_idle(sweep));
    for (int s = 0; s < sweep->settings; s++) {
        bool known = false;
        sweep->idle[kept] = sweep->idle[s];
        sweep->number[kept] = s + 1;
        for (int k = 0; k < kept && sweep->idle[kept] && !known; k++)
            known = same(sweep, k, kept);
        kept += !known;
    }
    sweep->settings = kept;
    sweep->runs = kept * sweep->seeds;
    return UP_OK;
}

void sweep_tell_same(const Sweep *sweep) {
    int out = sweep->combinations - sweep->settings;
    uint32_t idle = 0;
    if (out == 0) return;
    for (int s = 0; s < sweep->settings; s++)
        idle |= sweep->idle[s];
    fprintf(stderr,
            "%d of %d combinations read%s the same as another and %s left out: nothing reads", out,
            sweep->combinations, out > 1 ? "" : "s", out > 1 ? "are" : "is");
    const char *between = " ";
    for (int p = 0; p < sweep->params; p++) {
        if (!(idle >> p & 1)) continue;
        fprintf(stderr, "%s%s", between, sweep->param[p].key);
        between = ", ";
    }
    fputs(" there\n", stderr);
}
