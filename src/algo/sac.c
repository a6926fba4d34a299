// Soft actor-critic (Haarnoja 2018): a squashed Gaussian that maximises Q and its own entropy, the
// weight of which, the temperature α, is learned so that the entropy is what is asked for.
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "algo/algo_internal.h"

#define ROW(field, type, fallback, min, max, unit, help, source, when)                             \
    { #field, type, offsetof(UpSacDef, field), fallback, min, max, NULL, unit, help, source, when }

static const UpOption rows[] = {
    ROW(tau, UP_OPTION_REAL, "0.005", 0, 1, "",
        "share of the target networks that each update renews", "Haarnoja 2018", NULL),
    ROW(temperature, UP_OPTION_REAL, "1", 1e-9, 1e6, "",
        "weight of the entropy; where it is learned, its start", "Haarnoja 2018", NULL),
    ROW(learn_temperature, UP_OPTION_BOOL, "true", 0, 1, "",
        "move the temperature so that the entropy comes to target_entropy", "Haarnoja 2018", NULL),
    ROW(target_entropy, UP_OPTION_REAL, "nan", -1e6, 1e6, "nats",
        "of the policy, in units of [-1, 1]; nan: minus the number of an action's components",
        "Haarnoja 2018", "learn_temperature=true"),
};

static const UpOptionTable options = {"sac", "soft actor-critic", rows, sizeof rows / sizeof *rows};

typedef struct Sac {
    UpReplayed memory;
    UpCritics critics;
    UpActor samples;
    UpReal *noise, *action; // (batch, A)
    UpReal *log_prob, *y;   // (batch)
    UpReal log_temperature, d_log_temperature;
    UpOptim optim; // its own
    double target_entropy;
} Sac;

static void defaults(UpConfig *c) {
    up__replayed_defaults(c);
    c->env.rescale_action = true;
    c->policy.box = UP_BOX_SQUASHED;
    c->policy.hidden = (UpSizes){2, {256, 256}};
}

static UpStatus check(const UpConfig *c) {
    return up__box_check(c, UP_BOX_SQUASHED);
}

static UpStatus prepare(UpLearner *l, const UpRollout *r) {
    const UpSacDef *def = &l->config->sac;
    Sac *s = l->own = up_arena_alloc(&l->arena, 1, sizeof *s);
    UP_TRY(up_arena_status(&l->arena));
    UP_TRY(up__replayed_prepare(l, r, &s->memory));
    UP_TRY(up__critics_prepare(l, &s->memory, 2, &s->critics));
    size_t batch = (size_t)s->memory.batch.rows, A = (size_t)r->A;
    s->noise = up_arena_alloc(&l->arena, batch * A, sizeof *s->noise);
    s->action = up_arena_alloc(&l->arena, batch * A, sizeof *s->action);
    s->log_prob = up_arena_alloc(&l->arena, batch, sizeof *s->log_prob);
    s->y = up_arena_alloc(&l->arena, batch, sizeof *s->y);
    UP_TRY(up_arena_status(&l->arena));
    s->samples = up_policy_actor(l->policy);
    s->target_entropy = isnan(def->target_entropy) ? -(double)A : def->target_entropy;
    s->log_temperature = (UpReal)log(def->temperature);
    UP_TRY(up_optim_create(&s->optim, &l->config->optim, 1, &l->arena));
    static const char *const names[] = {"temperature.first", "temperature.second",
                                        "temperature.steps"};
    up_optim_keep(&s->optim, l->keep, names);
    up__keep_block(l->keep, "temperature.log", &s->log_temperature, 1);
    return UP_OK;
}

static void act(void *user, UpSeen seen, UpRng *rng, float *action, UpReal *log_prob,
                UpReal *value) {
    UpLearner *l = user;
    Sac *s = l->own;
    s->samples.act(s->samples.user, seen, rng, action, log_prob, value);
    if (up__replayed_random(&s->memory))
        up__box_random(&l->policy->action_space, seen.obs->rows, rng, action);
}

static UpActor actor(UpLearner *l) {
    return (UpActor){.user = l, .act = act, .value = up__no_value};
}

// An action for each row of `obs`, along fresh noise, and its log π. The policy's forward pass.
static const UpReal *draw_actions(UpLearner *l, Sac *s, const UpObs *obs) {
    const UpDist *dist = &l->policy->dist;
    const UpReal *param = up_policy_forward(l->policy, up_seen(obs), UP_HEADS_POLICY).param;
    for (int64_t i = 0; i < obs->rows * dist->actions; i++)
        s->noise[i] = (UpReal)up_rng_normal(&l->shuffle);
    for (int64_t i = 0; i < obs->rows; i++)
        s->log_prob[i] =
            up_dist_pathwise(dist, param + i * dist->params, s->noise + i * dist->actions,
                             s->action + i * dist->actions);
    return param;
}

// y = r + γ^n (min Q_target(s', a') − α log π(a'|s')), a' ~ π
static void find_targets(UpLearner *l, Sac *s, UpReal temperature) {
    const UpReplayBatch *b = &s->memory.batch;
    UpCritics *c = &s->critics;
    UpObs next = up__replayed_obs(&s->memory, true);
    draw_actions(l, s, &next);
    up__critics_see(c, &next);
    up__critics_act(c, s->action);
    up__critics_least(c, c->target, l->pool);
    for (int64_t i = 0; i < b->rows; i++)
        s->y[i] = b->reward[i] + b->discount[i] * (c->least[i] - temperature * s->log_prob[i]);
}

// One step down mean α log π(a|s) − min Q(s, a), along the path to a.
static UpStatus improve_policy(UpLearner *l, Sac *s, UpReal temperature, UpUpdateStats *stats) {
    const UpDist *dist = &l->policy->dist;
    UpCritics *c = &s->critics;
    UpObs obs = up__replayed_obs(&s->memory, false);
    const UpReal *param = draw_actions(l, s, &obs);
    up__critics_act(c, s->action); // the observations are there from learning
    up__critics_least(c, c->param, l->pool);
    up__critics_gradient(c, -1 / (double)c->rows, l->pool);
    memset(l->d_param, 0, (size_t)(c->rows * dist->params) * sizeof *l->d_param);
    double loss = 0, entropy = 0;
    for (int64_t i = 0; i < c->rows; i++) {
        up_dist_pathwise_backward(dist, param + i * dist->params, s->noise + i * dist->actions,
                                  c->d_action + i * dist->actions, temperature / (UpReal)c->rows,
                                  l->d_param + i * dist->params);
        loss += (double)(temperature * s->log_prob[i] - c->least[i]);
        entropy -= (double)s->log_prob[i];
    }
    stats->policy_loss += loss / (double)c->rows;
    stats->entropy += entropy / (double)c->rows;
    up_policy_backward(l->policy, up_seen(&obs), l->d_param, NULL);
    return up__learner_step(l, s->memory.rollout, stats);
}

// One step down −log α (log π + target) on the actions of improve_policy.
static UpStatus adapt_temperature(UpLearner *l, Sac *s) {
    if (!l->config->sac.learn_temperature) return UP_OK;
    double sum = 0;
    for (int64_t i = 0; i < s->critics.rows; i++)
        sum += (double)s->log_prob[i] + s->target_entropy;
    s->d_log_temperature = (UpReal)(-sum / (double)s->critics.rows);
    double norm = up_optim_step(&s->optim, up__learner_rate(l), &s->log_temperature,
                                &s->d_log_temperature, NULL);
    return isfinite(norm) ? UP_OK
                          : up__learner_not_finite(l, s->memory.rollout, "optim.learning_rate");
}

static UpStatus update_once(UpLearner *l, Sac *s, UpUpdateStats *stats) {
    UpReplayed *m = &s->memory;
    UpReal temperature = (UpReal)exp((double)s->log_temperature);
    up_replay_draw(&m->replay, &l->shuffle, l->done, &m->batch);
    find_targets(l, s, temperature);
    UP_TRY(up__critics_learn(l, m, &s->critics, s->y, stats));
    UP_TRY(improve_policy(l, s, temperature, stats));
    UP_TRY(adapt_temperature(l, s));
    up__polyak(s->critics.size, l->config->sac.tau, s->critics.param, s->critics.target);
    up_replay_prioritise(&m->replay, &m->batch, m->error);
    stats->temperature += (double)temperature;
    return UP_OK;
}

static UpStatus update(UpLearner *l, UpRollout *r, UpUpdateStats *stats) {
    Sac *s = l->own;
    int64_t updates = up__replayed_add(&s->memory, r);
    if (updates == 0) return UP_OK;
    double *mean[] = {&stats->value_loss, &stats->q_value, &stats->policy_loss, &stats->entropy,
                      &stats->temperature};
    for (size_t i = 0; i < sizeof mean / sizeof *mean; i++)
        *mean[i] = 0;
    for (int64_t k = 0; k < updates; k++)
        UP_TRY(update_once(l, s, stats));
    for (size_t i = 0; i < sizeof mean / sizeof *mean; i++)
        *mean[i] /= (double)updates;
    return UP_OK;
}

const UpAlgo up__sac = {
    .name = "sac",
    .summary = "soft actor-critic from a replay (Haarnoja 2018)",
    .options = &options,
    .def_offset = offsetof(UpConfig, sac),
    .pathwise = true,
    .replays = true,
    .unread = UP__REPLAYED_UNREAD,
    .has_value = up__no_value_function,
    .defaults = defaults,
    .check = check,
    .minibatch = up__replayed_rows,
    .prepare = prepare,
    .actor = actor,
    .update = update,
};
