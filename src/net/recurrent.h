// What LSTM and GRU share. A layer of H units with G gates (4 and 3) has, in this order in the
// block, W_ih (in, G H), W_hh (H, G H), b_ih (G H) and b_hh (G H). Its row phase is a product with
// what it reads; its time phase goes through the steps of a few sequences, rows t·S + s.
#ifndef UP_NET_RECURRENT_H
#define UP_NET_RECURRENT_H

#include "net/layer.h"

typedef struct UpRecurrent {
    int64_t H, wide;               // wide = G H
    size_t w_ih, w_hh, b_ih, b_hh; // places in the block
    int64_t S, T;                  // sequences and steps of the pass
} UpRecurrent;

static inline int64_t up__gates(const UpLayer *layer) {
    return layer->kind == UP_LAYER_LSTM ? 4 : 3;
}

UpRecurrent up__recurrent(const UpLayer *layer, const UpPass *pass);

// Numbers that the layer keeps of each row, in arrays of all rows one behind the other; array
// `first` begins first · H · rows numbers behind the start.
static inline UpReal *up__recurrent_kept(const UpPass *pass, int l, int64_t first) {
    return pass->cache->kept[l] + first * pass->net->layer[l].outputs * pass->cache->rows;
}

UpStatus up__recurrent_shape(const UpNet *net, UpLayer *layer);
UpStatus up__recurrent_init(const UpLayer *layer, UpInit init, double gain, UpReal *param,
                            UpRng *rng);
int up__recurrent_tensors(const UpLayer *layer, UpLayerTensor tensor[UP_LAYER_TENSORS]);
int64_t up__recurrent_work(const UpPass *pass, const UpLayer *layer);

// Y = X W_ih + b_ih  (m, G H)
void up__recurrent_read(const UpPass *pass, int l, int64_t row, int64_t m, UpReal *y);
// dX += dY W_ihᵀ
void up__recurrent_send(const UpPass *pass, int l, int64_t row, int64_t m, const UpReal *dy);

// The blocks of dW_ih, then one of dW_hh and the biases. d_ih, d_hh (rows, G H), before (rows, H)
int up__recurrent_blocks(const UpPass *pass, const UpLayer *layer);
void up__recurrent_gradient(const UpPass *pass, int l, int block, const UpReal *d_ih,
                            const UpReal *d_hh, const UpReal *before);

// Part `part` (0, 1: numbers part · H … of the layer's memory) of what sequences first … first+m-1
// remember before step t: `after` (rows, H) holds what they did after each step. to (m, H)
void up__recurrent_before(const UpPass *pass, int l, int64_t t, int64_t first, int64_t m, int part,
                          const UpReal *after, UpReal *to);
// After the last step they remember that of `after`.
void up__recurrent_keep(const UpPass *pass, int l, int64_t first, int64_t m, int part,
                        const UpReal *after);
// What step t + 1 sends back to row `row` of step t, from `back` (rows, H); NULL: nothing.
const UpReal *up__recurrent_back(const UpPass *pass, int l, int64_t row, const UpReal *back);

#endif
