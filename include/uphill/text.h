// Text that is made in memory, and text that may be shown.
#ifndef UPHILL_TEXT_H
#define UPHILL_TEXT_H

#include <stddef.h>
#include <stdio.h>

#include "uphill/status.h"

#ifdef __cplusplus
extern "C" {
#endif

// A stream for fprintf whose text is kept in memory: open_memstream, but one that tells when memory
// ran out. NULL and a message where it cannot be made. After up_text_close, *text (with a 0 byte
// behind its `size` bytes) is the caller's to free(); after a failure it is NULL.
FILE *up_text_open(char **text, size_t *size);
UpStatus up_text_close(FILE *stream, char **text); // a NULL stream, too: up_text_open failed

// Puts a '?' for every byte that is no printable text: control characters, which a terminal would
// obey, lines' ends and tabs among them, and bytes that are not valid UTF-8. Returns `text`.
char *up_text_clean(char *text);

#ifdef __cplusplus
}
#endif
#endif
