// What was found, and how it is handed over.
#include <stdarg.h>
#include <stdio.h>

#include "check/internal.h"

void up__check_fault(UpCheckNotes *notes, UpCheckRule rule, const char *format, ...) {
    if (notes->fault[rule][0]) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(notes->fault[rule], UP__CHECK_TEXT, format, arguments);
    va_end(arguments);
}

bool up__check_broken(const UpCheckNotes *notes, UpCheckRule rule) {
    return notes->fault[rule][0] != 0;
}

void up__check_call(UpCheckNotes *notes, const char *name) {
    notes->call = name;
    notes->calls++;
}

void up__check_report(const UpCheckNotes *notes, UpCheckFn report, void *user) {
    UpCheckFinding finding[UP__CHECK_COUNT] = {
#define UP__CHECK_ROW(name, title, advice) {title, NULL, advice, NULL, false},
        UP__CHECK_RULES(UP__CHECK_ROW)
#undef UP__CHECK_ROW
    };
    UpCheckReport all = {.title = notes->title,
                         .instances = UP__CHECK_N,
                         .steps = notes->steps,
                         .fails_at = notes->fails_at,
                         .rules = UP__CHECK_COUNT,
                         .finding = finding};
    for (int i = 0; i < UP__CHECK_COUNT; i++) {
        finding[i].fault = notes->fault[i];
        finding[i].note = notes->note[i];
        finding[i].checked = notes->checked[i] || notes->fault[i][0];
        all.faults += notes->fault[i][0] != 0;
        all.unchecked += !finding[i].checked;
    }
    report(user, &all);
}
