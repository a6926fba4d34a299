#include "io/buffer.h"

#include <stdlib.h>
#include <string.h>

bool up__buffer_append(UpBuffer *buffer, const void *bytes, size_t size) {
    if (size > buffer->capacity - buffer->size) {
        size_t capacity = buffer->capacity * 2 > 4096 ? buffer->capacity * 2 : 4096;
        while (capacity - buffer->size < size)
            capacity *= 2;
        unsigned char *grown = realloc(buffer->bytes, capacity);
        if (!grown) return false;
        buffer->bytes = grown;
        buffer->capacity = capacity;
    }
    if (size > 0) memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
    return true;
}
