// Dense networks: description, forward, and backward beside it.
#include <string.h>

#include "kernels/kernels.h"
#include "net/input.h"
#include "uphill/net.h"

enum {
    CHUNK = 64, // rows of the batch that one task carries through all layers
    POOL_WORK =
        1 << 19, // multiply-adds below which waking the other threads costs more than it saves
    SPARSE_ENTRIES = 64, // entries of a sparse row, for estimating its work
};

UpMlp up_mlp_describe(int64_t in, const int64_t *hidden, int hidden_count, int64_t out,
                      UpActivation activation, bool bias, size_t *offset) {
    UpMlp mlp = {.in = in, .out = in};
    for (int l = 0; l < hidden_count + (out > 0); l++) {
        bool last = l == hidden_count;
        UpDense *layer = &mlp.layer[mlp.layers++];
        layer->in = mlp.out;
        layer->out = mlp.out = last ? out : hidden[l];
        layer->activation = last ? UP_IDENTITY : activation;
        layer->has_bias = bias;
        layer->weight = *offset;
        *offset += (size_t)(layer->in * layer->out);
        layer->bias = *offset;
        if (bias) *offset += (size_t)layer->out;
    }
    return mlp;
}

UpStatus up_mlp_cache_create(UpMlpCache *cache, const UpMlp *mlp, int64_t rows, UpArena *arena) {
    *cache = (UpMlpCache){.rows = rows};
    for (int l = 0; l < mlp->layers; l++) {
        size_t count = (size_t)(rows * mlp->layer[l].out);
        bool needs_pre = mlp->layer[l].activation == UP_SILU;
        cache->out[l] = up_arena_alloc(arena, count, sizeof(UpReal));
        cache->d_out[l] = up_arena_alloc(arena, count, sizeof(UpReal));
        if (needs_pre) cache->pre[l] = up_arena_alloc(arena, count, sizeof(UpReal));
    }
    UP_TRY(up_arena_status(arena));
    return UP_OK;
}

// What forward and backward hand to their tasks.
typedef struct Pass {
    const UpMlp *mlp;
    const UpReal *param;
    UpInput input;
    int64_t rows;
    UpMlpCache *cache;
    const UpReal *d_out;      // backward: (rows, out); tangent: (rows, in) of the input, or NULL
    const UpReal *direction;  // tangent
    UpReal *grad, *d_input;   // backward
    int first[UP_MLP_LAYERS]; // backward: number of the first weight task of each layer
} Pass;

// The pool, or NULL (everything on this thread) where there is too little to do. Decided by sizes.
static UpPool *pool_for(const Pass *pass, UpPool *pool) {
    int64_t work = 0;
    for (int l = 0; l < pass->mlp->layers; l++) {
        const UpDense *layer = &pass->mlp->layer[l];
        bool sparse = l == 0 && pass->input.obs && pass->input.obs->form == UP_OBS_SPARSE;
        int64_t in = sparse && layer->in > SPARSE_ENTRIES ? SPARSE_ENTRIES : layer->in;
        work += pass->rows * in * layer->out;
    }
    return work < POOL_WORK || pass->rows <= CHUNK ? NULL : pool;
}

static void fill_bias(const UpDense *layer, const UpReal *param, int64_t m, UpReal *y) {
    size_t bytes = (size_t)layer->out * sizeof(UpReal);
    for (int64_t i = 0; i < m; i++) {
        if (layer->has_bias)
            memcpy(y + i * layer->out, param + layer->bias, bytes);
        else
            memset(y + i * layer->out, 0, bytes);
    }
}

// Carries the rows of one chunk through all layers.
static void forward_task(void *context, int task) {
    const Pass *pass = context;
    const UpKernels *kernels = up__kernels();
    int64_t row = (int64_t)task * CHUNK;
    int64_t m = pass->rows - row < CHUNK ? pass->rows - row : CHUNK;
    unsigned state = up__subnormals_flush();
    for (int l = 0; l < pass->mlp->layers; l++) {
        const UpDense *layer = &pass->mlp->layer[l];
        const UpReal *w = pass->param + layer->weight;
        UpReal *out = pass->cache->out[l] + row * layer->out;
        UpReal *pre = pass->cache->pre[l] ? pass->cache->pre[l] + row * layer->out : out;
        fill_bias(layer, pass->param, m, pre);
        if (l == 0)
            up__input_product(pass->input, row, m, layer, w, pre);
        else
            kernels->product(m, layer->out, layer->in, pass->cache->out[l - 1] + row * layer->in,
                             layer->in, w, pre);
        if (layer->activation != UP_IDENTITY)
            kernels->activate(layer->activation, m * layer->out, pre, out);
    }
    up__subnormals_restore(state);
}

const UpReal *up_mlp_forward(const UpMlp *mlp, const UpReal *param, UpInput input, int64_t rows,
                             UpMlpCache *cache, UpPool *pool) {
    if (mlp->layers == 0) return up__input_real(input);
    Pass pass = {.mlp = mlp, .param = param, .input = input, .rows = rows, .cache = cache};
    int chunks = (int)((rows + CHUNK - 1) / CHUNK);
    up_pool_run(pool_for(&pass, pool), chunks, forward_task, &pass);
    return cache->out[mlp->layers - 1];
}

// Carries the tangent of one chunk's rows through all layers; d_out of the cache holds it. With Y =
// X W + b:  dY = X dW + db + dX W.
static void tangent_task(void *context, int task) {
    const Pass *pass = context;
    const UpKernels *kernels = up__kernels();
    int64_t row = (int64_t)task * CHUNK;
    int64_t m = pass->rows - row < CHUNK ? pass->rows - row : CHUNK;
    const UpReal *below = pass->d_out ? pass->d_out + row * pass->mlp->in : NULL;
    unsigned state = up__subnormals_flush();
    for (int l = 0; l < pass->mlp->layers; l++) {
        const UpDense *layer = &pass->mlp->layer[l];
        int64_t at = row * layer->out;
        const UpReal *dw = pass->direction + layer->weight;
        UpReal *d = pass->cache->d_out[l] + at;
        fill_bias(layer, pass->direction, m, d);
        if (l == 0)
            up__input_product(pass->input, row, m, layer, dw, d);
        else
            kernels->product(m, layer->out, layer->in, pass->cache->out[l - 1] + row * layer->in,
                             layer->in, dw, d);
        if (below)
            kernels->product(m, layer->out, layer->in, below, layer->in,
                             pass->param + layer->weight, d);
        if (layer->activation != UP_IDENTITY)
            kernels->activate_backward(layer->activation, m * layer->out, pass->cache->out[l] + at,
                                       pass->cache->pre[l] ? pass->cache->pre[l] + at : NULL, d);
        below = d;
    }
    up__subnormals_restore(state);
}

UpReal *up_mlp_tangent(const UpMlp *mlp, const UpReal *param, const UpReal *direction,
                       UpInput input, const UpReal *d_input, int64_t rows, UpMlpCache *cache,
                       UpPool *pool) {
    Pass pass = {.mlp = mlp,
                 .param = param,
                 .direction = direction,
                 .input = input,
                 .rows = rows,
                 .cache = cache,
                 .d_out = d_input};
    int chunks = (int)((rows + CHUNK - 1) / CHUNK);
    up_pool_run(pool_for(&pass, pool), chunks, tangent_task, &pass);
    return cache->d_out[mlp->layers - 1];
}

// The gradient before the activation of layer l. A last layer without one needs no copy.
static const UpReal *gradient_of(const Pass *pass, int l) {
    bool last = l == pass->mlp->layers - 1;
    return last && pass->mlp->layer[l].activation == UP_IDENTITY ? pass->d_out
                                                                 : pass->cache->d_out[l];
}

// Carries the gradient of one chunk's rows back to the first layer, and to the input if asked for.
static void backward_task(void *context, int task) {
    const Pass *pass = context;
    const UpMlp *mlp = pass->mlp;
    const UpKernels *kernels = up__kernels();
    int64_t row = (int64_t)task * CHUNK;
    int64_t m = pass->rows - row < CHUNK ? pass->rows - row : CHUNK;
    unsigned state = up__subnormals_flush();
    for (int l = mlp->layers - 1; l >= 0; l--) {
        const UpDense *layer = &mlp->layer[l];
        int64_t at = row * layer->out;
        if (layer->activation != UP_IDENTITY) {
            UpReal *d = pass->cache->d_out[l] + at;
            const UpReal *pre = pass->cache->pre[l] ? pass->cache->pre[l] + at : NULL;
            if (l == mlp->layers - 1)
                memcpy(d, pass->d_out + at, (size_t)(m * layer->out) * sizeof(UpReal));
            kernels->activate_backward(layer->activation, m * layer->out, pass->cache->out[l] + at,
                                       pre, d);
        }
        UpReal *d_below = l > 0 ? pass->cache->d_out[l - 1] : pass->d_input;
        if (!d_below) continue;
        d_below += row * layer->in;
        if (l > 0) memset(d_below, 0, (size_t)(m * layer->in) * sizeof(UpReal));
        kernels->product_input(m, layer->out, layer->in, gradient_of(pass, l) + at,
                               pass->param + layer->weight, d_below);
    }
    up__subnormals_restore(state);
}

static UpInput layer_input(const Pass *pass, int l) {
    return l == 0 ? pass->input : (UpInput){.real = pass->cache->out[l - 1]};
}

// Adds one block of one layer's weight gradient; the first block also adds the bias gradient.
static void weight_task(void *context, int task) {
    const Pass *pass = context;
    int l = pass->mlp->layers - 1;
    while (pass->first[l] > task)
        l--;
    const UpDense *layer = &pass->mlp->layer[l];
    const UpReal *d = gradient_of(pass, l);
    int block = task - pass->first[l];
    unsigned state = up__subnormals_flush();
    up__input_product_weight(layer_input(pass, l), pass->rows, layer, block, d,
                             pass->grad + layer->weight);
    if (block == 0 && layer->has_bias)
        up__kernels()->sum_rows(pass->rows, layer->out, d, pass->grad + layer->bias);
    up__subnormals_restore(state);
}

void up_mlp_backward(const UpMlp *mlp, const UpReal *param, UpInput input, int64_t rows,
                     UpMlpCache *cache, const UpReal *d_out, UpReal *grad, UpReal *d_input,
                     UpPool *pool) {
    if (mlp->layers == 0) {
        for (int64_t i = 0; d_input && i < rows * mlp->in; i++)
            d_input[i] += d_out[i];
        return;
    }
    Pass pass = {.mlp = mlp,
                 .param = param,
                 .input = input,
                 .rows = rows,
                 .cache = cache,
                 .d_out = d_out,
                 .grad = grad,
                 .d_input = d_input};
    int tasks = 0;
    for (int l = 0; l < mlp->layers; l++) {
        pass.first[l] = tasks;
        tasks += up__input_blocks(layer_input(&pass, l), &mlp->layer[l]);
    }
    int chunks = (int)((rows + CHUNK - 1) / CHUNK);
    up_pool_run(pool_for(&pass, pool), chunks, backward_task, &pass);
    up_pool_run(pool_for(&pass, pool), tasks, weight_task, &pass);
}
