// Networks as text: "conv:32x8s4,relu conv:64x4s2,relu dense:512,relu".
#include <stdio.h>
#include <string.h>

#include "net/layer.h"
#include "uphill/net.h"

enum { WORD = 64, NUMBER_MOST = 1000000 };

// Names for what others have published.
static const struct Named {
    const char *name, *text;
} named[] = {
    {"nature", "conv:32x8s4,relu conv:64x4s2,relu conv:64x3s1,relu dense:512,relu"},
#define SECTION(channels)                                                                          \
    "conv:" channels "x3s1p1 pool:3s2p1 "                                                          \
    "relu conv:" channels "x3s1p1,relu conv:" channels "x3s1p1 add:3 "                             \
    "relu conv:" channels "x3s1p1,relu conv:" channels "x3s1p1 add:3 "
    {"impala", SECTION("16") SECTION("32") SECTION("32") "relu dense:256,relu"},
};

// One word of the text while it is read: `at` is what comes next.
typedef struct Word {
    char text[WORD];
    const char *at;
    int number; // from 1 on
} Word;

static UpStatus wrong(const Word *word, const char *what) {
    return up_fail(UP_USAGE, "layer %d, %s: %s", word->number, word->text, what);
}

// Puts "layer 2, conv:64x4s2: " before what was wrong with it.
static UpStatus wrong_layer(const Word *word, UpStatus status) {
    char what[256];
    snprintf(what, sizeof what, "%s", up_error());
    return status == UP_USAGE ? wrong(word, what) : status;
}

static bool take(Word *word, const char *text) {
    size_t length = strlen(text);
    if (strncmp(word->at, text, length) != 0) return false;
    word->at += length;
    return true;
}

static bool take_number(Word *word, int64_t least, int64_t *value) {
    int64_t number = 0;
    const char *first = word->at;
    for (; *word->at >= '0' && *word->at <= '9' && number <= NUMBER_MOST; word->at++)
        number = number * 10 + (*word->at - '0');
    if (word->at == first || number < least || number > NUMBER_MOST) return false;
    *value = number;
    return true;
}

static const char *const activations = UP_ACTIVATION_CHOICES;

// Takes one of their names, which nothing else follows.
static bool take_activation(Word *word, UpActivation *activation) {
    const char *name = activations;
    for (int a = 0; a < UP_ACTIVATIONS; a++) {
        size_t length = strcspn(name, "|");
        if (strlen(word->at) == length && strncmp(word->at, name, length) == 0) {
            *activation = (UpActivation)a;
            word->at += length;
            return true;
        }
        name += length + 1;
    }
    return false;
}

// "8s4p1" behind the channels.
static bool take_window(Word *word, UpLayer *layer) {
    return take_number(word, 1, &layer->kernel) && take(word, "s") &&
           take_number(word, 1, &layer->stride) &&
           (!take(word, "p") || take_number(word, 0, &layer->padding));
}

// What stands behind the colon of each kind.
static bool take_options(Word *word, UpLayer *layer, int64_t *back) {
    switch (layer->kind) {
    case UP_LAYER_DENSE:
    case UP_LAYER_EMBED:
    case UP_LAYER_LSTM:
    case UP_LAYER_GRU:
        return take_number(word, 1, &layer->out.channels);
    case UP_LAYER_CONV:
        return take_number(word, 1, &layer->out.channels) && take(word, "x") &&
               take_window(word, layer);
    case UP_LAYER_POOL:
        return take_window(word, layer);
    case UP_LAYER_ADD:
        return take_number(word, 1, back);
    case UP_LAYER_NORM:
    case UP_LAYER_ACTIVATE:
    case UP_LAYER_KINDS:
        break;
    }
    return true;
}

static const char expected[] =
    "it must be dense:N, conv:CxKsS or conv:CxKsSpP, pool:KsS, norm, add:K or embed:N, each with "
    "or without ,activation; lstm:N; gru:N; an activation; nature, impala or mlp:64x64,tanh";

static UpStatus take_layer(Word *word, UpLayer *layer, int64_t *back) {
    if (take_activation(word, &layer->activation)) {
        layer->kind = UP_LAYER_ACTIVATE;
        return UP_OK;
    }
    size_t length = strcspn(word->at, ":,");
    int kind = 0;
    for (; kind < UP_LAYER_KINDS; kind++) {
        const char *name = up__layer_ops[kind]->name;
        if (strlen(name) == length && length > 0 && strncmp(word->at, name, length) == 0) break;
    }
    if (kind == UP_LAYER_KINDS) return wrong(word, expected);
    layer->kind = (UpLayerKind)kind;
    word->at += length;
    if ((layer->kind != UP_LAYER_NORM && !take(word, ":")) || !take_options(word, layer, back))
        return wrong(word, expected);
    bool own = layer->kind == UP_LAYER_LSTM || layer->kind == UP_LAYER_GRU;
    if (own && *word->at) return wrong(word, "it has its own activations: write lstm:N or gru:N");
    if (take(word, ",") && !take_activation(word, &layer->activation))
        return wrong(word, "the activation is one of " UP_ACTIVATION_CHOICES);
    return *word->at == 0 ? UP_OK : wrong(word, expected);
}

static UpStatus add_word(UpNet *net, Word *word, bool bias, int *last) {
    UpLayer layer = {.from = *last, .bias = bias, .out = {1, 1, 1}};
    int64_t back = 0;
    UP_TRY(take_layer(word, &layer, &back));
    if (layer.kind == UP_LAYER_ADD && back > layer.from)
        return wrong(word, "there are not so many layers before it");
    layer.other = layer.from - (int)back; // read by `add` alone
    UpStatus status = up_net_add(net, layer);
    if (status != UP_OK) return wrong_layer(word, status);
    *last = net->layers - 1;
    return UP_OK;
}

// "mlp:64x64,tanh"
static UpStatus add_mlp(UpNet *net, Word *word, bool bias, int *last) {
    UpActivation activation = UP_IDENTITY;
    int64_t width[UP_NET_LAYERS];
    int count = 0;
    do {
        if (count == UP_NET_LAYERS || !take_number(word, 1, &width[count++]))
            return wrong(word, expected);
    } while (take(word, "x"));
    if ((take(word, ",") && !take_activation(word, &activation)) || *word->at)
        return wrong(word, "the activation is one of " UP_ACTIVATION_CHOICES);
    for (int i = 0; i < count; i++) {
        UpStatus status = up_net_add(net, (UpLayer){.kind = UP_LAYER_DENSE,
                                                    .activation = activation,
                                                    .from = *last,
                                                    .bias = bias,
                                                    .out = {width[i], 1, 1}});
        if (status != UP_OK) return wrong_layer(word, status);
        *last = net->layers - 1;
    }
    return UP_OK;
}

UpStatus up_net_parse(UpNet *net, const char *text, bool bias, int *last) {
    for (int number = 1;; number++) {
        Word word = {.number = number};
        text += strspn(text, " ");
        size_t length = strcspn(text, " ");
        if (length == 0) return UP_OK;
        snprintf(word.text, sizeof word.text, "%.*s", (int)length, text);
        word.at = word.text;
        if (length >= WORD) return wrong(&word, expected);
        text += length;
        const char *whole = NULL;
        for (size_t i = 0; i < sizeof named / sizeof *named; i++)
            if (strcmp(word.text, named[i].name) == 0) whole = named[i].text;
        if (whole)
            UP_TRY(up_net_parse(net, whole, bias, last));
        else if (take(&word, "mlp:"))
            UP_TRY(add_mlp(net, &word, bias, last));
        else
            UP_TRY(add_word(net, &word, bias, last));
    }
}

void up_layer_format(const UpNet *net, int l, char *text, size_t capacity) {
    const UpLayer *layer = &net->layer[l];
    const char *activation = activations;
    char options[WORD] = "";
    for (int a = 0; a < (int)layer->activation; a++)
        activation += strcspn(activation, "|") + 1;
    long long out = layer->out.channels, k = layer->kernel, s = layer->stride, p = layer->padding;
    switch (layer->kind) {
    case UP_LAYER_DENSE:
    case UP_LAYER_EMBED:
    case UP_LAYER_LSTM:
    case UP_LAYER_GRU:
        snprintf(options, sizeof options, ":%lld", out);
        break;
    case UP_LAYER_CONV:
        snprintf(options, sizeof options, p ? ":%lldx%llds%lldp%lld" : ":%lldx%llds%lld", out, k, s,
                 p);
        break;
    case UP_LAYER_POOL:
        snprintf(options, sizeof options, p ? ":%llds%lldp%lld" : ":%llds%lld", k, s, p);
        break;
    case UP_LAYER_ADD:
        snprintf(options, sizeof options, ":%d", layer->from - layer->other);
        break;
    case UP_LAYER_NORM:
    case UP_LAYER_ACTIVATE:
    case UP_LAYER_KINDS:
        break;
    }
    bool alone = layer->kind == UP_LAYER_ACTIVATE, active = alone || layer->activation;
    snprintf(text, capacity, "%s%s%s%.*s", up__ops(layer)->name, options,
             active && !alone ? "," : "", active ? (int)strcspn(activation, "|") : 0, activation);
}
