// What the writer and the reader of tensor files must agree on.
//
//   8 bytes   length of the header, little-endian
//   header    JSON: {"__metadata__": {text: text, …}, name: {"dtype", "shape", "data_offsets"}, …},
//             padded with spaces so that the data starts at a multiple of 8
//   data      the tensors, without a gap; offsets count from its start
//
// Reference: the format section of safetensors' README.
#ifndef UP_IO_TENSORS_FORMAT_H
#define UP_IO_TENSORS_FORMAT_H

#include "uphill/tensors.h"

// Our own headers begin with these characters and eight hexadecimal digits: the CRC-32 of header
// and data, taken with eight zeros in place of the digits. No other writer puts a space before the
// colon, so a file that begins like this must have a checksum that fits, while one that another
// program wrote anew, with our metadata copied into it, is read without.
#define UP__SIGNATURE "{\"__metadata__\" :{\"crc32\":\""
enum { UP__SIGNATURE_SIZE = sizeof UP__SIGNATURE - 1, UP__CRC_DIGITS = 8 };
enum { UP__HEADER_MAX = 100000000, UP__LENGTH_SIZE = 8 };

typedef struct UpTensorTypeInfo {
    const char *name; // in the file
    size_t size;      // bytes of one number
} UpTensorTypeInfo;
enum { UP__TENSOR_TYPES = UP_U64 + 1 };
extern const UpTensorTypeInfo up__tensor_types[UP__TENSOR_TYPES];

// The checksum of a file in memory that begins with UP__SIGNATURE.
uint32_t up__tensors_crc(const uint8_t *header, size_t header_size, const uint8_t *data,
                         size_t data_size);

#endif
