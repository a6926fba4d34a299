// What the fuzzers share. Each file beside this one is a target: LLVMFuzzerTestOneInput takes any
// bytes, and whatever they are, the reader that it tries answers with UP_OK or with a message.
// `./dev fuzz TARGET SECONDS` runs one under libFuzzer with the address and undefined-behaviour
// sanitizers; in every build, driver.c feeds it the inputs of fuzz/corpus/TARGET.
#ifndef UP_FUZZ_H
#define UP_FUZZ_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "uphill/status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// What must hold for every input. abort() is what libFuzzer takes for a finding.
#define FUZZ_ASSERT(condition)                                                                     \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s does not hold; the last message: %s\n", __FILE__, __LINE__, \
                    #condition, up_error());                                                       \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

// The input as a file: its path, valid until the next call. It lies in memory and has no name.
static inline const char *fuzz_file(const uint8_t *data, size_t size) {
    static int descriptor = -1;
    static char path[32];
    if (descriptor < 0) descriptor = memfd_create("fuzz", MFD_CLOEXEC);
    FUZZ_ASSERT(descriptor >= 0 && ftruncate(descriptor, 0) == 0);
    FUZZ_ASSERT(pwrite(descriptor, data, size, 0) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    return path;
}

// Reads every byte of what was handed out: a sanitizer sees those that are nobody's.
static inline void fuzz_touch(const void *bytes, size_t size) {
    static volatile uint8_t seen;
    for (size_t i = 0; i < size; i++)
        seen = ((const uint8_t *)bytes)[i];
    (void)seen;
}

// The input is taken apart from its front; what is missing at its end is 0.
typedef struct FuzzInput {
    const uint8_t *data;
    size_t size; // that is left
} FuzzInput;

static inline uint64_t fuzz_take(FuzzInput *input, size_t bytes) {
    uint64_t value = 0;
    if (bytes > input->size) bytes = input->size;
    memcpy(&value, input->data, bytes);
    input->data += bytes;
    input->size -= bytes;
    return value;
}

// Overwrites places of `bytes` as the rest of the input says: 2 bytes where, 1 how many (1 to 8),
// then those. What is right stays right elsewhere, so that readers are reached behind their first
// check.
static inline void fuzz_patch(FuzzInput *input, void *bytes, size_t size) {
    while (input->size > 3 && size > 0) {
        size_t at = (size_t)fuzz_take(input, 2) % size, count = (size_t)fuzz_take(input, 1) % 8 + 1;
        uint64_t value = fuzz_take(input, count);
        memcpy((char *)bytes + at, &value, count < size - at ? count : size - at);
    }
}

#endif
