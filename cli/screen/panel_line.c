#include "screen/panel_line.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void line_start(Line *line, int width) {
    line->size = 0;
    line->columns = 0;
    line->width = width < LINE_COLUMNS ? width : LINE_COLUMNS;
    line->text[0] = 0;
}

static void append(Line *line, const char *bytes, size_t size) {
    if (size >= LINE_BYTES - line->size) return;
    memcpy(line->text + line->size, bytes, size);
    line->size += size;
    line->text[line->size] = 0;
}

// Bytes of the first `columns` characters of UTF-8 text; *used is how many there are.
static size_t cut(const char *text, int columns, int *used) {
    size_t size = 0;
    for (*used = 0; text[size]; (*used)++) {
        if (*used >= columns) break;
        size++;
        while (((unsigned char)text[size] & 0xC0) == 0x80)
            size++;
    }
    return size;
}

void line_put(Line *line, const char *style, const char *format, ...) {
    char text[LINE_BYTES], escape[16];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ') *c = ' '; // a line's end in a warning, say
    int used;
    size_t size = cut(text, line->width - line->columns, &used);
    if (size == 0) return;
    snprintf(escape, sizeof escape, "\033[%sm", style);
    append(line, escape, strlen(escape));
    append(line, text, size);
    append(line, "\033[0m", 4);
    line->columns += used;
}

void line_pad(Line *line, int column) {
    while (line->columns < column && line->columns < line->width) {
        append(line, " ", 1);
        line->columns++;
    }
}

void line_repeat(Line *line, const char *style, const char *character, int count) {
    char text[4 * LINE_COLUMNS + 1] = "";
    char *end = text;
    for (int i = 0; i < count && i < LINE_COLUMNS; i++)
        end = stpcpy(end, character);
    line_put(line, style, "%s", text);
}

void format_count(char *text, size_t size, int64_t value) {
    char digits[32];
    int length = snprintf(digits, sizeof digits, "%" PRId64, value);
    size_t used = 0;
    for (int i = 0; i < length && used + 2 < size; i++) {
        if (i > 0 && (length - i) % 3 == 0 && digits[i - 1] != '-') text[used++] = ',';
        text[used++] = digits[i];
    }
    text[used] = 0;
}

void format_duration(char *text, size_t size, double seconds) {
    if (!(seconds >= 0 && seconds < 1e9)) {
        snprintf(text, size, "–");
        return;
    }
    int64_t whole = (int64_t)(seconds + 0.5);
    if (whole < 60)
        snprintf(text, size, "%" PRId64 " s", whole);
    else if (whole < 3600)
        snprintf(text, size, "%" PRId64 " min %02" PRId64 " s", whole / 60, whole % 60);
    else
        snprintf(text, size, "%" PRId64 " h %02" PRId64 " min", whole / 3600, whole / 60 % 60);
}

void format_spark(char *text, int columns, const double *value, int count) {
    static const char *const level[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    double low = INFINITY, high = -INFINITY;
    for (int i = 0; i < count; i++) {
        low = fmin(low, value[i]);
        high = fmax(high, value[i]);
    }
    if (columns > count) columns = count;
    char *end = text;
    *end = 0;
    for (int c = 0; c < columns; c++) {
        int first = (int)((int64_t)count * c / columns);
        int last = (int)((int64_t)count * (c + 1) / columns);
        double sum = 0;
        for (int i = first; i < last; i++)
            sum += value[i];
        double part = high > low ? (sum / (last - first) - low) / (high - low) : 0;
        end = stpcpy(end, level[(int)(part * 7.999)]);
    }
}
