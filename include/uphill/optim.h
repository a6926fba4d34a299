// Optimisers over one flat block, with clipping by the global norm and step-size schedules.
// Formulas are PyTorch's (torch.optim.SGD, RMSprop, Adam), so that recorded traces can be compared.
#ifndef UPHILL_OPTIM_H
#define UPHILL_OPTIM_H

#include <stddef.h>
#include <stdint.h>

#include "uphill/arena.h"
#include "uphill/keep.h"
#include "uphill/option.h"
#include "uphill/real.h"
#include "uphill/status.h"
#include "uphill/thread.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum UpOptimKind { UP_SGD, UP_RMSPROP, UP_ADAM } UpOptimKind;
typedef enum UpSchedule { UP_CONSTANT, UP_LINEAR, UP_COSINE } UpSchedule;
#define UP_SCHEDULE_CHOICES "constant|linear|cosine"

// [optim]
typedef struct UpOptimDef {
    int kind; // UpOptimKind
    double learning_rate;
    int schedule;             // UpSchedule of the learning rate
    double learning_rate_end; // where linear and cosine arrive at the end of training
    double momentum;          // SGD
    double decay;             // RMSProp: weight of the old mean square
    double beta1, beta2;      // Adam
    double epsilon;           // RMSProp, Adam
    double max_grad_norm;     // global L2 clip; 0: none
} UpOptimDef;

extern const UpOptionTable up_optim_options;
UpOptimDef up_optim_def_default(void);

// `done` in [0, 1] is the share of training that is over.
double up_schedule(UpSchedule schedule, double start, double end, double done);

typedef struct UpOptim {
    UpOptimDef def;
    size_t size;    // numbers in the block
    UpReal *first;  // (size) momentum (SGD) or first moment (Adam); NULL if unused
    UpReal *second; // (size) mean square (RMSProp) or second moment (Adam); NULL if unused
    int64_t steps;  // steps taken, for Adam's bias correction
} UpOptim;

UpStatus up_optim_create(UpOptim *optim, const UpOptimDef *def, size_t size, UpArena *arena);
// What must last of it, under the names of `first`, `second` and `steps`.
void up_optim_keep(UpOptim *optim, UpKeep *keep, const char *const name[3]);

// One step down the gradient: clips grad to max_grad_norm, updates param, sets grad to zero for the
// next accumulation. Returns the norm before clipping; where that is not finite, nothing is changed
// but grad, and the caller reports it.
double up_optim_step(UpOptim *optim, double learning_rate, UpReal *param, UpReal *grad,
                     UpPool *pool);

#ifdef __cplusplus
}
#endif
#endif
