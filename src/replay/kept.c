// What of a replay lasts, and what follows from it when it was read.
#include <math.h>

#include "replay/replay_internal.h"

static bool are_places(const void *data, int64_t count) {
    const uint8_t *place = data;
    for (int64_t i = 0; i < count; i++)
        if (place[i] > UP_REPLAY_LAST) return false;
    return true;
}

static bool are_priorities(const void *data, int64_t count) {
    const double *priority = data;
    for (int64_t i = 0; i < count; i++)
        if (!(priority[i] >= 0) || !isfinite(priority[i])) return false;
    return true;
}

// Every instance has a newest place, which is open, and no other open one behind its first.
static bool is_possible(const UpReplay *r) {
    int64_t most = 0;
    for (int64_t n = 0; n < r->N; n++) {
        most = most > r->written[n] ? most : r->written[n];
        if (r->written[n] == 1 || r->written[n] < 0) return false;
        for (int64_t k = 0; k < r->slots && k < r->written[n]; k++) {
            int64_t row = up__replay_row(r, n, r->written[n] - 1 - k);
            if ((r->place[row] == UP_REPLAY_OPEN) != (k == 0)) return false;
        }
    }
    return r->rows == (most < r->slots ? most : r->slots) * r->N &&
           r->frame_numbers == r->rows * r->frames.dim && r->action_numbers == r->rows * r->A &&
           r->mask_numbers == r->rows * r->frames.mask_size;
}

static UpStatus loaded(void *user) {
    UpReplay *r = user;
    if (!is_possible(r))
        return up_fail(UP_FORMAT, "the checkpoint's replay is damaged; use an older one");
    up__tree_build(r);
    return UP_OK;
}

void up_replay_keep(UpReplay *r, UpKeep *keep) {
    int64_t rows = r->frames.rows;
    UpObs *f = &r->frames;
    up_keep_some(keep, "replay.obs", f->f32 ? UP_F32 : UP_U8, f->f32 ? (void *)f->f32 : f->u8,
                 &r->frame_numbers, rows * f->dim);
    if (f->mask)
        up_keep_some(keep, "replay.masks", UP_U8, f->mask, &r->mask_numbers, rows * f->mask_size);
    up_keep_some(keep, "replay.action", UP_F32, r->action, &r->action_numbers, rows * r->A);
    up_keep_some(keep, "replay.reward", UP_F32, r->reward, &r->rows, rows);
    up_keep_some(keep, "replay.age", UP_U8, r->age, &r->rows, rows);
    up_keep_some(keep, "replay.place", UP_U8, r->place, &r->rows, rows)->possible = are_places;
    if (r->tree) {
        up_keep_some(keep, "replay.priority", UP_F64, r->tree + r->leaves, &r->rows, rows)
            ->possible = are_priorities;
        up_keep_real(keep, "replay.most", &r->most);
    }
    up_keep_counts(keep, "replay.written", r->written, r->N);
    up_keep_after(keep, loaded, r);
}
