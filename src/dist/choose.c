// Which distribution fits an action space.
#include <string.h>

#include "uphill/dist.h"

// One parameter for each component.
static UpDist wide(UpDistKind kind, int64_t size) {
    return (UpDist){.kind = kind, .params = size, .actions = size};
}

UpStatus up_dist_for_space(UpDist *dist, const UpSpace *action, bool bernoulli) {
    char text[64];
    up_space_format(action, text, sizeof text);
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
        if (action->size > UP_DIST_ACTIONS_MAX)
            return up_fail(UP_UNSUPPORTED,
                           "the action space %s has %lld components, and a policy can have %d",
                           text, (long long)action->size, UP_DIST_ACTIONS_MAX);
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
