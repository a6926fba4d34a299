// Drawing a minibatch.
#include <math.h>
#include <string.h>

#include "core/obs.h"
#include "replay/replay_internal.h"

static const double least = 1e-6; // what a TD error of 0 counts, so that every step is drawn

UpStatus up_replay_batch_create(UpReplayBatch *b, const UpReplay *r, int64_t rows, UpArena *arena) {
    size_t count = (size_t)rows;
    UpObs like = r->frames;
    like.stack = r->stack;
    *b = (UpReplayBatch){.rows = rows};
    up__obs_create_pointing(&b->obs, &like, 2 * rows, arena);
    if (b->obs.frame) {
        b->obs.f32 = r->frames.f32;
        b->obs.u8 = r->frames.u8;
    }
    b->action = up_arena_alloc(arena, count * (size_t)r->A, sizeof *b->action);
    b->reward = up_arena_alloc(arena, count, sizeof *b->reward);
    b->discount = up_arena_alloc(arena, count, sizeof *b->discount);
    b->weight = up_arena_alloc(arena, count, sizeof *b->weight);
    b->row = up_arena_alloc(arena, count, sizeof *b->row);
    return up_arena_status(arena);
}

// The observation in place `number` of instance n becomes row j of `to`: its frame, or the list of
// the frames that it is made of. An episode begins with its first frame repeated.
static void put_obs(const UpReplay *r, int64_t n, int64_t number, UpObs *to, int64_t j) {
    int64_t row = up__replay_row(r, n, number), age = r->age[row];
    if (!to->frame) {
        up__obs_copy(&r->frames, row, to, j);
        return;
    }
    for (int64_t back = 0; back < r->stack; back++) {
        int64_t from = number - (back < age ? back : age);
        to->frame[(j + 1) * r->stack - 1 - back] = (uint32_t)up__replay_row(r, n, from);
    }
    size_t mask = (size_t)to->mask_size;
    if (to->mask) memcpy(to->mask + (size_t)j * mask, r->frames.mask + (size_t)row * mask, mask);
}

// Adds up n rewards, or those up to an end or to the newest observation, and finds what the return
// bootstraps from.
static void put_step(const UpReplay *r, int64_t row, UpReplayBatch *b, int64_t i) {
    int64_t n = row % r->N, first = up__replay_number(r, row), at = first;
    double sum = 0, discount = 1;
    uint8_t place = UP_REPLAY_STEP;
    for (int64_t k = 0; k < r->def.n_steps && place == UP_REPLAY_STEP; k++) {
        int64_t cell = up__replay_row(r, n, at);
        if (r->place[cell] == UP_REPLAY_OPEN) break;
        place = r->place[cell];
        sum += discount * (double)r->reward[cell];
        discount *= r->gamma;
        at++;
    }
    b->row[i] = (uint32_t)row;
    b->reward[i] = (UpReal)sum;
    b->discount[i] = (UpReal)(place == UP_REPLAY_TERMINATED ? 0 : discount);
    memcpy(b->action + i * r->A, r->action + row * r->A, (size_t)r->A * sizeof *b->action);
    put_obs(r, n, first, &b->obs, i);
    put_obs(r, n, at, &b->obs, b->rows + i);
}

bool up_replay_ready(const UpReplay *r) {
    if (r->tree) return r->drawable > 0;
    for (int64_t row = r->rows - 1; row >= 0; row--)
        if (up__replay_drawable(r, row)) return true;
    return false;
}

static void draw_uniformly(const UpReplay *r, UpRng *rng, UpReplayBatch *b) {
    for (int64_t i = 0; i < b->rows; i++) {
        int64_t row;
        do
            row = up_rng_integers(rng, 0, r->rows);
        while (!up__replay_drawable(r, row));
        put_step(r, row, b, i);
        b->weight[i] = 1;
    }
}

// One from each of equal shares of the sum. P(i) = p_i / Σ p; w_i = (N P(i))^-β / max w.
static void draw_by_priority(const UpReplay *r, UpRng *rng, double beta, UpReplayBatch *b) {
    double total = r->tree[1], rarest = INFINITY;
    for (int64_t i = 0; i < b->rows; i++) {
        double share = ((double)i + up_rng_double(rng)) / (double)b->rows;
        int64_t row = up__tree_find(r, share * total);
        put_step(r, row, b, i);
        rarest = fmin(rarest, r->tree[r->leaves + row]);
    }
    for (int64_t i = 0; i < b->rows; i++)
        b->weight[i] = (UpReal)pow(r->tree[r->leaves + b->row[i]] / rarest, -beta);
}

void up_replay_draw(const UpReplay *r, UpRng *rng, double done, UpReplayBatch *b) {
    b->obs.rows = 2 * b->rows;
    if (!r->tree)
        draw_uniformly(r, rng, b);
    else
        draw_by_priority(r, rng, r->def.beta + (1 - r->def.beta) * done, b);
}

void up_replay_prioritise(UpReplay *r, const UpReplayBatch *b, const UpReal *error) {
    for (int64_t i = 0; r->tree && i < b->rows; i++) {
        double priority = pow(fabs((double)error[i]) + least, r->def.alpha);
        bool gone = !up__replay_drawable(r, b->row[i]); // overwritten since it was drawn
        if (gone || !isfinite(priority)) continue;      // else the update fails by itself
        r->most = fmax(r->most, priority);
        up__tree_set(r, b->row[i], priority);
    }
}
