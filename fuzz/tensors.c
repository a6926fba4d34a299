// A tensor file, and the policy in it: what `uphill weights` and up_policy_load read.
#include "fuzz.h"
#include "io/tensors_format.h"
#include "uphill/algo.h"
#include "uphill/train.h"

// Without this every change to a file of ours would end at its checksum.
static void mend_checksum(uint8_t *data, size_t size) {
    uint64_t header;
    size_t first = UP__LENGTH_SIZE + UP__SIGNATURE_SIZE;
    if (size < first + UP__CRC_DIGITS) return;
    memcpy(&header, data, sizeof header);
    if (header > size - UP__LENGTH_SIZE || header < UP__SIGNATURE_SIZE + UP__CRC_DIGITS ||
        memcmp(data + UP__LENGTH_SIZE, UP__SIGNATURE, UP__SIGNATURE_SIZE) != 0)
        return;
    const uint8_t *text = data + UP__LENGTH_SIZE;
    char digits[UP__CRC_DIGITS + 1];
    snprintf(digits, sizeof digits, "%08x",
             up__tensors_crc(text, header, text + header, size - UP__LENGTH_SIZE - header));
    memcpy(data + first, digits, UP__CRC_DIGITS);
}

// Every number is where the file's memory is: a sanitizer sees what is not.
static void touch(const UpTensorFile *file) {
    static const size_t width[UP__TENSOR_TYPES] = {4, 8, 1, 2, 4, 8, 8};
    for (int i = 0; i < file->tensors; i++) {
        const UpTensor *tensor = &file->tensor[i];
        fuzz_touch(tensor->data, (size_t)up_tensor_count(tensor) * width[tensor->type]);
        FUZZ_ASSERT(up_tensors_find(file, tensor->name) == tensor);
    }
    for (int i = 0; i < file->metas; i++)
        FUZZ_ASSERT(up_tensors_meta(file, file->meta[i].key) == file->meta[i].value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *copy = malloc(size + 1);
    FUZZ_ASSERT(copy);
    memcpy(copy, data, size);
    mend_checksum(copy, size);
    const char *path = fuzz_file(copy, size);
    free(copy);
    UpTensorFile file;
    if (up_tensors_read(path, &file) != UP_OK) {
        FUZZ_ASSERT(up_error()[0]);
        return 0;
    }
    touch(&file);
    up_tensors_free(&file);
    UpPolicy policy;
    static UpConfig config;
    if (up_policy_load(&policy, &config, path) == UP_OK) up_policy_destroy(&policy);
    return 0;
}
