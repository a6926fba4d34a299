// Networks over one flat parameter block. A UpNet is a constant description, a list of layers in
// topological order, each of which reads the input or layers before it; the numbers live in the
// caller's blocks. It knows no threads: how rows are cut into chunks, and on whose pool they run,
// is the executor's (src/net/run.c). Backward stands beside forward, and gradients accumulate (+=).
#ifndef UPHILL_NET_H
#define UPHILL_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "uphill/activation.h"
#include "uphill/arena.h"
#include "uphill/obs.h"
#include "uphill/random.h"
#include "uphill/real.h"
#include "uphill/status.h"
#include "uphill/thread.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum UpInit {
    UP_INIT_ORTHOGONAL, // W orthogonal times gain, b = 0 (PPO detail 2)
    UP_INIT_XAVIER,     // U(±gain sqrt(6 / (in + out))), b = 0 (Glorot 2010)
    UP_INIT_KAIMING,    // U(±gain sqrt(3 / in)), b = 0 (He 2015; gain sqrt 2 for ReLU)
    UP_INIT_TORCH,      // W, b ~ U(±1/sqrt(in)): PyTorch's nn.Linear
    UP_INIT_NORMAL_IN,  // N(0, gain / sqrt(in)), b = 0: what the CartPole tutorial calls Xavier
} UpInit;
#define UP_INIT_CHOICES "orthogonal|xavier|kaiming|torch|normal_in"

// What a layer does is one row of functions in src/net/layer.c.
typedef enum UpLayerKind {
    UP_LAYER_DENSE,    // y = x W + b. W is stored (in, out), so that a sparse x selects whole rows;
                       // checkpoints transpose it to PyTorch's (out, in)
    UP_LAYER_CONV,     // PyTorch's Conv2d; src/kernels/conv.h has the equation
    UP_LAYER_POOL,     // the largest number of each window: PyTorch's MaxPool2d
    UP_LAYER_NORM,     // (x - mean) / sqrt(var + 1e-5) · weight + bias over all numbers of a row:
                       // PyTorch's LayerNorm (Ba 2016)
    UP_LAYER_ADD,      // the sum of two layers (He 2015)
    UP_LAYER_ACTIVATE, // an activation alone
    UP_LAYER_EMBED,    // a learned vector for each choice of a Discrete observation, the sum of
                       // them for a MultiDiscrete: PyTorch's Embedding
    UP_LAYER_LSTM,     // PyTorch's LSTM and GRU, one layer of them; src/net/lstm.c and gru.c have
    UP_LAYER_GRU,      // the equations
    UP_LAYER_KINDS
} UpLayerKind;

// A vector of n numbers is (n, 1, 1). Between layers a picture lies as (row, column, channel).
typedef struct UpShape {
    int64_t channels, height, width;
} UpShape;
int64_t up_shape_size(UpShape shape);

typedef struct UpLayer {
    UpLayerKind kind;
    UpActivation activation;         // behind it
    int from;                        // the layer that it reads; -1: the network's input
    int other;                       // ADD: the other one
    bool bias;                       // DENSE, CONV: has one
    int64_t kernel, stride, padding; // CONV, POOL
    UpShape in, out;
    int64_t inputs, outputs; // numbers in `in` and `out`
    size_t param;            // its first number in the block
    size_t params;           // how many it has
    int64_t memory;          // numbers that last to the next step of a sequence,
    int64_t memory_at;       //   from this one on in a row of the network's memory
    int branch, stage;       // which of the network's branches it is in, and when its rows are run
                             //   (src/net/run.c); by up_net_add
} UpLayer;

// What a network's input is.
typedef enum UpReads {
    UP_READS_NUMBERS,
    UP_READS_PLANES, // a picture, (channel, row, column): frames of a stack are channels
    UP_READS_PIXELS, // a picture, (row, column, channel); a stack is one such behind the other
    UP_READS_CHOICES // one-hot
} UpReads;

enum { UP_NET_LAYERS = 96 };
typedef struct UpNet {
    UpReads reads;
    UpShape in;     // of a picture all channels, those of its frames together
    int64_t inputs; // numbers in a row of the input
    int64_t out;    // numbers in a row of the last layer; without layers, of the input
    int64_t memory; // M, numbers that last to the next step of a sequence; 0: nothing does
    int layers;     // 0: the identity
    int branches;   // parts that share no layer
    int stages;
    UpLayer layer[UP_NET_LAYERS];
} UpNet;

// A network without layers.
void up_net_start(UpNet *net, UpReads reads, UpShape in);

// Adds a layer, of which the caller has set kind, activation, from, bias, and `out` or what else
// the kind asks for. Its sizes are worked out; UP_USAGE says what does not fit.
UpStatus up_net_add(UpNet *net, UpLayer layer);

// Adds the layers that a text names, the first of them behind layer *last (-1: the input), and sets
// *last to the last one. Words stand behind each other, separated by spaces:
//
//   dense:N                 N outputs
//   conv:CxKsS, …pP         C channels out, a kernel of K × K, stride S, P zeros around
//   pool:KsS, …pP           the largest of K × K
//   norm                    layer normalisation
//   embed:N                 N numbers for each choice; the first word
//   lstm:N, gru:N           N units; one behind the other they are stacked
//   add:K                   adds what the layer K before the last one gave
//   relu                    any activation of UP_ACTIVATION_CHOICES
//   nature                  conv:32x8s4,relu conv:64x4s2,relu conv:64x3s1,relu dense:512,relu
//                           (Mnih 2015)
//   impala                  the residual network of Espeholt 2018, 15 convolutions
//   mlp:64x64,tanh          dense:64,tanh dense:64,tanh
//
// with `,activation` behind each of the first three lines, norm and mlp. UP_USAGE says which word
// is wrong, and why. Layers have a bias if `bias`.
UpStatus up_net_parse(UpNet *net, const char *text, bool bias, int *last);

// Writes a layer as up_net_parse reads it.
void up_layer_format(const UpNet *net, int l, char *text, size_t capacity);

// Gives the layers first … end-1 their numbers, from *offset on, which is advanced.
void up_net_place(UpNet *net, int first, int end, size_t *offset);

// Dense layers in -> hidden[0] -> … -> out, placed from *offset on. Hidden layers use `activation`,
// the last one is the identity; out = 0 ends with the last hidden layer.
UpNet up_net_mlp(int64_t in, const int64_t *hidden, int hidden_count, int64_t out,
                 UpActivation activation, bool bias, size_t *offset);

// Fills one layer's parameters. The values depend on `rng` alone.
UpStatus up_layer_init(const UpLayer *layer, UpInit init, double gain, UpReal *param, UpRng *rng);

// "dense"; "" of an activation alone.
const char *up_layer_name(const UpLayer *layer);

// A layer's numbers as PyTorch names and orients them.
enum { UP_LAYER_TENSORS = 4, UP_LAYER_DIMS = 4 };
typedef struct UpLayerTensor {
    const char *name; // "weight"
    int dims;
    int64_t shape[UP_LAYER_DIMS]; // as PyTorch shows it
    // Element (i, j, …) in PyTorch's order stands at  at + i stride[0] + j stride[1] + …  in the
    // block; `extent` has as many elements as `shape`, and further 1s.
    int64_t extent[UP_LAYER_DIMS], stride[UP_LAYER_DIMS];
    size_t at;
} UpLayerTensor;
// Returns how many it has.
int up_layer_tensors(const UpLayer *layer, UpLayerTensor tensor[UP_LAYER_TENSORS]);

// What forward keeps for backward, for up to `rows` rows.
typedef struct UpNetCache {
    int64_t rows;               // capacity
    UpReal *out[UP_NET_LAYERS]; // (rows, layer.outputs) after the activation; by up_net_forward
    UpReal *pre[UP_NET_LAYERS]; // (rows, layer.outputs) before it, only where the activation needs
                                // it (SiLU); by up_net_forward
    UpReal *d_out[UP_NET_LAYERS];   // (rows, layer.outputs) gradient; by up_net_backward
    UpReal *kept[UP_NET_LAYERS];    // what else the kind keeps of each row; by up_net_forward
    UpReal *part[UP_NET_LAYERS];    // partial gradients of the parameters; by up_net_backward
    UpReal *scratch[UP_NET_LAYERS]; // of the tasks that run at a time
} UpNetCache;
UpStatus up_net_cache_create(UpNetCache *cache, const UpNet *net, int64_t rows, UpArena *arena);

// What a network reads: `steps` rows of each of S = rows / steps sequences, time-major: row t·S +
// s. The rest matters to networks that remember alone.
typedef struct UpInput {
    const UpObs *obs;      // this one if not NULL: F32, U8 (divided by 255) or SPARSE
    const UpReal *real;    // else (rows, inputs)
    int64_t steps;         // 0 or 1: every row is a sequence of its own
    const uint8_t *begins; // (rows) 1: the memory is 0 before this row; NULL: goes on everywhere
    const UpReal *memory;  // (S, M) before the first step; NULL: 0
    UpReal *memory_out;    // (S, M) after the last one; NULL: not wanted; may be `memory`
} UpInput;

// Runs `rows` rows; the last layer's result is returned (without layers: the input). Rows are cut
// into fixed chunks over `pool`; the result does not depend on the number of threads.
const UpReal *up_net_forward(const UpNet *net, const UpReal *param, UpInput input, int64_t rows,
                             UpNetCache *cache, UpPool *pool);

// After forward with the same input: d_out (rows, out) is dLoss/dOutput; adds to `grad`, the
// gradient block laid out as `param` (NULL: the parameters' is not wanted). d_input (rows, inputs)
// receives += the gradient of the input, or is NULL.
void up_net_backward(const UpNet *net, const UpReal *param, UpInput input, int64_t rows,
                     UpNetCache *cache, const UpReal *d_out, UpReal *grad, UpReal *d_input,
                     UpPool *pool);

// After forward with the same input: the derivative of the output along a direction of the
// parameters, and of the input where it moves too (Pearlmutter's R-operator). For networks that
// up_net_no_tangent has nothing against.
//   direction  a block laid out as `param`
//   d_input    (rows, inputs) direction of the input, or NULL: it stays
// The result, (rows, out), is returned and lies in `cache` until the next backward.
UpReal *up_net_tangent(const UpNet *net, const UpReal *param, const UpReal *direction,
                       UpInput input, const UpReal *d_input, int64_t rows, UpNetCache *cache,
                       UpPool *pool);
// The name of the first kind of layer that has no tangent; NULL: all of them have.
const char *up_net_no_tangent(const UpNet *net);

// The same for networks with several ends: the layers `end` and all that they read.
typedef struct UpNetEnd {
    int layer;
    const UpReal *d_out; // backward: (rows, layer.outputs) the gradient of its output
} UpNetEnd;
void up_net_forward_to(const UpNet *net, const UpReal *param, UpInput input, int64_t rows,
                       const UpNetEnd *end, int ends, UpNetCache *cache, UpPool *pool);
void up_net_backward_from(const UpNet *net, const UpReal *param, UpInput input, int64_t rows,
                          const UpNetEnd *end, int ends, UpNetCache *cache, UpReal *grad,
                          UpReal *d_input, UpPool *pool);
void up_net_tangent_to(const UpNet *net, const UpReal *param, const UpReal *direction,
                       UpInput input, const UpReal *d_input, int64_t rows, const UpNetEnd *end,
                       int ends, UpNetCache *cache, UpPool *pool);

#ifdef __cplusplus
}
#endif
#endif
