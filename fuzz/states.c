// Saved states of the native environments. The first byte chooses the environment, the second the
// number of steps; the rest changes places of a state that it saved. What is accepted steps on,
// what is refused leaves the environment as it was.
#include <math.h>

#include "fuzz.h"
#include "uphill/env.h"

enum { INSTANCES = 2, KINDS_MAX = 256 };

typedef struct Player {
    UpEnv *env;
    UpArena arena;
    UpStep step;
    float *action;
    size_t size;
    void *state, *copy; // a good one; the one that is tried
} Player;

static UpStatus player_open(Player *p, const char *id) {
    UpEnvDef def = up_env_def_default();
    snprintf(def.id, sizeof def.id, "%s", id);
    UP_TRY(up_env_create(&p->env, &def, INSTANCES));
    UP_TRY(up_obs_create(&p->step.obs, &p->env->spec, INSTANCES, &p->arena));
    UP_TRY(up_obs_create(&p->step.final_obs, &p->env->spec, INSTANCES, &p->arena));
    p->action = up_arena_alloc(&p->arena, INSTANCES * (size_t)p->env->spec.action.size, 4);
    p->step.action = p->action;
    p->step.reward = up_arena_alloc(&p->arena, INSTANCES, sizeof(double));
    p->step.terminated = up_arena_alloc(&p->arena, INSTANCES, 1);
    p->step.truncated = up_arena_alloc(&p->arena, INSTANCES, 1);
    uint64_t seeds[INSTANCES] = {1, 2};
    UP_TRY(up_env_reset(p->env, seeds, p->step.obs));
    p->size = p->env->vtable->state_size(p->env);
    p->state = malloc(p->size);
    p->copy = malloc(p->size);
    FUZZ_ASSERT(p->state && p->copy);
    p->env->vtable->state_save(p->env, p->state);
    return UP_OK;
}

static void player_close(Player *p) {
    up_env_destroy(p->env);
    up_arena_free(&p->arena);
    free(p->state);
    free(p->copy);
    *p = (Player){0};
}

// Actions come from the spaces, one after another.
static void play(Player *p, unsigned steps) {
    const UpSpace *space = &p->env->spec.action;
    for (unsigned t = 0; t < steps; t++) {
        for (int64_t a = 0; a < INSTANCES * space->size; a++)
            p->action[a] = space->kind == UP_SPACE_DISCRETE ? (float)(((int64_t)t + a) % space->n)
                                                            : (float)((t + a) % 3) - 1;
        FUZZ_ASSERT(up_env_step(p->env, &p->step) == UP_OK);
        for (int i = 0; i < INSTANCES; i++)
            FUZZ_ASSERT(isfinite(p->step.reward[i]));
        for (int64_t i = 0; p->step.obs.f32 && i < INSTANCES * p->step.obs.dim; i++)
            FUZZ_ASSERT(isfinite(p->step.obs.f32[i]));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static Player players[KINDS_MAX];
    static bool absent[KINDS_MAX]; // MuJoCo's where that is not installed
    int count;
    const UpEnvInfo *list = up_env_list(&count);
    FuzzInput input = {data, size};
    unsigned kind = (unsigned)fuzz_take(&input, 1) % (unsigned)count;
    unsigned steps = 1 + (unsigned)fuzz_take(&input, 1) % 32;
    FUZZ_ASSERT(count <= KINDS_MAX);
    Player *p = &players[kind];
    if (absent[kind]) return 0;
    if (!p->env && player_open(p, list[kind].id) != UP_OK) {
        player_close(p);
        absent[kind] = true;
        return 0;
    }
    memcpy(p->copy, p->state, p->size);
    fuzz_patch(&input, p->copy, p->size);
    if (p->env->vtable->state_load(p->env, p->copy, p->size) != UP_OK)
        FUZZ_ASSERT(strstr(up_error(), list[kind].id) && strstr(up_error(), "damaged"));
    play(p, steps);
    FUZZ_ASSERT(p->env->vtable->state_load(p->env, p->state, p->size) == UP_OK);
    return 0;
}
