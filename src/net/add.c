// Layers without numbers of their own: the sum of two (He 2015), and an activation alone.
#include <string.h>

#include "net/layer.h"

static int64_t work(const UpPass *pass, const UpLayer *layer) {
    (void)pass;
    return layer->outputs;
}

static void add_rows(int64_t count, const UpReal *from, UpReal *to) {
    for (int64_t i = 0; i < count; i++)
        to[i] += from[i];
}

static void copy_rows(int64_t count, const UpReal *from, UpReal *to) {
    memcpy(to, from, (size_t)count * sizeof *to);
}

// ---------------------------------------------------------------------------------------------------
// An activation alone

static UpStatus activate_shape(const UpNet *net, UpLayer *layer) {
    (void)net;
    layer->out = layer->in;
    return UP_OK;
}

static void activate_forward(const UpPass *pass, int l, int64_t row, int64_t m) {
    const UpLayer *layer = &pass->net->layer[l];
    copy_rows(m * layer->outputs, up__pass_out(pass, layer->from, row), up__pass_pre(pass, l, row));
}

static void activate_backward(const UpPass *pass, int l, int64_t row, int64_t m) {
    const UpLayer *layer = &pass->net->layer[l];
    add_rows(m * layer->outputs, up__pass_gradient(pass, l, row),
             up__pass_below(pass, layer->from, row));
}

static void activate_tangent(const UpPass *pass, int l, int64_t row, int64_t m) {
    const UpLayer *layer = &pass->net->layer[l];
    copy_rows(m * layer->outputs, up__pass_d(pass, layer->from, row), up__pass_d(pass, l, row));
}

const UpLayerOps up__activate = {
    .name = "",
    .shape = activate_shape,
    .work = work,
    .forward = activate_forward,
    .backward = UP__LEARNS(activate_backward),
    .tangent = UP__LEARNS(activate_tangent),
};

// ---------------------------------------------------------------------------------------------------
// The sum of two

static UpStatus add_shape(const UpNet *net, UpLayer *layer) {
    const UpShape *a = &layer->in, *b = &net->layer[layer->other].out;
    layer->out = layer->in;
    if (memcmp(a, b, sizeof *a) == 0) return UP_OK;
    return up_fail(UP_USAGE,
                   "the layers that it adds have other shapes: %lld x %lld x %lld and %lld x %lld "
                   "x %lld",
                   (long long)a->channels, (long long)a->height, (long long)a->width,
                   (long long)b->channels, (long long)b->height, (long long)b->width);
}

static void add_forward(const UpPass *pass, int l, int64_t row, int64_t m) {
    const UpLayer *layer = &pass->net->layer[l];
    activate_forward(pass, l, row, m);
    add_rows(m * layer->outputs, up__pass_out(pass, layer->other, row), up__pass_pre(pass, l, row));
}

static void add_backward(const UpPass *pass, int l, int64_t row, int64_t m) {
    const UpLayer *layer = &pass->net->layer[l];
    activate_backward(pass, l, row, m);
    add_rows(m * layer->outputs, up__pass_gradient(pass, l, row),
             up__pass_below(pass, layer->other, row));
}

static void add_tangent(const UpPass *pass, int l, int64_t row, int64_t m) {
    const UpLayer *layer = &pass->net->layer[l];
    activate_tangent(pass, l, row, m);
    add_rows(m * layer->outputs, up__pass_d(pass, layer->other, row), up__pass_d(pass, l, row));
}

const UpLayerOps up__add = {
    .name = "add",
    .shape = add_shape,
    .work = work,
    .forward = add_forward,
    .backward = UP__LEARNS(add_backward),
    .tangent = UP__LEARNS(add_tangent),
};
