// Reading what a checkpoint says of its environment.
#include "policy/spec.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"

enum {
    NUMBERS = 1000000000, // more are no observation
    STACK = 100000
};

const char *const up__spec_kinds[] = {[UP_SPACE_BOX] = "box",
                                      [UP_SPACE_DISCRETE] = "discrete",
                                      [UP_SPACE_MULTI_DISCRETE] = "multi_discrete",
                                      [UP_SPACE_MULTI_BINARY] = "multi_binary",
                                      [UP_SPACE_SEVERAL] = "several"};
const char *const up__spec_forms[] = {
    [UP_OBS_F32] = "f32", [UP_OBS_U8] = "u8", [UP_OBS_SPARSE] = "sparse"};
enum { KINDS = 5, FORMS = 3 };

// `at` moves behind what was taken.

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

static bool take_both_bounds(const char **at, UpSpace *space) {
    int highs;
    return take_bounds(at, "low", space->low, &space->bounds) &&
           take_bounds(at, "high", space->high, &highs) && highs == space->bounds;
}

static bool take_component(const char **at, int64_t *choices) {
    static const char number[] = "number", bit[] = "bit";
    if (strncmp(*at, number, strlen(number)) == 0) {
        *choices = UP_SPACE_NUMBER;
        *at += strlen(number);
        return true;
    }
    if (strncmp(*at, bit, strlen(bit)) == 0) {
        *choices = UP_SPACE_BIT;
        *at += strlen(bit);
        return true;
    }
    for (*choices = 0; **at >= '0' && **at <= '9' && *choices <= NUMBERS; (*at)++)
        *choices = *choices * 10 + (**at - '0');
    return *choices >= 1 && *choices <= NUMBERS;
}

static bool take_several(const char **at, UpSpace *space) {
    for (space->size = 0; space->size < UP_SPACE_BOUNDS;) {
        if (!take_component(at, &space->choices[space->size++])) return false;
        if (**at == ' ') {
            (*at)++;
            return take_both_bounds(at, space) && space->bounds == space->size;
        }
        if (*(*at)++ != ',') return false;
    }
    return false;
}

static bool take_box(const char **at, UpSpace *space) {
    const char *dtypes[UP_DTYPES];
    for (int i = 0; i < UP_DTYPES; i++)
        dtypes[i] = up_dtype_name((UpDtype)i);
    int dtype = take_word(at, dtypes, UP_DTYPES);
    if (dtype < 0 || !take_integers(at, space->shape, UP_SPACE_DIMS, &space->dims)) return false;
    space->dtype = (UpDtype)dtype;
    space->size = 1;
    for (int d = 0; d < space->dims; d++) {
        if (space->shape[d] > NUMBERS / space->size) return false;
        space->size *= space->shape[d];
    }
    return take_both_bounds(at, space) && space->bounds <= space->size;
}

static bool take_space(const char *at, UpSpace *space) {
    int kind = take_word(&at, up__spec_kinds, KINDS), count;
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
    case UP_SPACE_SEVERAL:
        if (!take_several(&at, space)) return false;
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
    if (spec->obs.kind == UP_SPACE_SEVERAL) return bad("space.obs", "several kinds");
    UP_TRY(read_space(file, "space.action", &spec->action));
    if (up_tensors_meta(file, "space.action_inside")) {
        UP_TRY(read_space(file, "space.action_inside", inside));
        if (inside->kind != UP_SPACE_BOX || inside->size != spec->action.size)
            return bad("space.action_inside", "another size than space.action");
    }
    int index = form ? take_word(&at, up__spec_forms, FORMS) : -1;
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
