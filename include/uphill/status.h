// Status codes and messages. Every function that can fail returns an UpStatus; the message that
// says what went wrong, where, and what to do is kept per thread and read with up_error(). The
// library never prints, exits or aborts.
#ifndef UPHILL_STATUS_H
#define UPHILL_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

// One list makes the enum and the names.
#define UP_STATUS_LIST(X)                                                                          \
    X(OK, "ok")                                                                                    \
    X(USAGE, "wrong use")                /* an argument, option or value that cannot be right */   \
    X(UNKNOWN, "unknown name")           /* an environment, algorithm or recipe */                 \
    X(NOT_FOUND, "not found")            /* a file, package or ROM */                              \
    X(IO, "input or output failed")      /* permission, full disk, broken pipe */                  \
    X(FORMAT, "damaged or foreign file") /* what was read is not what it says it is */             \
    X(MISMATCH, "does not fit")          /* a checkpoint for another environment, say */           \
    X(MEMORY, "out of memory")                                                                     \
    X(NUMERIC, "not finite")             /* NaN or infinity in an observation, reward or loss */   \
    X(ENVIRONMENT, "environment failed") /* a worker that crashed, hung or raised */               \
    X(UNSUPPORTED, "not supported here") /* an optional component that was not built */            \
    X(INTERRUPTED, "interrupted")

typedef enum UpStatus {
#define UP_STATUS_ENUM(name, text) UP_##name,
    UP_STATUS_LIST(UP_STATUS_ENUM)
#undef UP_STATUS_ENUM
} UpStatus;

// A short name for a status, never NULL.
const char *up_status_text(UpStatus status);

// The message of the calling thread's last failure; "" before the first. Valid until the next
// failure.
const char *up_error(void);

// Records a message for up_error() and returns `status`: `return up_fail(UP_IO, "…", …);`. It is
// one line that may be shown: what a terminal would obey (uphill/text.h) becomes '?'.
UpStatus up_fail(UpStatus status, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Returns a failure's `status`, with `where`, a file's name say, in front of its message unless
// that names it already.
UpStatus up_fail_in(UpStatus status, const char *where);

// Hands a failure on to the caller.
#define UP_TRY(expression)                                                                         \
    do {                                                                                           \
        UpStatus up_status_ = (expression);                                                        \
        if (up_status_ != UP_OK) return up_status_;                                                \
    } while (0)

// Warnings (a worker that was restarted, more threads than cores) go to a function of the host's.
// The default drops them. Not thread-safe: set it once, at the start.
typedef void (*UpWarnFn)(void *user, const char *message);
void up_set_warn(UpWarnFn warn, void *user);
void up_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

// What an environment's own process prints, line by line, goes to another one. The default drops
// it.
void up_set_output(UpWarnFn output, void *user);
void up_output(const char *line);

#ifdef __cplusplus
}
#endif
#endif
