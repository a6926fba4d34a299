// Policies of recorded traces, which name their tensors as checkpoints do.
#ifndef UP_TESTS_TRACED_POLICY_H
#define UP_TESTS_TRACED_POLICY_H

#include "trace.h"

#include "uphill/policy.h"

enum { TENSORS = 16, NUMBERS = 4096 };

static const double tolerance = 1e-5;

static inline UpSpace action_space(const char *text) {
    int size = atoi(strchr(text, ' '));
    return strncmp(text, "box", 3) == 0 ? up_space_box(size, -1, 1) : up_space_discrete(size);
}

// The tensors of an object {"policy.0.weight": {"shape": …, "data": …}, …} as a file would hold
// them.
static inline void read_tensors(const cJSON *object, UpTensor *tensor, float *numbers,
                                UpTensorFile *file) {
    *file = (UpTensorFile){.tensor = tensor};
    const cJSON *item;
    cJSON_ArrayForEach(item, object) {
        UpTensor *t = &tensor[file->tensors++];
        const cJSON *shape = trace_item(item, "shape");
        int count = cJSON_GetArraySize(trace_item(item, "data"));
        *t = (UpTensor){.type = UP_F32, .dims = cJSON_GetArraySize(shape), .data = numbers};
        strcpy(t->name, item->string);
        for (int d = 0; d < t->dims; d++)
            t->shape[d] = (int64_t)cJSON_GetArrayItem(shape, d)->valuedouble;
        trace_floats(item, "data", count, numbers);
        numbers += count;
    }
    assert_true(file->tensors <= TENSORS);
}

static inline void load_policy(UpPolicy *policy, const cJSON *object) {
    UpTensor tensor[TENSORS];
    static float numbers[NUMBERS];
    UpTensorFile file;
    read_tensors(object, tensor, numbers, &file);
    if (up_policy_import(policy, &file) != UP_OK) fail_msg("%s", up_error());
}

// Compares a policy's tensors with an object of the trace.
static inline void compare_policy(const UpPolicy *policy, const cJSON *object) {
    UpTensor tensor[UP_POLICY_TENSORS];
    int tensors;
    UpArena arena = {0};
    assert_int_equal(up_policy_export(policy, tensor, &tensors, &arena), UP_OK);
    assert_int_equal(tensors, cJSON_GetArraySize(object));
    for (int i = 0; i < tensors; i++) {
        const cJSON *recorded = trace_item(object, tensor[i].name);
        trace_compare(recorded, "data", 0, (int)up_tensor_count(&tensor[i]), tensor[i].data,
                      tolerance);
    }
    up_arena_free(&arena);
}

#endif
