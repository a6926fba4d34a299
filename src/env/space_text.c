// Gymnasium's notation for spaces.
#include <stdarg.h>
#include <stdio.h>

#include "uphill/space.h"

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

// The entry of components first … first+size-1, which are all of one kind.
static void put_entry(Text *text, const UpSpace *space, int64_t first, int64_t size) {
    int64_t choices = space->choices[first];
    if (choices == UP_SPACE_BIT) {
        put(text, "MultiBinary(%lld)", (long long)size);
    } else if (choices == UP_SPACE_NUMBER) {
        UpSpace box = {.size = size, .dims = 1, .shape = {size}, .bounds = (int)size};
        for (int64_t i = 0; i < size; i++) {
            box.low[i] = space->low[first + i];
            box.high[i] = space->high[first + i];
        }
        put_box(text, &box);
    } else if (size == 1) {
        put(text, "Discrete(%lld)", (long long)choices);
    } else {
        put(text, "MultiDiscrete([");
        for (int64_t i = first; i < first + size; i++)
            put(text, "%s%lld", i > first ? " " : "", (long long)space->choices[i]);
        put(text, "])");
    }
}

static void put_several(Text *text, const UpSpace *space) {
    put(text, "Dict(");
    for (int k = 0; k < space->parts && k < UP_SPACE_PARTS; k++) {
        const UpSpacePart *part = &space->part[k];
        put(text, "%s'%s': ", k ? ", " : "", part->name);
        if (part->first >= 0 && part->size > 0 && part->size <= UP_SPACE_BOUNDS - part->first)
            put_entry(text, space, part->first, part->size);
    }
    for (int64_t i = 0; i < space->size && space->parts == 0; i++) { // checkpoints keep no names
        put(text, "%s%lld: ", i ? ", " : "", (long long)i);
        put_entry(text, space, i, 1);
    }
    put(text, ")");
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
    case UP_SPACE_SEVERAL:
        put_several(&text, space);
        break;
    }
}
