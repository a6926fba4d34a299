// A policy as PyTorch's tensors, and back.
#include <stdio.h>
#include <string.h>

#include "policy/policy_internal.h"

typedef struct Net {
    const char *name;
    const UpMlp *mlp;
} Net;

static int nets(const UpPolicy *p, Net net[3]) {
    int count = 0;
    if (p->trunk.layers > 0) net[count++] = (Net){"trunk", &p->trunk};
    net[count++] = (Net){"policy", &p->head};
    if (p->has_value) net[count++] = (Net){"value", &p->critic};
    return count;
}

// Adds a tensor of `count` numbers in float32; the data is the caller's to fill.
static float *add_f32(UpTensor *tensor, int *tensors, const char *name, int dims, int64_t rows,
                      int64_t columns, UpArena *arena) {
    UpTensor *t = &tensor[(*tensors)++];
    *t = (UpTensor){.type = UP_F32, .dims = dims, .shape = {rows, columns}};
    snprintf(t->name, sizeof t->name, "%s", name);
    float *data = up_arena_alloc(arena, (size_t)(rows * (dims > 1 ? columns : 1)), sizeof *data);
    t->data = data;
    return data;
}

static UpStatus export_dense(const UpPolicy *p, const UpDense *layer, const char *name, int index,
                             UpTensor *tensor, int *tensors, UpArena *arena) {
    char key[UP_TENSOR_NAME];
    snprintf(key, sizeof key, "%s.%d.weight", name, index);
    float *weight = add_f32(tensor, tensors, key, 2, layer->out, layer->in, arena);
    if (!weight) return UP_MEMORY;
    for (int64_t i = 0; i < layer->in; i++)
        for (int64_t o = 0; o < layer->out; o++)
            weight[o * layer->in + i] =
                (float)p->param[layer->weight + (size_t)(i * layer->out + o)];
    if (!layer->has_bias) return UP_OK;
    snprintf(key, sizeof key, "%s.%d.bias", name, index);
    float *bias = add_f32(tensor, tensors, key, 1, layer->out, 0, arena);
    if (!bias) return UP_MEMORY;
    for (int64_t o = 0; o < layer->out; o++)
        bias[o] = (float)p->param[layer->bias + (size_t)o];
    return UP_OK;
}

static UpStatus export_stats(const UpPolicy *p, UpTensor *tensor, int *tensors) {
    const struct {
        const char *name;
        const double *data;
        int64_t count;
    } row[] = {{"obs.mean", p->stats.mean, p->obs_space.size},
               {"obs.var", p->stats.var, p->obs_space.size},
               {"obs.count", &p->stats.count, 1}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        UpTensor *t = &tensor[(*tensors)++];
        *t = (UpTensor){.type = UP_F64, .dims = 1, .shape = {row[i].count}, .data = row[i].data};
        snprintf(t->name, sizeof t->name, "%s", row[i].name);
    }
    return UP_OK;
}

UpStatus up_policy_export(const UpPolicy *p, UpTensor *tensor, int *tensors, UpArena *arena) {
    Net net[3];
    int count = nets(p, net);
    *tensors = 0;
    for (int n = 0; n < count; n++)
        for (int i = 0; i < net[n].mlp->layers; i++)
            UP_TRY(export_dense(p, &net[n].mlp->layer[i], net[n].name, i, tensor, tensors, arena));
    if (p->dist.kind == UP_GAUSSIAN) {
        float *log_std = add_f32(tensor, tensors, "policy.log_std", 1, p->dist.actions, 0, arena);
        if (!log_std) return UP_MEMORY;
        for (int64_t a = 0; a < p->dist.actions; a++)
            log_std[a] = (float)p->param[p->log_std + (size_t)a];
    }
    return p->def.normalize_obs ? export_stats(p, tensor, tensors) : UP_OK;
}

static UpStatus find(const UpTensorFile *file, const char *name, UpTensorType type, int dims,
                     int64_t rows, int64_t columns, const UpTensor **found) {
    *found = up_tensors_find(file, name);
    if (!*found)
        return up_fail(UP_MISMATCH,
                       "the checkpoint has no tensor %s: it holds another kind of policy", name);
    const UpTensor *t = *found;
    if (t->type != type || t->dims != dims || t->shape[0] != rows ||
        (dims > 1 && t->shape[1] != columns))
        return up_fail(UP_MISMATCH,
                       "tensor %s is (%lld, %lld) in the checkpoint, and this policy "
                       "wants (%lld, %lld): it was trained on another environment or "
                       "with other [policy] options",
                       name, (long long)t->shape[0], (long long)(t->dims > 1 ? t->shape[1] : 1),
                       (long long)rows, (long long)(dims > 1 ? columns : 1));
    return UP_OK;
}

static UpStatus import_dense(UpPolicy *p, const UpDense *layer, const char *name, int index,
                             const UpTensorFile *file) {
    char key[UP_TENSOR_NAME];
    const UpTensor *t;
    snprintf(key, sizeof key, "%s.%d.weight", name, index);
    UP_TRY(find(file, key, UP_F32, 2, layer->out, layer->in, &t));
    const float *weight = t->data;
    for (int64_t i = 0; i < layer->in; i++)
        for (int64_t o = 0; o < layer->out; o++)
            p->param[layer->weight + (size_t)(i * layer->out + o)] = weight[o * layer->in + i];
    if (!layer->has_bias) return UP_OK;
    snprintf(key, sizeof key, "%s.%d.bias", name, index);
    UP_TRY(find(file, key, UP_F32, 1, layer->out, 0, &t));
    const float *bias = t->data;
    for (int64_t o = 0; o < layer->out; o++)
        p->param[layer->bias + (size_t)o] = bias[o];
    return UP_OK;
}

UpStatus up_policy_import(UpPolicy *p, const UpTensorFile *file) {
    Net net[3];
    int count = nets(p, net);
    for (int n = 0; n < count; n++)
        for (int i = 0; i < net[n].mlp->layers; i++)
            UP_TRY(import_dense(p, &net[n].mlp->layer[i], net[n].name, i, file));
    const UpTensor *t;
    if (p->dist.kind == UP_GAUSSIAN) {
        UP_TRY(find(file, "policy.log_std", UP_F32, 1, p->dist.actions, 0, &t));
        for (int64_t a = 0; a < p->dist.actions; a++)
            p->param[p->log_std + (size_t)a] = ((const float *)t->data)[a];
    }
    if (!p->def.normalize_obs) return UP_OK;
    int64_t D = p->obs_space.size;
    UP_TRY(find(file, "obs.mean", UP_F64, 1, D, 0, &t));
    memcpy(p->stats.mean, t->data, (size_t)D * sizeof(double));
    UP_TRY(find(file, "obs.var", UP_F64, 1, D, 0, &t));
    memcpy(p->stats.var, t->data, (size_t)D * sizeof(double));
    UP_TRY(find(file, "obs.count", UP_F64, 1, 1, 0, &t));
    p->stats.count = *(const double *)t->data;
    return UP_OK;
}

UpStatus up__policy_held(const UpPolicy *p, const UpTensorFile *file) {
    int64_t numbers = 0;
    for (int i = 0; i < file->tensors; i++)
        numbers += up_tensor_count(&file->tensor[i]);
    if (p->size <= (uint64_t)numbers) return UP_OK;
    return up_fail(UP_MISMATCH, "a policy of %zu weights is asked for, and the file holds %lld",
                   p->size, (long long)numbers);
}
