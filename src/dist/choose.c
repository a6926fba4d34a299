// Which distribution fits an action space.
#include <math.h>
#include <string.h>

#include "uphill/dist.h"

// One parameter for each component.
static UpDist wide(UpDistKind kind, int64_t size) {
    return (UpDist){.kind = kind, .params = size, .actions = size};
}

static UpStatus check_width(const UpSpace *action, const char *text) {
    if (action->size <= UP_DIST_ACTIONS_MAX) return UP_OK;
    return up_fail(UP_UNSUPPORTED,
                   "the action space %s has %lld components, and a policy can have %d", text,
                   (long long)action->size, UP_DIST_ACTIONS_MAX);
}

// Between the bounds, of which there must be two for each component.
static UpStatus squash(UpDist *dist, const UpSpace *action, UpBoxHead box, const char *text) {
    bool certain = box == UP_BOX_TANH;
    const char *head = certain ? "a tanh policy" : "a squashed Gaussian";
    if (action->kind != UP_SPACE_BOX)
        return up_fail(UP_MISMATCH,
                       "%s chooses numbers in a Box, but the action space is %s; set policy.box to "
                       "gaussian, or choose another algorithm",
                       head, text);
    UP_TRY(check_width(action, text));
    *dist = wide(certain ? UP_CERTAIN : UP_SQUASHED_GAUSSIAN, action->size);
    dist->params *= certain ? 1 : 2;
    dist->bounds = action->bounds;
    for (int i = 0; i < action->bounds; i++) {
        double low = (double)action->low[i], high = (double)action->high[i];
        if (!(isfinite(low) && isfinite(high) && low < high))
            return up_fail(UP_MISMATCH,
                           "%s needs two bounds of every action, but the action space is %s; set "
                           "policy.box to gaussian, or choose another algorithm",
                           head, text);
        dist->middle[i] = (UpReal)((low + high) / 2);
        dist->reach[i] = (UpReal)((high - low) / 2);
    }
    return UP_OK;
}

UpStatus up_dist_for_space(UpDist *dist, const UpSpace *action, UpBoxHead box, bool bernoulli) {
    char text[64];
    up_space_format(action, text, sizeof text);
    if (box != UP_BOX_GAUSSIAN) return squash(dist, action, box, text);
    if (bernoulli) {
        if (action->kind != UP_SPACE_DISCRETE || action->n != 2)
            return up_fail(UP_MISMATCH,
                           "a Bernoulli policy needs two actions, but the action space is %s; turn "
                           "the option off",
                           text);
        *dist = (UpDist){.kind = UP_BERNOULLI, .params = 1, .actions = 1};
        return UP_OK;
    }
    switch (action->kind) {
    case UP_SPACE_DISCRETE:
        *dist = (UpDist){.kind = UP_CATEGORICAL, .params = action->n, .actions = 1};
        return UP_OK;
    case UP_SPACE_MULTI_BINARY:
        *dist = wide(UP_BERNOULLI, action->size);
        return UP_OK;
    case UP_SPACE_BOX:
        UP_TRY(check_width(action, text));
        *dist = wide(UP_GAUSSIAN, action->size); // of whole numbers: the environment rounds
        return UP_OK;
    case UP_SPACE_MULTI_DISCRETE:
        *dist = (UpDist){
            .kind = UP_MULTI_CATEGORICAL, .params = up_space_flat(action), .actions = action->size};
        memcpy(dist->choices, action->choices, sizeof dist->choices);
        return UP_OK;
    }
    return up_fail(UP_UNSUPPORTED, "no action distribution for the action space %s", text);
}
