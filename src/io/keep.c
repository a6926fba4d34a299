#include "uphill/keep.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"

// Where there is no room left, the row is one that nobody reads, and saving and loading say so.
static UpKept *add(UpKeep *keep, UpKept row) {
    if (keep->items >= UP_KEEP_MAX) {
        keep->items = UP_KEEP_MAX + 1;
        return &keep->item[UP_KEEP_MAX - 1];
    }
    UpKept *item = &keep->item[keep->items++];
    *item = row;
    return item;
}

static UpStatus check_room(const UpKeep *keep) {
    if (keep->items <= UP_KEEP_MAX) return UP_OK;
    return up_fail(UP_UNSUPPORTED, "a checkpoint has room for %d entries: raise UP_KEEP_MAX",
                   UP_KEEP_MAX);
}

UpKept *up_keep(UpKeep *keep, const char *name, UpTensorType type, void *data, int64_t count) {
    return add(keep, (UpKept){.name = name, .type = type, .data = data, .count = count});
}

UpKept *up_keep_some(UpKeep *keep, const char *name, UpTensorType type, void *data, int64_t *used,
                     int64_t room) {
    return add(keep,
               (UpKept){.name = name, .type = type, .data = data, .count = room, .used = used});
}

UpKept *up_keep_int(UpKeep *keep, const char *name, int64_t *value) {
    return add(keep, (UpKept){.name = name, .kind = UP_KEEP_INT, .data = value, .count = 1});
}

UpKept *up_keep_real(UpKeep *keep, const char *name, double *value) {
    return add(keep, (UpKept){.name = name, .kind = UP_KEEP_REAL, .data = value, .count = 1});
}

UpKept *up_keep_text(UpKeep *keep, const char *name, char *text, int64_t room) {
    return add(keep, (UpKept){.name = name, .kind = UP_KEEP_TEXT, .data = text, .count = room});
}

static const int64_t count_max = INT64_C(1) << 53; // and a sum of some is none that overflows

static bool are_streams(const void *data, int64_t words) {
    for (int64_t i = 0; i < words / UP_RNG_WORDS; i++) {
        UpRng rng;
        memcpy(&rng, (const char *)data + (size_t)i * sizeof rng, sizeof rng);
        if (!up_rng_possible(&rng)) return false;
    }
    return true;
}

static bool are_counts(const void *data, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        int64_t value;
        memcpy(&value, (const char *)data + (size_t)i * sizeof value, sizeof value);
        if (value < 0 || value > count_max) return false;
    }
    return true;
}

UpKept *up_keep_random(UpKeep *keep, const char *name, UpRng *rng, int64_t count) {
    UpKept *row = up_keep(keep, name, UP_U64, rng, count * UP_RNG_WORDS);
    row->possible = are_streams;
    return row;
}

UpKept *up_keep_counts(UpKeep *keep, const char *name, int64_t *value, int64_t count) {
    UpKept *row = up_keep(keep, name, UP_I64, value, count);
    row->possible = are_counts;
    return row;
}

void up_keep_after(UpKeep *keep, UpStatus (*after)(void *user), void *user) {
    keep->after = after;
    keep->user = user;
}

static const size_t size_of[] = {[UP_F32] = 4, [UP_F64] = 8, [UP_U8] = 1, [UP_U16] = 2,
                                 [UP_I32] = 4, [UP_I64] = 8, [UP_U64] = 8};

size_t up_kept_bytes(const UpKept *k) {
    if (k->kind == UP_KEEP_TEXT) return (size_t)k->count;
    return (size_t)k->count * (k->kind == UP_KEEP_TENSOR ? size_of[k->type] : sizeof(double));
}

static UpStatus save_meta(const UpKept *k, UpSaving *s, UpArena *arena) {
    if (k->kind == UP_KEEP_TEXT) {
        s->meta[s->metas++] = (UpMeta){(char *)k->name, k->data};
        return UP_OK;
    }
    char *text = up_arena_alloc(arena, UP__NUMBER_MAX, 1);
    if (!text) return UP_MEMORY;
    if (k->kind == UP_KEEP_INT)
        snprintf(text, UP__NUMBER_MAX, "%" PRId64, *(const int64_t *)k->data);
    else
        up__number_hex(text, *(const double *)k->data);
    s->meta[s->metas++] = (UpMeta){(char *)k->name, text};
    return UP_OK;
}

UpStatus up_keep_save(const UpKeep *keep, UpSaving *s, UpArena *arena) {
    UP_TRY(check_room(keep));
    if (s->tensors + keep->items > UP_SAVING_TENSORS || s->metas + keep->items > UP_SAVING_METAS)
        return up_fail(UP_UNSUPPORTED, "a checkpoint has room for %d tensors and %d numbers",
                       UP_SAVING_TENSORS, UP_SAVING_METAS);
    for (int i = 0; i < keep->items; i++) {
        const UpKept *k = &keep->item[i];
        if (k->kind != UP_KEEP_TENSOR) {
            UP_TRY(save_meta(k, s, arena));
            continue;
        }
        UpTensor *t = &s->tensor[s->tensors++];
        int64_t count = k->used ? *k->used : k->count;
        *t = (UpTensor){.type = k->type, .dims = 1, .shape = {count}, .data = k->data};
        snprintf(t->name, sizeof t->name, "%s", k->name);
    }
    return UP_OK;
}

static UpStatus load_text(const UpKept *k, const char *text) {
    size_t size = strlen(text) + 1;
    if ((int64_t)size <= k->count) memcpy(k->data, text, size);
    if ((int64_t)size <= k->count || k->optional) return UP_OK;
    return up_fail(UP_FORMAT, "the checkpoint's %s has %zu bytes, and there is room for %lld",
                   k->name, size, (long long)k->count);
}

static UpStatus load_meta(const UpKept *k, const UpTensorFile *file) {
    const char *text = up_tensors_meta(file, k->name);
    if (!text && k->optional) return UP_OK;
    if (!text)
        return up_fail(UP_FORMAT, "the checkpoint does not say %s: it is not a run's", k->name);
    if (k->kind == UP_KEEP_TEXT) return load_text(k, text);
    char *end = (char *)text;
    errno = 0;
    long long whole = 0;
    double real = 0;
    if (k->kind == UP_KEEP_INT)
        whole = strtoll(text, &end, 10);
    else
        real = up__number_parse(text, &end);
    if (end == text || *end ||
        (k->kind == UP_KEEP_INT && (whole < 0 || whole > count_max || errno)))
        return up_fail(UP_FORMAT, "the checkpoint says %s = %.40s", k->name, text);
    if (k->kind == UP_KEEP_INT)
        *(int64_t *)k->data = whole;
    else
        *(double *)k->data = real;
    return UP_OK;
}

static UpStatus load_tensor(const UpKept *k, const UpTensorFile *file) {
    const UpTensor *t = up_tensors_find(file, k->name);
    int64_t count = t ? up_tensor_count(t) : -1;
    bool fits = t && t->type == k->type && (k->used ? count <= k->count : count == k->count);
    if (!fits && k->optional) return UP_OK;
    if (!fits)
        return up_fail(UP_MISMATCH,
                       "the checkpoint's tensor %s is absent or has another size: it belongs to a "
                       "run with other options",
                       k->name);
    if (k->possible && !k->possible(t->data, count))
        return up_fail(UP_FORMAT,
                       "the checkpoint's %s is damaged: no run comes to it; use an older one",
                       k->name);
    memcpy(k->data, t->data, (size_t)count * size_of[k->type]);
    if (k->used) *k->used = count;
    return UP_OK;
}

UpStatus up_keep_load(const UpKeep *keep, const UpTensorFile *file) {
    UP_TRY(check_room(keep));
    for (int i = 0; i < keep->items; i++) {
        const UpKept *k = &keep->item[i];
        UP_TRY(k->kind == UP_KEEP_TENSOR ? load_tensor(k, file) : load_meta(k, file));
    }
    return keep->after ? keep->after(keep->user) : UP_OK;
}
