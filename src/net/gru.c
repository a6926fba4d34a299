// Gated recurrent unit (Cho 2014), as PyTorch's GRU, which resets what comes out of W_hn:
//
//     r, z = σ(…) of x W_ih + b_ih + h W_hh + b_hh
//     n = tanh(x W_in + b_in + r (h W_hn + b_hn))   h' = (1 - z) n + z h      in the order r, z, n
//
// Memory: h.
#include <string.h>

#include "kernels/kernels.h"
#include "net/recurrent.h"

// What is kept of each row, in units of H numbers. HIDDEN is h W_hh + b_hh, and later its gradient.
enum { GATES = 0, NEW = 3, H_BEFORE, HIDDEN, D_GATES = HIDDEN + 3, H_BACK = D_GATES + 3, KEPT };

static int64_t kept(const UpLayer *layer) {
    return KEPT * layer->outputs;
}

static void forward(const UpPass *pass, int l, int64_t row, int64_t m) {
    UpRecurrent r = up__recurrent(&pass->net->layer[l], pass);
    up__recurrent_read(pass, l, row, m, up__recurrent_kept(pass, l, GATES) + row * r.wide);
}

// One row, whose gates hold x W_ih + b_ih.
static void cell(int64_t H, UpReal *gate, const UpReal *hidden, const UpReal *before, UpReal *fresh,
                 UpReal *h) {
    const UpKernels *kernels = up__kernels();
    const UpReal *r = gate, *z = gate + H;
    UpReal *n = gate + 2 * H;
    for (int64_t k = 0; k < 2 * H; k++)
        gate[k] += hidden[k];
    kernels->activate(UP_SIGMOID, 2 * H, gate, gate);
    memcpy(fresh, hidden + 2 * H, (size_t)H * sizeof *fresh);
    for (int64_t k = 0; k < H; k++)
        n[k] += r[k] * fresh[k];
    kernels->activate(UP_TANH, H, n, n);
    for (int64_t k = 0; k < H; k++)
        h[k] = (1 - z[k]) * n[k] + z[k] * before[k];
}

static void forward_time(const UpPass *pass, int l, int64_t first, int64_t m) {
    const UpLayer *layer = &pass->net->layer[l];
    UpRecurrent r = up__recurrent(layer, pass);
    int64_t H = r.H;
    UpReal *out = pass->cache->out[l];
    for (int64_t t = 0; t < r.T; t++) {
        int64_t row = t * r.S + first;
        UpReal *gates = up__recurrent_kept(pass, l, GATES) + row * r.wide;
        UpReal *hidden = up__recurrent_kept(pass, l, HIDDEN) + row * r.wide;
        UpReal *before = up__recurrent_kept(pass, l, H_BEFORE) + row * H;
        UpReal *fresh = up__recurrent_kept(pass, l, NEW) + row * H;
        up__recurrent_before(pass, l, t, first, m, 0, out, before);
        for (int64_t i = 0; i < m; i++) {
            if (layer->bias)
                memcpy(hidden + i * r.wide, pass->param + r.b_hh, (size_t)r.wide * sizeof *hidden);
            else
                memset(hidden + i * r.wide, 0, (size_t)r.wide * sizeof *hidden);
        }
        up__kernels()->product(m, r.wide, H, before, H, pass->param + r.w_hh, hidden);
        for (int64_t i = 0; i < m; i++)
            cell(H, gates + i * r.wide, hidden + i * r.wide, before + i * H, fresh + i * H,
                 out + (row + i) * H);
    }
    up__recurrent_keep(pass, l, first, m, 0, out);
}

// One row: dh is the gradient of h', and then the part of that of h that z lets through.
static void cell_backward(int64_t H, const UpReal *gate, const UpReal *fresh, const UpReal *before,
                          UpReal *dh, UpReal *d_gate, UpReal *d_hidden) {
    const UpReal *r = gate, *z = gate + H, *n = gate + 2 * H;
    for (int64_t k = 0; k < H; k++) {
        UpReal dn = dh[k] * (1 - z[k]) * (1 - n[k] * n[k]);
        UpReal dr = dn * fresh[k] * r[k] * (1 - r[k]);
        UpReal dz = dh[k] * (before[k] - n[k]) * z[k] * (1 - z[k]);
        d_gate[k] = d_hidden[k] = dr;
        d_gate[H + k] = d_hidden[H + k] = dz;
        d_gate[2 * H + k] = dn;
        d_hidden[2 * H + k] = dn * r[k];
        dh[k] *= z[k];
    }
}

static void backward_time(const UpPass *pass, int l, int64_t first, int64_t m) {
    UpRecurrent r = up__recurrent(&pass->net->layer[l], pass);
    int64_t H = r.H;
    UpReal *back = up__recurrent_kept(pass, l, H_BACK);
    for (int64_t t = r.T - 1; t >= 0; t--) {
        int64_t row = t * r.S + first;
        UpReal *d_hidden = up__recurrent_kept(pass, l, HIDDEN) + row * r.wide;
        for (int64_t i = row; i < row + m; i++) {
            const UpReal *d_out = up__pass_gradient(pass, l, i);
            const UpReal *next = up__recurrent_back(pass, l, i, back);
            UpReal *dh = back + i * H;
            for (int64_t k = 0; k < H; k++)
                dh[k] = d_out[k] + (next ? next[k] : 0);
            cell_backward(H, up__recurrent_kept(pass, l, GATES) + i * r.wide,
                          up__recurrent_kept(pass, l, NEW) + i * H,
                          up__recurrent_kept(pass, l, H_BEFORE) + i * H, dh,
                          up__recurrent_kept(pass, l, D_GATES) + i * r.wide,
                          d_hidden + (i - row) * r.wide);
        }
        up__kernels()->product_input(m, r.wide, H, d_hidden, pass->param + r.w_hh, back + row * H);
    }
}

static void backward(const UpPass *pass, int l, int64_t row, int64_t m) {
    UpRecurrent r = up__recurrent(&pass->net->layer[l], pass);
    up__recurrent_send(pass, l, row, m, up__recurrent_kept(pass, l, D_GATES) + row * r.wide);
}

static void gradient(const UpPass *pass, int l, int block) {
    up__recurrent_gradient(pass, l, block, up__recurrent_kept(pass, l, D_GATES),
                           up__recurrent_kept(pass, l, HIDDEN),
                           up__recurrent_kept(pass, l, H_BEFORE));
}

const UpLayerOps up__gru = {
    .name = "gru",
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
