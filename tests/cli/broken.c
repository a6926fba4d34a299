// A sound environment, and copies of it with one fault each, chosen by the id: a point on a line is
// pushed about until it leaves it or the clock ends. tests/cli/test_check_env.sh compiles it.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <uphill/plugin.h>
#include <uphill/random.h>

#define FAULTS(X)                                                                                  \
    X(SOUND)                                                                                       \
    X(SHAPE)                                                                                       \
    X(FORM)                                                                                        \
    X(SLOTS)                                                                                       \
    X(MASKED)                                                                                      \
    X(OBS_BEYOND)                                                                                  \
    X(REWARD_BEFORE)                                                                               \
    X(FLAG_BEYOND)                                                                                 \
    X(INPUT)                                                                                       \
    X(SHORT)                                                                                       \
    X(NO_REWARD)                                                                                   \
    X(NO_FLAG)                                                                                     \
    X(FLAG_TWO)                                                                                    \
    X(OBS_NAN)                                                                                     \
    X(OBS_RANGE)                                                                                   \
    X(REWARD_INF)                                                                                  \
    X(NO_FINAL)                                                                                    \
    X(NO_RESTART)                                                                                  \
    X(STALE)                                                                                       \
    X(NO_LIMIT)                                                                                    \
    X(RANDOM)                                                                                      \
    X(LEFTOVER)                                                                                    \
    X(NEIGHBOURS)                                                                                  \
    X(BATCH)                                                                                       \
    X(PLACE)                                                                                       \
    X(ACTIVE_WRITES)                                                                               \
    X(ACTIVE_MOVES)                                                                                \
    X(NO_CLIP)                                                                                     \
    X(STATE)                                                                                       \
    X(STATE_BEYOND)                                                                                \
    X(STATE_REFUSED)                                                                               \
    X(RENDER_PART)                                                                                 \
    X(RENDER_MOVES)                                                                                \
    X(RENDER_BEYOND)                                                                               \
    X(RENDER_FAILS)                                                                                \
    X(RESTART_ALL)                                                                                 \
    X(CRASH)                                                                                       \
    X(EXIT)                                                                                        \
    X(HANG)                                                                                        \
    X(STEP_FAILS)                                                                                  \
    X(NO_CREATE)                                                                                   \
    X(NO_ENV)                                                                                      \
    X(WRONG_ABI)

enum {
#define ENUM(name) name,
    FAULTS(ENUM)
#undef ENUM
        COUNT
};
static const char *const names[COUNT] = {
#define NAME(name) #name,
    FAULTS(NAME)
#undef NAME
};

enum { LIMIT = 60 };

typedef struct Point {
    UpRng rng;
    double x, v;
    int64_t steps;
} Point;

typedef struct Line {
    UpEnv base;
    int fault;
    int64_t calls;
    double shared;
    Point at[];
} Line;

static void observe(const Line *l, int i, UpObs obs) {
    obs.f32[2 * i] = (float)(l->fault == OBS_NAN && l->at[i].steps == 7 ? NAN : l->at[i].x);
    if (l->fault != SHORT || i != 5)
        obs.f32[2 * i + 1] = (float)(l->fault == OBS_RANGE ? 30 * l->at[i].v : l->at[i].v);
}

static void begin(Line *l, int i) {
    Point *p = &l->at[i];
    p->x = up_rng_uniform(&p->rng, -0.5, 0.5);
    if (l->fault == PLACE) p->x += 1e-3 * i;
    if (l->fault != LEFTOVER) p->v = 0;
    p->steps = 0;
}

static UpStatus reset(UpEnv *env, const uint64_t *seeds, UpObs obs) {
    Line *l = (Line *)env;
    for (int i = 0; i < env->instances; i++) {
        if (seeds) up_rng_seed(&l->at[i].rng, seeds[i]);
        begin(l, i);
        observe(l, i, obs);
    }
    l->shared = 0;
    l->calls = 0;
    return UP_OK;
}

static UpStatus restart(UpEnv *env, const uint8_t *which, UpObs obs) {
    Line *l = (Line *)env;
    for (int i = 0; i < env->instances; i++) {
        bool chosen = !which || which[i];
        if (chosen || l->fault == RESTART_ALL) begin(l, i);
        if (chosen) observe(l, i, obs);
    }
    return UP_OK;
}

// Faults that concern the whole batch.
static UpStatus spoil_batch(Line *l, UpStep *out) {
    int N = l->base.instances;
    bool late = ++l->calls == 7;
    if (l->fault == OBS_BEYOND && late) out->obs.f32[2 * N] = 1;
    if (l->fault == REWARD_BEFORE && late) out->reward[-1] = 1;
    if (l->fault == FLAG_BEYOND && late) out->terminated[N] = 1;
    if (l->fault == INPUT && late) ((float *)(uintptr_t)out->action)[N - 1] += 0.25F;
    if (l->fault == CRASH && late) *(volatile int *)8 = 1;
    if (l->fault == EXIT && late) exit(3);
    while (l->fault == HANG && late)
        pause();
    if (l->fault == STEP_FAILS && late) return up_fail(UP_ENVIRONMENT, "the line is torn");
    return UP_OK;
}

static double push(Line *l, int i, double action) {
    double force = l->fault == NO_CLIP ? action : fmax(-1, fmin(1, action));
    if (l->fault == RANDOM) force += 1e-6 * (rand() % 7);
    if (l->fault == NEIGHBOURS) force += 0.01 * l->shared;
    if (l->fault == BATCH) force += 1e-3 * l->base.instances;
    l->shared += force;
    return 0.02 * force + up_rng_uniform(&l->at[i].rng, -0.01, 0.01);
}

static void write_outcome(Line *l, int i, UpStep *out) {
    Point *p = &l->at[i];
    bool left = fabs(p->x) > 0.8, late = p->steps >= l->base.spec.max_episode_steps && !left;
    if (l->fault == NO_LIMIT) late = false;
    if (l->fault != NO_REWARD || i != 2)
        out->reward[i] = l->fault == REWARD_INF && i == 4 ? 1 / (p->steps - 9.0) : -fabs(p->x);
    out->terminated[i] = l->fault == FLAG_TWO && left ? 2 : left;
    if (l->fault != NO_FLAG) out->truncated[i] = late;
    if (left || late) {
        if (l->fault != NO_FINAL) observe(l, i, out->final_obs);
        if (l->fault == STALE) observe(l, i, out->obs);
        if (l->fault != NO_RESTART) begin(l, i);
        if (l->fault == STALE) return;
    }
    observe(l, i, out->obs);
}

static UpStatus step(UpEnv *env, UpStep *out) {
    Line *l = (Line *)env;
    for (int i = 0; i < env->instances; i++) {
        bool active = !out->active || out->active[i];
        if (!active && l->fault == ACTIVE_MOVES) l->at[i].v += 1e-3;
        if (!active && l->fault != ACTIVE_WRITES) continue;
        l->at[i].v = fmax(-0.9, fmin(0.9, l->at[i].v + push(l, i, (double)out->action[i])));
        l->at[i].x = fmax(-0.95, fmin(0.95, l->at[i].x + 0.1 * l->at[i].v));
        l->at[i].steps++;
        write_outcome(l, i, out);
    }
    return spoil_batch(l, out);
}

static UpStatus render(UpEnv *env, int i, UpImage *image) {
    Line *l = (Line *)env;
    image->width = 30;
    image->height = 20;
    if (l->fault == RENDER_FAILS) return up_fail(UP_ENVIRONMENT, "the pencil broke");
    if (!image->rgb) return UP_OK;
    size_t bytes = (size_t)image->width * (size_t)image->height * 3;
    memset(image->rgb, 255, l->fault == RENDER_PART ? bytes - 30 : bytes);
    if (l->fault == RENDER_BEYOND) image->rgb[bytes] = 0;
    if (l->fault == RENDER_MOVES) l->at[i].x *= 0.5;
    return UP_OK;
}

static size_t state_size(const UpEnv *env) {
    return (size_t)env->instances * sizeof(Point);
}

static void state_save(const UpEnv *env, void *bytes) {
    const Line *l = (const Line *)env;
    memcpy(bytes, l->at, state_size(env));
    if (l->fault == STATE_BEYOND) ((char *)bytes)[state_size(env)] = 0;
}

static UpStatus state_load(UpEnv *env, const void *bytes, size_t size) {
    Line *l = (Line *)env;
    if (size != state_size(env) || l->fault == STATE_REFUSED)
        return up_fail(UP_MISMATCH, "a state of another line");
    for (int i = 0; i < env->instances; i++) {
        UpRng rng = l->at[i].rng;
        memcpy(&l->at[i], (const char *)bytes + (size_t)i * sizeof(Point), sizeof(Point));
        if (l->fault == STATE) l->at[i].rng = rng; // the stream is forgotten
    }
    return UP_OK;
}

static void destroy(UpEnv *env) {
    free(env);
}

static UpStatus create(UpEnv **env, const UpEnvDef *def, int instances) {
    static const UpEnvVtable sound = {.abi = UP_ENV_ABI,
                                      .reset = reset,
                                      .step = step,
                                      .destroy = destroy,
                                      .render = render,
                                      .state_size = state_size,
                                      .state_save = state_save,
                                      .state_load = state_load,
                                      .restart = restart};
    static UpEnvVtable vtable, wrong;
    int fault = 0;
    while (strcmp(names[fault], def->id) != 0)
        fault++;
    if (fault == NO_CREATE) return up_fail(UP_NOT_FOUND, "the line is nowhere to be found");
    *env = NULL;
    if (fault == NO_ENV) return UP_OK;
    Line *l = calloc(1, sizeof *l + (size_t)instances * sizeof *l->at);
    if (!l) return up_fail(UP_MEMORY, "out of memory");
    l->fault = fault;
    vtable = wrong = sound;
    wrong.abi++;
    if (fault == SLOTS) vtable.state_save = NULL;
    l->base = (UpEnv){.vtable = fault == WRONG_ABI ? &wrong : &vtable,
                      .instances = instances,
                      .spec = {.obs = up_space_box(2, -1, 1),
                               .action = up_space_box(1, -1, 1),
                               .max_episode_steps = LIMIT,
                               .reward_threshold = NAN,
                               .frames_per_second = 30}};
    if (fault == MASKED) l->base.spec.mask_size = 1;
    if (fault == SHAPE) l->base.spec.obs.shape[0] = 3;
    if (fault == FORM) l->base.spec.obs_form = UP_OBS_U8;
    snprintf(l->base.spec.id, UP_ENV_ID_MAX, "%.100s", def->id);
    *env = &l->base;
    return UP_OK;
}

static const UpEnvInfo environments[COUNT] = {
#define ROW(name) {#name, "a point on a line", create},
    FAULTS(ROW)
#undef ROW
};
UP_PLUGIN(environments)
