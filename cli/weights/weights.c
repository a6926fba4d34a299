#include "weights/weights.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "uphill/tensors.h"
#include "uphill/train.h"

enum { PONG80_SIDE = 80, CHANNELS_MAX = 4 };
// Of so many units the strongest tenth is drawn twice as large.
enum { UNITS_MANY = 40, LARGE_SHARE = 10 };
static const double within = 0.999; // this share of the weights decides the scale

static void screen_of(const UpSpace *obs, int64_t stack, WeightsScreen *s) {
    const int64_t *shape = obs->shape;
    if (stack > 1) s->frames = stack;
    if (obs->kind == UP_SPACE_BOX && obs->parts == 0 && obs->dims == 2) {
        s->height = shape[0], s->width = shape[1];
    } else if (obs->kind == UP_SPACE_BOX && obs->dims == 3 && shape[2] <= CHANNELS_MAX) {
        s->height = shape[0], s->width = shape[1], s->channels = shape[2];
    } else if (obs->kind == UP_SPACE_BOX && obs->dims == 3 && shape[0] <= CHANNELS_MAX) {
        s->height = shape[1], s->width = shape[2], s->channels = shape[0];
        s->channels_first = true;
    }
}

// A checkpoint says how its observations lie. Of one that does not the environment is asked, unless
// that is code; then it is drawn as a map.
static UpStatus find_screen(const UpConfig *config, const char *path, WeightsScreen *s) {
    *s = (WeightsScreen){.frames = 1, .channels = 1};
    if (config->env.preprocess == UP_PREPROCESS_PONG80) { // needs no environment, and so no ROM
        s->height = s->width = PONG80_SIDE;
        return UP_OK;
    }
    UpPolicy policy;
    UpConfig again;
    UpEnv *env;
    if (up_policy_load(&policy, &again, path) == UP_OK) {
        screen_of(&policy.obs_space, policy.stack, s);
        up_policy_destroy(&policy);
    } else if (!up_env_is_code(config->env.id)) {
        UP_TRY(up_env_create(&env, &config->env, 1));
        screen_of(&env->spec.obs, env->spec.stack, s);
        up_env_destroy(env);
    }
    return UP_OK;
}

// Layers are counted from 1, through the trunk and then the policy's own. *tensor is NULL on
// failure.
static UpStatus find_layer(const UpTensorFile *file, const char *path, int64_t layer,
                           const UpTensor **tensor) {
    const UpTensor *chosen = NULL;
    int64_t count = 0;
    *tensor = NULL;
    for (int part = 0; part < 2; part++) {
        for (int i = 0;; i++) {
            char name[UP_TENSOR_NAME];
            snprintf(name, sizeof name, "%s.%d.weight", part == 0 ? "trunk" : "policy", i);
            const UpTensor *found = up_tensors_find(file, name);
            if (!found) break;
            if (found->type != UP_F32 || found->dims != 2)
                return up_fail(UP_FORMAT, "%s: %s is no float32 matrix", path, name);
            if (++count == layer) chosen = found;
        }
    }
    *tensor = chosen;
    if (chosen) return UP_OK;
    return up_fail(count ? UP_USAGE : UP_FORMAT,
                   "%s has %" PRId64 " layers from the observation to the action; there is no "
                   "layer %" PRId64,
                   path, count, layer);
}

static int by_size(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static UpStatus choose_limit(const UpTensor *tensor, double *limit) {
    int64_t count = up_tensor_count(tensor), finite = 0;
    const float *weight = tensor->data;
    float *size = calloc((size_t)count + 1, sizeof *size);
    if (!size) return up_fail(UP_MEMORY, "out of memory for a picture");
    for (int64_t i = 0; i < count; i++)
        if (isfinite(weight[i])) size[finite++] = fabsf(weight[i]);
    qsort(size, (size_t)finite, sizeof *size, by_size);
    *limit = finite ? size[(int64_t)ceil(within * (double)finite) - 1] : 0;
    if (!(*limit > 0)) *limit = 1;
    free(size);
    return UP_OK;
}

typedef struct Strength {
    int unit;
    double square; // of its weights' length
} Strength;

// Equal ones in the order of their numbers.
static int by_strength(const void *a, const void *b) {
    const Strength *x = a, *y = b;
    if (x->square != y->square) return x->square < y->square ? 1 : -1;
    return x->unit - y->unit;
}

static UpStatus choose_order(WeightsDrawing *d, const UpTensor *tensor) {
    int units = (int)tensor->shape[0];
    int64_t inputs = tensor->shape[1];
    const float *weight = tensor->data;
    Strength *strength = calloc((size_t)units + 1, sizeof *strength);
    d->order = calloc((size_t)units + 1, sizeof *d->order);
    if (!strength || !d->order) {
        free(strength);
        return up_fail(UP_MEMORY, "out of memory for a picture");
    }
    for (int u = 0; u < units; u++) {
        strength[u].unit = u;
        for (int64_t i = 0; i < inputs; i++) {
            double w = (double)weight[u * inputs + i];
            if (isfinite(w)) strength[u].square += w * w;
        }
    }
    qsort(strength, (size_t)units, sizeof *strength, by_strength);
    for (int u = 0; u < units; u++)
        d->order[u] = strength[u].unit;
    free(strength);
    return UP_OK;
}

// A row of weights as the screen that it reads.
static void arrange(const WeightsScreen *s, const float *weight, float *tile) {
    int64_t planes = s->frames * s->channels, area = s->height * s->width;
    for (int64_t p = 0; p < planes; p++) {
        const float *frame = weight + p / s->channels * s->channels * area;
        int64_t c = p % s->channels;
        for (int64_t y = 0; y < s->height; y++) {
            for (int64_t x = 0; x < s->width; x++) {
                int64_t pixel = y * s->width + x;
                tile[(y * planes + p) * s->width + x] =
                    frame[s->channels_first ? c * area + pixel : pixel * s->channels + c];
            }
        }
    }
}

static UpStatus fill(WeightsDrawing *d, const UpTensor *tensor, const char *path) {
    int64_t units = tensor->shape[0], inputs = tensor->shape[1];
    const WeightsScreen *s = &d->screen;
    bool tiles = d->layer == 1 && s->height > 0;
    int64_t planes = s->frames * s->channels;
    if (tiles && planes * s->height * s->width != inputs)
        return up_fail(UP_MISMATCH,
                       "%s: %" PRId64 " inputs are no screen of %" PRId64 " × %" PRId64, path,
                       inputs, s->height, s->width * planes);
    free(d->value);
    d->value = calloc((size_t)(units * inputs) + 1, sizeof *d->value);
    if (!d->value) return up_fail(UP_MEMORY, "out of memory for a picture");
    const float *weight = tensor->data;
    if (!tiles) memcpy(d->value, weight, (size_t)(units * inputs) * sizeof *d->value);
    if (tiles && !d->order) UP_TRY(choose_order(d, tensor));
    for (int64_t u = 0; tiles && u < units; u++)
        arrange(s, weight + d->order[u] * inputs, d->value + u * inputs);
    if (d->limit == 0) UP_TRY(choose_limit(tensor, &d->limit));
    int used = snprintf(d->note, sizeof d->note, "Layer %" PRId64 ": %" PRId64 " units of ",
                        d->layer, units);
    size_t room = sizeof d->note - (size_t)used;
    if (tiles && planes > 1)
        snprintf(d->note + used, room,
                 "%" PRId64 " × %" PRId64 " weights for each of %" PRId64
                 " planes, the strongest units first. ",
                 s->height, s->width, planes);
    else if (tiles)
        snprintf(d->note + used, room,
                 "%" PRId64 " × %" PRId64 " weights, the strongest units first. ", s->height,
                 s->width);
    else
        snprintf(d->note + used, room, "%" PRId64 " weights. ", inputs);
    strncat(d->note, "One scale for all; the largest 0.1 % have its end colours.",
            sizeof d->note - strlen(d->note) - 1);
    d->map = (UpHeatmap){.title = d->title,
                         .note = d->note,
                         .row_label = "unit",
                         .column_label = d->layer == 1 ? "input" : "unit of the layer before",
                         .tiles = tiles ? (int)units : 1,
                         .rows = (int)(tiles ? s->height : units),
                         .columns = (int)(tiles ? s->width * planes : inputs),
                         .value = d->value,
                         .limit = d->limit,
                         .large = units >= UNITS_MANY ? (int)units / LARGE_SHARE : 0};
    return UP_OK;
}

static UpStatus read_drawing(WeightsDrawing *d, const UpTensorFile *file, const char *path) {
    const char *text = up_tensors_meta(file, "config"),
               *steps = up_tensors_meta(file, "train.steps");
    const UpTensor *tensor;
    if (!text) return up_fail(UP_FORMAT, "%s is no checkpoint of uphill: it holds no config", path);
    if (up_config_parse(&d->config, text, path) != UP_OK) return UP_FORMAT;
    UpStatus status = find_layer(file, path, d->layer, &tensor);
    if (!tensor) return status;
    if (d->layer == 1 && !d->has_screen) UP_TRY(find_screen(&d->config, path, &d->screen));
    d->has_screen = true;
    const char *name = strrchr(path, '/');
    snprintf(d->title, sizeof d->title, "%.64s on %.128s, %s%.64s", d->config.train.algo,
             d->config.env.id, steps ? "step " : "",
             steps  ? steps
             : name ? name + 1
                    : path);
    return fill(d, tensor, path);
}

UpStatus weights_load(WeightsDrawing *d, const char *path) {
    UpTensorFile file;
    UP_TRY(up_tensors_read(path, &file));
    UpStatus status = read_drawing(d, &file, path);
    up_tensors_free(&file);
    return status;
}
