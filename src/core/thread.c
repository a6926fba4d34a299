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

enum {
    LINE = 64,      // bytes that cores hand to each other as one
    STACK = 4 << 20 // bytes of a worker's stack, whatever the system's default: 128 KiB with musl,
                    //   and with glibc what `ulimit -s` says; the kernels' panels need 100 KiB
};

// A thread and its share of the tasks. The first one is up_pool_run's caller.
typedef struct Member {
    _Alignas(LINE) atomic_int next; // task to hand out
    int end;
    pthread_t thread;
    UpPool *pool;
} Member;

struct UpPool {
    int threads;
    Member *member; // (threads)
    pthread_mutex_t mutex;
    pthread_cond_t wake;

    UpTaskFn task;
    void *context;
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

// The shares are the same in every call with as many tasks: what task i touches, an instance of an
// environment say, stays in one core's cache.
static void deal(UpPool *pool, int tasks) {
    for (int i = 0; i < pool->threads; i++) {
        int begin = (int)((int64_t)tasks * i / pool->threads);
        atomic_store_explicit(&pool->member[i].next, begin, memory_order_relaxed);
        pool->member[i].end = (int)((int64_t)tasks * (i + 1) / pool->threads);
    }
}

// A member's own share, then what is left of the others'.
static void run_tasks(UpPool *pool, int own) {
    for (int i = 0; i < pool->threads; i++) {
        Member *member = &pool->member[(own + i) % pool->threads];
        for (;;) {
            int task = atomic_fetch_add_explicit(&member->next, 1, memory_order_relaxed);
            if (task >= member->end) break;
            pool->task(pool->context, task);
        }
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
    Member *self = argument;
    UpPool *pool = self->pool;
    for (uint32_t seen = 0;; seen++) {
        wait_for_work(pool, seen);
        if (atomic_load_explicit(&pool->stop, memory_order_acquire)) return NULL;
        run_tasks(pool, (int)(self - pool->member));
        atomic_fetch_sub_explicit(&pool->busy, 1, memory_order_release);
    }
}

static bool start(Member *member) {
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) return false;
    bool started = pthread_attr_setstacksize(&attributes, STACK) == 0 &&
                   pthread_create(&member->thread, &attributes, worker_main, member) == 0;
    pthread_attr_destroy(&attributes);
    return started;
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
    if (!pool || !(pool->member = aligned_alloc(LINE, (size_t)threads * sizeof *pool->member))) {
        free(pool);
        return up_fail(UP_MEMORY, "out of memory for a pool of %d threads", threads);
    }
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pool->threads = 1;
    for (; pool->threads < threads; pool->threads++) {
        Member *member = &pool->member[pool->threads];
        member->pool = pool;
        if (!start(member)) {
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
    for (int i = 1; i < pool->threads; i++)
        pthread_join(pool->member[i].thread, NULL);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->mutex);
    free(pool->member);
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
    deal(pool, tasks);
    atomic_store_explicit(&pool->busy, pool->threads - 1, memory_order_relaxed);
    publish(pool);
    run_tasks(pool, 0);
    for (int spin = 0; atomic_load_explicit(&pool->busy, memory_order_acquire) > 0; spin++) {
        if (spin < SPINS)
            pause_core();
        else
            sched_yield();
    }
}

int up_cores(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    return CPU_COUNT(&set);
}
