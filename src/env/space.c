// Spaces: construction, bounds, choices.
#include "uphill/space.h"

#include <stdio.h>

UpSpace up_space_discrete(int64_t n) {
    return (UpSpace){.kind = UP_SPACE_DISCRETE, .dtype = UP_DTYPE_F32, .size = 1, .n = n};
}

UpSpace up_space_box(int64_t size, float low, float high) {
    return (UpSpace){.kind = UP_SPACE_BOX,
                     .dtype = UP_DTYPE_F32,
                     .size = size,
                     .dims = 1,
                     .shape = {size},
                     .bounds = 1,
                     .low = {low},
                     .high = {high}};
}

UpSpace up_space_image(int64_t height, int64_t width, int64_t channels) {
    return (UpSpace){.kind = UP_SPACE_BOX,
                     .dtype = UP_DTYPE_U8,
                     .size = height * width * channels,
                     .dims = 3,
                     .shape = {height, width, channels},
                     .bounds = 1,
                     .low = {0},
                     .high = {255}};
}

int64_t up_space_flat(const UpSpace *space) {
    if (space->kind == UP_SPACE_DISCRETE) return space->n;
    bool chosen = space->kind == UP_SPACE_MULTI_DISCRETE || space->kind == UP_SPACE_SEVERAL;
    if (!chosen) return space->size;
    int64_t total = 0;
    for (int64_t i = 0; i < space->size; i++)
        total += space->choices[i] > 0 ? space->choices[i] : 1;
    return total;
}

int64_t up_space_choices(const UpSpace *space, int64_t component) {
    switch (space->kind) {
    case UP_SPACE_DISCRETE:
        return space->n;
    case UP_SPACE_MULTI_DISCRETE:
        return space->choices[component];
    case UP_SPACE_MULTI_BINARY:
        return 2;
    case UP_SPACE_SEVERAL:
        return space->choices[component] == UP_SPACE_BIT ? 2 : space->choices[component];
    case UP_SPACE_BOX:
        return 0;
    }
    return 0;
}

int64_t up_space_mask(const UpSpace *space) {
    int64_t total = 0;
    for (int64_t i = 0; i < space->size && space->kind != UP_SPACE_BOX; i++)
        total += up_space_choices(space, i);
    return total;
}

// Adds component i of `from`.
static void add_component(UpSpace *all, const UpSpace *from, int64_t i) {
    int64_t at = all->size++, choices = up_space_choices(from, i);
    bool number = choices == 0;
    float half = number && up_space_is_whole(from) ? 0.5F : 0;
    all->choices[at] = from->kind == UP_SPACE_MULTI_BINARY ? UP_SPACE_BIT : choices;
    all->low[at] = number ? up_space_low(from, i) - half : 0;
    all->high[at] = number ? up_space_high(from, i) + half : (float)(choices - 1);
    all->bounds = (int)all->size;
}

UpSpace up_space_several(int count, const char *const *names, const UpSpace *spaces) {
    UpSpace all = {.kind = UP_SPACE_SEVERAL};
    for (int k = 0; k < count; k++) {
        bool fits = k < UP_SPACE_PARTS && spaces[k].size <= UP_SPACE_BOUNDS - all.size;
        if (!fits) return (UpSpace){.kind = UP_SPACE_SEVERAL};
        UpSpacePart *part = &all.part[all.parts++];
        *part = (UpSpacePart){.first = all.size, .size = spaces[k].size};
        snprintf(part->name, sizeof part->name, "%s", names[k]);
        for (int64_t i = 0; i < spaces[k].size; i++)
            add_component(&all, &spaces[k], i);
    }
    return all;
}

static int64_t bound_index(const UpSpace *space, int64_t component) {
    return component < space->bounds ? component : space->bounds - 1;
}

float up_space_low(const UpSpace *space, int64_t component) {
    return space->bounds ? space->low[bound_index(space, component)] : 0;
}

float up_space_high(const UpSpace *space, int64_t component) {
    return space->bounds ? space->high[bound_index(space, component)] : 0;
}

bool up_space_is_picture(const UpSpace *space) {
    bool bytes = space->kind == UP_SPACE_BOX && space->dtype == UP_DTYPE_U8 && space->dims >= 2;
    for (int i = 0; i < space->bounds; i++)
        bytes &= space->low[i] == 0 && space->high[i] == 255;
    return bytes;
}

bool up_space_is_whole(const UpSpace *space) {
    if (space->kind == UP_SPACE_SEVERAL) return false;
    return space->kind != UP_SPACE_BOX || up_dtype_name(space->dtype)[0] != 'f';
}

const char *up_dtype_name(UpDtype dtype) {
    static const char *const name[UP_DTYPES] = {
        [UP_DTYPE_F32] = "float32", [UP_DTYPE_U8] = "uint8",    [UP_DTYPE_I64] = "int64",
        [UP_DTYPE_F16] = "float16", [UP_DTYPE_F64] = "float64", [UP_DTYPE_I8] = "int8",
        [UP_DTYPE_I16] = "int16",   [UP_DTYPE_I32] = "int32",   [UP_DTYPE_U16] = "uint16",
        [UP_DTYPE_U32] = "uint32",  [UP_DTYPE_U64] = "uint64"};
    return name[dtype];
}
