// Long short-term memory (Hochreiter 1997, with the forget gate of Gers 2000), as PyTorch's LSTM:
//
//     i, f, o = σ(…)   g = tanh(…)   of x W_ih + b_ih + h W_hh + b_hh, in the order i, f, g, o
//     c' = f c + i g   h' = o tanh(c')
//
// Memory: h, then c.
#include <string.h>

#include "kernels/kernels.h"
#include "net/recurrent.h"

// What is kept of each row, in units of H numbers.
enum { GATES = 0, CELL = 4, TANH, H_BEFORE, C_BEFORE, D_GATES, H_BACK = D_GATES + 4, C_BACK, KEPT };

static int64_t kept(const UpLayer *layer) {
    return KEPT * layer->outputs;
}

static void forward(const UpPass *pass, int l, int64_t row, int64_t m) {
    UpRecurrent r = up__recurrent(&pass->net->layer[l], pass);
    up__recurrent_read(pass, l, row, m, up__recurrent_kept(pass, l, GATES) + row * r.wide);
}

// One row, whose gates hold their sums.
static void cell(int64_t H, UpReal *gate, const UpReal *c_before, UpReal *c, UpReal *squashed,
                 UpReal *h) {
    const UpKernels *kernels = up__kernels();
    const UpReal *i = gate, *f = gate + H, *g = gate + 2 * H, *o = gate + 3 * H;
    kernels->activate(UP_SIGMOID, 2 * H, gate, gate);
    kernels->activate(UP_TANH, H, gate + 2 * H, gate + 2 * H);
    kernels->activate(UP_SIGMOID, H, gate + 3 * H, gate + 3 * H);
    for (int64_t k = 0; k < H; k++)
        c[k] = f[k] * c_before[k] + i[k] * g[k];
    kernels->activate(UP_TANH, H, c, squashed);
    for (int64_t k = 0; k < H; k++)
        h[k] = o[k] * squashed[k];
}

static void add_bias(const UpPass *pass, const UpLayer *layer, const UpRecurrent *r, int64_t m,
                     UpReal *gates) {
    for (int64_t i = 0; layer->bias && i < m; i++)
        for (int64_t k = 0; k < r->wide; k++)
            gates[i * r->wide + k] += pass->param[r->b_hh + (size_t)k];
}

static void forward_time(const UpPass *pass, int l, int64_t first, int64_t m) {
    const UpLayer *layer = &pass->net->layer[l];
    UpRecurrent r = up__recurrent(layer, pass);
    int64_t H = r.H;
    UpReal *out = pass->cache->out[l], *c = up__recurrent_kept(pass, l, CELL);
    for (int64_t t = 0; t < r.T; t++) {
        int64_t row = t * r.S + first;
        UpReal *gates = up__recurrent_kept(pass, l, GATES) + row * r.wide;
        UpReal *h_before = up__recurrent_kept(pass, l, H_BEFORE) + row * H;
        UpReal *c_before = up__recurrent_kept(pass, l, C_BEFORE) + row * H;
        UpReal *squashed = up__recurrent_kept(pass, l, TANH) + row * H;
        up__recurrent_before(pass, l, t, first, m, 0, out, h_before);
        up__recurrent_before(pass, l, t, first, m, 1, c, c_before);
        add_bias(pass, layer, &r, m, gates);
        up__kernels()->product(m, r.wide, H, h_before, H, pass->param + r.w_hh, gates);
        for (int64_t i = 0; i < m; i++)
            cell(H, gates + i * r.wide, c_before + i * H, c + (row + i) * H, squashed + i * H,
                 out + (row + i) * H);
    }
    up__recurrent_keep(pass, l, first, m, 0, out);
    up__recurrent_keep(pass, l, first, m, 1, c);
}

// One row: dh is the gradient of h'; dc that of c' from the next step, and then that of c.
static void cell_backward(int64_t H, const UpReal *gate, const UpReal *c_before,
                          const UpReal *squashed, const UpReal *dh, UpReal *dc, UpReal *d_gate) {
    const UpReal *i = gate, *f = gate + H, *g = gate + 2 * H, *o = gate + 3 * H;
    for (int64_t k = 0; k < H; k++) {
        UpReal d = dc[k] + dh[k] * o[k] * (1 - squashed[k] * squashed[k]);
        d_gate[k] = d * g[k] * i[k] * (1 - i[k]);
        d_gate[H + k] = d * c_before[k] * f[k] * (1 - f[k]);
        d_gate[2 * H + k] = d * i[k] * (1 - g[k] * g[k]);
        d_gate[3 * H + k] = dh[k] * squashed[k] * o[k] * (1 - o[k]);
        dc[k] = d * f[k];
    }
}

static void backward_time(const UpPass *pass, int l, int64_t first, int64_t m) {
    UpRecurrent r = up__recurrent(&pass->net->layer[l], pass);
    int64_t H = r.H;
    UpReal *h_back = up__recurrent_kept(pass, l, H_BACK),
           *c_back = up__recurrent_kept(pass, l, C_BACK);
    for (int64_t t = r.T - 1; t >= 0; t--) {
        int64_t row = t * r.S + first;
        UpReal *d_gates = up__recurrent_kept(pass, l, D_GATES) + row * r.wide;
        for (int64_t i = row; i < row + m; i++) {
            const UpReal *d_out = up__pass_gradient(pass, l, i);
            const UpReal *dh_next = up__recurrent_back(pass, l, i, h_back);
            const UpReal *dc_next = up__recurrent_back(pass, l, i, c_back);
            UpReal *dh = h_back + i * H, *dc = c_back + i * H;
            for (int64_t k = 0; k < H; k++) {
                dh[k] = d_out[k] + (dh_next ? dh_next[k] : 0);
                dc[k] = dc_next ? dc_next[k] : 0;
            }
            cell_backward(H, up__recurrent_kept(pass, l, GATES) + i * r.wide,
                          up__recurrent_kept(pass, l, C_BEFORE) + i * H,
                          up__recurrent_kept(pass, l, TANH) + i * H, dh, dc,
                          d_gates + (i - row) * r.wide);
        }
        memset(h_back + row * H, 0, (size_t)(m * H) * sizeof *h_back);
        up__kernels()->product_input(m, r.wide, H, d_gates, pass->param + r.w_hh, h_back + row * H);
    }
}

static void backward(const UpPass *pass, int l, int64_t row, int64_t m) {
    UpRecurrent r = up__recurrent(&pass->net->layer[l], pass);
    up__recurrent_send(pass, l, row, m, up__recurrent_kept(pass, l, D_GATES) + row * r.wide);
}

static void gradient(const UpPass *pass, int l, int block) {
    const UpReal *d = up__recurrent_kept(pass, l, D_GATES);
    up__recurrent_gradient(pass, l, block, d, d, up__recurrent_kept(pass, l, H_BEFORE));
}

const UpLayerOps up__lstm = {
    .name = "lstm",
    .shape = up__recurrent_shape,
    .first = true,
    .init = UP__LEARNS(up__recurrent_init),
    .tensors = up__recurrent_tensors,
    .work = up__recurrent_work,
    .kept = kept,
    .forward = forward,
    .forward_time = forward_time,
    .backward = UP__LEARNS(backward),
    .backward_time = UP__LEARNS(backward_time),
    .blocks = UP__LEARNS(up__recurrent_blocks),
    .gradient = UP__LEARNS(gradient),
};
