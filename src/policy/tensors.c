// A policy as PyTorch's tensors, and back.
#include <stdio.h>
#include <string.h>

#include "policy/policy_internal.h"

// What a part of the network is called: its layers first … end - 1.
typedef struct Part {
    const char *name;
    int first, end;
} Part;

enum { PARTS = 1 + UP_HEAD_KINDS };

static int parts(const UpPolicy *p, Part part[PARTS]) {
    static const char *const names[UP_HEAD_KINDS] = {"policy", "value"};
    int count = 0;
    part[count++] = (Part){"trunk", 0, p->shared};
    for (int h = 0; h < UP_HEAD_KINDS; h++)
        if (p->head[h].layer >= 0)
            part[count++] = (Part){names[h], p->head[h].first, p->head[h].layer + 1};
    return count;
}

// A tensor of the network with its whole name.
typedef struct Named {
    char name[UP_TENSOR_NAME];
    UpLayerTensor tensor;
} Named;

// The number of the module of PyTorch's that a layer which remembers is in, and its layer there:
// such layers one behind the other are one module.
static void find_module(const UpPolicy *p, const Part *part, int l, int *module, int *layer) {
    *module = *layer = 0;
    for (int i = part->first; i <= l; i++) {
        UpLayerKind kind = p->net.layer[l].kind;
        bool same = p->net.layer[i].kind == kind;
        bool goes_on = same && i > part->first && p->net.layer[i - 1].kind == kind;
        *module += same && !goes_on;
        *layer = goes_on ? *layer + 1 : 0;
    }
}

// "trunk.0.weight"; "lstm.weight_ih_l0", of networks that are not shared "policy.lstm.…", and of
// further such modules "lstm2.…".
static void name_tensor(const UpPolicy *p, const Part *part, int l, int index, Named *named) {
    const UpLayer *layer = &p->net.layer[l];
    const char *name = named->tensor.name;
    int module, depth;
    char number[16] = "";
    if (!layer->memory) {
        snprintf(named->name, sizeof named->name, "%s.%d.%s", part->name, index, name);
        return;
    }
    find_module(p, part, l, &module, &depth);
    if (module > 1) snprintf(number, sizeof number, "%d", module);
    bool trunk = part->first == 0 && part->end == p->shared;
    snprintf(named->name, sizeof named->name, "%s%s%s%s.%s_l%d", trunk ? "" : part->name,
             trunk ? "" : ".", up_layer_name(layer), number, name, depth);
}

// Calls `each` with all of them, in the order of the block. An index counts a part's layers that
// have numbers and do not remember.
typedef UpStatus (*Each)(void *user, const Named *named);
static UpStatus each_tensor(const UpPolicy *p, Each each, void *user) {
    Part part[PARTS];
    int count = parts(p, part);
    for (int i = 0; i < count; i++) {
        int index = 0;
        for (int l = part[i].first; l < part[i].end; l++) {
            UpLayerTensor tensor[UP_LAYER_TENSORS];
            int tensors = up_layer_tensors(&p->net.layer[l], tensor);
            for (int t = 0; t < tensors; t++) {
                Named named = {.tensor = tensor[t]};
                name_tensor(p, &part[i], l, index, &named);
                UP_TRY(each(user, &named));
            }
            index += tensors > 0 && !p->net.layer[l].memory;
        }
    }
    return UP_OK;
}

// Where number `at` of a tensor, in PyTorch's order, stands in the block.
static size_t place_of(const UpLayerTensor *t, int64_t at) {
    int64_t place = 0;
    for (int d = UP_LAYER_DIMS - 1; d >= 0; d--) {
        place += at % t->extent[d] * t->stride[d];
        at /= t->extent[d];
    }
    return t->at + (size_t)place;
}

static int64_t count_of(const UpLayerTensor *t) {
    int64_t count = 1;
    for (int d = 0; d < UP_LAYER_DIMS; d++)
        count *= t->extent[d];
    return count;
}

// ---------------------------------------------------------------------------------------------------
// Export

typedef struct Export {
    const UpPolicy *policy;
    UpTensor *tensor;
    int *tensors;
    UpArena *arena;
} Export;

// Adds a tensor in float32; the data is the caller's to fill.
static float *add_f32(const Export *e, const char *name, int dims, const int64_t *shape) {
    UpTensor *t = &e->tensor[(*e->tensors)++];
    size_t count = 1;
    *t = (UpTensor){.type = UP_F32, .dims = dims};
    for (int d = 0; d < dims; d++)
        count *= (size_t)(t->shape[d] = shape[d]);
    snprintf(t->name, sizeof t->name, "%s", name);
    float *data = up_arena_alloc(e->arena, count, sizeof *data);
    t->data = data;
    return data;
}

static UpStatus export_tensor(void *user, const Named *named) {
    const Export *e = user;
    if (*e->tensors == UP_POLICY_TENSORS - 4) // log_std and the statistics of observations
        return up_fail(UP_UNSUPPORTED, "the network has more tensors than a checkpoint takes: %d",
                       UP_POLICY_TENSORS);
    float *data = add_f32(e, named->name, named->tensor.dims, named->tensor.shape);
    if (!data) return UP_MEMORY;
    for (int64_t i = 0; i < count_of(&named->tensor); i++)
        data[i] = (float)e->policy->param[place_of(&named->tensor, i)];
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
    Export e = {p, tensor, tensors, arena};
    *tensors = 0;
    UP_TRY(each_tensor(p, export_tensor, &e));
    if (p->dist.log_stds) {
        float *log_std = add_f32(&e, "policy.log_std", 1, &p->dist.log_stds);
        if (!log_std) return UP_MEMORY;
        for (int64_t a = 0; a < p->dist.log_stds; a++)
            log_std[a] = (float)p->param[p->log_std + (size_t)a];
    }
    return p->def.normalize_obs ? export_stats(p, tensor, tensors) : UP_OK;
}

// ---------------------------------------------------------------------------------------------------
// Import

// "(64, 4)"
static const char *shape_text(char text[96], int dims, const int64_t *shape) {
    size_t used = 0;
    for (int d = 0; d < dims && used < 96; d++)
        used +=
            (size_t)snprintf(text + used, 96 - used, "%s%lld", d ? ", " : "(", (long long)shape[d]);
    if (used < 95) strcpy(text + used, ")");
    return text;
}

static UpStatus find(const UpTensorFile *file, const char *name, UpTensorType type, int dims,
                     const int64_t *shape, const UpTensor **found) {
    *found = up_tensors_find(file, name);
    if (!*found)
        return up_fail(UP_MISMATCH,
                       "the checkpoint has no tensor %s: it holds another kind of policy", name);
    const UpTensor *t = *found;
    char there[96], here[96];
    bool same = t->type == type && t->dims == dims &&
                memcmp(t->shape, shape, (size_t)dims * sizeof *shape) == 0;
    if (same) return UP_OK;
    return up_fail(UP_MISMATCH,
                   "tensor %s is %s in the checkpoint, and this policy wants %s: it was trained on "
                   "another environment or with other [policy] options",
                   name, shape_text(there, t->dims, t->shape), shape_text(here, dims, shape));
}

typedef struct Import {
    UpPolicy *policy;
    const UpTensorFile *file;
} Import;

static UpStatus import_tensor(void *user, const Named *named) {
    const Import *i = user;
    const UpTensor *t;
    UP_TRY(find(i->file, named->name, UP_F32, named->tensor.dims, named->tensor.shape, &t));
    const float *data = t->data;
    for (int64_t n = 0; n < count_of(&named->tensor); n++)
        i->policy->param[place_of(&named->tensor, n)] = (UpReal)data[n];
    return UP_OK;
}

UpStatus up_policy_import(UpPolicy *p, const UpTensorFile *file) {
    Import i = {p, file};
    UP_TRY(each_tensor(p, import_tensor, &i));
    const UpTensor *t;
    if (p->dist.log_stds) {
        UP_TRY(find(file, "policy.log_std", UP_F32, 1, &p->dist.log_stds, &t));
        for (int64_t a = 0; a < p->dist.log_stds; a++)
            p->param[p->log_std + (size_t)a] = ((const float *)t->data)[a];
    }
    if (!p->def.normalize_obs) return UP_OK;
    int64_t D = p->obs_space.size, one = 1;
    UP_TRY(find(file, "obs.mean", UP_F64, 1, &D, &t));
    memcpy(p->stats.mean, t->data, (size_t)D * sizeof(double));
    UP_TRY(find(file, "obs.var", UP_F64, 1, &D, &t));
    memcpy(p->stats.var, t->data, (size_t)D * sizeof(double));
    UP_TRY(find(file, "obs.count", UP_F64, 1, &one, &t));
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
