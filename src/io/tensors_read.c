// Reading tensors. Nothing that the file says is believed before it was checked, and nothing is
// handed out before everything was checked.
#include "uphill/tensors.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <cjson/cJSON.h>

#include "io/tensors_format.h"
#include "uphill/arena.h"
#include "uphill/file.h"

// A whole file in memory, cut into its parts.
typedef struct Source {
    const char *path;
    uint8_t *bytes; // the file; owned
    const char *header;
    const uint8_t *data;
    size_t header_size, data_size;
} Source;

// Where a tensor's bytes are said to be.
typedef struct Extent {
    size_t begin, end; // from the start of the data
    int tensor;
} Extent;

static UpStatus damaged(const Source *source, const char *what, const char *name) {
    return up_fail(UP_FORMAT,
                   "%s is damaged, or not a tensor file: %s%s%s; use another copy or an older "
                   "checkpoint",
                   source->path, what, name ? " " : "", name ? name : "");
}

static UpStatus split(Source *source, size_t size) {
    uint64_t header_size;
    if (size < UP__LENGTH_SIZE + 2) return damaged(source, "it is too short", NULL);
    memcpy(&header_size, source->bytes, UP__LENGTH_SIZE);
    if (header_size > UP__HEADER_MAX || header_size > size - UP__LENGTH_SIZE)
        return damaged(source, "its header is longer than the file or 100 MB", NULL);
    source->header = (const char *)source->bytes + UP__LENGTH_SIZE;
    source->header_size = (size_t)header_size;
    source->data = source->bytes + UP__LENGTH_SIZE + header_size;
    source->data_size = size - UP__LENGTH_SIZE - (size_t)header_size;
    if (source->header_size < 2 || source->header[0] != '{')
        return damaged(source, "its header is no JSON object", NULL);
    // The parser would take these for white space.
    for (size_t i = 0; i < source->header_size; i++) {
        char c = source->header[i];
        if ((unsigned char)c < ' ' && c != '\t' && c != '\n' && c != '\r')
            return damaged(source, "its header contains control characters", NULL);
    }
    return UP_OK;
}

// Only files of our own carry a checksum that covers them (see UP__SIGNATURE).
static UpStatus check_crc(const Source *source) {
    size_t common = strlen("{\"__metadata__\" ");
    if (source->header_size < common || memcmp(source->header, UP__SIGNATURE, common) != 0)
        return UP_OK;
    if (source->header_size < UP__SIGNATURE_SIZE + UP__CRC_DIGITS ||
        memcmp(source->header, UP__SIGNATURE, UP__SIGNATURE_SIZE) != 0)
        return damaged(source, "its checksum is missing", NULL);
    uint32_t crc = up__tensors_crc((const uint8_t *)source->header, source->header_size,
                                   source->data, source->data_size);
    uint32_t stored = 0;
    for (int i = 0; i < UP__CRC_DIGITS; i++) {
        const char *digits = "0123456789abcdef";
        char digit = source->header[UP__SIGNATURE_SIZE + i];
        const char *place = digit ? strchr(digits, digit) : NULL;
        if (!place) return damaged(source, "its checksum is no number", NULL);
        stored = stored << 4 | (uint32_t)(place - digits);
    }
    return crc == stored ? UP_OK : damaged(source, "its checksum is wrong", NULL);
}

static bool read_size(const cJSON *item, size_t *value) {
    double number = cJSON_GetNumberValue(item); // NAN for what is no number
    if (!(number >= 0 && number <= 9007199254740992.0) || number != (double)(size_t)number)
        return false;
    *value = (size_t)number;
    return true;
}

static UpStatus read_tensor(const Source *source, const cJSON *entry, UpTensor *tensor,
                            Extent *extent) {
    const char *name = entry->string;
    if (strlen(name) >= UP_TENSOR_NAME || name[0] == 0)
        return damaged(source, "a tensor's name is empty or too long", NULL);
    strcpy(tensor->name, name);
    const char *dtype =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "dtype")); // NULL if no text
    int type = 0;
    while (type < UP__TENSOR_TYPES && dtype && strcmp(dtype, up__tensor_types[type].name) != 0)
        type++;
    if (!dtype || type == UP__TENSOR_TYPES)
        return damaged(source, "the type (dtype) is missing or not supported of", name);
    tensor->type = (UpTensorType)type;

    const cJSON *shape = cJSON_GetObjectItemCaseSensitive(entry, "shape"), *length;
    if (!cJSON_IsArray(shape) || cJSON_GetArraySize(shape) > UP_TENSOR_DIMS)
        return damaged(source, "the shape is missing or has too many dimensions of", name);
    size_t bytes = up__tensor_types[type].size, value;
    cJSON_ArrayForEach(length, shape) {
        if (!read_size(length, &value) || __builtin_mul_overflow(bytes, value, &bytes))
            return damaged(source, "the shape is impossible of", name);
        tensor->shape[tensor->dims++] = (int64_t)value;
    }

    const cJSON *offsets = cJSON_GetObjectItemCaseSensitive(entry, "data_offsets");
    if (!cJSON_IsArray(offsets) || cJSON_GetArraySize(offsets) != 2 ||
        !read_size(cJSON_GetArrayItem(offsets, 0), &extent->begin) ||
        !read_size(cJSON_GetArrayItem(offsets, 1), &extent->end) || extent->begin > extent->end ||
        extent->end > source->data_size || extent->end - extent->begin != bytes)
        return damaged(source, "the place in the file (data_offsets) is impossible of", name);
    return UP_OK;
}

static int by_place(const void *a, const void *b) {
    const Extent *x = a, *y = b;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    if (x->end != y->end) return x->end < y->end ? -1 : 1;
    return 0;
}

// The tensors must fill the data exactly: no gap, no overlap, nothing behind the last.
static UpStatus check_extents(const Source *source, Extent *extent, int tensors) {
    size_t end = 0;
    qsort(extent, (size_t)tensors, sizeof *extent, by_place);
    for (int i = 0; i < tensors; i++) {
        if (extent[i].begin != end)
            return damaged(source, "its tensors overlap or leave a gap", NULL);
        end = extent[i].end;
    }
    return end == source->data_size
               ? UP_OK
               : damaged(source, "there is more or less data than its tensors need", NULL);
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static UpStatus check_names(const Source *source, const cJSON *root, int count, UpArena *arena) {
    char **name = up_arena_alloc(arena, (size_t)count, sizeof *name);
    if (!name) return UP_MEMORY;
    const cJSON *entry;
    int filled = 0;
    cJSON_ArrayForEach(entry, root) name[filled++] = entry->string;
    qsort(name, (size_t)count, sizeof *name, by_name);
    for (int i = 1; i < count; i++)
        if (strcmp(name[i - 1], name[i]) == 0)
            return damaged(source, "two entries are named", name[i]);
    return UP_OK;
}

static char *copy_text(UpArena *arena, const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = up_arena_alloc(arena, size, 1);
    return copy ? memcpy(copy, text, size) : NULL;
}

static UpStatus read_metadata(const Source *source, const cJSON *object, UpTensorFile *file) {
    if (!cJSON_IsObject(object)) return damaged(source, "its __metadata__ is no object", NULL);
    int count = cJSON_GetArraySize(object);
    UP_TRY(check_names(source, object, count, file->memory));
    file->meta = up_arena_alloc(file->memory, (size_t)count, sizeof *file->meta);
    if (!file->meta) return UP_MEMORY;
    const cJSON *entry;
    cJSON_ArrayForEach(entry, object) {
        if (!cJSON_IsString(entry))
            return damaged(source, "its __metadata__ has no text for", entry->string);
        UpMeta *meta = &file->meta[file->metas];
        meta->key = copy_text(file->memory, entry->string);
        meta->value = copy_text(file->memory, entry->valuestring);
        if (!meta->key || !meta->value) return UP_MEMORY;
        file->metas++;
    }
    return UP_OK;
}

// Other programs may leave numbers at odd addresses; each tensor gets an aligned place of its own.
static UpStatus copy_data(const Source *source, const Extent *extent, UpTensorFile *file) {
    for (int i = 0; i < file->tensors; i++) {
        size_t size = extent[i].end - extent[i].begin;
        void *data = up_arena_alloc(file->memory, size, 1);
        if (!data) return UP_MEMORY;
        memcpy(data, source->data + extent[i].begin, size);
        file->tensor[extent[i].tensor].data = data;
    }
    return UP_OK;
}

static UpStatus read_header(const Source *source, const cJSON *root, UpTensorFile *file) {
    int count = cJSON_GetArraySize(root);
    UP_TRY(check_names(source, root, count, file->memory));
    file->tensor = up_arena_alloc(file->memory, (size_t)count, sizeof *file->tensor);
    Extent *extent = up_arena_alloc(file->memory, (size_t)count, sizeof *extent);
    if (!file->tensor || !extent) return UP_MEMORY;
    const cJSON *entry;
    cJSON_ArrayForEach(entry, root) {
        if (strcmp(entry->string, "__metadata__") == 0) {
            UP_TRY(read_metadata(source, entry, file));
            continue;
        }
        int i = file->tensors;
        UP_TRY(read_tensor(source, entry, &file->tensor[i], &extent[i]));
        extent[i].tensor = i;
        file->tensors++;
    }
    UP_TRY(check_extents(source, extent, file->tensors));
    return copy_data(source, extent, file);
}

static UpStatus read_source(const Source *source, UpTensorFile *file) {
    const char *end = NULL;
    cJSON *root = cJSON_ParseWithLengthOpts(source->header, source->header_size, &end, false);
    UpStatus status = UP_OK;
    if (!cJSON_IsObject(root)) status = damaged(source, "its header is no JSON object", NULL);
    for (; status == UP_OK && end < source->header + source->header_size; end++)
        if (*end != ' ') status = damaged(source, "its header has more than one part", NULL);
    if (status == UP_OK) status = read_header(source, root, file);
    cJSON_Delete(root);
    return status;
}

UpStatus up_tensors_read(const char *path, UpTensorFile *file) {
    *file = (UpTensorFile){0};
    Source source = {.path = path};
    void *bytes;
    size_t size;
    UP_TRY(up_file_read(path, &bytes, &size));
    source.bytes = bytes;
    file->memory = calloc(1, sizeof(UpArena));
    UpStatus status = file->memory ? UP_OK : up_fail(UP_MEMORY, "out of memory");
    if (status == UP_OK) status = split(&source, size);
    if (status == UP_OK) status = check_crc(&source);
    if (status == UP_OK) status = read_source(&source, file);
    free(bytes);
    if (status != UP_OK) up_tensors_free(file);
    return status;
}
