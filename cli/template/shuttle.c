// Shuttle: it fires its engine to reach the dock in the middle of a line, and to stay there.
//
//   cc -std=c17 -O2 -Wall -Wextra -shared -fPIC -I"@INCLUDE@" shuttle.c -o shuttle.so
//   uphill check-env ./shuttle.so && uphill train ./shuttle.so --steps 100000
//
// The words are the field's: an agent reads an *observation*, chooses an *action*, and is paid a
// *reward*; what happens from a *reset* to the end is an *episode*. One object here is a batch of
// instances, each in an episode of its own, so every function loops over them.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <uphill/plugin.h>
#include <uphill/random.h>

enum { LEFT, COAST, RIGHT, ACTIONS };             // the action space: Discrete(3)
enum { EPISODE_STEPS = 100 };                     // the clock: an episode is cut off here
static const double dt = 0.1, track = 2, far = 1; // seconds a step; half a track; farthest start

// The state of one instance. Plain data, so that saving it is a copy.
typedef struct Body {
    UpRng rng;     // its own random stream: a shared one would make instances depend on each other
    double x, v;   // position, velocity
    int64_t steps; // of this episode
} Body;

typedef struct Shuttle {
    UpEnv base;  // comes first, so that a pointer to it is a pointer to the Shuttle
    Body body[]; // (instances)
} Shuttle;

// The observation: two float32 numbers for each instance, row after row.
static void observe(const Body *b, float *obs) {
    obs[0] = (float)b->x;
    obs[1] = (float)b->v;
}

// A new episode. Draw from the instance's stream, so that its seed decides everything.
static void begin(Body *b) {
    b->x = up_rng_uniform(&b->rng, -far, far);
    b->v = 0;
    b->steps = 0;
}

static UpStatus reset(UpEnv *env, const uint64_t *seeds, UpObs obs) {
    Shuttle *s = (Shuttle *)env;
    for (int i = 0; i < env->instances; i++) {
        if (seeds) up_rng_seed(&s->body[i].rng, seeds[i]); // NULL: go on with the streams
        begin(&s->body[i]);
        observe(&s->body[i], obs.f32 + 2 * i);
    }
    return UP_OK;
}

static UpStatus step(UpEnv *env, UpStep *out) {
    Shuttle *s = (Shuttle *)env;
    for (int i = 0; i < env->instances; i++) {
        if (out->active && !out->active[i]) continue; // not its turn: leave everything of it alone
        Body *b = &s->body[i];
        b->v += dt * ((int)out->action[i] - COAST); // LEFT pushes by -1, RIGHT by +1
        b->x += dt * b->v;
        b->steps++;
        bool lost = fabs(b->x) > track, late = b->steps >= env->spec.max_episode_steps;
        out->reward[i] = lost ? -100 : -fabs(b->x); // what the agent learns to make large
        out->terminated[i] = lost;                  // the task itself ended
        out->truncated[i] = late && !lost;          // the clock ended; the task did not
        if (out->terminated[i] || out->truncated[i]) {
            observe(b, out->final_obs.f32 + 2 * i); // the last observation of the old episode
            begin(b);                               // the new one begins in the same step
        }
        observe(b, out->obs.f32 + 2 * i);
    }
    return UP_OK;
}

// Optional, for `uphill play`: a picture of one instance.
static UpStatus render(UpEnv *env, int i, UpImage *image) {
    enum { WIDTH = 400, HEIGHT = 100, SIZE = 20 };
    const double x = fmax(-track, fmin(track, ((Shuttle *)env)->body[i].x));
    image->width = WIDTH;
    image->height = HEIGHT;
    if (!image->rgb) return UP_OK; // only the size was asked for
    memset(image->rgb, 255, (size_t)WIDTH * HEIGHT * 3);
    int left = (int)((WIDTH - SIZE) * (x + track) / (2 * track));
    for (int row = 0; row < HEIGHT; row++) {
        uint8_t *line = image->rgb + (ptrdiff_t)row * WIDTH * 3;
        memset(line + WIDTH / 2 * 3, 160, 3); // the dock, a grey line
        if (abs(row - HEIGHT / 2) < SIZE / 2) memset(line + (ptrdiff_t)left * 3, 40, SIZE * 3);
    }
    return UP_OK;
}

// Optional, so that a resumed training goes on to the bit: the state of all instances as bytes.
static size_t state_size(const UpEnv *env) {
    return (size_t)env->instances * sizeof(Body);
}

static void state_save(const UpEnv *env, void *bytes) {
    memcpy(bytes, ((const Shuttle *)env)->body, state_size(env));
}

static UpStatus state_load(UpEnv *env, const void *bytes, size_t size) {
    if (size != state_size(env)) return up_fail(UP_MISMATCH, "a state of another Shuttle");
    memcpy(((Shuttle *)env)->body, bytes, size);
    return UP_OK;
}

static void destroy(UpEnv *env) {
    free(env);
}

// Makes the batch and says what it looks like from outside: the spec.
static UpStatus create(UpEnv **env, const UpEnvDef *def, int instances) {
    static const UpEnvVtable vtable = {.abi = UP_ENV_ABI,
                                       .reset = reset,
                                       .step = step,
                                       .destroy = destroy,
                                       .render = render,
                                       .state_size = state_size,
                                       .state_save = state_save,
                                       .state_load = state_load};
    Shuttle *s = calloc(1, sizeof *s + (size_t)instances * sizeof *s->body);
    if (!s) return up_fail(UP_MEMORY, "out of memory for %s", def->id);
    s->base = (UpEnv){.vtable = &vtable,
                      .instances = instances,
                      .spec = {.id = "Shuttle-v0",
                               .obs = up_space_box(2, -INFINITY, INFINITY),
                               .action = up_space_discrete(ACTIONS),
                               .max_episode_steps = EPISODE_STEPS,
                               .reward_threshold = NAN, // a return that counts as solved; NAN: none
                               .frames_per_second = 1 / dt}};
    *env = &s->base;
    return UP_OK;
}

// What the shared object shows: its environments, each with an id, a line about it, and how it is
// made.
static const UpEnvInfo environments[] = {{"Shuttle-v0", "reach the dock and stay there", create}};
UP_PLUGIN(environments)
