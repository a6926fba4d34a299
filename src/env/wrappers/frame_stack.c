// Stacks of frames outside a rollout, as Gymnasium's FrameStackObservation makes them. The pool is
// the frames that the environment writes, then stack slots of them, into which they are copied in
// turns: when a slot's turn comes again, no row needs its frame any more.
#include <string.h>

#include "core/obs.h"
#include "uphill/env.h"

static void copy_frames(UpStack *stack) {
    const UpObs *obs = &stack->obs;
    unsigned char *frames = up__obs_frames(obs);
    size_t bytes = (size_t)obs->rows * up__obs_frame_bytes(obs);
    memcpy(frames + (size_t)(1 + stack->slot) * bytes, frames, bytes);
}

UpStatus up_stack_create(UpStack *stack, const UpEnvSpec *spec, int64_t rows, UpArena *arena) {
    *stack = (UpStack){0};
    if (spec->stack <= 1) {
        UP_TRY(up_obs_create(&stack->frames, spec, rows, arena));
        stack->obs = stack->frames;
        return UP_OK;
    }
    UP_TRY(up_obs_create(&stack->frames, spec, rows * (1 + spec->stack), arena));
    stack->frames.rows = rows;
    stack->obs = stack->frames;
    stack->obs.stack = spec->stack;
    stack->obs.frame = up_arena_alloc(arena, (size_t)(rows * spec->stack), sizeof(uint32_t));
    return stack->obs.frame ? UP_OK : UP_MEMORY;
}

void up_stack_push(UpStack *stack, const uint8_t *terminated, const uint8_t *truncated) {
    UpObs *obs = &stack->obs;
    if (!obs->frame) return;
    copy_frames(stack);
    for (int64_t i = 0; i < obs->rows; i++) {
        uint32_t *row = obs->frame + i * obs->stack;
        uint32_t newest = (uint32_t)((1 + stack->slot) * obs->rows + i);
        bool begins = !terminated || terminated[i] || truncated[i];
        for (int64_t j = 0; j < obs->stack; j++)
            row[j] = begins || j == obs->stack - 1 ? newest : row[j + 1];
    }
    stack->slot = (stack->slot + 1) % obs->stack;
}
