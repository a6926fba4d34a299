// The batch interface over worker processes.
#include "env/bridge/bridge.h"

#include <stdlib.h>
#include <string.h>

#include "env/atari/machine/machine.h"
#include "env/bridge/internal.h"
#include "uphill/thread.h"

enum { PAL_HEIGHT = 250 };

// ---------------------------------------------------------------------------------------------------
// Reset

// To the instances with which[i], or to all.
static void send_reset(UpBridge *bridge, UpWorker *worker, const uint64_t *seeds,
                       const uint8_t *which) {
    size_t count = (size_t)worker->count;
    if (which && !memchr(which + worker->first, 1, count)) return;
    uint8_t *slot = up__array(worker, UP__WIRE_SLOT);
    uint8_t *active = up__array(worker, UP__WIRE_ACTIVE);
    memset(up__array(worker, UP__WIRE_SEEDED), seeds != NULL, count);
    if (seeds)
        memcpy(up__array(worker, UP__WIRE_SEED), seeds + worker->first, count * sizeof *seeds);
    for (int k = 0; k < worker->count; k++) {
        slot[k] = bridge->slot[worker->first + k] ^ bridge->flip;
        active[k] = !which || which[worker->first + k];
    }
    up__worker_send(worker, UP__WIRE_RESET);
}

// A worker that fails while it resets is restarted and asked again: nobody has seen anything of it.
static UpStatus finish_reset(UpBridge *bridge, UpWorker *worker, const uint64_t *seeds,
                             const uint8_t *which) {
    while (worker->state != UP__WORKER_IDLE) {
        UP_TRY(up__worker_recover(bridge, worker));
        send_reset(bridge, worker, seeds, which);
        UP_TRY(up__bridge_wait_start(bridge));
    }
    return UP_OK;
}

static UpStatus begin_episodes(UpBridge *bridge, const uint64_t *seeds, const uint8_t *which,
                               UpObs obs) {
    for (int w = 0; w < bridge->workers; w++)
        send_reset(bridge, &bridge->worker[w], seeds, which);
    UP_TRY(up__bridge_wait_start(bridge));
    for (int w = 0; w < bridge->workers; w++) {
        UpWorker *worker = &bridge->worker[w];
        UP_TRY(finish_reset(bridge, worker, seeds, which));
        for (int i = worker->first; i < worker->first + worker->count; i++) {
            if (which && !which[i]) continue;
            bridge->slot[i] ^= bridge->flip;
            bridge->lost[i] = 0;
            if (bridge->pong80) up__pong80_reset(&bridge->difference, i);
            up__deliver_obs(bridge, worker, i, &obs);
        }
    }
    return UP_OK;
}

static UpStatus bridge_reset(UpEnv *env, const uint64_t *seeds, UpObs obs) {
    UpBridge *bridge = (UpBridge *)env;
    if (seeds) {
        memcpy(bridge->seed, seeds, (size_t)env->instances * sizeof *seeds);
        memset(bridge->seeded, 1, (size_t)env->instances);
        memset(bridge->restarts, 0, (size_t)env->instances * sizeof *bridge->restarts);
    }
    return begin_episodes(bridge, seeds, NULL, obs);
}

static UpStatus bridge_restart(UpEnv *env, const uint8_t *which, UpObs obs) {
    return begin_episodes((UpBridge *)env, NULL, which, obs);
}

// ---------------------------------------------------------------------------------------------------
// Step

static void send_step(UpBridge *bridge, UpWorker *worker, const UpStep *step) {
    size_t count = (size_t)worker->count, width = (size_t)bridge->layout.action.size;
    uint8_t *active = up__array(worker, UP__WIRE_ACTIVE);
    uint8_t *slot = up__array(worker, UP__WIRE_SLOT);
    bool any = false;
    for (int k = 0; k < worker->count; k++) {
        int i = worker->first + k;
        active[k] = bridge->stepped[i] = (!step->active || step->active[i]) && !bridge->lost[i];
        slot[k] = bridge->slot[i] ^ bridge->flip;
        any |= active[k];
    }
    memcpy(up__array(worker, UP__WIRE_ACTION), step->action + (size_t)worker->first * width,
           count * width * sizeof *step->action);
    if (any) up__worker_send(worker, UP__WIRE_STEP);
}

typedef struct StepContext {
    UpBridge *bridge;
    UpStep *step;
} StepContext;

// What one worker wrote, while the others are still busy.
static void take_step(void *user, UpWorker *worker) {
    UpBridge *bridge = ((StepContext *)user)->bridge;
    UpStep *step = ((StepContext *)user)->step;
    const double *reward = up__array(worker, UP__WIRE_REWARD);
    const uint8_t *terminated = up__array(worker, UP__WIRE_TERMINATED);
    const uint8_t *truncated = up__array(worker, UP__WIRE_TRUNCATED);
    worker->failures = 0;
    for (int k = 0; k < worker->count; k++) {
        int i = worker->first + k;
        if (!bridge->stepped[i]) continue;
        bridge->slot[i] ^= bridge->flip;
        step->reward[i] = reward[k];
        step->terminated[i] = terminated[k] != 0;
        step->truncated[i] = truncated[k] != 0;
        if (step->terminated[i] || step->truncated[i]) {
            worker->resets_failed = 0;
            up__deliver_final(bridge, worker, i, &step->final_obs);
            if (bridge->pong80) up__pong80_reset(&bridge->difference, i);
        }
        up__deliver_obs(bridge, worker, i, &step->obs);
    }
}

// The episodes that a worker took with it end here, cut short.
static void report_lost(UpBridge *bridge, const UpWorker *worker, UpStep *step) {
    for (int i = worker->first; i < worker->first + worker->count; i++) {
        if (!bridge->lost[i] || (step->active && !step->active[i])) continue;
        bridge->lost[i] = 0;
        bridge->base.lost++;
        step->reward[i] = 0;
        step->terminated[i] = 0;
        step->truncated[i] = 1;
        up__deliver_lost(bridge, worker, i, &step->final_obs);
        if (bridge->pong80) up__pong80_reset(&bridge->difference, i);
        up__deliver_obs(bridge, worker, i, &step->obs);
    }
}

static UpStatus bridge_step(UpEnv *env, UpStep *step) {
    UpBridge *bridge = (UpBridge *)env;
    for (int w = 0; w < bridge->workers; w++)
        send_step(bridge, &bridge->worker[w], step);
    UP_TRY(up__bridge_wait(bridge, &(UpWait){.seconds = bridge->def.timeout,
                                             .done = take_step,
                                             .user = &(StepContext){bridge, step}}));
    for (int w = 0; w < bridge->workers; w++) {
        UP_TRY(up__worker_recover(bridge, &bridge->worker[w]));
        report_lost(bridge, &bridge->worker[w], step);
    }
    return UP_OK;
}

// ---------------------------------------------------------------------------------------------------
// What infos told

// Numbers of the info that ended instance i's episode. A worker that was replaced since tells none.
static void bridge_log(const UpEnv *env, int i, UpLog *log) {
    const UpBridge *bridge = (const UpBridge *)env;
    const UpWorker *worker = bridge->worker;
    while (i >= worker->first + worker->count)
        worker++;
    if (!worker->base || worker->layout.told == 0) return;
    const UpWireTold *row = (const UpWireTold *)(const void *)(worker->base + worker->layout.told) +
                            (size_t)(i - worker->first) * UP__WIRE_TOLD;
    for (int k = 0; k < UP__WIRE_TOLD && row[k].name[0]; k++) {
        char name[UP__WIRE_TOLD_NAME + 1]; // the worker may not have ended it
        memcpy(name, row[k].name, UP__WIRE_TOLD_NAME);
        name[UP__WIRE_TOLD_NAME] = 0;
        up_log_add(log, name, row[k].value);
    }
}

// ---------------------------------------------------------------------------------------------------
// Life

static void bridge_destroy(UpEnv *env) {
    UpBridge *bridge = (UpBridge *)env;
    up__bridge_sum_up(bridge);
    for (int w = 0; w < bridge->workers; w++) // all at once, they end side by side
        up__process_close(&bridge->worker[w].process);
    for (int w = 0; w < bridge->workers; w++)
        up__worker_stop(&bridge->worker[w]);
    free(bridge->snapshot);
    up_arena_free(&bridge->arena);
    free(bridge);
}

static UpStatus allocate(UpBridge *bridge) {
    size_t n = (size_t)bridge->base.instances, workers = (size_t)bridge->workers;
    UpArena *arena = &bridge->arena;
    bridge->worker = up_arena_alloc(arena, workers, sizeof *bridge->worker);
    bridge->poll = up_arena_alloc(arena, 2 * workers, sizeof *bridge->poll);
    bridge->slot = up_arena_alloc(arena, n, 1);
    bridge->stepped = up_arena_alloc(arena, n, 1);
    bridge->lost = up_arena_alloc(arena, n, 1);
    bridge->seeded = up_arena_alloc(arena, n, 1);
    bridge->seed = up_arena_alloc(arena, n, sizeof *bridge->seed);
    bridge->restarts = up_arena_alloc(arena, n, sizeof *bridge->restarts);
    bridge->width = up_arena_alloc(arena, n, sizeof *bridge->width);
    bridge->height = up_arena_alloc(arena, n, sizeof *bridge->height);
    if (!bridge->worker) bridge->workers = 0;
    for (int w = 0, first = 0; w < bridge->workers; w++) {
        int count = bridge->base.instances / bridge->workers +
                    (w < bridge->base.instances % bridge->workers);
        bridge->worker[w] = (UpWorker){.number = w,
                                       .first = first,
                                       .count = count,
                                       .memory = -1,
                                       .blob = -1,
                                       .process = {.control = -1, .life = -1, .log = -1}};
        first += count;
    }
    if (!bridge->worker || !bridge->poll || !bridge->slot || !bridge->stepped || !bridge->lost ||
        !bridge->seeded || !bridge->seed || !bridge->restarts || !bridge->width || !bridge->height)
        return UP_MEMORY;
    return bridge->pong80 ? up__pong80_create(&bridge->difference, bridge->base.instances, arena)
                          : UP_OK;
}

// Starts all workers side by side and reads what each says.
static UpStatus start_workers(UpBridge *bridge) {
    UP_TRY(up__command_find(&bridge->command));
    for (int w = 0; w < bridge->workers; w++)
        UP_TRY(up__worker_start(bridge, &bridge->worker[w]));
    UP_TRY(up__bridge_wait_start(bridge));
    for (int w = 0; w < bridge->workers; w++) {
        if (bridge->worker[w].state != UP__WORKER_IDLE)
            return up__worker_error(bridge, &bridge->worker[w]);
        UP_TRY(up__worker_adopt(&bridge->worker[w], w == 0 ? NULL : &bridge->layout));
        if (w == 0) bridge->layout = bridge->worker[0].layout;
    }
    return UP_OK;
}

static void describe(UpBridge *bridge) {
    const UpLayout *layout = &bridge->layout;
    UpEnvSpec *spec = &bridge->base.spec;
    *spec = (UpEnvSpec){.obs = layout->obs,
                        .action = layout->action,
                        .obs_form = up_space_is_picture(&layout->obs) ? UP_OBS_U8 : UP_OBS_F32,
                        .mask_size = layout->mask_size,
                        .max_episode_steps = layout->max_episode_steps,
                        .reward_threshold = layout->reward_threshold,
                        .frames_per_second = layout->frames_per_second};
    memcpy(spec->id, bridge->def.id, strlen(bridge->def.id) + 1); // it fits: up__bridge_create
    if (bridge->pong80) {
        spec->obs = up_space_box(UP__PONG80_DIM, -1, 1);
        spec->obs_form = UP_OBS_SPARSE;
    }
    if (bridge->atari) spec->obs = up__atari_view_space(&bridge->view);
    bridge->vtable = (UpEnvVtable){.abi = UP_ENV_ABI,
                                   .reset = bridge_reset,
                                   .step = bridge_step,
                                   .destroy = bridge_destroy,
                                   .restart = bridge_restart,
                                   .log = bridge_log};
    bridge->vtable.render = layout->can_render ? up__bridge_render : up__bridge_refuse_render;
    if (layout->can_save) {
        bridge->vtable.state_size = up__bridge_state_size;
        bridge->vtable.state_save = up__bridge_state_save;
        bridge->vtable.state_load = up__bridge_state_load;
    }
}

// The height of a screen tells the console: 250 rows are PAL's.
static const UpAtariPalette *palette_of(const UpBridge *bridge) {
    return up__atari_palette(bridge->layout.obs.shape[0] == PAL_HEIGHT);
}

static UpStatus create_view(UpBridge *bridge) {
    const UpSpace *screen = &bridge->layout.obs;
    const UpAtariPalette *palette = palette_of(bridge);
    UpConsoleInfo info = {.height = (int)screen->shape[0],
                          .width = (int)screen->shape[1],
                          .rgb = &palette->rgb[0][0],
                          .grey = palette->grey};
    return up__atari_view_create(&bridge->view, &bridge->def, &info, bridge->base.instances,
                                 &bridge->arena);
}

static UpStatus build(UpBridge *bridge) {
    UP_TRY(allocate(bridge));
    UP_TRY(start_workers(bridge));
    if (bridge->atari) UP_TRY(create_view(bridge));
    describe(bridge);
    if (!bridge->pong80) return UP_OK;
    if (bridge->layout.palette) up__pong80_palette(palette_of(bridge)->rgb, bridge->shown);
    return up_obs_create(&bridge->last, &bridge->base.spec, bridge->base.instances, &bridge->arena);
}

UpStatus up__bridge_create(UpEnv **env, const UpEnvDef *def, int instances) {
    *env = NULL;
    if (strlen(def->id) >= UP_ENV_ID_MAX)
        return up_fail(UP_USAGE, "the environment's id %.20s... is longer than %d characters",
                       def->id, UP_ENV_ID_MAX - 1);
    UpBridge *bridge = calloc(1, sizeof *bridge);
    if (!bridge) return up_fail(UP_MEMORY, "out of memory for environment %s", def->id);
    int64_t workers = def->workers > 0 ? def->workers : up_cores();
    bridge->workers = (int)(workers < instances ? workers : instances);
    bridge->base.vtable = &bridge->vtable;
    bridge->base.instances = instances;
    bridge->def = *def;
    bridge->pong80 = def->preprocess == UP_PREPROCESS_PONG80;
    bridge->atari = def->preprocess == UP_PREPROCESS_ATARI;
    bridge->flip = !bridge->atari && !bridge->pong80;
    UpStatus status = build(bridge);
    if (status != UP_OK) {
        bridge_destroy(&bridge->base);
        return status;
    }
    *env = &bridge->base;
    return UP_OK;
}
