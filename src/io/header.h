// A reader of the JSON that stands in a tensor file's header, and of no more: objects, texts, lists
// of whole numbers, in the order in which they come. It keeps nothing but the texts, so that
// libuphill-act reads tensors with libc alone, and nothing in it recurses.
#ifndef UP_IO_HEADER_H
#define UP_IO_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "uphill/arena.h"
#include "uphill/status.h"

typedef struct UpHeader {
    const char *at, *end; // what was not read yet
} UpHeader;

// Takes the next character behind white space, if it is `c`.
bool up__header_take(UpHeader *header, char c);

// Takes a text in quotes: UTF-8, escapes resolved, in `arena`. UP_FORMAT, with no message, where
// none stands here or it is damaged (a NUL byte inside counts as that); or UP_MEMORY.
UpStatus up__header_text(UpHeader *header, UpArena *arena, char **text);

// Takes a whole number from 0 to 2^53, without a sign, a fraction or an exponent.
bool up__header_size(UpHeader *header, size_t *value);

// Takes a list of up to `most` numbers.
bool up__header_sizes(UpHeader *header, size_t *value, int most, int *count);

#endif
