// What a kind of layer does, and what it is handed.
#ifndef UP_NET_LAYER_H
#define UP_NET_LAYER_H

#include "uphill/net.h"

enum {
    UP__CHUNK = 64, // rows of the batch that one task carries through all layers
    UP__PARTS = 8,  // blocks of rows that gradients of parameters are summed in, at most
};

// One pass over a batch: forward, backward or tangent.
typedef struct UpPass {
    const UpNet *net;
    const UpReal *param;
    UpInput input;
    int64_t rows;
    UpNetCache *cache;
    UpReal *grad, *d_input;  // backward; either may be NULL
    const UpReal *direction; // tangent: of the parameters,
    const UpReal *moved;     //   and (rows, inputs) of the input, or NULL

    // What takes part: the ends and all that they read.
    bool wanted[UP_NET_LAYERS];
    int reader[UP_NET_LAYERS];             // the last wanted layer that reads it; -1: none does
    const UpReal *upstream[UP_NET_LAYERS]; // backward: the gradient of an end's output, else NULL
    int branch[UP_NET_LAYERS], branches;   // of the wanted layers
    int stage;                             // that runs now
    int first[UP_NET_LAYERS];              // backward: number of each layer's first weight task
} UpPass;

// Rows row … row + m - 1 of the batch make one chunk, which a task carries through all layers.
// Functions that a kind does not have are NULL.
typedef struct UpLayerOps {
    const char *name; // as policy.net has it

    // From kind, options and `in`: out (where the caller does not choose it) and params.
    UpStatus (*shape)(const UpNet *net, UpLayer *layer);
    bool first; // may read an observation; the others need a layer before them

    // Draws the layer's numbers; NULL without any.
    UpStatus (*init)(const UpLayer *layer, UpInit init, double gain, UpReal *param, UpRng *rng);

    int (*tensors)(const UpLayer *layer, UpLayerTensor tensor[UP_LAYER_TENSORS]);

    // Multiply-adds of a row.
    int64_t (*work)(const UpPass *pass, const UpLayer *layer);

    // NULL: none. Numbers that forward keeps of each row for backward, and numbers of scratch of a
    // chunk or a block, a multiple of 16.
    int64_t (*kept)(const UpLayer *layer);
    int64_t (*scratch)(const UpLayer *layer);

    // Writes up__pass_pre(pass, l, row); the activation follows, unless the kind takes it along
    // (`activates`) and no `pre` is kept.
    bool activates;
    void (*forward)(const UpPass *pass, int l, int64_t row, int64_t m);

    // Reads up__pass_gradient(pass, l, row), from which the activation's derivative was taken, and
    // adds to up__pass_below(pass, from, row), where that is not NULL.
    void (*backward)(const UpPass *pass, int l, int64_t row, int64_t m);

    // Of a kind that remembers: the steps of the sequences first … first + m - 1, after `forward`
    // and before `backward` of all their rows. A kind without has NULL.
    void (*forward_time)(const UpPass *pass, int l, int64_t first, int64_t m);
    void (*backward_time)(const UpPass *pass, int l, int64_t first, int64_t m);

    // The gradient of the parameters over the whole batch, in blocks that share no number of it.
    int (*blocks)(const UpPass *pass, const UpLayer *layer);
    void (*gradient)(const UpPass *pass, int l, int block);

    // Where blocks are rows: adds what they left in cache->part, in their order. Else NULL.
    void (*collect)(const UpPass *pass, int l);

    // Writes the tangent before the activation to up__pass_d(pass, l, row).
    void (*tangent)(const UpPass *pass, int l, int64_t row, int64_t m);
} UpLayerOps;

extern const UpLayerOps up__lstm, up__gru, up__dense, up__conv, up__pool, up__norm, up__add,
    up__activate, up__embed;

// A policy that only acts needs no way back: libuphill-act leaves these functions out.
#ifdef UP_FORWARD_ONLY
#define UP__LEARNS(function) NULL
#else
#define UP__LEARNS(function) function
#endif

// shape.c: a matrix (in, out) of what the layer reads, which stands at `at` in the block.
UpLayerTensor up__matrix_tensor(const UpLayer *layer, const char *name, int64_t out, size_t at);

// shape.c: whether windows fit what the layer reads, for kinds that have windows.
UpStatus up__net_windows(const UpNet *net, const UpLayer *layer);

// layer.c: the rows, for the files that know no kind.
extern const UpLayerOps *const up__layer_ops[UP_LAYER_KINDS];
static inline const UpLayerOps *up__ops(const UpLayer *layer) {
    return up__layer_ops[layer->kind];
}

// What layer `from` wrote, (rows, …) for all rows; -1: the input.
static inline UpInput up__pass_input(const UpPass *pass, int from) {
    return from < 0 ? pass->input : (UpInput){.real = pass->cache->out[from]};
}

// Where row `row` of a layer's result before its activation goes, and behind it.
static inline UpReal *up__pass_out(const UpPass *pass, int l, int64_t row) {
    return pass->cache->out[l] + row * pass->net->layer[l].outputs;
}
static inline UpReal *up__pass_pre(const UpPass *pass, int l, int64_t row) {
    UpReal *pre = pass->cache->pre[l];
    return pre ? pre + row * pass->net->layer[l].outputs : up__pass_out(pass, l, row);
}

// The room for the gradient, or the tangent, of row `row` of a layer's result.
static inline UpReal *up__pass_d(const UpPass *pass, int l, int64_t row) {
    return pass->cache->d_out[l] + row * pass->net->layer[l].outputs;
}

// The gradient itself. An end without an activation that nobody else reads needs no copy of what
// the caller gave.
static inline bool up__pass_borrows(const UpPass *pass, int l) {
    return pass->upstream[l] && pass->reader[l] < 0 &&
           pass->net->layer[l].activation == UP_IDENTITY;
}
static inline const UpReal *up__pass_gradient(const UpPass *pass, int l, int64_t row) {
    return up__pass_borrows(pass, l) ? pass->upstream[l] + row * pass->net->layer[l].outputs
                                     : up__pass_d(pass, l, row);
}

// Where the gradient of row `row` of what a layer read is added; NULL: nobody wants it.
static inline UpReal *up__pass_below(const UpPass *pass, int from, int64_t row) {
    if (from >= 0) return up__pass_d(pass, from, row);
    return pass->d_input ? pass->d_input + row * pass->net->inputs : NULL;
}

// The tangent of what a layer read, or NULL: it stays.
static inline const UpReal *up__pass_moved(const UpPass *pass, int from, int64_t row) {
    if (from >= 0) return up__pass_d(pass, from, row);
    return pass->moved ? pass->moved + row * pass->net->inputs : NULL;
}

#endif
