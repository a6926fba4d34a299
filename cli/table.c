// The table of `uphill rollout --csv`, and random actions.
#include <math.h>

#include "cli.h"

void cli_table_header(FILE *csv, const UpEnvSpec *spec) {
    fputs("step,env", csv);
    for (int64_t a = 0; a < spec->action.size; a++)
        fprintf(csv, ",action_%lld", (long long)a);
    fputs(",reward,terminated,truncated", csv);
    for (int64_t i = 0; i < spec->obs.size; i++)
        fprintf(csv, ",obs_%lld", (long long)i);
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

void cli_random_action(const UpSpace *space, UpRng *rng, float *action) {
    for (int64_t a = 0; a < space->size; a++) {
        if (space->kind == UP_SPACE_BOX) {
            float low = up_space_low(space, a), high = up_space_high(space, a);
            bool bounded = isfinite(low) && isfinite(high);
            action[a] = (float)(bounded ? up_rng_uniform(rng, (double)low, (double)high)
                                        : up_rng_normal(rng));
        } else {
            int64_t count = space->kind == UP_SPACE_DISCRETE         ? space->n
                            : space->kind == UP_SPACE_MULTI_DISCRETE ? space->choices[a]
                                                                     : 2;
            action[a] = (float)up_rng_integers(rng, 0, count);
        }
    }
}
