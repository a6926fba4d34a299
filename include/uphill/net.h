// Dense networks over one flat parameter block. A UpMlp is a constant description; the numbers live
// in the caller's blocks. Backward stands beside forward, and gradients accumulate (+=).
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

enum { UP_MLP_LAYERS = 9 };

// y = activation(x W + b). W is stored (in, out), so that a sparse x selects whole rows;
// checkpoints transpose it to PyTorch's (out, in).
typedef struct UpDense {
    int64_t in, out;
    size_t weight; // offset of W (in, out) in the parameter block
    size_t bias;   // offset of b (out); unused if !has_bias
    bool has_bias;
    UpActivation activation;
} UpDense;

typedef struct UpMlp {
    int layers; // dense layers; 0 is the identity
    UpDense layer[UP_MLP_LAYERS];
    int64_t in, out;
} UpMlp;

// Describes an MLP in -> hidden[0] -> … -> out, its parameters starting at *offset, which it
// advances. Hidden layers use `activation`, the last one is the identity; out = 0 ends with the
// last hidden layer (a trunk).
UpMlp up_mlp_describe(int64_t in, const int64_t *hidden, int hidden_count, int64_t out,
                      UpActivation activation, bool bias, size_t *offset);

// Fills one layer's parameters. The values depend on `rng` alone.
UpStatus up_dense_init(const UpDense *layer, UpInit init, double gain, UpReal *param, UpRng *rng);

// What forward keeps for backward, for up to `rows` rows.
typedef struct UpMlpCache {
    int64_t rows;               // capacity
    UpReal *out[UP_MLP_LAYERS]; // (rows, layer.out) after the activation; filled by up_mlp_forward
    UpReal *pre[UP_MLP_LAYERS]; // (rows, layer.out) before it, only where the activation needs it
                                // (SiLU)
    UpReal *d_out[UP_MLP_LAYERS]; // (rows, layer.out) gradient; filled by up_mlp_backward
} UpMlpCache;
UpStatus up_mlp_cache_create(UpMlpCache *cache, const UpMlp *mlp, int64_t rows, UpArena *arena);

// The first layer reads an observation, or the output of another network (a head on a trunk).
typedef struct UpInput {
    const UpObs *obs;   // this one if not NULL: F32, U8 (divided by 255) or SPARSE
    const UpReal *real; // else (rows, in)
} UpInput;

// Runs `rows` rows; the result is cache->out[mlp->layers - 1], which is returned (for 0 layers: the
// input). Rows are cut into fixed chunks over `pool`; the result does not depend on the number of
// threads.
const UpReal *up_mlp_forward(const UpMlp *mlp, const UpReal *param, UpInput input, int64_t rows,
                             UpMlpCache *cache, UpPool *pool);

// After forward with the same input: d_out (rows, out) is dLoss/dOutput; adds to `grad`, the
// gradient block laid out as `param`. d_input (rows, in) receives += the gradient of the input, or
// is NULL.
void up_mlp_backward(const UpMlp *mlp, const UpReal *param, UpInput input, int64_t rows,
                     UpMlpCache *cache, const UpReal *d_out, UpReal *grad, UpReal *d_input,
                     UpPool *pool);

// After forward with the same input: the derivative of the output along a direction of the
// parameters, and of the input where it moves too (Pearlmutter's R-operator).
//   direction  a block laid out as `param`
//   d_input    (rows, in) direction of the input, or NULL: it stays
// The result, (rows, out), is returned and lies in `cache` until the next backward.
UpReal *up_mlp_tangent(const UpMlp *mlp, const UpReal *param, const UpReal *direction,
                       UpInput input, const UpReal *d_input, int64_t rows, UpMlpCache *cache,
                       UpPool *pool);

#ifdef __cplusplus
}
#endif
#endif
