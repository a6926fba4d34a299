// Tensors in a file: the safetensors format (an 8-byte length, a JSON header, raw little-endian
// data). Reading it executes nothing, and PyTorch's safetensors reads and writes it too.
#ifndef UPHILL_TENSORS_H
#define UPHILL_TENSORS_H

#include <stddef.h>
#include <stdint.h>

#include "uphill/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum UpTensorType { UP_F32, UP_F64, UP_U8, UP_U16, UP_I32, UP_I64, UP_U64 } UpTensorType;
enum { UP_TENSOR_NAME = 64, UP_TENSOR_DIMS = 4 };

typedef struct UpTensor {
    char name[UP_TENSOR_NAME];
    UpTensorType type;
    int dims;
    int64_t shape[UP_TENSOR_DIMS];
    const void *data; // borrowed when writing; inside the file's memory when read
} UpTensor;

// One entry of __metadata__.
typedef struct UpMeta {
    char *key, *value;
} UpMeta;

typedef struct UpTensorFile {
    int tensors, metas;
    UpTensor *tensor;
    UpMeta *meta;
    void *memory; // everything above points into it, or is freed with it
} UpTensorFile;

// Writes atomically (uphill/file.h). The bytes depend on the arguments alone: tensors and metadata
// keep their order. A metadata entry "crc32" is added (one of the caller's is replaced); it covers
// header and data, so that a single wrong bit anywhere is noticed. Names are unique, 1 to
// UP_TENSOR_NAME - 1 bytes.
UpStatus up_tensors_write(const char *path, const UpTensor *tensor, int tensors, const UpMeta *meta,
                          int metas);

// Reads and checks every length, offset, shape and type; damage is UP_FORMAT. Files of other
// programs are read too: they carry no "crc32", or a stale one that is ignored. Data is aligned to
// 8 bytes or more. *file is the caller's to up_tensors_free on success.
UpStatus up_tensors_read(const char *path, UpTensorFile *file);
void up_tensors_free(UpTensorFile *file);

const UpTensor *up_tensors_find(const UpTensorFile *file, const char *name); // NULL if absent
const char *up_tensors_meta(const UpTensorFile *file, const char *key);      // NULL if absent
int64_t up_tensor_count(const UpTensor *tensor);                             // numbers in it

#ifdef __cplusplus
}
#endif
#endif
