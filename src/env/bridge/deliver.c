// From a worker's memory into the caller's arrays: one copy, or one pass of the preprocessing.
#include <string.h>

#include "env/bridge/internal.h"

static void copy_row(const UpBridge *bridge, const unsigned char *from, int i, const UpObs *obs) {
    size_t row = bridge->layout.row;
    unsigned char *to = obs->form == UP_OBS_U8 ? obs->u8 : (unsigned char *)obs->f32;
    memcpy(to + (size_t)i * row, from, row);
}

unsigned char *up__obs_row(const UpBridge *bridge, const UpWorker *worker, int i, int slot) {
    unsigned char *obs = up__array(worker, UP__WIRE_OBS);
    size_t index = (size_t)(slot * worker->count + i - worker->first);
    return obs + index * bridge->layout.row;
}

// Two screens make an observation. Those that the worker did not see count as they were.
static void view_screens(UpBridge *bridge, const unsigned char *row, int i, const UpObs *obs) {
    size_t screen = (size_t)bridge->layout.obs.size;
    unsigned seen = row[2 * screen];
    const unsigned char *other = seen & UP__SEEN_OTHER ? row + screen : NULL;
    if (seen & UP__SEEN_NEWEST)
        up__atari_view_see(&bridge->view, i, &(UpAtariScreens){.newest = row, .other = other});
    else if (other)
        up__atari_view_add(&bridge->view, i, other);
    up__atari_view_write(&bridge->view, i, obs->u8 + (int64_t)i * obs->dim);
}

static void view_pong80(UpBridge *bridge, const unsigned char *row, int i, const UpObs *obs) {
    UpSparseEntry *entry = obs->entry + obs->begin[i];
    if (bridge->layout.palette)
        up__pong80_apply_indexed(&bridge->difference, i, bridge->shown,
                                 &(UpPong80Picture){.pixel = row}, entry, &obs->count[i]);
    else
        up__pong80_apply(&bridge->difference, i, row, entry, &obs->count[i]);
}

static void copy_sparse(const UpObs *from, const UpObs *to, int i) {
    to->count[i] = from->count[i];
    memcpy(to->entry + to->begin[i], from->entry + from->begin[i],
           from->count[i] * sizeof *from->entry);
}

// What counts is whether a byte is 0: the mask is foreign data.
static void copy_mask(const UpBridge *bridge, const UpWorker *worker, int i, const UpObs *obs) {
    int64_t size = bridge->layout.mask_size;
    if (!size) return;
    const uint8_t *from = up__array(worker, UP__WIRE_MASK);
    from += (i - worker->first) * size;
    for (int64_t a = 0; a < size; a++)
        obs->mask[i * size + a] = from[a] != 0;
}

void up__deliver_obs(UpBridge *bridge, const UpWorker *worker, int i, const UpObs *obs) {
    copy_mask(bridge, worker, i, obs);
    const unsigned char *row = up__obs_row(bridge, worker, i, bridge->slot[i]);
    if (bridge->atari) {
        view_screens(bridge, row, i, obs);
        return;
    }
    if (!bridge->pong80) {
        copy_row(bridge, row, i, obs);
        return;
    }
    view_pong80(bridge, row, i, obs);
    copy_sparse(obs, &bridge->last, i);
}

void up__deliver_final(UpBridge *bridge, const UpWorker *worker, int i, const UpObs *obs) {
    const unsigned char *rows = up__array(worker, UP__WIRE_FINAL_OBS);
    const unsigned char *row = rows + (size_t)(i - worker->first) * bridge->layout.row;
    if (bridge->atari)
        view_screens(bridge, row, i, obs);
    else if (bridge->pong80)
        view_pong80(bridge, row, i, obs);
    else
        copy_row(bridge, row, i, obs);
}

void up__deliver_lost(UpBridge *bridge, const UpWorker *worker, int i, const UpObs *obs) {
    if (bridge->atari)
        up__atari_view_write(&bridge->view, i, obs->u8 + (int64_t)i * obs->dim);
    else if (bridge->pong80)
        copy_sparse(&bridge->last, obs, i);
    else
        copy_row(bridge, up__obs_row(bridge, worker, i, !bridge->slot[i]), i, obs);
}
