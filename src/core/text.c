// A stream into memory.
#include "uphill/text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef struct Memory {
    char *bytes;
    size_t size, capacity;
    char **text; // where the caller wants them
    size_t *length;
} Memory;

// One byte more than is asked for, for the 0 at the end.
static bool grow(Memory *memory, size_t size) {
    if (size < memory->capacity) return true;
    size_t capacity = size + size / 2 + 256;
    char *grown = realloc(memory->bytes, capacity);
    if (!grown) return false;
    memory->bytes = grown;
    memory->capacity = capacity;
    return true;
}

static ssize_t write_memory(void *cookie, const char *bytes, size_t size) {
    Memory *memory = cookie;
    if (!grow(memory, memory->size + size)) return 0; // which the stream takes for an error
    memcpy(memory->bytes + memory->size, bytes, size);
    memory->size += size;
    return (ssize_t)size;
}

static int close_memory(void *cookie) {
    Memory *memory = cookie;
    bool whole = grow(memory, memory->size);
    if (whole) memory->bytes[memory->size] = 0;
    *memory->text = memory->bytes;
    *memory->length = memory->size;
    free(memory);
    return whole ? 0 : -1;
}

FILE *up_text_open(char **text, size_t *size) {
    static const cookie_io_functions_t functions = {.write = write_memory, .close = close_memory};
    *text = NULL;
    *size = 0;
    Memory *memory = calloc(1, sizeof *memory);
    if (memory) *memory = (Memory){.text = text, .length = size};
    FILE *stream = memory ? fopencookie(memory, "w", functions) : NULL;
    if (!stream) {
        free(memory);
        up_fail(UP_MEMORY, "out of memory for a text");
    }
    return stream;
}

UpStatus up_text_close(FILE *stream, char **text) {
    if (!stream) return UP_MEMORY;
    bool whole = fflush(stream) == 0 && !ferror(stream);
    whole &= fclose(stream) == 0;
    if (whole) return UP_OK;
    free(*text);
    *text = NULL;
    return up_fail(UP_MEMORY, "out of memory for a text");
}
