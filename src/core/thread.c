#include "uphill/thread.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdbool.h>
#include <stdlib.h>

// Workers spin for a moment before they sleep: the loop hands out work every few microseconds, and
// a wake-up through the kernel costs more than most tasks.
enum { SPINS = 2000 };

struct UpPool {
    int threads;
    pthread_t *worker; // (threads - 1)
    pthread_mutex_t mutex;
    pthread_cond_t wake;

    UpTaskFn task;
    void *context;
    int tasks;
    atomic_int next;             // next task to hand out
    atomic_int busy;             // workers that have not finished this generation
    _Atomic uint32_t generation; // counts up_pool_run calls; workers wait for it to change
    atomic_bool stop;
};

static void pause_core(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void run_tasks(UpPool *pool) {
    for (;;) {
        int task = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
        if (task >= pool->tasks) return;
        pool->task(pool->context, task);
    }
}

static void wait_for_work(UpPool *pool, uint32_t seen) {
    for (int spin = 0; spin < SPINS; spin++) {
        if (atomic_load_explicit(&pool->generation, memory_order_acquire) != seen) return;
        pause_core();
    }
    pthread_mutex_lock(&pool->mutex);
    while (atomic_load_explicit(&pool->generation, memory_order_acquire) == seen)
        pthread_cond_wait(&pool->wake, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
}

static void *worker_main(void *argument) {
    UpPool *pool = argument;
    for (uint32_t seen = 0;; seen++) {
        wait_for_work(pool, seen);
        if (atomic_load_explicit(&pool->stop, memory_order_acquire)) return NULL;
        run_tasks(pool);
        atomic_fetch_sub_explicit(&pool->busy, 1, memory_order_release);
    }
}

static void publish(UpPool *pool) {
    pthread_mutex_lock(&pool->mutex);
    atomic_fetch_add_explicit(&pool->generation, 1, memory_order_release);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
}

UpStatus up_pool_create(UpPool **out, int threads) {
    *out = NULL;
    if (threads < 1 || threads > 1024)
        return up_fail(UP_USAGE, "%d threads: between 1 and 1024 are possible", threads);
    UpPool *pool = calloc(1, sizeof *pool);
    if (!pool || !(pool->worker = calloc((size_t)threads, sizeof *pool->worker))) {
        free(pool);
        return up_fail(UP_MEMORY, "out of memory for a pool of %d threads", threads);
    }
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pool->threads = 1;
    for (; pool->threads < threads; pool->threads++) {
        if (pthread_create(&pool->worker[pool->threads - 1], NULL, worker_main, pool) != 0) {
            up_pool_destroy(pool);
            return up_fail(UP_MEMORY, "the system refused thread %d; use fewer with --threads",
                           threads);
        }
    }
    *out = pool;
    return UP_OK;
}

void up_pool_destroy(UpPool *pool) {
    if (!pool) return;
    atomic_store_explicit(&pool->stop, true, memory_order_release);
    publish(pool);
    for (int i = 0; i < pool->threads - 1; i++)
        pthread_join(pool->worker[i], NULL);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->mutex);
    free(pool->worker);
    free(pool);
}

void up_pool_run(UpPool *pool, int tasks, UpTaskFn task, void *context) {
    if (!pool || pool->threads == 1 || tasks < 2) {
        for (int i = 0; i < tasks; i++)
            task(context, i);
        return;
    }
    pool->task = task;
    pool->context = context;
    pool->tasks = tasks;
    atomic_store_explicit(&pool->next, 0, memory_order_relaxed);
    atomic_store_explicit(&pool->busy, pool->threads - 1, memory_order_relaxed);
    publish(pool);
    run_tasks(pool);
    for (int spin = 0; atomic_load_explicit(&pool->busy, memory_order_acquire) > 0; spin++) {
        if (spin < SPINS)
            pause_core();
        else
            sched_yield();
    }
}

int up_pool_threads(const UpPool *pool) {
    return pool ? pool->threads : 1;
}

int up_cores(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    return CPU_COUNT(&set);
}
