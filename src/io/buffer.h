// Bytes that grow, for writers that produce a file piece by piece. The whole then goes to
// up_file_write, so that a picture is complete or absent, like every other file.
#ifndef UP_IO_BUFFER_H
#define UP_IO_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct UpBuffer {
    unsigned char *bytes; // free() it
    size_t size, capacity;
} UpBuffer;

// False, and the buffer as it was, when memory has run out.
bool up__buffer_append(UpBuffer *buffer, const void *bytes, size_t size);

#endif
