// Reading tensors. Nothing that the file says is believed before it was checked, and nothing is
// handed out before everything was checked.
#include "uphill/tensors.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "io/header.h"
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

// A list that grows in the arena.
typedef struct List {
    void *element;
    size_t size;
    int count, room;
} List;

// Place for one more element, zeroed; NULL without memory.
static void *list_add(List *list, UpArena *arena) {
    if (list->count == list->room) {
        int room = list->room ? 2 * list->room : 16;
        void *element = up_arena_alloc(arena, (size_t)room, list->size);
        if (!element) return NULL;
        if (list->count > 0) memcpy(element, list->element, (size_t)list->count * list->size);
        list->element = element;
        list->room = room;
    }
    return (char *)list->element + (size_t)list->count++ * list->size;
}

static UpStatus read_type(const Source *source, const char *name, UpHeader *header, UpArena *arena,
                          UpTensor *tensor) {
    char *dtype;
    UpStatus status = up__header_text(header, arena, &dtype);
    if (status == UP_MEMORY) return status;
    int type = 0;
    while (status == UP_OK && type < UP__TENSOR_TYPES &&
           strcmp(dtype, up__tensor_types[type].name) != 0)
        type++;
    if (status != UP_OK || type == UP__TENSOR_TYPES)
        return damaged(source, "the type (dtype) is missing or not supported of", name);
    tensor->type = (UpTensorType)type;
    return UP_OK;
}

// The three members of a tensor's entry, in any order.
static UpStatus read_members(const Source *source, const char *name, UpHeader *header,
                             UpArena *arena, UpTensor *tensor, size_t shape[UP_TENSOR_DIMS],
                             size_t place[2]) {
    enum { TYPE = 1, SHAPE = 2, PLACE = 4, ALL = 7 };
    unsigned seen = 0;
    int count;
    if (!up__header_take(header, '{'))
        return damaged(source, "its header has something other than an object for", name);
    do {
        char *key;
        UpStatus status = up__header_text(header, arena, &key);
        if (status == UP_MEMORY) return status;
        if (status != UP_OK || !up__header_take(header, ':')) break;
        unsigned member = strcmp(key, "dtype") == 0          ? TYPE
                          : strcmp(key, "shape") == 0        ? SHAPE
                          : strcmp(key, "data_offsets") == 0 ? PLACE
                                                             : 0;
        if (member == 0 || seen & member) break;
        seen |= member;
        if (member == TYPE) UP_TRY(read_type(source, name, header, arena, tensor));
        if (member == SHAPE && !up__header_sizes(header, shape, UP_TENSOR_DIMS, &tensor->dims))
            return damaged(source, "the shape is missing or has too many dimensions of", name);
        if (member == PLACE && (!up__header_sizes(header, place, 2, &count) || count != 2))
            return damaged(source, "the place in the file (data_offsets) is impossible of", name);
    } while (up__header_take(header, ','));
    if (seen != ALL || !up__header_take(header, '}'))
        return damaged(source, "it does not say dtype, shape and data_offsets, once each, of",
                       name);
    return UP_OK;
}

static UpStatus read_tensor(const Source *source, const char *name, UpHeader *header,
                            UpArena *arena, UpTensor *tensor, Extent *extent) {
    size_t shape[UP_TENSOR_DIMS] = {0}, place[2] = {0};
    if (strlen(name) >= UP_TENSOR_NAME || name[0] == 0)
        return damaged(source, "a tensor's name is empty or too long", NULL);
    strcpy(tensor->name, name);
    UP_TRY(read_members(source, name, header, arena, tensor, shape, place));
    size_t bytes = up__tensor_types[tensor->type].size;
    for (int d = 0; d < tensor->dims; d++) {
        if (__builtin_mul_overflow(bytes, shape[d], &bytes))
            return damaged(source, "the shape is impossible of", name);
        tensor->shape[d] = (int64_t)shape[d];
    }
    extent->begin = place[0];
    extent->end = place[1];
    if (place[0] > place[1] || place[1] > source->data_size || place[1] - place[0] != bytes)
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
static UpStatus check_extents(const Source *source, const List *extents) {
    Extent *extent = extents->element;
    size_t end = 0;
    if (extents->count > 0) qsort(extent, (size_t)extents->count, sizeof *extent, by_place);
    for (int i = 0; i < extents->count; i++) {
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

// All names of tensors, or of metadata; each may come once.
static UpStatus check_names(const Source *source, char **name, int count) {
    if (count > 0) qsort(name, (size_t)count, sizeof *name, by_name);
    for (int i = 1; i < count; i++)
        if (strcmp(name[i - 1], name[i]) == 0)
            return damaged(source, "two entries are named", name[i]);
    return UP_OK;
}

static UpStatus read_key(const Source *source, UpHeader *header, UpArena *arena, List *names,
                         char **key) {
    UpStatus status = up__header_text(header, arena, key);
    if (status == UP_MEMORY) return status;
    if (status != UP_OK || !up__header_take(header, ':'))
        return damaged(source, "its header is no JSON object", NULL);
    char **name = list_add(names, arena);
    if (!name) return UP_MEMORY;
    *name = *key;
    return UP_OK;
}

static UpStatus read_metadata(const Source *source, UpHeader *header, UpTensorFile *file) {
    List names = {.size = sizeof(char *)}, metas = {.size = sizeof(UpMeta)};
    if (!up__header_take(header, '{'))
        return damaged(source, "its __metadata__ is no object", NULL);
    if (up__header_take(header, '}')) return UP_OK;
    do {
        UpMeta *meta = list_add(&metas, file->memory);
        if (!meta) return UP_MEMORY;
        UP_TRY(read_key(source, header, file->memory, &names, &meta->key));
        UpStatus status = up__header_text(header, file->memory, &meta->value);
        if (status == UP_MEMORY) return status;
        if (status != UP_OK) return damaged(source, "its __metadata__ has no text for", meta->key);
    } while (up__header_take(header, ','));
    if (!up__header_take(header, '}'))
        return damaged(source, "its __metadata__ is no object", NULL);
    file->meta = metas.element;
    file->metas = metas.count;
    return check_names(source, names.element, names.count);
}

// Other programs may leave numbers at odd addresses; each tensor gets an aligned place of its own.
static UpStatus copy_data(const Source *source, const List *extents, UpTensorFile *file) {
    const Extent *extent = extents->element;
    for (int i = 0; i < extents->count; i++) {
        size_t size = extent[i].end - extent[i].begin;
        void *data = up_arena_alloc(file->memory, size, 1);
        if (!data) return UP_MEMORY;
        memcpy(data, source->data + extent[i].begin, size);
        file->tensor[extent[i].tensor].data = data;
    }
    return UP_OK;
}

static UpStatus read_entries(const Source *source, UpHeader *header, UpTensorFile *file,
                             List *extents) {
    List names = {.size = sizeof(char *)}, tensors = {.size = sizeof(UpTensor)};
    if (up__header_take(header, '}')) return UP_OK;
    do {
        char *key;
        UP_TRY(read_key(source, header, file->memory, &names, &key));
        if (strcmp(key, "__metadata__") == 0) {
            UP_TRY(read_metadata(source, header, file));
            continue;
        }
        UpTensor *tensor = list_add(&tensors, file->memory);
        Extent *extent = list_add(extents, file->memory);
        if (!tensor || !extent) return UP_MEMORY;
        extent->tensor = tensors.count - 1;
        UP_TRY(read_tensor(source, key, header, file->memory, tensor, extent));
    } while (up__header_take(header, ','));
    if (!up__header_take(header, '}')) return damaged(source, "its header is no JSON object", NULL);
    file->tensor = tensors.element;
    file->tensors = tensors.count;
    return check_names(source, names.element, names.count);
}

static UpStatus read_source(const Source *source, UpTensorFile *file) {
    UpHeader header = {source->header, source->header + source->header_size};
    List extents = {.size = sizeof(Extent)};
    if (!up__header_take(&header, '{'))
        return damaged(source, "its header is no JSON object", NULL);
    UP_TRY(read_entries(source, &header, file, &extents));
    for (; header.at < header.end; header.at++)
        if (*header.at != ' ') return damaged(source, "its header has more than one part", NULL);
    UP_TRY(check_extents(source, &extents));
    return copy_data(source, &extents, file);
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
