#include "core/obs.h"

#include <math.h>
#include <string.h>

// ---------------------------------------------------------------------------------------------------
// Making

static void create_rows(UpObs *obs, UpArena *arena) {
    size_t rows = (size_t)obs->rows;
    if (obs->mask_size) obs->mask = up_arena_alloc(arena, rows, (size_t)obs->mask_size);
    if (obs->stack > 1)
        obs->frame = up_arena_alloc(arena, rows * (size_t)obs->stack, sizeof *obs->frame);
    if (obs->form != UP_OBS_SPARSE) return;
    obs->begin = up_arena_alloc(arena, rows, sizeof *obs->begin);
    obs->count = up_arena_alloc(arena, rows, sizeof *obs->count);
}

static void create_frames(UpObs *obs, UpArena *arena) {
    size_t frames = (size_t)(obs->rows * (obs->stack > 1 ? obs->stack : 1));
    size_t dim = (size_t)obs->dim;
    switch (obs->form) {
    case UP_OBS_F32:
        obs->f32 = up_arena_alloc(arena, frames, dim * sizeof *obs->f32);
        break;
    case UP_OBS_U8:
        obs->u8 = up_arena_alloc(arena, frames, dim);
        break;
    case UP_OBS_SPARSE:
        obs->entry = up_arena_alloc(arena, frames, dim * sizeof *obs->entry);
        break;
    }
}

void up__obs_create(UpObs *obs, UpArena *arena) {
    create_rows(obs, arena);
    create_frames(obs, arena);
    for (int64_t i = 0; obs->begin && i < obs->rows; i++)
        obs->begin[i] = (uint64_t)(i * obs->dim);
    for (int64_t i = 0; obs->frame && i < obs->rows * obs->stack; i++)
        obs->frame[i] = (uint32_t)i;
}

void up__obs_create_pointing(UpObs *obs, const UpObs *pool, int64_t rows, UpArena *arena) {
    *obs = (UpObs){.form = pool->form,
                   .rows = rows,
                   .dim = pool->dim,
                   .stack = pool->stack,
                   .mask_size = pool->mask_size};
    create_rows(obs, arena);
    if (!obs->frame && obs->form != UP_OBS_SPARSE) create_frames(obs, arena);
}

// ---------------------------------------------------------------------------------------------------
// Rows

UpObs up__obs_view(const UpObs *obs, int64_t first, int64_t rows) {
    UpObs view = *obs;
    view.rows = rows;
    if (view.frame) {
        view.frame += first * view.stack; // into the whole pool
    } else {
        if (view.f32) view.f32 += first * view.dim;
        if (view.u8) view.u8 += first * view.dim;
    }
    if (view.mask) view.mask += first * view.mask_size;
    if (view.begin) {
        view.begin += first;
        view.count += first;
    }
    return view;
}

static void copy_entries(const UpObs *from, int64_t i, const UpObs *to, int64_t j) {
    to->count[j] = from->count[i];
    if (to->entry == from->entry)
        to->begin[j] = from->begin[i];
    else
        memcpy(to->entry + to->begin[j], from->entry + from->begin[i],
               from->count[i] * sizeof *to->entry);
}

void up__obs_copy(const UpObs *from, int64_t i, const UpObs *to, int64_t j) {
    size_t dim = (size_t)to->dim, stack = (size_t)to->stack, masks = (size_t)to->mask_size;
    size_t at = (size_t)i, put = (size_t)j;
    if (to->frame)
        memcpy(to->frame + put * stack, from->frame + at * stack, stack * sizeof *to->frame);
    else if (to->f32)
        memcpy(to->f32 + put * dim, from->f32 + at * dim, dim * sizeof *to->f32);
    else if (to->u8)
        memcpy(to->u8 + put * dim, from->u8 + at * dim, dim);
    else
        copy_entries(from, i, to, j);
    if (to->mask) memcpy(to->mask + put * masks, from->mask + at * masks, masks);
}

void up__obs_gather(const UpObs *from, const uint32_t *cell, int64_t count, UpObs *to) {
    to->rows = count;
    to->entry = from->entry;
    if (to->frame) {
        to->f32 = from->f32;
        to->u8 = from->u8;
    }
    for (int64_t i = 0; i < count; i++)
        up__obs_copy(from, cell[i], to, i);
}

bool up__obs_is_finite(const UpObs *obs, int64_t i) {
    bool finite = true;
    for (int64_t d = 0; obs->f32 && d < obs->dim; d++)
        finite &= isfinite(obs->f32[i * obs->dim + d]);
    return finite;
}

// ---------------------------------------------------------------------------------------------------
// Frames

size_t up__obs_frame_bytes(const UpObs *obs) {
    return (size_t)obs->dim * (obs->f32 ? sizeof *obs->f32 : 1);
}

unsigned char *up__obs_frames(const UpObs *obs) {
    return obs->f32 ? (unsigned char *)obs->f32 : obs->u8;
}

void up__obs_save(const UpObs *obs, void *bytes) {
    size_t size = up__obs_frame_bytes(obs);
    const unsigned char *from = up__obs_frames(obs);
    unsigned char *to = bytes;
    if (!obs->frame) {
        memcpy(to, from, (size_t)obs->rows * size);
        return;
    }
    for (int64_t i = 0; i < obs->rows * obs->stack; i++)
        memcpy(to + (size_t)i * size, from + obs->frame[i] * size, size);
}
