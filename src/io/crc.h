// The two 32-bit checksums of the files we write: CRC-32 (ISO-HDLC, as in zlib and PNG) guards
// checkpoints, CRC-32C (Castagnoli, as in iSCSI) is what TensorBoard's records carry.
#ifndef UP_IO_CRC_H
#define UP_IO_CRC_H

#include <stddef.h>
#include <stdint.h>

// Goes on from `crc` (0 at the start), so that pieces can be added one after another.
uint32_t up__crc32(uint32_t crc, const void *bytes, size_t size);
uint32_t up__crc32c(uint32_t crc, const void *bytes, size_t size);

#endif
