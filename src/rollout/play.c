#include "uphill/play.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/obs.h"
#include "rollout/rollout_internal.h"

// ---------------------------------------------------------------------------------------------------
// Making and freeing

static void allocate(UpPlay *p) {
    size_t N = (size_t)p->N;
    UpArena *arena = &p->arena;
    p->rng = up_arena_alloc(arena, N, sizeof *p->rng);
    p->seeds = up_arena_alloc(arena, N, sizeof *p->seeds);
    uint8_t **bytes[] = {&p->begins, &p->active, &p->fresh, &p->terminated, &p->truncated};
    for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++)
        *bytes[i] = up_arena_alloc(arena, N, 1);
    UpReal **numbers[] = {&p->log_prob, &p->value, &p->cut_value};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        *numbers[i] = up_arena_alloc(arena, N, sizeof(UpReal));
    p->action = up_arena_alloc(arena, N * (size_t)p->A, sizeof *p->action);
    p->reward = up_arena_alloc(arena, N, sizeof *p->reward);
    p->ended = up_arena_alloc(arena, N, sizeof *p->ended);
    p->episode_return = up_arena_alloc(arena, N, sizeof *p->episode_return);
    p->episode_length = up_arena_alloc(arena, N, sizeof *p->episode_length);
    if (p->obs.stack > 1)
        p->final_frame = up_arena_alloc(arena, N * (size_t)p->obs.stack, sizeof *p->final_frame);
}

UpStatus up__play_remember(UpPlay *p) {
    size_t M = (size_t)p->actor.memory;
    if (M == 0 || p->memory) return UP_OK;
    p->memory = up_arena_alloc(&p->arena, (size_t)p->N * M, sizeof *p->memory);
    p->memory_out = up_arena_alloc(&p->arena, (size_t)p->N * M, sizeof *p->memory_out);
    return up_arena_status(&p->arena);
}

static UpStatus create(UpPlay *p, int64_t steps, uint64_t seed) {
    // A guess at how many pixels of a sparse frame change; the pool grows where it is too low.
    enum { ENTRIES_GUESS = 128 };
    const UpEnvSpec *spec = &p->env->spec;
    UP_TRY(up__play_reserve(p, steps));
    if (p->obs.form == UP_OBS_SPARSE) {
        UP_TRY(up_obs_create(&p->slot, spec, p->N, &p->arena));
        UP_TRY(up__play_reserve_entries(p, (uint64_t)(p->obs.rows * ENTRIES_GUESS)));
    }
    UP_TRY(up_obs_create(&p->final_obs, spec, p->N, &p->arena));
    allocate(p);
    UP_TRY(up_arena_status(&p->arena));
    memset(p->active, 1, (size_t)p->N);
    for (int64_t n = 0; n < p->N; n++) {
        p->seeds[n] = seed + (uint64_t)n;
        up_rng_stream(&p->rng[n], seed, UP_STREAM_POLICY, (uint32_t)n);
    }
    return UP_OK;
}

UpStatus up_play_create(UpPlay *p, UpEnv *env, int64_t steps, uint64_t seed) {
    const UpEnvSpec *spec = &env->spec;
    *p = (UpPlay){.env = env, .N = env->instances, .A = spec->action.size};
    p->obs = (UpObs){.form = spec->obs_form,
                     .dim = spec->obs.size,
                     .stack = spec->stack > 1 ? spec->stack : 1,
                     .mask_size = spec->mask_size};
    UpStatus status = create(p, steps, seed);
    if (status != UP_OK) up_play_destroy(p);
    return status;
}

void up_play_destroy(UpPlay *p) {
    void *growing[] = {p->obs.f32,   p->obs.u8,    p->obs.entry, p->obs.begin,
                       p->obs.count, p->obs.frame, p->obs.mask};
    for (size_t i = 0; i < sizeof growing / sizeof *growing; i++)
        free(growing[i]);
    up_arena_free(&p->arena);
    *p = (UpPlay){0};
}

// ---------------------------------------------------------------------------------------------------
// What came

static UpStatus not_finite(const UpPlay *p, int64_t n, const char *what) {
    long long step = p->episode_length[n] + (p->started ? 1 : 0);
    return up_fail(UP_NUMERIC,
                   "%s: instance %lld returned %s that is not finite (NaN or infinity) at step "
                   "%lld of its episode",
                   p->env->spec.id, (long long)n, what, step);
}

// The last observation of an episode counts where it was cut: its value takes part in the return.
static UpStatus check_finite(const UpPlay *p) {
    UpObs next = up__play_frames(p, p->t);
    for (int64_t n = 0; n < p->N; n++) {
        if (!p->active[n]) continue;
        if (!isfinite(p->reward[n])) return not_finite(p, n, "a reward");
        if (!up__obs_is_finite(&next, n) ||
            (p->truncated[n] && !up__obs_is_finite(&p->final_obs, n)))
            return not_finite(p, n, "an observation");
    }
    return UP_OK;
}

// V(final observation) of instances that were truncated, whose last step was t - 1.
static void value_cut(UpPlay *p) {
    bool any = false;
    for (int64_t n = 0; n < p->N; n++) {
        p->final_value[n] = 0;
        any |= p->truncated[n] && !p->terminated[n];
    }
    if (!any) return;
    const UpActor *actor = &p->actor;
    if (actor->observe) actor->observe(actor->user, &p->final_obs, p->truncated, false);
    UpObs last = p->obs.frame ? up__stack_final(p, p->t - 1) : p->final_obs;
    actor->value(actor->user, (UpSeen){.obs = &last, .steps = 1, .memory = p->memory_out},
                 p->cut_value);
    for (int64_t n = 0; n < p->N; n++)
        if (p->truncated[n] && !p->terminated[n]) p->final_value[n] = p->cut_value[n];
}

static void book(UpPlay *p) {
    for (int64_t n = 0; n < p->N; n++) {
        if (!p->active[n]) continue;
        p->episode_return[n] += p->reward[n];
        p->episode_length[n]++;
        p->begins[n] = p->terminated[n] || p->truncated[n];
        if (!p->begins[n]) continue;
        p->ended[p->ends++] =
            (UpEpisode){.ret = p->episode_return[n], .length = p->episode_length[n], .instance = n};
        p->episode_return[n] = 0;
        p->episode_length[n] = 0;
    }
}

// Those who took the step remember what they saw.
static void remember(UpPlay *p) {
    size_t M = (size_t)p->actor.memory;
    for (size_t n = 0; M && n < (size_t)p->N; n++)
        if (p->active[n]) memcpy(p->memory + n * M, p->memory_out + n * M, M * sizeof *p->memory);
}

// Shows the actor what it has not seen yet.
static void look(UpPlay *p) {
    if (p->unseen && p->actor.observe) {
        UpObs newest = up__play_frames(p, p->t);
        p->actor.observe(p->actor.user, &newest, p->fresh, true);
    }
    p->unseen = false;
}

// ---------------------------------------------------------------------------------------------------

UpStatus up_play_begin(UpPlay *p) {
    size_t N = (size_t)p->N;
    UP_TRY(up__play_remember(p));
    p->started = false;
    p->ends = 0;
    memset(p->episode_return, 0, N * sizeof *p->episode_return);
    memset(p->episode_length, 0, N * sizeof *p->episode_length);
    UP_TRY(up_env_reset(p->env, p->seeds, up__play_written(p, 0)));
    UP_TRY(up__play_first(p));
    UpObs first = up__play_frames(p, 0);
    for (int64_t n = 0; n < p->N; n++)
        if (!up__obs_is_finite(&first, n)) return not_finite(p, n, "an observation");
    memset(p->begins, 1, N);
    memset(p->fresh, 1, N);
    p->started = p->unseen = true;
    return UP_OK;
}

void up_play_act(UpPlay *p) {
    look(p);
    UpObs now = up_play_obs(p);
    UpSeen seen = {&now, 1, p->begins, p->memory, p->memory_out};
    p->actor.act(p->actor.user, seen, p->rng, p->action, p->log_prob, p->value);
}

UpStatus up_play_step(UpPlay *p) {
    p->ends = 0;
    if (p->stop && *p->stop) return up_fail(UP_INTERRUPTED, "interrupted");
    if (p->t == p->T) UP_TRY(up__play_rewind(p));
    bool all = !memchr(p->active, 0, (size_t)p->N);
    for (int64_t n = 0; !all && n < p->N; n++)
        if (!p->active[n]) p->terminated[n] = p->truncated[n] = 0;
    p->step = (UpStep){.action = p->action,
                       .active = all ? NULL : p->active,
                       .obs = up__play_written(p, p->t + 1),
                       .final_obs = p->final_obs,
                       .reward = p->reward,
                       .terminated = p->terminated,
                       .truncated = p->truncated};
    double begin = up__clock();
    UP_TRY(up_env_step(p->env, &p->step));
    p->env_seconds += up__clock() - begin;
    UP_TRY(up__play_next(p));
    UP_TRY(check_finite(p));
    if (p->final_value) value_cut(p);
    book(p);
    remember(p);
    memcpy(p->fresh, p->active, (size_t)p->N);
    p->unseen = true;
    return UP_OK;
}

void up_play_value(UpPlay *p, UpReal *value) {
    look(p);
    UpObs now = up_play_obs(p);
    p->actor.value(p->actor.user, (UpSeen){&now, 1, p->begins, p->memory, NULL}, value);
}
