#include "uphill/stop.h"

#include <stddef.h>

static const volatile sig_atomic_t *stop_flag;

void up_set_stop(const volatile sig_atomic_t *stop) {
    stop_flag = stop;
}

bool up_stopped(void) {
    return stop_flag && *stop_flag;
}
