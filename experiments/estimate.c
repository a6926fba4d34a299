// The variance of a gradient estimate, measured at a policy that stays as it is.
#include <math.h>
#include <string.h>

#include "experiments/ladder.h"
#include "uphill/gradient.h"

const CliRung cli_rungs[CLI_RUNGS] = {
    {.label = "total reward", .psi = UP_PSI_TOTAL},
    {.label = "to go", .psi = UP_PSI_TO_GO},
    {.label = "to go, discounted", .psi = UP_PSI_TO_GO, .discount = CLI_DISCOUNTED},
    {.label = "minus average return",
     .psi = UP_PSI_BASELINED,
     .discount = CLI_AS_VALUE,
     .baseline = UP_BASELINE_AVERAGE,
     .whole = true},
    {.label = "minus average to go",
     .psi = UP_PSI_BASELINED,
     .discount = CLI_AS_VALUE,
     .baseline = UP_BASELINE_AVERAGE},
    {.label = "minus V",
     .psi = UP_PSI_BASELINED,
     .discount = CLI_AS_VALUE,
     .baseline = UP_BASELINE_VALUE},
    {.label = "Q, λ 0.95", .psi = UP_PSI_Q, .discount = CLI_AS_VALUE, .lambda = 0.95},
    {.label = "GAE, λ 0.95", .psi = UP_PSI_ADVANTAGE, .discount = CLI_AS_VALUE, .lambda = 0.95},
    {.label = "GAE, λ 0.8", .psi = UP_PSI_ADVANTAGE, .discount = CLI_AS_VALUE, .lambda = 0.8},
    {.label = "5 steps minus V",
     .psi = UP_PSI_ADVANTAGE,
     .discount = CLI_AS_VALUE,
     .lambda = 1,
     .n_steps = 5},
    {.label = "TD residual", .psi = UP_PSI_TD, .discount = CLI_AS_VALUE},
};

UpAdvantageDef cli_rung_def(const CliRung *rung, double gamma, double discount) {
    const double gammas[] = {[CLI_PLAIN] = 1, [CLI_DISCOUNTED] = discount, [CLI_AS_VALUE] = gamma};
    return (UpAdvantageDef){.gamma = gammas[rung->discount],
                            .lambda = rung->lambda,
                            .n_steps = rung->n_steps,
                            .psi = (int)rung->psi,
                            .baseline = (int)rung->baseline};
}

typedef struct Measure {
    UpPolicy *policy;
    UpEnv *env; // one instance
    UpActor actor;
    UpRollout rollout; // one episode
    UpArena arena;
    UpReal *d_param; // (rows, P)
    int64_t rows;
    double gamma, discount;
    double average_return, average_to_go;
    double *sum; // (CLI_RUNGS, policy->size) of g
    double squares[CLI_RUNGS];
} Measure;

static UpStatus prepare(Measure *m, const UpEnvDef *env, uint64_t seed) {
    UpRolloutDef one = {.envs = 1, .steps = 1, .episodes = 1};
    UP_TRY(up_env_create(&m->env, env, 1));
    UP_TRY(up_rollout_create(&m->rollout, &one, m->gamma, m->env, seed));
    m->actor = up_policy_actor_frozen(m->policy, false);
    m->sum = up_arena_alloc(&m->arena, CLI_RUNGS * m->policy->size, sizeof *m->sum);
    return m->sum ? UP_OK : UP_MEMORY;
}

static UpStatus play(Measure *m) {
    UP_TRY(up_rollout_collect(&m->rollout, m->env, &m->actor, INT64_MAX));
    int64_t length = m->rollout.length;
    if (length <= m->rows) return UP_OK;
    m->rows = 2 * length;
    m->d_param =
        up_arena_alloc(&m->arena, (size_t)(m->rows * m->policy->dist.params), sizeof *m->d_param);
    return m->d_param ? up_policy_reserve(m->policy, m->rows) : UP_MEMORY;
}

// What the running averages come to while the policy stays as it is: the means.
static UpStatus average(Measure *m, int episodes) {
    double returns = 0, to_go = 0, steps = 0;
    for (int i = 0; i < episodes; i++) {
        UP_TRY(play(m));
        UpRollout *r = &m->rollout;
        up_advantage_returns(r, m->gamma, false, false);
        for (int64_t t = 0; t < r->length; t++)
            to_go += (double)r->ret[t];
        returns += r->episode[0].ret;
        steps += (double)r->length;
    }
    m->average_return = returns / episodes;
    m->average_to_go = to_go / steps;
    return UP_OK;
}

// Adds one episode's estimate by one rung; the forward pass of the episode stands.
static void add_estimate(Measure *m, int rung, const UpObs *obs, const UpReal *param) {
    UpPolicy *p = m->policy;
    UpRollout *r = &m->rollout;
    UpAdvantageDef def = cli_rung_def(&cli_rungs[rung], m->gamma, m->discount);
    up_advantage_psi(r, &def, cli_rungs[rung].whole ? m->average_return : m->average_to_go);
    UpBatch batch = {.B = r->length,
                     .dist = &p->dist,
                     .action = r->action,
                     .advantage = r->advantage,
                     .param = param,
                     .d_param = m->d_param};
    up_loss(&(UpLoss){.policy_weight = 1}, &batch, NULL);
    up_policy_backward(p, up_seen(obs), m->d_param, NULL);
    double *sum = m->sum + (size_t)rung * p->size, square = 0;
    for (size_t i = 0; i < p->size; i++) {
        double g = -(double)p->grad[i]; // the loss is descended
        sum[i] += g;
        square += g * g;
    }
    m->squares[rung] += square;
    memset(p->grad, 0, p->size * sizeof *p->grad);
}

static UpStatus measure(Measure *m, int episodes, CliEstimates *out) {
    UP_TRY(average(m, (episodes + 3) / 4));
    for (int i = 0; i < episodes; i++) {
        UP_TRY(play(m));
        UpObs obs = m->rollout.obs;
        obs.rows = m->rollout.length;
        const UpReal *param = up_policy_forward(m->policy, up_seen(&obs), UP_HEADS_POLICY).param;
        for (int rung = 0; rung < CLI_RUNGS; rung++)
            add_estimate(m, rung, &obs, param);
        out->ret += m->rollout.episode[0].ret / episodes;
    }
    return UP_OK;
}

static void conclude(const Measure *m, int episodes, const double *exact, CliEstimates *out) {
    for (int rung = 0; rung < CLI_RUNGS; rung++) {
        double square = 0, error = 0;
        for (size_t i = 0; i < m->policy->size; i++) {
            double mean = m->sum[(size_t)rung * m->policy->size + i] / episodes;
            square += mean * mean;
            if (exact) error += (mean - exact[i]) * (mean - exact[i]);
        }
        double variance = (m->squares[rung] - episodes * square) / (episodes - 1);
        out->variance[rung] = variance;
        out->square[rung] = square - variance / episodes;
        out->error[rung] = error;
    }
}

UpStatus cli_estimate(UpPolicy *policy, const UpEnvDef *env, double gamma, double discount,
                      int episodes, uint64_t seed, const double *exact, CliEstimates *out) {
    Measure m = {.policy = policy, .gamma = gamma, .discount = discount};
    *out = (CliEstimates){0};
    UpStatus status = prepare(&m, env, seed);
    if (status == UP_OK) status = measure(&m, episodes, out);
    if (status == UP_OK) conclude(&m, episodes, exact, out);
    up_rollout_destroy(&m.rollout);
    up_env_destroy(m.env);
    up_arena_free(&m.arena);
    return status;
}
