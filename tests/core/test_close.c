// A child inherits nothing that was not meant for it, with close_range and without.
#include <fcntl.h>
#include <sys/wait.h>

#include "../scratch.h"
#include "core/close.h"

enum { KEPT = 20, FIRST = 21, LAST = 900 };

static void check(void (*close_from)(int first)) {
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        const int open[] = {FIRST, FIRST + 1, 300, LAST};
        if (dup2(0, KEPT) != KEPT) _exit(2);
        for (int i = 0; i < 4; i++)
            if (dup2(0, open[i]) != open[i]) _exit(2);
        close_from(FIRST);
        for (int i = 0; i < 4; i++)
            if (fcntl(open[i], F_GETFD) >= 0) _exit(3);
        _exit(fcntl(KEPT, F_GETFD) >= 0 ? 0 : 4);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void test_close_from(void **state) {
    (void)state;
    check(up__close_from);
}

static void test_close_each(void **state) {
    (void)state;
    check(up__close_each);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_close_from),
                                       cmocka_unit_test(test_close_each)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
