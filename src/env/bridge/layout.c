// The header of a worker is foreign data: nothing in it is used before it was checked here.
#include "env/bridge/layout.h"

#include <math.h>
#include <string.h>

enum { INTEGERS_IN_FLOAT = 1 << 24 };
static const int64_t size_max = (int64_t)1 << 31;

static UpStatus refuse(const char *what) {
    return up_fail(UP_ENVIRONMENT, "the worker's header is damaged or of another version: %s",
                   what);
}

// The product of a Box's shape; -1 if it has none or is too large.
static int64_t box_size(const UpWireSpace *wire) {
    int64_t size = 1;
    if (wire->dims < 1 || wire->dims > UP_SPACE_DIMS) return -1;
    for (uint32_t i = 0; i < wire->dims; i++) {
        if (wire->shape[i] < 1 || wire->shape[i] > size_max / size) return -1;
        size *= wire->shape[i];
    }
    return size;
}

static bool bounds_are_right(const UpWireSpace *wire) {
    if (wire->bounds < 1 || wire->bounds > UP_SPACE_BOUNDS) return false;
    for (uint32_t i = 0; i < wire->bounds; i++)
        if (!(wire->low[i] <= wire->high[i])) return false;
    return true;
}

static bool box_is_right(const UpWireSpace *wire) {
    if (box_size(wire) != wire->size || wire->dtype >= UP_DTYPES) return false;
    return bounds_are_right(wire);
}

static bool choices_are_right(const UpWireSpace *wire, int64_t least) {
    if (wire->size > UP_SPACE_BOUNDS) return false;
    for (int64_t i = 0; i < wire->size; i++)
        if (wire->choices[i] < least || wire->choices[i] > INTEGERS_IN_FLOAT) return false;
    return true;
}

// Parts follow one another and lie inside the row.
static bool parts_are_right(const UpWireSpace *wire) {
    if (wire->parts > UP_SPACE_PARTS) return false;
    int64_t end = 0;
    for (uint32_t i = 0; i < wire->parts; i++) {
        const UpWirePart *part = &wire->part[i];
        if (part->first != end || part->size < 1 || part->size > wire->size - end) return false;
        if (!memchr(part->name, 0, sizeof part->name)) return false;
        end += part->size;
    }
    return true;
}

static bool space_is_right(const UpWireSpace *wire) {
    if (wire->size < 1 || wire->size > size_max || !parts_are_right(wire)) return false;
    switch (wire->kind) {
    case UP_SPACE_BOX:
        return box_is_right(wire);
    case UP_SPACE_DISCRETE:
        return wire->size == 1 && wire->n >= 1 && wire->n <= INTEGERS_IN_FLOAT;
    case UP_SPACE_MULTI_DISCRETE:
        return choices_are_right(wire, 1);
    case UP_SPACE_MULTI_BINARY:
        return true;
    case UP_SPACE_SEVERAL:
        return choices_are_right(wire, UP_SPACE_BIT) && wire->bounds == wire->size &&
               bounds_are_right(wire);
    default:
        return false;
    }
}

static void parts_read(UpSpace *space, const UpWireSpace *wire) {
    space->parts = (int)wire->parts;
    for (int i = 0; i < space->parts; i++) {
        UpSpacePart *part = &space->part[i];
        *part = (UpSpacePart){.first = wire->part[i].first, .size = wire->part[i].size};
        for (size_t k = 0; wire->part[i].name[k]; k++) { // it becomes a column of tables
            unsigned char c = (unsigned char)wire->part[i].name[k];
            part->name[k] = (char)(c <= ' ' || c == ',' || c == '"' ? '_' : c);
        }
    }
}

static void bounds_read(UpSpace *space, const UpWireSpace *wire) {
    space->bounds = (int)wire->bounds;
    memcpy(space->low, wire->low, wire->bounds * sizeof *wire->low);
    memcpy(space->high, wire->high, wire->bounds * sizeof *wire->high);
}

static UpSpace space_read(const UpWireSpace *wire) {
    UpSpace space = {.kind = (UpSpaceKind)wire->kind, .size = wire->size};
    parts_read(&space, wire);
    switch (space.kind) {
    case UP_SPACE_BOX:
        space.dtype = (UpDtype)wire->dtype;
        space.dims = (int)wire->dims;
        memcpy(space.shape, wire->shape, wire->dims * sizeof *wire->shape);
        bounds_read(&space, wire);
        break;
    case UP_SPACE_DISCRETE:
        space.n = wire->n;
        break;
    case UP_SPACE_SEVERAL:
        bounds_read(&space, wire);
        memcpy(space.choices, wire->choices, (size_t)wire->size * sizeof *wire->choices);
        break;
    case UP_SPACE_MULTI_DISCRETE:
        memcpy(space.choices, wire->choices, (size_t)wire->size * sizeof *wire->choices);
        break;
    case UP_SPACE_MULTI_BINARY:
        break;
    }
    return space;
}

// Bytes of the rows that the arrays hold for one instance.
static void row_sizes(const UpLayout *layout, size_t row[UP__WIRE_ARRAYS]) {
    for (int i = 0; i < UP__WIRE_ARRAYS; i++)
        row[i] = 1;
    row[UP__WIRE_ACTION] = (size_t)layout->action.size * sizeof(float);
    row[UP__WIRE_SEED] = sizeof(uint64_t);
    row[UP__WIRE_OBS] = 2 * layout->row;
    row[UP__WIRE_FINAL_OBS] = layout->row;
    row[UP__WIRE_REWARD] = sizeof(double);
    row[UP__WIRE_MASK] = (size_t)layout->mask_size;
}

static UpStatus read_offsets(UpLayout *layout, const UpWire *wire, size_t size) {
    size_t row[UP__WIRE_ARRAYS];
    row_sizes(layout, row);
    for (int i = 0; i < UP__WIRE_ARRAYS; i++) {
        uint64_t offset = wire->offset[i];
        if (offset < UP__WIRE_HEADER || offset > size || offset % 8)
            return refuse("an array begins outside the memory");
        if (row[i] > (size - offset) / wire->instances)
            return refuse("an array ends outside the memory");
        layout->offset[i] = (size_t)offset;
    }
    uint64_t told = wire->told;
    if (told == 0) return UP_OK;
    if (told < UP__WIRE_HEADER || told > size || told % 8)
        return refuse("infos' numbers begin outside the memory");
    if (UP__WIRE_TOLD * sizeof(UpWireTold) > (size - told) / wire->instances)
        return refuse("infos' numbers end outside the memory");
    layout->told = (size_t)told;
    return UP_OK;
}

// How many indices start, start + step, … lie below stop. The request is ours, so it is sensible.
static size_t view_count(const int32_t range[3]) {
    return (size_t)((range[1] - range[0] + range[2] - 1) / range[2]);
}

// What travels in place of an observation, and its bytes.
static UpStatus read_view(UpLayout *layout, const UpWire *wire) {
    const UpSpace *obs = &layout->obs;
    layout->row = (size_t)obs->size * (up_space_is_picture(obs) ? 1 : sizeof(float));
    layout->palette = wire->palette;
    if (wire->palette && wire->view != UP__WIRE_VIEW_IMAGE)
        return refuse("palette bytes were not asked for");
    if (wire->view == UP__WIRE_VIEW_NONE) return UP_OK;
    if (!up_space_is_picture(obs)) return refuse("a view of something without pixels");
    if (wire->view == UP__WIRE_VIEW_ATARI) {
        if (obs->dims != 2 || obs->shape[0] > UP__SCREEN_MAX || obs->shape[1] > UP__SCREEN_MAX)
            return refuse("a view of something without Atari's screens");
        layout->row = 2 * (size_t)obs->size + 1;
    } else if (wire->palette) {
        if (obs->dims != 3 || obs->shape[0] < wire->rows[1] || obs->shape[0] > UP__SCREEN_MAX ||
            obs->shape[1] != wire->columns[1])
            return refuse("palette bytes of something that is no screen of Atari's");
        layout->row = (size_t)(obs->shape[0] * obs->shape[1]);
    } else {
        layout->row = view_count(wire->rows) * view_count(wire->columns);
    }
    return UP_OK;
}

UpStatus up__layout_read(UpLayout *layout, const UpWire *wire, size_t size) {
    *layout = (UpLayout){0};
    if (memcmp(wire->magic, UP__WIRE_MAGIC, sizeof wire->magic) != 0) return refuse("no magic");
    if (wire->version != UP__WIRE_VERSION || wire->header_size != UP__WIRE_HEADER)
        return refuse("another version");
    if (size < UP__WIRE_HEADER || wire->total_size != size || wire->instances < 1)
        return refuse("the memory has another size");
    if (!space_is_right(&wire->obs) || wire->obs.kind == UP_SPACE_SEVERAL)
        return refuse("the observation space is impossible");
    if (!space_is_right(&wire->action)) return refuse("the action space is impossible");
    if (wire->max_episode_steps < 0) return refuse("the episode length is negative");

    layout->obs = space_read(&wire->obs);
    layout->action = space_read(&wire->action);
    if (wire->mask_size && wire->mask_size != up_space_mask(&layout->action))
        return refuse("the action mask has another size than the action space");
    layout->mask_size = wire->mask_size;
    UP_TRY(read_view(layout, wire));
    layout->can_save = wire->can_save;
    layout->can_render = wire->can_render;
    layout->max_episode_steps = wire->max_episode_steps;
    layout->reward_threshold = wire->reward_threshold;
    double rate = wire->frames_per_second;
    layout->frames_per_second = rate > 0 && rate < 10000 ? rate : 30;
    return read_offsets(layout, wire, size);
}

static bool space_fits(const UpSpace *a, const UpSpace *b) {
    return a->kind == b->kind && a->dtype == b->dtype && a->size == b->size && a->n == b->n &&
           up_space_flat(a) == up_space_flat(b);
}

bool up__layout_fits(const UpLayout *a, const UpLayout *b) {
    return space_fits(&a->obs, &b->obs) && space_fits(&a->action, &b->action) && a->row == b->row &&
           a->can_save == b->can_save && a->can_render == b->can_render &&
           a->mask_size == b->mask_size;
}
