// Asking what waits for another process to give up: a worker may hang.
#ifndef UPHILL_STOP_H
#define UPHILL_STOP_H

#include <signal.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

// What becomes non-zero where the program shall end, by the handler of a signal say. Whatever waits
// for another process then waits for a second more, ends that process, warns, and returns
// UP_INTERRUPTED; what saves is not cut short. NULL, the default: never. Not thread-safe: set it
// once, at the start.
void up_set_stop(const volatile sig_atomic_t *stop);
bool up_stopped(void); // whether it is non-zero

#ifdef __cplusplus
}
#endif
#endif
