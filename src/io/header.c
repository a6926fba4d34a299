#include "io/header.h"

#include <stdint.h>
#include <string.h>

static void skip_space(UpHeader *h) {
    while (h->at < h->end && (*h->at == ' ' || *h->at == '\t' || *h->at == '\n' || *h->at == '\r'))
        h->at++;
}

bool up__header_take(UpHeader *h, char c) {
    skip_space(h);
    if (h->at == h->end || *h->at != c) return false;
    h->at++;
    return true;
}

// Four hexadecimal digits; -1 where they are not.
static int32_t take_hex(UpHeader *h) {
    int32_t value = 0;
    if (h->end - h->at < 4) return -1;
    for (int i = 0; i < 4; i++) {
        char c = *h->at++;
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

// The character behind \u, which takes two of them where it lies beyond 16 bits.
static int32_t take_code(UpHeader *h) {
    int32_t code = take_hex(h);
    if (code < 0xD800 || code > 0xDFFF) return code;
    if (code > 0xDBFF || h->end - h->at < 2 || h->at[0] != '\\' || h->at[1] != 'u') return -1;
    h->at += 2;
    int32_t low = take_hex(h);
    if (low < 0xDC00 || low > 0xDFFF) return -1;
    return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
}

static char *put_utf8(char *to, int32_t code) {
    if (code < 0x80) {
        *to++ = (char)code;
        return to;
    }
    int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const int lead[] = {0, 0xC0, 0xE0, 0xF0};
    *to++ = (char)(lead[more] | code >> 6 * more);
    while (more-- > 0)
        *to++ = (char)(0x80 | (code >> 6 * more & 0x3F));
    return to;
}

// What stands behind a backslash; -1 where nothing may.
static int32_t take_escape(UpHeader *h) {
    static const char name[] = "\"\\/bfnrt", value[] = "\"\\/\b\f\n\r\t";
    if (h->at == h->end) return -1;
    char c = *h->at++;
    if (c == 'u') return take_code(h);
    const char *found = c ? strchr(name, c) : NULL;
    return found ? value[found - name] : -1;
}

UpStatus up__header_text(UpHeader *h, UpArena *arena, char **text) {
    *text = NULL;
    if (!up__header_take(h, '"')) return UP_FORMAT;
    const char *close = h->at;
    while (close < h->end && *close != '"')
        close += *close == '\\' ? 2 : 1;
    if (close >= h->end) return UP_FORMAT;
    // No escape is shorter than what it stands for.
    char *to = *text = up_arena_alloc(arena, (size_t)(close - h->at) + 1, 1);
    if (!to) return UP_MEMORY;
    while (h->at < close) {
        char c = *h->at++;
        if ((unsigned char)c < ' ') return UP_FORMAT;
        if (c != '\\') {
            *to++ = c;
            continue;
        }
        int32_t code = take_escape(h);
        if (code <= 0) return UP_FORMAT;
        to = put_utf8(to, code);
    }
    h->at = close + 1;
    return UP_OK;
}

bool up__header_size(UpHeader *h, size_t *value) {
    skip_space(h);
    const char *first = h->at;
    uint64_t number = 0;
    while (h->at < h->end && *h->at >= '0' && *h->at <= '9') {
        number = number * 10 + (uint64_t)(*h->at++ - '0');
        if (number > (uint64_t)1 << 53 || number > SIZE_MAX) return false;
    }
    *value = (size_t)number;
    return h->at > first && (*first != '0' || h->at == first + 1);
}

bool up__header_sizes(UpHeader *h, size_t *value, int most, int *count) {
    *count = 0;
    if (!up__header_take(h, '[')) return false;
    if (up__header_take(h, ']')) return true;
    do
        if (*count == most || !up__header_size(h, &value[(*count)++])) return false;
    while (up__header_take(h, ','));
    return up__header_take(h, ']');
}
