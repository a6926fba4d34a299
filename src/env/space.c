// Spaces: construction, bounds and Gymnasium's notation for them.
#include "uphill/space.h"

#include <stdarg.h>
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
    if (space->kind != UP_SPACE_MULTI_DISCRETE) return space->size;
    int64_t total = 0;
    for (int64_t i = 0; i < space->size; i++)
        total += space->choices[i];
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

// ---------------------------------------------------------------------------------------------------
// Notation

// Text that is cut where its room ends.
typedef struct Text {
    char *at;
    int capacity, length;
} Text;

__attribute__((format(printf, 2, 3))) static void put(Text *text, const char *format, ...) {
    int room = text->capacity - text->length;
    if (room <= 1) return;
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(text->at + text->length, (size_t)room, format, arguments);
    va_end(arguments);
    text->length += written < room ? written : room - 1;
}

static void put_bounds(Text *text, const UpSpace *space, const float *bound) {
    int alike = 1;
    for (int i = 1; i < space->bounds; i++)
        alike &= bound[i] == bound[0];
    if (alike) {
        put(text, "%.9g", (double)bound[0]);
        return;
    }
    put(text, "[");
    for (int i = 0; i < space->bounds; i++)
        put(text, "%s%.9g", i ? " " : "", (double)bound[i]);
    put(text, space->size > space->bounds ? " ...]" : "]");
}

static void put_box(Text *text, const UpSpace *space) {
    put(text, "Box(");
    put_bounds(text, space, space->low);
    put(text, ", ");
    put_bounds(text, space, space->high);
    put(text, ", (");
    for (int i = 0; i < space->dims; i++)
        put(text, "%s%lld", i ? ", " : "", (long long)space->shape[i]);
    put(text, "%s), %s)", space->dims == 1 ? "," : "", up_dtype_name(space->dtype));
}

void up_space_format(const UpSpace *space, char *out, int capacity) {
    Text text = {out, capacity, 0};
    if (capacity > 0) out[0] = 0;
    switch (space->kind) {
    case UP_SPACE_BOX:
        put_box(&text, space);
        break;
    case UP_SPACE_DISCRETE:
        put(&text, "Discrete(%lld)", (long long)space->n);
        break;
    case UP_SPACE_MULTI_DISCRETE:
        put(&text, "MultiDiscrete([");
        for (int64_t i = 0; i < space->size && i < UP_SPACE_BOUNDS; i++)
            put(&text, "%s%lld", i ? " " : "", (long long)space->choices[i]);
        put(&text, "])");
        break;
    case UP_SPACE_MULTI_BINARY:
        put(&text, "MultiBinary(%lld)", (long long)space->size);
        break;
    }
}
