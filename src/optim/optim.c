// SGD with momentum, RMSProp and Adam: a pass for the norm and a pass that updates. Both run over
// the same fixed chunks, whose number depends on the size of the block alone.
#include "uphill/optim.h"

#include <math.h>
#include <string.h>

#include "kernels/kernels.h"

enum {
    CHUNKS = 64,         // at most
    CHUNK_MIN = 8192,    // numbers in a chunk, at least
    POOL_SIZE = 1 << 16, // numbers below which waking the other threads costs more than it saves
};

double up_schedule(UpSchedule schedule, double start, double end, double done) {
    if (!(done > 0)) done = 0;
    if (done > 1) done = 1;
    switch (schedule) {
    case UP_CONSTANT:
        return start;
    case UP_LINEAR:
        return start + (end - start) * done;
    case UP_COSINE:
        return end + (start - end) * (1 + cos(M_PI * done)) / 2;
    }
    return start;
}

UpStatus up_optim_create(UpOptim *optim, const UpOptimDef *def, size_t size, UpArena *arena) {
    *optim = (UpOptim){.def = *def, .size = size};
    bool needs_first = def->kind == UP_ADAM || (def->kind == UP_SGD && def->momentum != 0);
    bool needs_second = def->kind != UP_SGD;
    if (needs_first) optim->first = up_arena_alloc(arena, size, sizeof(UpReal));
    if (needs_second) optim->second = up_arena_alloc(arena, size, sizeof(UpReal));
    if ((needs_first && !optim->first) || (needs_second && !optim->second)) return UP_MEMORY;
    return UP_OK;
}

void up_optim_keep(UpOptim *o, UpKeep *keep, const char *const name[3]) {
    UpTensorType type = sizeof(UpReal) == sizeof(float) ? UP_F32 : UP_F64;
    if (o->first) up_keep(keep, name[0], type, o->first, (int64_t)o->size);
    if (o->second) up_keep(keep, name[1], type, o->second, (int64_t)o->size);
    up_keep_int(keep, name[2], &o->steps);
}

typedef struct Step {
    const UpOptim *optim;
    UpReal *param, *grad;
    size_t chunk; // numbers in a chunk
    UpStepCoef coef;
    double square[CHUNKS]; // sum of squares of each chunk's gradient
} Step;

static size_t chunk_length(const Step *step, int chunk) {
    size_t left = step->optim->size - (size_t)chunk * step->chunk;
    return left < step->chunk ? left : step->chunk;
}

static void norm_task(void *context, int chunk) {
    Step *step = context;
    const UpReal *grad = step->grad + (size_t)chunk * step->chunk;
    step->square[chunk] = up__kernels()->square_sum(chunk_length(step, chunk), grad);
}

static void update_task(void *context, int chunk) {
    const Step *step = context;
    const UpOptim *optim = step->optim;
    const UpKernels *kernels = up__kernels();
    size_t at = (size_t)chunk * step->chunk, count = chunk_length(step, chunk);
    UpReal *param = step->param + at, *grad = step->grad + at;
    UpReal *first = optim->first ? optim->first + at : NULL;
    UpReal *second = optim->second ? optim->second + at : NULL;
    unsigned state = up__subnormals_flush();
    switch ((UpOptimKind)optim->def.kind) {
    case UP_SGD:
        kernels->sgd(&step->coef, count, param, grad, first);
        break;
    case UP_RMSPROP:
        kernels->rmsprop(&step->coef, count, param, grad, second);
        break;
    case UP_ADAM:
        kernels->adam(&step->coef, count, param, grad, first, second);
        break;
    }
    up__subnormals_restore(state);
}

static UpStepCoef coefficients(const UpOptim *optim, double learning_rate, double norm) {
    const UpOptimDef *def = &optim->def;
    bool adam = def->kind == UP_ADAM;
    double clip = 1, decay = adam ? def->beta2 : def->decay, steps = (double)optim->steps;
    if (def->max_grad_norm > 0) clip = fmin(1, def->max_grad_norm / (norm + 1e-6));
    return (UpStepCoef){
        .clip = (UpReal)clip,
        .rate = (UpReal)(adam ? learning_rate / (1 - pow(def->beta1, steps)) : learning_rate),
        .momentum = (UpReal)def->momentum,
        .fresh = (UpReal)(1 - def->beta1),
        .decay = (UpReal)decay,
        .fresh_square = (UpReal)(1 - decay),
        .inv_root = (UpReal)(adam ? 1 / sqrt(1 - pow(def->beta2, steps)) : 1),
        .epsilon = (UpReal)def->epsilon,
    };
}

double up_optim_step(UpOptim *optim, double learning_rate, UpReal *param, UpReal *grad,
                     UpPool *pool) {
    Step step = {.optim = optim, .param = param, .grad = grad};
    step.chunk = (optim->size + CHUNKS - 1) / CHUNKS;
    if (step.chunk < CHUNK_MIN) step.chunk = CHUNK_MIN;
    step.chunk = (step.chunk + 63) / 64 * 64; // whole cache lines
    int chunks = (int)((optim->size + step.chunk - 1) / step.chunk);
    if (optim->size < POOL_SIZE) pool = NULL;

    up_pool_run(pool, chunks, norm_task, &step);
    double square = 0;
    for (int i = 0; i < chunks; i++)
        square += step.square[i];
    double norm = sqrt(square);
    if (!isfinite(norm)) {
        memset(grad, 0, optim->size * sizeof *grad);
        return norm;
    }
    optim->steps++;
    step.coef = coefficients(optim, learning_rate, norm);
    up_pool_run(pool, chunks, update_task, &step);
    return norm;
}
