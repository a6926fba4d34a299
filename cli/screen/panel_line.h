// A line of the panel under construction: it never grows beyond the terminal's width, however many
// bytes its characters and colours take.
#ifndef UP_CLI_PANEL_LINE_H
#define UP_CLI_PANEL_LINE_H

#include <stdint.h>
#include <stddef.h>

enum { LINE_COLUMNS = 240, LINE_BYTES = LINE_COLUMNS * 8 };

// SGR parameters (ECMA-48, 8.3.117).
#define STYLE_PLAIN "0"
#define STYLE_BOLD "1"
#define STYLE_DIM "2"
#define STYLE_GOOD "32"
#define STYLE_WARN "33"
#define STYLE_ACCENT "36"

typedef struct Line {
    char text[LINE_BYTES];
    size_t size;
    int columns, width; // used, available
} Line;

void line_start(Line *line, int width); // width up to LINE_COLUMNS
void line_put(Line *line, const char *style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void line_pad(Line *line, int column); // spaces up to `column`
void line_repeat(Line *line, const char *style, const char *character, int count);

// "1,234,567"
void format_count(char *text, size_t size, int64_t value);
// "42 s", "3 min 05 s", "2 h 07 min"
void format_duration(char *text, size_t size, double seconds);

// A curve in `columns` characters from ▁ to █, each the mean of its share of value (count); `text`
// holds 3 bytes for each and a 0.
void format_spark(char *text, int columns, const double *value, int count);

#endif
