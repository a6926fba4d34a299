#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "uphill/text.h"

void cli_print(const char *format, ...) {
    char text[4096];
    // The format's own line end is the last byte; one that came with an argument is cleaned.
    size_t length = strlen(format);
    bool ends = length > 0 && format[length - 1] == '\n';
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    length = strlen(text);
    if (ends && length > 0 && text[length - 1] == '\n') text[length - 1] = 0;
    fputs(up_text_clean(text), stdout);
    if (ends) putchar('\n');
}
