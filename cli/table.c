// The table of `uphill rollout --csv`.
#include "cli.h"

// obs_0, obs_1, …; numbers of a Dict's or Tuple's entries are obs_NAME, or obs_NAME_0, ….
static void print_obs_header(FILE *csv, const UpSpace *space) {
    int part = 0;
    for (int64_t i = 0; i < space->size; i++) {
        while (part < space->parts && i >= space->part[part].first + space->part[part].size)
            part++;
        const UpSpacePart *entry = &space->part[part];
        if (part >= space->parts)
            fprintf(csv, ",obs_%lld", (long long)i);
        else if (entry->size == 1)
            fprintf(csv, ",obs_%s", entry->name);
        else
            fprintf(csv, ",obs_%s_%lld", entry->name, (long long)(i - entry->first));
    }
}

void cli_table_header(FILE *csv, const UpEnvSpec *spec) {
    fputs("step,env", csv);
    for (int64_t a = 0; a < spec->action.size; a++)
        fprintf(csv, ",action_%lld", (long long)a);
    fputs(",reward,terminated,truncated", csv);
    print_obs_header(csv, &spec->obs);
    fputc('\n', csv);
}

// Nine digits read a float back exactly, seventeen a double.
static void print_obs(FILE *csv, const UpObs *obs, int64_t n) {
    for (int64_t i = 0; obs->f32 && i < obs->dim; i++)
        fprintf(csv, ",%.9g", (double)obs->f32[n * obs->dim + i]);
    for (int64_t i = 0; obs->u8 && i < obs->dim; i++)
        fprintf(csv, ",%d", obs->u8[n * obs->dim + i]);
    if (!obs->begin) return;
    const UpSparseEntry *entry = obs->entry + obs->begin[n], *end = entry + obs->count[n];
    for (int64_t i = 0; i < obs->dim; i++) {
        bool set = entry < end && *entry / 2 == i;
        fputs(!set ? ",0" : *entry % 2 ? ",-1" : ",1", csv);
        entry += set;
    }
}

void cli_table_step(FILE *csv, const UpEnv *env, const UpStep *out, int64_t step) {
    int64_t A = env->spec.action.size;
    for (int64_t n = 0; n < env->instances; n++) {
        fprintf(csv, "%lld,%lld", (long long)step, (long long)n);
        for (int64_t a = 0; a < A; a++)
            fprintf(csv, ",%.9g", (double)out->action[n * A + a]);
        fprintf(csv, ",%.17g,%d,%d", out->reward[n], out->terminated[n], out->truncated[n]);
        bool ended = out->terminated[n] || out->truncated[n];
        print_obs(csv, ended ? &out->final_obs : &out->obs, n);
        fputc('\n', csv);
    }
}
