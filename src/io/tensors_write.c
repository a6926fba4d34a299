// Writing tensors. Apart from reading them, which libuphill-act does without a JSON library.
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cjson/cJSON.h>

#include "io/tensors_format.h"
#include "uphill/file.h"

static size_t bytes_of(const UpTensor *tensor) {
    return (size_t)up_tensor_count(tensor) * up__tensor_types[tensor->type].size;
}

// Wide numbers come first in the data, so that without any gap each tensor stands at a multiple of
// its number's size: the offset of tensor `index`, or of the end for index == tensors.
static size_t data_offset(const UpTensor *tensor, int tensors, int index) {
    size_t offset = 0;
    size_t own = index < tensors ? up__tensor_types[tensor[index].type].size : 0;
    for (int i = 0; i < tensors; i++) {
        size_t size = up__tensor_types[tensor[i].type].size;
        if (size > own || (size == own && i < index)) offset += bytes_of(&tensor[i]);
    }
    return offset;
}

static UpStatus check(const UpTensor *tensor, int tensors) {
    for (int i = 0; i < tensors; i++) {
        const UpTensor *t = &tensor[i];
        if (memchr(t->name, 0, sizeof t->name) == NULL || t->name[0] == 0)
            return up_fail(UP_USAGE, "tensor %d has no name of 1 to %d characters", i,
                           UP_TENSOR_NAME - 1);
        if ((unsigned)t->type >= UP__TENSOR_TYPES || t->dims < 0 || t->dims > UP_TENSOR_DIMS)
            return up_fail(UP_USAGE, "tensor %s has an unknown type or more than %d dimensions",
                           t->name, UP_TENSOR_DIMS);
        size_t bytes = up__tensor_types[t->type].size;
        for (int d = 0; d < t->dims; d++)
            if (t->shape[d] < 0 || __builtin_mul_overflow(bytes, t->shape[d], &bytes) ||
                bytes > SIZE_MAX / 4)
                return up_fail(UP_USAGE, "tensor %s has an impossible shape", t->name);
        if (!t->data && bytes > 0) return up_fail(UP_USAGE, "tensor %s has no data", t->name);
        for (int j = 0; j < i; j++)
            if (strcmp(t->name, tensor[j].name) == 0)
                return up_fail(UP_USAGE, "two tensors are named %s", t->name);
    }
    return UP_OK;
}

// Adds `item`, or frees it. Without a key `parent` is an array.
static bool add(cJSON *parent, const char *key, cJSON *item) {
    bool added =
        key ? cJSON_AddItemToObject(parent, key, item) : cJSON_AddItemToArray(parent, item);
    if (!added) cJSON_Delete(item);
    return added;
}

static bool add_tensor(cJSON *root, const UpTensor *tensor, size_t offset) {
    cJSON *entry = cJSON_AddObjectToObject(root, tensor->name);
    if (!cJSON_AddStringToObject(entry, "dtype", up__tensor_types[tensor->type].name)) return false;
    cJSON *shape = cJSON_AddArrayToObject(entry, "shape");
    for (int d = 0; d < tensor->dims; d++)
        if (!add(shape, NULL, cJSON_CreateNumber((double)tensor->shape[d]))) return false;
    double ends[2] = {(double)offset, (double)(offset + bytes_of(tensor))};
    return shape && add(entry, "data_offsets", cJSON_CreateDoubleArray(ends, 2));
}

// The header with zeros for the checksum, as text to be freed with cJSON_free; NULL without memory.
static char *header_text(const UpTensor *tensor, int tensors, const UpMeta *meta, int metas) {
    char *text = NULL;
    cJSON *root = cJSON_CreateObject();
    cJSON *entries = cJSON_AddObjectToObject(root, "__metadata__");
    if (!cJSON_AddStringToObject(entries, "crc32", "00000000")) goto done;
    for (int i = 0; i < metas; i++)
        if (strcmp(meta[i].key, "crc32") != 0 &&
            !cJSON_AddStringToObject(entries, meta[i].key, meta[i].value))
            goto done;
    for (int i = 0; i < tensors; i++)
        if (!add_tensor(root, &tensor[i], data_offset(tensor, tensors, i))) goto done;
    text = cJSON_PrintUnformatted(root);
done:
    cJSON_Delete(root);
    return text;
}

UpStatus up_tensors_write(const char *path, const UpTensor *tensor, int tensors, const UpMeta *meta,
                          int metas) {
    UP_TRY(check(tensor, tensors));
    char *text = header_text(tensor, tensors, meta, metas);
    if (!text) return up_fail(UP_MEMORY, "out of memory while writing %s", path);

    // `text` lacks the space of the signature.
    size_t common = strlen("{\"__metadata__\""), length = strlen(text) + 1;
    size_t header_size = (length + 7) / 8 * 8, data_size = data_offset(tensor, tensors, tensors);
    size_t size = UP__LENGTH_SIZE + header_size + data_size;
    uint8_t *bytes = malloc(size + 1);
    if (!bytes) {
        cJSON_free(text);
        return up_fail(UP_MEMORY, "out of memory: %zu bytes for %s", size, path);
    }
    uint64_t written_size = header_size;
    memcpy(bytes, &written_size, UP__LENGTH_SIZE);
    char *header = (char *)bytes + UP__LENGTH_SIZE;
    memset(header, ' ', header_size);
    memcpy(header, text, common);
    memcpy(header + common + 1, text + common, length - 1 - common);
    cJSON_free(text);
    uint8_t *data = bytes + UP__LENGTH_SIZE + header_size;
    for (int i = 0; i < tensors; i++)
        if (bytes_of(&tensor[i]) > 0)
            memcpy(data + data_offset(tensor, tensors, i), tensor[i].data, bytes_of(&tensor[i]));

    char digits[UP__CRC_DIGITS + 1];
    uint32_t crc = up__tensors_crc((uint8_t *)header, header_size, data, data_size);
    snprintf(digits, sizeof digits, "%08x", crc);
    memcpy(header + UP__SIGNATURE_SIZE, digits, UP__CRC_DIGITS);
    UpStatus status = up_file_write(path, bytes, size);
    free(bytes);
    return status;
}
