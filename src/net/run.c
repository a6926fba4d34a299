// Running a network: the batch is cut into chunks of rows, each of which one task carries through
// all layers of a branch, so that what a layer wrote is still in the cache when the next one reads
// it. Gradients of parameters are sums over the whole batch; they are cut by parameters. Both cuts
// depend on sizes alone, so that any number of threads gives the same bits.
//
// Layers that remember go through the steps of a few sequences instead, when the products with what
// they read are there. So a pass has stages: an even one runs rows through the layers of that
// stage; the next, odd one runs the time of those among them that remember; what reads these is in
// the even stage behind it. A network without memory has one stage.
#include <string.h>

#include "kernels/kernels.h"
#include "net/input.h"
#include "net/layer.h"

enum {
    POOL_WORK =
        1 << 19, // multiply-adds below which waking the other threads costs more than it saves
};

static int64_t min_of(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static void want(UpPass *pass, int from, int reader) {
    if (from < 0) return;
    pass->wanted[from] = true;
    if (pass->reader[from] < reader) pass->reader[from] = reader;
}

// What takes part, and the branches that it stands in.
static void choose(UpPass *pass, const UpNetEnd *end, int ends) {
    const UpNet *net = pass->net;
    bool seen[UP_NET_LAYERS] = {false};
    for (int l = 0; l < net->layers; l++)
        pass->reader[l] = -1;
    for (int e = 0; e < ends; e++) {
        want(pass, end[e].layer, -1);
        pass->upstream[end[e].layer] = end[e].d_out;
    }
    for (int l = net->layers - 1; l >= 0; l--)
        if (pass->wanted[l]) {
            want(pass, net->layer[l].from, l);
            if (net->layer[l].kind == UP_LAYER_ADD) want(pass, net->layer[l].other, l);
        }
    for (int l = 0; l < net->layers; l++) {
        int branch = net->layer[l].branch;
        if (!pass->wanted[l] || seen[branch]) continue;
        seen[branch] = true;
        pass->branch[pass->branches++] = branch;
    }
}

// The pool, or NULL (everything on this thread) where there is too little to do. Decided by sizes.
static UpPool *pool_for(const UpPass *pass, UpPool *pool) {
    int64_t work = 0;
    for (int l = 0; l < pass->net->layers; l++)
        if (pass->wanted[l])
            work += pass->rows * up__ops(&pass->net->layer[l])->work(pass, &pass->net->layer[l]);
    return work < POOL_WORK ? NULL : pool;
}

static int tasks_of(const UpPass *pass) {
    return (int)((pass->rows + UP__CHUNK - 1) / UP__CHUNK) * pass->branches;
}

// A task is a chunk of rows and a branch.
typedef struct Part {
    int64_t row, m;
    int branch;
} Part;

static Part part_of(const UpPass *pass, int task) {
    int64_t row = (int64_t)(task / pass->branches) * UP__CHUNK;
    return (Part){row, min_of(UP__CHUNK, pass->rows - row), pass->branch[task % pass->branches]};
}

static bool takes_part(const UpPass *pass, int l, int stage, const Part *part) {
    const UpLayer *layer = &pass->net->layer[l];
    return pass->wanted[l] && layer->branch == part->branch && layer->stage == stage;
}

// d *= activation'
static void derive(const UpPass *pass, int l, const Part *part) {
    const UpLayer *layer = &pass->net->layer[l];
    if (layer->activation == UP_IDENTITY) return;
    const UpReal *pre = pass->cache->pre[l] ? up__pass_pre(pass, l, part->row) : NULL;
    up__kernels()->activate_backward(layer->activation, part->m * layer->outputs,
                                     up__pass_out(pass, l, part->row), pre,
                                     up__pass_d(pass, l, part->row));
}

static void forward_task(void *context, int task) {
    const UpPass *pass = context;
    Part part = part_of(pass, task);
    unsigned state = up__subnormals_flush();
    for (int l = 0; l < pass->net->layers; l++) {
        const UpLayer *layer = &pass->net->layer[l];
        if (!takes_part(pass, l, pass->stage, &part)) continue;
        up__ops(layer)->forward(pass, l, part.row, part.m);
        if (layer->activation != UP_IDENTITY &&
            !(up__ops(layer)->activates && !pass->cache->pre[l]))
            up__kernels()->activate(layer->activation, part.m * layer->outputs,
                                    up__pass_pre(pass, l, part.row),
                                    up__pass_out(pass, l, part.row));
    }
    up__subnormals_restore(state);
}

// The tangent of one chunk's rows; d_out of the cache holds it.
static void tangent_task(void *context, int task) {
    const UpPass *pass = context;
    Part part = part_of(pass, task);
    unsigned state = up__subnormals_flush();
    for (int l = 0; l < pass->net->layers; l++) {
        if (!takes_part(pass, l, pass->stage, &part)) continue;
        up__ops(&pass->net->layer[l])->tangent(pass, l, part.row, part.m);
        derive(pass, l, &part);
    }
    up__subnormals_restore(state);
}

// The gradient of an end from outside joins what other layers sent back.
static void join_upstream(const UpPass *pass, int l, const Part *part) {
    int64_t count = part->m * pass->net->layer[l].outputs;
    if (!pass->upstream[l] || up__pass_borrows(pass, l)) return;
    const UpReal *from = pass->upstream[l] + part->row * pass->net->layer[l].outputs;
    UpReal *to = up__pass_d(pass, l, part->row);
    if (pass->reader[l] < 0) {
        memcpy(to, from, (size_t)count * sizeof *to);
        return;
    }
    for (int64_t i = 0; i < count; i++)
        to[i] += from[i];
}

// The first layer that sends back to another one, in the order of backward, finds zeros there.
static void clear_below(const UpPass *pass, int from, int l, const Part *part) {
    if (from < 0 || pass->reader[from] != l) return;
    size_t count = (size_t)(part->m * pass->net->layer[from].outputs);
    memset(up__pass_d(pass, from, part->row), 0, count * sizeof(UpReal));
}

// Carries the gradient of one chunk's rows back to the first layer, and to the input if asked for.
// Layers that remember, whose time is the stage before this one, find theirs complete.
static void backward_task(void *context, int task) {
    const UpPass *pass = context;
    Part part = part_of(pass, task);
    unsigned state = up__subnormals_flush();
    for (int l = pass->net->layers - 1; l >= 0; l--) {
        const UpLayer *layer = &pass->net->layer[l];
        if (layer->memory && takes_part(pass, l, pass->stage - 2, &part))
            join_upstream(pass, l, &part);
        if (!takes_part(pass, l, pass->stage, &part)) continue;
        if (!layer->memory) join_upstream(pass, l, &part);
        derive(pass, l, &part);
        clear_below(pass, layer->from, l, &part);
        if (layer->kind == UP_LAYER_ADD) clear_below(pass, layer->other, l, &part);
        up__ops(layer)->backward(pass, l, part.row, part.m);
    }
    up__subnormals_restore(state);
}

// ---------------------------------------------------------------------------------------------------
// Time

// Sequences that a task carries through their steps: few, so that two threads have some.
static int64_t together(int64_t sequences) {
    enum { MANY = 8 };
    return sequences >= 2 * MANY ? MANY : (sequences + 1) / 2;
}

static int64_t sequences_of(const UpPass *pass) {
    return pass->input.steps > 1 ? pass->rows / pass->input.steps : pass->rows;
}

static void time_task(const UpPass *pass, int task, bool back) {
    int64_t sequences = sequences_of(pass), m = together(sequences);
    int64_t first = task / pass->branches * m;
    Part part = {.branch = pass->branch[task % pass->branches]};
    unsigned state = up__subnormals_flush();
    for (int l = 0; l < pass->net->layers; l++) {
        const UpLayerOps *ops = up__ops(&pass->net->layer[l]);
        if (!ops->forward_time || !takes_part(pass, l, pass->stage - 1, &part)) continue;
        (back ? ops->backward_time : ops->forward_time)(pass, l, first,
                                                        min_of(m, sequences - first));
    }
    up__subnormals_restore(state);
}

static void forward_time_task(void *context, int task) {
    time_task(context, task, false);
}

static void backward_time_task(void *context, int task) {
    time_task(context, task, true);
}

// Runs the stages first, first + step, …, all of them.
static void run_stages(UpPass *pass, UpPool *pool, bool back, UpTaskFn rows, UpTaskFn time) {
    int64_t m = together(sequences_of(pass));
    int times = m > 0 ? (int)((sequences_of(pass) + m - 1) / m) * pass->branches : 0;
    for (int i = 0; i < pass->net->stages; i++) {
        pass->stage = back ? pass->net->stages - 1 - i : i;
        if (pass->stage % 2)
            up_pool_run(pool, times, time, pass);
        else
            up_pool_run(pool, tasks_of(pass), rows, pass);
    }
}

// Adds one block of one layer's gradient.
static void gradient_task(void *context, int task) {
    const UpPass *pass = context;
    int l = pass->net->layers - 1;
    while (pass->first[l] > task)
        l--;
    unsigned state = up__subnormals_flush();
    up__ops(&pass->net->layer[l])->gradient(pass, l, task - pass->first[l]);
    up__subnormals_restore(state);
}

// Adds up the parts of the layer whose blocks are rows.
static void collect_task(void *context, int l) {
    const UpPass *pass = context;
    const UpLayerOps *ops = up__ops(&pass->net->layer[l]);
    if (pass->wanted[l] && ops->collect) ops->collect(pass, l);
}

void up_net_forward_to(const UpNet *net, const UpReal *param, UpInput input, int64_t rows,
                       const UpNetEnd *end, int ends, UpNetCache *cache, UpPool *pool) {
    UpPass pass = {.net = net, .param = param, .input = input, .rows = rows, .cache = cache};
    choose(&pass, end, ends);
    run_stages(&pass, pool_for(&pass, pool), false, forward_task, forward_time_task);
}

void up_net_backward_from(const UpNet *net, const UpReal *param, UpInput input, int64_t rows,
                          const UpNetEnd *end, int ends, UpNetCache *cache, UpReal *grad,
                          UpReal *d_input, UpPool *pool) {
    UpPass pass = {.net = net,
                   .param = param,
                   .input = input,
                   .rows = rows,
                   .cache = cache,
                   .grad = grad,
                   .d_input = d_input};
    choose(&pass, end, ends);
    pool = pool_for(&pass, pool);
    run_stages(&pass, pool, true, backward_task, backward_time_task);
    if (!grad) return;
    int tasks = 0;
    bool collects = false;
    for (int l = 0; l < net->layers; l++) {
        const UpLayerOps *ops = up__ops(&net->layer[l]);
        pass.first[l] = tasks;
        if (!pass.wanted[l] || !ops->blocks) continue;
        tasks += ops->blocks(&pass, &net->layer[l]);
        collects |= ops->collect != NULL;
    }
    up_pool_run(pool, tasks, gradient_task, &pass);
    if (collects) up_pool_run(pool, net->layers, collect_task, &pass);
}

void up_net_tangent_to(const UpNet *net, const UpReal *param, const UpReal *direction,
                       UpInput input, const UpReal *d_input, int64_t rows, const UpNetEnd *end,
                       int ends, UpNetCache *cache, UpPool *pool) {
    UpPass pass = {.net = net,
                   .param = param,
                   .direction = direction,
                   .input = input,
                   .moved = d_input,
                   .rows = rows,
                   .cache = cache};
    choose(&pass, end, ends);
    up_pool_run(pool_for(&pass, pool), tasks_of(&pass), tangent_task, &pass);
}

// ---------------------------------------------------------------------------------------------------
// Networks whose one end is their last layer

const UpReal *up_net_forward(const UpNet *net, const UpReal *param, UpInput input, int64_t rows,
                             UpNetCache *cache, UpPool *pool) {
    if (net->layers == 0) return up__input_real(input);
    UpNetEnd end = {.layer = net->layers - 1};
    up_net_forward_to(net, param, input, rows, &end, 1, cache, pool);
    return cache->out[end.layer];
}

void up_net_backward(const UpNet *net, const UpReal *param, UpInput input, int64_t rows,
                     UpNetCache *cache, const UpReal *d_out, UpReal *grad, UpReal *d_input,
                     UpPool *pool) {
    if (net->layers == 0) {
        for (int64_t i = 0; d_input && i < rows * net->inputs; i++)
            d_input[i] += d_out[i];
        return;
    }
    UpNetEnd end = {net->layers - 1, d_out};
    up_net_backward_from(net, param, input, rows, &end, 1, cache, grad, d_input, pool);
}

UpReal *up_net_tangent(const UpNet *net, const UpReal *param, const UpReal *direction,
                       UpInput input, const UpReal *d_input, int64_t rows, UpNetCache *cache,
                       UpPool *pool) {
    UpNetEnd end = {.layer = net->layers - 1};
    up_net_tangent_to(net, param, direction, input, d_input, rows, &end, 1, cache, pool);
    return cache->d_out[end.layer];
}
