// A pool of threads that runs numbered tasks. Which thread runs a task is never visible in a
// result: tasks write to disjoint places, and sums run over fixed chunks in a fixed order.
#ifndef UPHILL_THREAD_H
#define UPHILL_THREAD_H

#include "uphill/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct UpPool UpPool;
typedef void (*UpTaskFn)(void *context, int task);

// A pool of `threads` threads, the caller's included (1: no thread is started). *pool is the
// caller's to destroy on success and NULL on failure.
UpStatus up_pool_create(UpPool **pool, int threads);
void up_pool_destroy(UpPool *pool); // NULL is fine

// Runs task(context, 0 … tasks-1) and returns when all are done. A NULL pool runs them in order on
// the calling thread. Not reentrant: a task must not call it with the same pool.
void up_pool_run(UpPool *pool, int tasks, UpTaskFn task, void *context);

int up_cores(void); // cores this process may run on

#ifdef __cplusplus
}
#endif
#endif
