// Making a replay, and writing steps into it.
#include "uphill/replay.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/obs.h"
#include "replay/replay_internal.h"

// ---------------------------------------------------------------------------------------------------
// Making

static int64_t stack_of(const UpObs *obs) {
    return obs->stack > 1 ? obs->stack : 1;
}

// One place more than its steps: the newest observation has no step yet.
static int64_t slots_of(const UpReplayDef *def, int64_t N) {
    return def->size / N + (def->size % N > 0) + 1;
}

static int64_t leaves_for(int64_t rows) {
    int64_t leaves = 1;
    while (leaves < rows)
        leaves *= 2;
    return leaves;
}

size_t up_replay_bytes(const UpReplayDef *def, const UpObs *obs, int64_t N, int64_t A) {
    int64_t number = obs->form == UP_OBS_F32 ? (int64_t)sizeof(float) : 1;
    int64_t rows = slots_of(def, N) * N;
    int64_t row = obs->dim * number + obs->mask_size + (A + 1) * (int64_t)sizeof(float) + 2;
    int64_t tree = def->prioritised ? 2 * leaves_for(rows) * (int64_t)sizeof(double) : 0;
    return (size_t)(rows * row + tree);
}

static UpStatus check(const UpReplayDef *def, const UpObs *obs, int64_t N, size_t bytes) {
    int64_t least = stack_of(obs) + def->n_steps + 1;
    if (obs->form == UP_OBS_SPARSE)
        return up_fail(UP_UNSUPPORTED, "a replay holds numbers and pictures, and these "
                                       "observations are sparse: leave env.preprocess at none, or "
                                       "set it to atari");
    if (slots_of(def, N) <= least)
        return up_fail(UP_USAGE,
                       "replay.size = %lld steps of %lld instances is too small: at least %lld for "
                       "each",
                       (long long)def->size, (long long)N, (long long)least);
    if (slots_of(def, N) * N > UINT32_MAX)
        return up_fail(UP_USAGE, "replay.size = %lld is larger than the %lld steps that can be",
                       (long long)def->size, (long long)UINT32_MAX);
    size_t available = up__memory_available();
    if (bytes > available)
        return up_fail(UP_MEMORY,
                       "replay.size = %lld steps take %.1f GB of memory, and %.1f GB are "
                       "available: set replay.size to %lld or less",
                       (long long)def->size, (double)bytes / 1e9, (double)available / 1e9,
                       (long long)((double)def->size * 0.9 * (double)available / (double)bytes));
    return UP_OK;
}

UpStatus up_replay_create(UpReplay *r, const UpReplayDef *def, double gamma, const UpObs *obs,
                          int64_t N, int64_t A, UpArena *arena) {
    *r = (UpReplay){.def = *def,
                    .gamma = gamma,
                    .N = N,
                    .A = A,
                    .slots = slots_of(def, N),
                    .stack = stack_of(obs),
                    .most = 1,
                    .bytes = up_replay_bytes(def, obs, N, A)};
    UP_TRY(check(def, obs, N, r->bytes));
    int64_t rows = r->slots * N;
    r->frames = (UpObs){
        .form = obs->form, .rows = rows, .dim = obs->dim, .stack = 1, .mask_size = obs->mask_size};
    up__obs_create(&r->frames, arena);
    size_t count = (size_t)rows;
    r->action = up_arena_alloc(arena, count * (size_t)A, sizeof *r->action);
    r->reward = up_arena_alloc(arena, count, sizeof *r->reward);
    r->place = up_arena_alloc(arena, count, 1);
    r->age = up_arena_alloc(arena, count, 1);
    r->written = up_arena_alloc(arena, (size_t)N, sizeof *r->written);
    if (def->prioritised) {
        r->leaves = leaves_for(rows);
        r->tree = up_arena_alloc(arena, 2 * (size_t)r->leaves, sizeof *r->tree);
    }
    return up_arena_status(arena);
}

// ---------------------------------------------------------------------------------------------------
// Places

static int64_t oldest(const UpReplay *r, int64_t n) {
    return r->written[n] > r->slots ? r->written[n] - r->slots : 0;
}

int64_t up__replay_number(const UpReplay *r, int64_t row) {
    int64_t slot = row / r->N, written = r->written[row % r->N];
    if (slot >= written) return -1;
    return written - 1 - (written - 1 - slot) % r->slots;
}

// Frames before its own that the observation of a place is made of.
static int64_t needs(const UpReplay *r, int64_t row) {
    return r->age[row] < r->stack - 1 ? r->age[row] : r->stack - 1;
}

bool up__replay_drawable(const UpReplay *r, int64_t row) {
    uint8_t place = r->place[row];
    if (place == UP_REPLAY_OPEN || place == UP_REPLAY_LAST) return false;
    return up__replay_number(r, row) - needs(r, row) >= oldest(r, row % r->N);
}

// Steps whose frames are gone are not drawn any more.
static void retire(UpReplay *r, int64_t n) {
    if (!r->tree || r->written[n] <= r->slots) return;
    for (int64_t k = 0; k < r->stack - 1; k++) {
        int64_t row = up__replay_row(r, n, oldest(r, n) + k);
        if (needs(r, row) > k) up__tree_set(r, row, 0);
    }
}

static const unsigned char *newest_frame(const UpReplay *r, const UpObs *obs, int64_t i) {
    int64_t frame = obs->frame ? obs->frame[(i + 1) * obs->stack - 1] : i;
    return up__obs_frames(obs) + (size_t)frame * up__obs_frame_bytes(&r->frames);
}

// Row i of `obs` becomes the newest observation of instance n. Last ones have no mask.
static void push(UpReplay *r, int64_t n, const UpObs *obs, int64_t i, UpReplayPlace place,
                 int64_t age) {
    int64_t row = up__replay_row(r, n, r->written[n]++);
    size_t bytes = up__obs_frame_bytes(&r->frames), mask = (size_t)r->frames.mask_size;
    memcpy(up__obs_frames(&r->frames) + (size_t)row * bytes, newest_frame(r, obs, i), bytes);
    if (r->frames.mask && obs->mask)
        memcpy(r->frames.mask + (size_t)row * mask, obs->mask + (size_t)i * mask, mask);
    else if (r->frames.mask)
        memset(r->frames.mask + (size_t)row * mask, 1, mask);
    r->place[row] = (uint8_t)place;
    r->age[row] = (uint8_t)(age < UINT8_MAX ? age : UINT8_MAX);
    up__tree_set(r, row, 0);
    retire(r, n);
}

// The arrays' rows that are in use.
static void count_rows(UpReplay *r) {
    int64_t slots = 0;
    for (int64_t n = 0; n < r->N; n++)
        slots = slots > r->written[n] ? slots : r->written[n];
    r->rows = (slots < r->slots ? slots : r->slots) * r->N;
    r->frame_numbers = r->rows * r->frames.dim;
    r->action_numbers = r->rows * r->A;
    r->mask_numbers = r->rows * r->frames.mask_size;
}

// Whether instance n acts on what its newest place holds.
static bool goes_on(const UpReplay *r, const UpReplayStep *s, int64_t n) {
    if (r->written[n] == 0) return false;
    int64_t row = up__replay_row(r, n, r->written[n] - 1);
    size_t bytes = up__obs_frame_bytes(&r->frames);
    const unsigned char *held = up__obs_frames(&r->frames) + (size_t)row * bytes;
    return (r->age[row] == 0) == (s->age[n] == 0) &&
           memcmp(held, newest_frame(r, &s->obs, n), bytes) == 0;
}

// Where it was restarted in between, the newest observation was the last of an episode that was
// cut, or of none.
static void begin(UpReplay *r, const UpReplayStep *s, int64_t n) {
    if (r->written[n] > 0) {
        int64_t newest = r->written[n] - 1, row = up__replay_row(r, n, newest);
        if (r->age[row] == 0) {
            r->written[n]--;
        } else {
            r->place[row] = UP_REPLAY_LAST;
            r->place[up__replay_row(r, n, newest - 1)] = UP_REPLAY_TRUNCATED;
        }
    }
    push(r, n, &s->obs, n, UP_REPLAY_OPEN, s->age[n]);
}

void up_replay_add(UpReplay *r, const UpReplayStep *s) {
    UpObs last = s->final_obs;
    last.mask = NULL; // environments write none there
    for (int64_t n = 0; n < r->N; n++) {
        if (!s->valid[n]) continue;
        if (!goes_on(r, s, n)) begin(r, s, n);
        int64_t row = up__replay_row(r, n, r->written[n] - 1);
        bool cut = s->truncated[n] && !s->terminated[n], ended = cut || s->terminated[n];
        memcpy(r->action + row * r->A, s->action + n * r->A, (size_t)r->A * sizeof *r->action);
        r->reward[row] = (float)s->reward[n];
        r->place[row] = s->terminated[n] ? UP_REPLAY_TERMINATED
                        : cut            ? UP_REPLAY_TRUNCATED
                                         : UP_REPLAY_STEP;
        if (up__replay_drawable(r, row)) up__tree_set(r, row, r->most);
        if (cut) push(r, n, &last, n, UP_REPLAY_LAST, s->age[n] + 1);
        push(r, n, &s->next, n, UP_REPLAY_OPEN, ended ? 0 : s->age[n] + 1);
    }
    count_rows(r);
}
