// What the reader and the writer of tensor files share, and looking into a file that was read.
#include "uphill/tensors.h"

#include <stdlib.h>
#include <string.h>

#include "io/crc.h"
#include "io/tensors_format.h"
#include "uphill/arena.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "tensor files are little-endian, and numbers are copied as they are in memory"
#endif

const UpTensorTypeInfo up__tensor_types[UP__TENSOR_TYPES] = {
    [UP_F32] = {"F32", 4}, [UP_F64] = {"F64", 8}, [UP_U8] = {"U8", 1},   [UP_U16] = {"U16", 2},
    [UP_I32] = {"I32", 4}, [UP_I64] = {"I64", 8}, [UP_U64] = {"U64", 8},
};

uint32_t up__tensors_crc(const uint8_t *header, size_t header_size, const uint8_t *data,
                         size_t data_size) {
    size_t rest = UP__SIGNATURE_SIZE + UP__CRC_DIGITS;
    uint32_t crc = up__crc32(0, header, UP__SIGNATURE_SIZE);
    crc = up__crc32(crc, "00000000", UP__CRC_DIGITS);
    crc = up__crc32(crc, header + rest, header_size - rest);
    return up__crc32(crc, data, data_size);
}

int64_t up_tensor_count(const UpTensor *tensor) {
    int64_t count = 1;
    for (int i = 0; i < tensor->dims; i++)
        count *= tensor->shape[i];
    return count;
}

void up_tensors_free(UpTensorFile *file) {
    UpArena *arena = file->memory;
    if (arena) up_arena_free(arena);
    free(arena);
    *file = (UpTensorFile){0};
}

const UpTensor *up_tensors_find(const UpTensorFile *file, const char *name) {
    for (int i = 0; i < file->tensors; i++)
        if (strcmp(file->tensor[i].name, name) == 0) return &file->tensor[i];
    return NULL;
}

const char *up_tensors_meta(const UpTensorFile *file, const char *key) {
    for (int i = 0; i < file->metas; i++)
        if (strcmp(file->meta[i].key, key) == 0) return file->meta[i].value;
    return NULL;
}
