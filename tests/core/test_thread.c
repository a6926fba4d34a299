// The pool runs each task exactly once, whatever the numbers of tasks and threads.
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

// cmocka.h needs these before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "uphill/status.h"
#include "uphill/thread.h"

enum { TASKS = 300 };

typedef struct Counters {
    int runs[TASKS]; // each written by one task alone
    int last;        // number of the last task that ran, where order is certain
    bool ordered;
} Counters;

static void count(void *context, int task) {
    Counters *c = context;
    c->runs[task]++;
    c->ordered &= task == c->last + 1;
    c->last = task;
}

static void count_once(void *context, int task) {
    ((int *)context)[task]++;
}

static void test_each_once(void **state) {
    (void)state;
    static const int sizes[] = {0, 1, 2, 3, 7, 64, TASKS};
    for (int threads = 1; threads <= 5; threads++) {
        UpPool *pool;
        assert_int_equal(up_pool_create(&pool, threads), UP_OK);
        int runs[TASKS] = {0}, rounds = 0;
        for (; rounds < 60; rounds++)
            for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
                up_pool_run(pool, sizes[s], count_once, runs);
        for (int i = 0; i < TASKS; i++) {
            int expected = 0;
            for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
                expected += i < sizes[s] ? rounds : 0;
            assert_int_equal(runs[i], expected);
        }
        up_pool_destroy(pool);
    }
}

static void test_without_pool(void **state) {
    (void)state;
    Counters c = {.last = -1, .ordered = true};
    up_pool_run(NULL, TASKS, count, &c);
    assert_true(c.ordered && c.last == TASKS - 1);
    up_pool_destroy(NULL);
}

// Tasks do run at the same time, one on each thread: each waits until all are there, and who waited
// in vain is gone before the next one comes.
enum { GUESTS_MAX = 4 };
typedef struct Meeting {
    int guests;
    atomic_int present;
    atomic_bool met;
    pthread_t thread[GUESTS_MAX];
    size_t stack[GUESTS_MAX]; // bytes
} Meeting;

static size_t own_stack(void) {
    pthread_attr_t attributes;
    size_t bytes = 0;
    assert_int_equal(pthread_getattr_np(pthread_self(), &attributes), 0);
    assert_int_equal(pthread_attr_getstacksize(&attributes, &bytes), 0);
    pthread_attr_destroy(&attributes);
    return bytes;
}

static void meet(void *context, int task) {
    Meeting *m = context;
    m->thread[task] = pthread_self();
    m->stack[task] = own_stack();
    atomic_fetch_add(&m->present, 1);
    for (int i = 0; i < 5000 && !atomic_load(&m->met); i++) {
        if (atomic_load(&m->present) == m->guests) atomic_store(&m->met, true);
        usleep(1000);
    }
    atomic_fetch_sub(&m->present, 1);
}

static void test_side_by_side(void **state) {
    (void)state;
    for (int threads = 2; threads <= GUESTS_MAX; threads++) {
        UpPool *pool;
        assert_int_equal(up_pool_create(&pool, threads), UP_OK);
        for (int round = 0; round < 3; round++) {
            Meeting m = {.guests = threads};
            if (round == 2) usleep(50000); // the workers sleep by now
            up_pool_run(pool, threads, meet, &m);
            assert_true(atomic_load(&m.met));
            for (int i = 0; i < threads; i++)
                for (int j = 0; j < i; j++)
                    assert_false(pthread_equal(m.thread[i], m.thread[j]));
        }
        up_pool_destroy(pool);
    }
}

// Work of many rounds, each of which needs the results of the one before.
// Kernels' panels lie on the stack: a worker's is large enough where the system's default is not.
static void test_stacks(void **state) {
    (void)state;
    pthread_attr_t usual, small;
    assert_int_equal(pthread_getattr_default_np(&usual), 0);
    assert_int_equal(pthread_attr_init(&small), 0);
    assert_int_equal(pthread_attr_setstacksize(&small, 128 << 10), 0);
    assert_int_equal(pthread_setattr_default_np(&small), 0);
    UpPool *pool;
    Meeting m = {.guests = 2};
    assert_int_equal(up_pool_create(&pool, 2), UP_OK);
    up_pool_run(pool, 2, meet, &m);
    up_pool_destroy(pool);
    assert_int_equal(pthread_setattr_default_np(&usual), 0);
    pthread_attr_destroy(&small);
    pthread_attr_destroy(&usual);
    assert_true(atomic_load(&m.met));
    for (int i = 0; i < 2; i++)
        assert_true(m.stack[i] >= 1 << 20);
}

static void add_neighbours(void *context, int task) {
    uint64_t(*row)[TASKS] = context;
    row[1][task] = row[0][task] * 3 + row[0][(task + 1) % TASKS];
}

static void test_rounds(void **state) {
    (void)state;
    uint64_t result[3][TASKS];
    for (int threads = 1; threads <= 3; threads++) {
        UpPool *pool;
        static uint64_t row[2][TASKS];
        assert_int_equal(up_pool_create(&pool, threads), UP_OK);
        for (int i = 0; i < TASKS; i++)
            row[0][i] = (uint64_t)i;
        for (int round = 0; round < 500; round++) {
            up_pool_run(pool, TASKS, add_neighbours, row);
            memcpy(row[0], row[1], sizeof row[0]);
        }
        memcpy(result[threads - 1], row[0], sizeof row[0]);
        up_pool_destroy(pool);
    }
    assert_memory_equal(result[0], result[1], sizeof result[0]);
    assert_memory_equal(result[0], result[2], sizeof result[0]);
}

static void test_wrong_numbers(void **state) {
    (void)state;
    UpPool *pool = (UpPool *)state;
    assert_int_equal(up_pool_create(&pool, 0), UP_USAGE);
    assert_null(pool);
    assert_int_equal(up_pool_create(&pool, 1025), UP_USAGE);
    assert_null(pool);
    assert_true(up_cores() >= 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_once),    cmocka_unit_test(test_without_pool),
        cmocka_unit_test(test_side_by_side), cmocka_unit_test(test_stacks),
        cmocka_unit_test(test_rounds),       cmocka_unit_test(test_wrong_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
