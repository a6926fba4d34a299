// The supervised loop. A network's output is a distribution over what the answer may be, and
// learning makes the true answers likelier:
//
//   L = mean over a minibatch of −log p(y|x)
//
// which is the policy gradient's loss with Ψ = 1 and the right answers in place of actions. Of a
// softmax over classes it is the cross-entropy; of a Gaussian with σ = 1 it is half the squared
// error, and a constant.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fit/fit.h"
#include "uphill/gradient.h"
#include "uphill/text.h"

enum { MEASURED_AT_ONCE = 1024 };

static const char *activation_name(UpActivation activation) {
    static const char *const names[] = {"identity",   "sigmoid", "tanh", "relu",
                                        "leaky_relu", "silu",    "elu"};
    return names[activation];
}

// The table's columns and target as spaces, so that a policy fits them.
static UpEnvSpec spec_of(const FitData *data) {
    UpEnvSpec spec = {.obs = up_space_box(data->inputs, -INFINITY, INFINITY),
                      .action = data->classes ? up_space_discrete(data->classes)
                                              : up_space_box(1, -INFINITY, INFINITY),
                      .obs_form = UP_OBS_F32};
    snprintf(spec.id, sizeof spec.id, "%s", "a table");
    return spec;
}

static UpStatus create_model(FitModels *all, FitModel *m, UpActivation activation) {
    UpPolicyDef def = all->config->policy;
    UpEnvSpec spec = spec_of(all->data);
    int64_t rows = all->data->set[FIT_TRAIN].rows;
    uint64_t seed = (uint64_t)all->config->train.seed;
    m->label = def.hidden.count > 0 ? activation_name(activation) : "linear";
    def.activation = activation;
    UP_TRY(up_policy_create(&m->policy, &def, &spec, false, MEASURED_AT_ONCE, seed));
    UP_TRY(up_policy_reserve(&m->policy, all->batch));
    UP_TRY(up_optim_create(&m->optim, &all->config->optim, m->policy.size, &all->arena));
    UP_TRY(up_obs_create(&m->obs, &spec, all->batch, &all->arena));
    m->order = up_arena_alloc(&all->arena, (size_t)rows, sizeof *m->order);
    m->action = up_arena_alloc(&all->arena, (size_t)all->batch, sizeof *m->action);
    m->one = up_arena_alloc(&all->arena, (size_t)all->batch, sizeof *m->one);
    m->d_param = up_arena_alloc(&all->arena, (size_t)(all->batch * m->policy.dist.params),
                                sizeof *m->d_param);
    for (int s = 0; s < FIT_SETS; s++) {
        m->loss[s] = up_arena_alloc(&all->arena, (size_t)all->epochs + 1, sizeof(double));
        m->score[s] = up_arena_alloc(&all->arena, (size_t)all->epochs + 1, sizeof(double));
    }
    UP_TRY(up_arena_status(&all->arena));
    for (int64_t i = 0; i < rows; i++)
        m->order[i] = (uint32_t)i;
    for (int64_t i = 0; i < all->batch; i++)
        m->one[i] = 1;
    up_rng_stream(&m->rng, seed, UP_STREAM_SHUFFLE, 1);
    return UP_OK;
}

// A view of a set's rows, from `first` on.
static UpObs rows_of(const FitData *data, const FitSet *set, int64_t first, int64_t rows) {
    return (UpObs){.form = UP_OBS_F32,
                   .rows = rows,
                   .dim = data->inputs,
                   .f32 = set->input + first * data->inputs};
}

// Inputs by mean and deviation of the rows to learn from, which every model keeps.
static void normalize(FitModels *all) {
    const UpObsStats *first = &all->model[0].policy.stats;
    for (int s = 0; s < FIT_SETS; s++) {
        UpObs obs = rows_of(all->data, &all->data->set[s], 0, all->data->set[s].rows);
        up_policy_observe(&all->model[0].policy, &obs, NULL, s == FIT_TRAIN);
    }
    for (int i = 1; i < all->count && first->mean; i++) {
        UpObsStats *stats = &all->model[i].policy.stats;
        size_t bytes = (size_t)all->data->inputs * sizeof(double);
        stats->count = first->count;
        memcpy(stats->mean, first->mean, bytes);
        memcpy(stats->var, first->var, bytes);
    }
}

UpStatus fit_models_create(FitModels *all, const UpConfig *config, FitData *data, int64_t epochs,
                           int64_t batch, const UpActivation *activation, int count) {
    int64_t rows = data->set[FIT_TRAIN].rows;
    *all = (FitModels){.config = config,
                       .data = data,
                       .epochs = epochs,
                       .batch = batch < rows ? batch : rows,
                       .count = count};
    all->model = up_arena_alloc(&all->arena, (size_t)count, sizeof *all->model);
    if (!all->model) return UP_MEMORY;
    for (int i = 0; i < count; i++)
        UP_TRY(create_model(all, &all->model[i], activation[i]));
    normalize(all);
    return up_pool_create(&all->pool, up_cores() < count ? up_cores() : count);
}

void fit_models_destroy(FitModels *all) {
    for (int i = 0; i < all->count && all->model; i++)
        up_policy_destroy(&all->model[i].policy);
    up_pool_destroy(all->pool);
    up_arena_free(&all->arena);
}

// One step down the gradient of the mean of −log p over `rows` rows of m->order.
static void step(const FitModels *all, FitModel *m, const uint32_t *order, int64_t rows,
                 double rate) {
    const FitSet *set = &all->data->set[FIT_TRAIN];
    int64_t D = all->data->inputs;
    m->obs.rows = rows;
    for (int64_t i = 0; i < rows; i++) {
        memcpy(m->obs.f32 + i * D, set->input + order[i] * D, (size_t)D * sizeof(float));
        m->action[i] = set->target[order[i]];
    }
    UpPolicyOut out = up_policy_forward(&m->policy, up_seen(&m->obs), UP_HEADS_ALL);
    UpReal d_log_std = 0; // σ stays
    UpBatch batch = {.B = rows,
                     .dist = &m->policy.dist,
                     .action = m->action,
                     .advantage = m->one,
                     .param = out.param,
                     .log_std = out.log_std,
                     .d_param = m->d_param,
                     .d_log_std = &d_log_std};
    up_loss(&(UpLoss){.policy_weight = 1.0 / (double)rows}, &batch, NULL);
    up_policy_backward(&m->policy, up_seen(&m->obs), m->d_param, NULL);
    up_optim_step(&m->optim, rate, m->policy.param, m->policy.grad, NULL);
}

static void learn(const FitModels *all, FitModel *m) {
    const UpOptimDef *def = &m->optim.def;
    int64_t rows = all->data->set[FIT_TRAIN].rows;
    up_rng_shuffle(&m->rng, m->order, (uint32_t)rows);
    for (int64_t i = 0; i < rows; i += all->batch) {
        double done = ((double)(all->epoch - 1) + (double)i / (double)rows) / (double)all->epochs;
        int64_t left = rows - i < all->batch ? rows - i : all->batch;
        step(all, m, m->order + i, left,
             up_schedule((UpSchedule)def->schedule, def->learning_rate, def->learning_rate_end,
                         done));
    }
}

// Cross-entropy and accuracy; or the mean squared error in the target's unit, and the share of the
// variance that it explains.
static void measure(const FitModels *all, FitModel *m, int s) {
    const FitData *data = all->data;
    const FitSet *set = &data->set[s];
    const UpDist *dist = &m->policy.dist;
    double loss = 0, right = 0;
    for (int64_t first = 0; first < set->rows; first += MEASURED_AT_ONCE) {
        int64_t left = set->rows - first;
        UpObs obs = rows_of(data, set, first, left < MEASURED_AT_ONCE ? left : MEASURED_AT_ONCE);
        const UpReal *param = up_policy_forward(&m->policy, up_seen(&obs), UP_HEADS_POLICY).param;
        for (int64_t i = 0; i < obs.rows; i++) {
            const UpReal *row = param + i * dist->params;
            const float *target = set->target + first + i;
            float best;
            up_dist_mode(dist, row, NULL, &best);
            double error = data->deviation * ((double)best - (double)*target);
            right += best == *target;
            loss +=
                data->classes ? -(double)up_dist_log_prob(dist, row, NULL, target) : error * error;
        }
    }
    m->loss[s][all->epoch] = loss / (double)set->rows;
    m->score[s][all->epoch] = data->classes       ? right / (double)set->rows
                              : set->variance > 0 ? 1 - m->loss[s][all->epoch] / set->variance
                                                  : NAN;
}

static void run_epoch(void *context, int index) {
    FitModels *all = context;
    FitModel *m = &all->model[index];
    if (all->epoch > 0) learn(all, m);
    for (int s = 0; s < FIT_SETS; s++)
        measure(all, m, s);
}

UpStatus fit_models_epoch(FitModels *all, int64_t epoch) {
    all->epoch = epoch;
    up_pool_run(all->pool, all->count, run_epoch, all);
    for (int i = 0; i < all->count; i++)
        if (!isfinite(all->model[i].loss[FIT_TRAIN][epoch]))
            return up_fail(UP_NUMERIC,
                           "%s: the loss of epoch %lld is not finite; lower optim.learning_rate",
                           all->model[i].label, (long long)epoch);
    return UP_OK;
}

// The classes' names, a line each; to be free()d.
static char *class_lines(const FitData *data) {
    char *text;
    size_t size;
    FILE *file = up_text_open(&text, &size);
    if (!file) return NULL;
    for (int k = 0; k < data->classes; k++)
        fprintf(file, "%s%s", k ? "\n" : "", data->class_name[k]);
    return up_text_close(file, &text) == UP_OK ? text : NULL;
}

UpStatus fit_model_save(const FitModel *m, const FitData *data, const char *path) {
    UpTensor tensor[UP_POLICY_TENSORS + 2];
    int tensors, metas = 1;
    UpArena arena = {0};
    char *classes = class_lines(data);
    UpMeta meta[] = {{(char *)"activation", (char *)m->label}, {(char *)"classes", classes}};
    UpStatus status = up_policy_export(&m->policy, tensor, &tensors, &arena);
    if (data->classes) {
        metas = 2;
    } else {
        UpTensor number = {.type = UP_F64, .dims = 1, .shape = {1}};
        for (int i = 0; i < 2; i++) {
            number.data = i ? &data->deviation : &data->mean;
            snprintf(number.name, sizeof number.name, "target.%s", i ? "std" : "mean");
            tensor[tensors++] = number;
        }
    }
    if (!classes) status = up_fail(UP_MEMORY, "out of memory for %s", path);
    if (status == UP_OK) status = up_tensors_write(path, tensor, tensors, meta, metas);
    free(classes);
    up_arena_free(&arena);
    return status;
}
