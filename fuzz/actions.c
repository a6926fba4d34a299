// The file of `uphill rollout --actions`. The first byte chooses the action space.
#include "../cli/actions.c"
#include "fuzz.h"

static UpSpace space_of(unsigned choice) {
    UpSpace several = {.kind = UP_SPACE_MULTI_DISCRETE, .size = 3, .choices = {3, 2, 5}};
    if (choice % 3 == 0) return up_space_discrete(4);
    return choice % 3 == 1 ? up_space_box(2, -1, 1) : several;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    enum { INSTANCES = 2, STEPS = 8 };
    FuzzInput input = {data, size};
    UpSpace space = space_of((unsigned)fuzz_take(&input, 1));
    CliActions actions;
    float action[3];
    UpStatus status = cli_actions_open(&actions, fuzz_file(input.data, input.size), &space);
    for (int64_t i = 0; i < INSTANCES * STEPS && status == UP_OK; i++) {
        status = cli_actions_next(&actions, &space, i / INSTANCES, i % INSTANCES, action);
        for (int64_t a = 0; a < space.size && status == UP_OK; a++)
            FUZZ_ASSERT(fits(&space, a, action[a]));
    }
    FUZZ_ASSERT(status == UP_OK || strstr(up_error(), "/proc/self/fd"));
    cli_actions_close(&actions);
    return 0;
}
