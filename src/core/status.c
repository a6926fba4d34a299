#include "uphill/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "uphill/text.h"

enum { MESSAGE_MAX = 1024 };

static _Thread_local char last_message[MESSAGE_MAX];
static UpWarnFn warn_fn, output_fn;
static void *warn_user, *output_user;

const char *up_status_text(UpStatus status) {
    static const char *const text[] = {
#define UP_STATUS_TEXT(name, text) text,
        UP_STATUS_LIST(UP_STATUS_TEXT)
#undef UP_STATUS_TEXT
    };
    unsigned index = (unsigned)status;
    return index < sizeof text / sizeof *text ? text[index] : "unknown status";
}

const char *up_error(void) {
    return last_message;
}

UpStatus up_fail(UpStatus status, const char *format, ...) {
    // The arguments may include up_error() itself (a caller that adds where it happened).
    char message[MESSAGE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    snprintf(last_message, sizeof last_message, "%s", up_text_clean(message));
    return status;
}

UpStatus up_fail_in(UpStatus status, const char *where) {
    char clean[MESSAGE_MAX];
    snprintf(clean, sizeof clean, "%s", where);
    if (status == UP_OK || strstr(last_message, up_text_clean(clean))) return status;
    return up_fail(status, "%s: %s", clean, up_error());
}

void up_set_warn(UpWarnFn warn, void *user) {
    warn_fn = warn;
    warn_user = user;
}

void up_set_output(UpWarnFn output, void *user) {
    output_fn = output;
    output_user = user;
}

void up_output(const char *line) {
    if (output_fn) output_fn(output_user, line);
}

void up_warn(const char *format, ...) {
    if (!warn_fn) return;
    char message[MESSAGE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    warn_fn(warn_user, up_text_clean(message));
}
