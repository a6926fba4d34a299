#include "uphill/gradient.h"

#include <math.h>
#include <string.h>

// Samples are cut into fixed chunks; each keeps its own sums, which are added in order.
enum { CHUNK = 64, CHUNKS_AT_ONCE = 16 };

typedef struct ChunkSums {
    UpLossSums sums;
    UpReal d_log_std[UP_DIST_ACTIONS_MAX];
} ChunkSums;

typedef struct LossTask {
    const UpLoss *loss;
    const UpBatch *batch;
    int64_t first; // sample of the first chunk
    ChunkSums chunk[CHUNKS_AT_ONCE];
} LossTask;

// dLoss/d log π(a|s) for one sample, without the policy weight.
static UpReal policy_sample(const UpLoss *loss, const UpBatch *b, int64_t i, UpReal log_prob,
                            UpLossSums *sums) {
    UpReal advantage = b->advantage[i];
    if (loss->clip == 0) {
        sums->policy -= (double)(advantage * log_prob);
        return -advantage;
    }
    UpReal clip = (UpReal)loss->clip;
    UpReal log_ratio = log_prob - b->log_prob[i];
    UpReal ratio = (UpReal)exp((double)log_ratio);
    UpReal clipped = ratio < 1 - clip ? 1 - clip : ratio > 1 + clip ? 1 + clip : ratio;
    UpReal plain = ratio * advantage, limited = clipped * advantage;
    sums->kl += (double)(ratio - 1 - log_ratio);
    sums->clipped += clipped != ratio;
    sums->policy -= (double)(plain < limited ? plain : limited);
    // Where the clipped side is the smaller one, the ratio has no influence.
    return plain <= limited ? -plain : 0;
}

// dLoss/dV for one sample, without the value weight. PPO detail 9: the larger of two squared
// errors, the second from a value that moved by at most value_clip.
static UpReal value_sample(const UpLoss *loss, const UpBatch *b, int64_t i, UpLossSums *sums) {
    UpReal error = b->new_value[i] - b->ret[i];
    if (loss->value_clip > 0) {
        UpReal limit = (UpReal)loss->value_clip, moved = b->new_value[i] - b->value[i];
        UpReal held = moved > limit ? limit : moved < -limit ? -limit : moved;
        UpReal held_error = b->value[i] + held - b->ret[i];
        if (held_error * held_error > error * error) {
            sums->value += 0.5 * (double)(held_error * held_error);
            return held == moved ? held_error : 0;
        }
    }
    sums->value += 0.5 * (double)(error * error);
    return error;
}

static void loss_chunk(void *context, int index) {
    LossTask *task = context;
    const UpLoss *loss = task->loss;
    const UpBatch *b = task->batch;
    ChunkSums *chunk = &task->chunk[index];
    chunk->sums = (UpLossSums){0};
    memset(chunk->d_log_std, 0, (size_t)b->dist->log_stds * sizeof(UpReal));
    int64_t first = task->first + (int64_t)index * CHUNK;
    int64_t last = first + CHUNK < b->B ? first + CHUNK : b->B;
    int64_t P = b->dist->params, A = b->dist->actions;
    UpDistKept kept;
    for (int64_t i = first; i < last; i++) {
        const UpReal *param = b->param + i * P;
        const float *action = b->action + i * A;
        UpReal *d_param = b->d_param + i * P, entropy;
        UpReal log_prob = up_dist_evaluate(b->dist, param, b->log_std, action, &entropy, &kept);
        UpReal d_log_prob =
            (UpReal)loss->policy_weight * policy_sample(loss, b, i, log_prob, &chunk->sums);
        chunk->sums.entropy += (double)entropy;
        memset(d_param, 0, (size_t)P * sizeof *d_param);
        up_dist_backward(b->dist, param, b->log_std, action, &kept, d_log_prob,
                         (UpReal)-loss->entropy_weight, d_param, chunk->d_log_std);
        if (b->new_value)
            b->d_value[i] = (UpReal)loss->value_weight * value_sample(loss, b, i, &chunk->sums);
    }
}

UpLossSums up_loss(const UpLoss *loss, const UpBatch *batch, UpPool *pool) {
    UpLossSums total = {0};
    LossTask task; // the chunks, 33 KiB, are each cleared when they are begun
    task.loss = loss;
    task.batch = batch;
    for (task.first = 0; task.first < batch->B; task.first += CHUNK * CHUNKS_AT_ONCE) {
        int64_t left = (batch->B - task.first + CHUNK - 1) / CHUNK;
        int chunks = left < CHUNKS_AT_ONCE ? (int)left : CHUNKS_AT_ONCE;
        up_pool_run(pool, chunks, loss_chunk, &task);
        for (int c = 0; c < chunks; c++) {
            const UpLossSums *sums = &task.chunk[c].sums;
            total.policy += sums->policy;
            total.value += sums->value;
            total.entropy += sums->entropy;
            total.kl += sums->kl;
            total.clipped += sums->clipped;
            for (int64_t a = 0; a < batch->dist->log_stds; a++)
                batch->d_log_std[a] += task.chunk[c].d_log_std[a];
        }
    }
    return total;
}
