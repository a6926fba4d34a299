// Writing it. Apart from reading, because acting needs no more than that.
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/number.h"
#include "policy/spec.h"

enum { TEXT = 4096 }; // 64 lower and upper bounds of up to 24 characters fit

typedef struct Text {
    char at[TEXT];
    size_t length;
} Text;

__attribute__((format(printf, 2, 3))) static void put(Text *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(text->at + text->length, TEXT - text->length, format, arguments);
    va_end(arguments);
    text->length += (size_t)written;
    if (text->length >= TEXT) text->length = TEXT - 1;
}

static void put_integers(Text *text, const int64_t *value, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        put(text, "%s%" PRId64, i ? "," : " ", value[i]);
}

static void put_bounds(Text *text, const char *name, const float *bound, int count) {
    char number[UP__NUMBER_MAX];
    put(text, " %s", name);
    for (int i = 0; i < count; i++) {
        up__number_exact(number, (double)bound[i]);
        put(text, "%s%s", i ? "," : " ", number);
    }
}

// Of several kinds: of each component how many choices it has, or what else it is.
static void put_components(Text *text, const UpSpace *space) {
    for (int64_t i = 0; i < space->size; i++) {
        int64_t choices = space->choices[i];
        put(text, "%s", i ? "," : " ");
        if (choices > 0)
            put(text, "%" PRId64, choices);
        else
            put(text, "%s", choices == UP_SPACE_BIT ? "bit" : "number");
    }
}

static void put_space(Text *text, const UpSpace *space) {
    *text = (Text){0};
    put(text, "%s", up__spec_kinds[space->kind]);
    if (space->kind == UP_SPACE_DISCRETE) put_integers(text, &space->n, 1);
    if (space->kind == UP_SPACE_MULTI_DISCRETE) put_integers(text, space->choices, space->size);
    if (space->kind == UP_SPACE_MULTI_BINARY) put_integers(text, &space->size, 1);
    if (space->kind == UP_SPACE_SEVERAL) put_components(text, space);
    if (space->kind == UP_SPACE_BOX) {
        put(text, " %s", up_dtype_name(space->dtype));
        put_integers(text, space->shape, space->dims);
    }
    if (space->kind != UP_SPACE_BOX && space->kind != UP_SPACE_SEVERAL) return;
    put_bounds(text, "low", space->low, space->bounds);
    put_bounds(text, "high", space->high, space->bounds);
}

typedef struct Writer {
    UpMeta *meta;
    int *metas;
    UpArena *arena;
} Writer;

static UpStatus add(Writer *w, const char *key, const char *value) {
    size_t size = strlen(value) + 1;
    char *copy = up_arena_alloc(w->arena, size, 1);
    if (!copy) return UP_MEMORY;
    w->meta[(*w->metas)++] = (UpMeta){(char *)key, memcpy(copy, value, size)};
    return UP_OK;
}

UpStatus up__spec_write(const UpEnvSpec *spec, const UpSpace *inside, UpMeta meta[UP__SPEC_METAS],
                        int *metas, UpArena *arena) {
    Writer w = {meta, metas, arena};
    Text text;
    *metas = 0;
    put_space(&text, &spec->obs);
    UP_TRY(add(&w, "space.obs", text.at));
    UP_TRY(add(&w, "space.obs_form", up__spec_forms[spec->obs_form]));
    snprintf(text.at, TEXT, "%" PRId64, spec->stack > 1 ? spec->stack : 1);
    UP_TRY(add(&w, "space.stack", text.at));
    put_space(&text, &spec->action);
    UP_TRY(add(&w, "space.action", text.at));
    if (!inside) return UP_OK;
    put_space(&text, inside);
    return add(&w, "space.action_inside", text.at);
}
