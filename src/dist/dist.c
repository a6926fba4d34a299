// Distributions are lists of parts: what each kind computes of one is summed here.
#include <stddef.h>

#include "dist/dist_internal.h"

static const UpDistOps *const kinds[UP_DIST_KINDS] = {
    [UP_CATEGORICAL] = &up__categorical,
    [UP_BERNOULLI] = &up__bernoulli,
    [UP_GAUSSIAN] = &up__gaussian,
    [UP_STATE_GAUSSIAN] = &up__state_gaussian,
    [UP_SQUASHED_GAUSSIAN] = &up__squashed_gaussian,
    [UP_CERTAIN] = &up__certain,
};

const char *up_dist_name(UpDistKind kind) {
    return kinds[kind]->name;
}

static UpDistRow row_of(const UpDist *dist, int i, const UpReal *param, const UpReal *log_std) {
    const UpDistPart *part = &dist->part[i];
    return (UpDistRow){dist, part, param + part->param, log_std ? log_std + part->log_std : NULL};
}

UpReal up_dist_sample(const UpDist *dist, const UpReal *param, const UpReal *log_std, UpRng *rng,
                      float *action) {
    UpReal sum = 0;
    for (int i = 0; i < dist->parts; i++) {
        UpDistRow row = row_of(dist, i, param, log_std);
        sum += kinds[row.part->kind]->sample(&row, rng, action + row.part->action);
    }
    return sum;
}

UpReal up_dist_log_prob(const UpDist *dist, const UpReal *param, const UpReal *log_std,
                        const float *action) {
    UpReal sum = 0;
    for (int i = 0; i < dist->parts; i++) {
        UpDistRow row = row_of(dist, i, param, log_std);
        sum += kinds[row.part->kind]->evaluate(&row, action + row.part->action, NULL, NULL);
    }
    return sum;
}

UpReal up_dist_entropy(const UpDist *dist, const UpReal *param, const UpReal *log_std) {
    UpReal sum = 0;
    for (int i = 0; i < dist->parts; i++) {
        UpReal entropy;
        UpDistRow row = row_of(dist, i, param, log_std);
        kinds[row.part->kind]->evaluate(&row, NULL, &entropy, NULL);
        sum += entropy;
    }
    return sum;
}

UpReal up_dist_evaluate(const UpDist *dist, const UpReal *param, const UpReal *log_std,
                        const float *action, UpReal *entropy, UpDistKept *kept) {
    UpReal sum = 0;
    *entropy = 0;
    for (int i = 0; i < dist->parts; i++) {
        UpDistRow row = row_of(dist, i, param, log_std);
        sum += kinds[row.part->kind]->evaluate(&row, action + row.part->action, &kept->entropy[i],
                                               &kept->norm[i]);
        *entropy += kept->entropy[i];
    }
    return sum;
}

UpReal up_dist_kl(const UpDist *dist, const UpReal *p, const UpReal *p_log_std, const UpReal *q,
                  const UpReal *q_log_std) {
    UpReal sum = 0;
    for (int i = 0; i < dist->parts; i++) {
        UpDistRow from = row_of(dist, i, p, p_log_std), to = row_of(dist, i, q, q_log_std);
        sum += kinds[from.part->kind]->kl(&from, &to);
    }
    return sum;
}

void up_dist_backward(const UpDist *dist, const UpReal *param, const UpReal *log_std,
                      const float *action, const UpDistKept *kept, UpReal c_log_prob,
                      UpReal c_entropy, UpReal *d_param, UpReal *d_log_std) {
    for (int i = 0; i < dist->parts; i++) {
        UpDistRow row = row_of(dist, i, param, log_std);
        const UpDistPart *part = row.part;
        kinds[part->kind]->backward(&row, action + part->action, kept->norm[i], kept->entropy[i],
                                    c_log_prob, c_entropy, d_param + part->param,
                                    d_log_std ? d_log_std + part->log_std : NULL);
    }
}

void up_dist_fisher(const UpDist *dist, const UpReal *param, const UpReal *log_std, UpReal c,
                    UpReal *tangent) {
    for (int i = 0; i < dist->parts; i++) {
        UpDistRow row = row_of(dist, i, param, log_std);
        kinds[row.part->kind]->fisher(&row, c, tangent + row.part->param);
    }
}
