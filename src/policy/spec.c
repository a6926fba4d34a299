#include "policy/spec.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"

enum {
    TEXT = 4096,          // 64 lower and upper bounds of up to 24 characters fit
    NUMBERS = 1000000000, // more are no observation
    STACK = 100000
};

static const char *const kinds[] = {[UP_SPACE_BOX] = "box",
                                    [UP_SPACE_DISCRETE] = "discrete",
                                    [UP_SPACE_MULTI_DISCRETE] = "multi_discrete",
                                    [UP_SPACE_MULTI_BINARY] = "multi_binary"};
static const char *const forms[] = {
    [UP_OBS_F32] = "f32", [UP_OBS_U8] = "u8", [UP_OBS_SPARSE] = "sparse"};
enum { KINDS = 4, FORMS = 3 };

// ---------------------------------------------------------------------------------------------------
// Writing

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

static void put_space(Text *text, const UpSpace *space) {
    *text = (Text){0};
    put(text, "%s", kinds[space->kind]);
    if (space->kind == UP_SPACE_DISCRETE) put_integers(text, &space->n, 1);
    if (space->kind == UP_SPACE_MULTI_DISCRETE) put_integers(text, space->choices, space->size);
    if (space->kind == UP_SPACE_MULTI_BINARY) put_integers(text, &space->size, 1);
    if (space->kind != UP_SPACE_BOX) return;
    put(text, " %s", up_dtype_name(space->dtype));
    put_integers(text, space->shape, space->dims);
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
    UP_TRY(add(&w, "space.obs_form", forms[spec->obs_form]));
    snprintf(text.at, TEXT, "%" PRId64, spec->stack > 1 ? spec->stack : 1);
    UP_TRY(add(&w, "space.stack", text.at));
    put_space(&text, &spec->action);
    UP_TRY(add(&w, "space.action", text.at));
    if (!inside) return UP_OK;
    put_space(&text, inside);
    return add(&w, "space.action_inside", text.at);
}

// ---------------------------------------------------------------------------------------------------
// Reading. `at` moves behind what was taken.

// Takes one of some words, and the space behind it; -1 if none stands here.
static int take_word(const char **at, const char *const *word, int words) {
    size_t length = strcspn(*at, " ");
    for (int i = 0; i < words; i++) {
        if (strlen(word[i]) != length || strncmp(word[i], *at, length) != 0) continue;
        *at += length;
        *at += **at == ' ' && (*at)[1] != 0;
        return i;
    }
    return -1;
}

// Takes whole numbers from 1 to NUMBERS with commas between them.
static bool take_integers(const char **at, int64_t *value, int most, int *count) {
    for (*count = 0; *count < most;) {
        int64_t number = 0;
        const char *first = *at;
        for (; **at >= '0' && **at <= '9' && number <= NUMBERS; (*at)++)
            number = number * 10 + (**at - '0');
        if (*at == first || number < 1 || number > NUMBERS) return false;
        value[(*count)++] = number;
        if (**at != ',') {
            *at += **at == ' ' && (*at)[1] != 0;
            return true;
        }
        (*at)++;
    }
    return false;
}

static bool take_bounds(const char **at, const char *name, float *bound, int *count) {
    if (take_word(at, &name, 1) < 0) return false;
    for (*count = 0; *count < UP_SPACE_BOUNDS;) {
        char *end;
        double number = up__number_parse(*at, &end);
        if (end == *at || isnan(number) || strchr(" \t\n", **at)) return false;
        bound[(*count)++] = (float)number;
        *at = end;
        if (**at != ',') {
            *at += **at == ' ' && (*at)[1] != 0;
            return true;
        }
        (*at)++;
    }
    return false;
}

static bool take_box(const char **at, UpSpace *space) {
    const char *dtypes[UP_DTYPES];
    for (int i = 0; i < UP_DTYPES; i++)
        dtypes[i] = up_dtype_name((UpDtype)i);
    int dtype = take_word(at, dtypes, UP_DTYPES), highs;
    if (dtype < 0 || !take_integers(at, space->shape, UP_SPACE_DIMS, &space->dims)) return false;
    space->dtype = (UpDtype)dtype;
    space->size = 1;
    for (int d = 0; d < space->dims; d++) {
        if (space->shape[d] > NUMBERS / space->size) return false;
        space->size *= space->shape[d];
    }
    return take_bounds(at, "low", space->low, &space->bounds) &&
           take_bounds(at, "high", space->high, &highs) && highs == space->bounds &&
           space->bounds <= space->size;
}

static bool take_space(const char *at, UpSpace *space) {
    int kind = take_word(&at, kinds, KINDS), count;
    if (kind < 0) return false;
    *space = (UpSpace){.kind = (UpSpaceKind)kind, .size = 1};
    switch (space->kind) {
    case UP_SPACE_BOX:
        if (!take_box(&at, space)) return false;
        break;
    case UP_SPACE_DISCRETE:
        if (!take_integers(&at, &space->n, 1, &count)) return false;
        break;
    case UP_SPACE_MULTI_BINARY:
        if (!take_integers(&at, &space->size, 1, &count)) return false;
        break;
    case UP_SPACE_MULTI_DISCRETE:
        if (!take_integers(&at, space->choices, UP_SPACE_BOUNDS, &count)) return false;
        space->size = count;
        break;
    }
    return *at == 0;
}

static UpStatus bad(const char *key, const char *value) {
    return up_fail(UP_FORMAT, "the checkpoint is damaged: %s = %.60s", key, value);
}

static UpStatus read_space(const UpTensorFile *file, const char *key, UpSpace *space) {
    const char *text = up_tensors_meta(file, key);
    if (!text)
        return up_fail(UP_NOT_FOUND,
                       "the checkpoint does not say %s: it is not uphill's, or was written before "
                       "checkpoints said so; go on training it (`uphill train --resume`) for one "
                       "that does",
                       key);
    return take_space(text, space) ? UP_OK : bad(key, text);
}

UpStatus up__spec_read(UpEnvSpec *spec, UpSpace *inside, const UpTensorFile *file) {
    const char *id = up_tensors_meta(file, "env"), *form = up_tensors_meta(file, "space.obs_form"),
               *stack = up_tensors_meta(file, "space.stack"), *at = form;
    int frames;
    *spec = (UpEnvSpec){0};
    *inside = (UpSpace){0};
    snprintf(spec->id, sizeof spec->id, "%s", id ? id : "a policy");
    UP_TRY(read_space(file, "space.obs", &spec->obs));
    UP_TRY(read_space(file, "space.action", &spec->action));
    if (up_tensors_meta(file, "space.action_inside")) {
        UP_TRY(read_space(file, "space.action_inside", inside));
        if (inside->kind != UP_SPACE_BOX || inside->size != spec->action.size)
            return bad("space.action_inside", "another size than space.action");
    }
    int index = form ? take_word(&at, forms, FORMS) : -1;
    if (index < 0 || *at) return bad("space.obs_form", form ? form : "nothing");
    spec->obs_form = (UpObsForm)index;
    at = stack;
    if (!stack || !take_integers(&at, &spec->stack, 1, &frames) || *at || spec->stack > STACK)
        return bad("space.stack", stack ? stack : "nothing");
    if (spec->obs_form != UP_OBS_F32 && spec->obs.kind != UP_SPACE_BOX)
        return bad("space.obs_form", "not f32, and the space is no box");
    if (spec->obs_form == UP_OBS_SPARSE && (spec->obs.size > UP_SPARSE_DIM_MAX || spec->stack > 1))
        return bad("space.obs_form", "sparse, and too large for it");
    return UP_OK;
}
