// The options of a run, and pictures, in TensorBoard.
#ifdef UP_HAVE_PROTOBUF_C

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "io/board_internal.h"
#include "io/buffer.h"

enum { HPARAMS = 256, KEY = 96, TENSOR_CLASS = 2, STRING_TYPE = 7, RGB = 3 };

// ---------------------------------------------------------------------------------------------------
// TEXT: the file as it is, between fences of Markdown

static UpStatus put_text(UpBoard *board, double wall_time, const char *ini) {
    static const char fence[] = "```\n";
    UpBuffer text = {0};
    bool ok = up__buffer_append(&text, fence, 4) && up__buffer_append(&text, ini, strlen(ini)) &&
              up__buffer_append(&text, fence, 4);
    Up__Summary__PluginData plugin = UP__SUMMARY__PLUGIN_DATA__INIT;
    Up__Summary__Metadata metadata = UP__SUMMARY__METADATA__INIT;
    Up__Summary__Tensor__Shape shape = UP__SUMMARY__TENSOR__SHAPE__INIT;
    Up__Summary__Tensor tensor = UP__SUMMARY__TENSOR__INIT;
    Up__Summary__Value value = UP__SUMMARY__VALUE__INIT, *values[] = {&value};
    ProtobufCBinaryData bytes = {text.size, text.bytes};
    plugin.plugin_name = (char[]){"text"};
    metadata.plugin_data = &plugin;
    metadata.has_data_class = 1;
    metadata.data_class = TENSOR_CLASS;
    tensor.has_dtype = 1;
    tensor.dtype = STRING_TYPE;
    tensor.tensor_shape = &shape;
    tensor.n_string_val = 1;
    tensor.string_val = &bytes;
    value.tag = (char[]){"config/text_summary"};
    value.tensor = &tensor;
    value.metadata = &metadata;
    UpStatus status = ok ? up__board_values(board, 0, wall_time, values, 1)
                         : up_fail(UP_MEMORY, "out of memory for TensorBoard's text");
    free(text.bytes);
    return status;
}

// ---------------------------------------------------------------------------------------------------
// HPARAMS

typedef struct Parameters {
    int count;
    Up__Hparams__Entry entry[HPARAMS], *entries[HPARAMS];
    Up__Hparams__Value value[HPARAMS];
    char key[HPARAMS][KEY];
} Parameters;

static void add(Parameters *p, const char *section, const char *key, char *text) {
    int i = p->count;
    if (i == HPARAMS) return;
    p->count++;
    snprintf(p->key[i], KEY, "%s.%s", section, key);
    up__hparams__entry__init(&p->entry[i]);
    up__hparams__value__init(&p->value[i]);
    char *end;
    double number = up__number_parse(text, &end);
    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0) {
        p->value[i].has_bool_value = 1;
        p->value[i].bool_value = text[0] == 't';
    } else if (*text && *end == 0 && number == number) {
        p->value[i].has_number_value = 1;
        p->value[i].number_value = number;
    } else {
        p->value[i].string_value = text;
    }
    p->entry[i].key = p->key[i];
    p->entry[i].value = &p->value[i];
    p->entries[i] = &p->entry[i];
}

// Cuts `text`, which up_config_format wrote, into its keys and values.
static void read_ini(Parameters *p, char *text) {
    const char *section = "";
    for (char *line; (line = strsep(&text, "\n")) != NULL;) {
        char *equals = strstr(line, " = "), *close = strchr(line, ']');
        if (line[0] == '[' && close) {
            *close = 0;
            section = line + 1;
        } else if (equals && line[0] != '#' && line[0] != ';') {
            *equals = 0;
            add(p, section, line, equals + 3);
        }
    }
}

static UpStatus put_session(UpBoard *board, double wall_time, Parameters *p) {
    Up__Hparams__SessionStart start = UP__HPARAMS__SESSION_START__INIT;
    Up__Hparams hparams = UP__HPARAMS__INIT;
    start.n_hparams = (size_t)p->count;
    start.hparams = p->entries;
    start.has_start_time_secs = 1;
    start.start_time_secs = wall_time;
    hparams.has_version = 1;
    hparams.session_start_info = &start;
    size_t size = up__hparams__get_packed_size(&hparams);
    uint8_t *bytes = malloc(size);
    if (!bytes) return up_fail(UP_MEMORY, "out of memory for TensorBoard's hyper-parameters");
    up__hparams__pack(&hparams, bytes);
    Up__Summary__PluginData plugin = UP__SUMMARY__PLUGIN_DATA__INIT;
    Up__Summary__Metadata metadata = UP__SUMMARY__METADATA__INIT;
    Up__Summary__Value value = UP__SUMMARY__VALUE__INIT, *values[] = {&value};
    plugin.plugin_name = (char[]){"hparams"};
    plugin.has_content = 1;
    plugin.content = (ProtobufCBinaryData){size, bytes};
    metadata.plugin_data = &plugin;
    value.tag = (char[]){"_hparams_/session_start_info"};
    value.metadata = &metadata;
    UpStatus status = up__board_values(board, 0, wall_time, values, 1);
    free(bytes);
    return status;
}

UpStatus up_board_config(UpBoard *board, double wall_time, const char *ini) {
    UP_TRY(put_text(board, wall_time, ini));
    Parameters *p = calloc(1, sizeof *p);
    char *text = strdup(ini);
    UpStatus status;
    if (p && text) {
        read_ini(p, text);
        status = put_session(board, wall_time, p);
    } else {
        status = up_fail(UP_MEMORY, "out of memory for TensorBoard's hyper-parameters");
    }
    free(text);
    free(p);
    return status;
}

// ---------------------------------------------------------------------------------------------------
// IMAGES

UpStatus up_board_image(UpBoard *board, const char *tag, int64_t step, double wall_time, int width,
                        int height, const void *bytes, size_t size) {
    Up__Summary__Image image = UP__SUMMARY__IMAGE__INIT;
    Up__Summary__Value value = UP__SUMMARY__VALUE__INIT, *values[] = {&value};
    image.has_height = image.has_width = image.has_colorspace = 1;
    image.height = height;
    image.width = width;
    image.colorspace = RGB;
    image.has_encoded_image_string = 1;
    image.encoded_image_string = (ProtobufCBinaryData){size, (uint8_t *)(uintptr_t)bytes};
    value.tag = (char *)(uintptr_t)tag; // packing only reads it
    value.image = &image;
    return up__board_values(board, step, wall_time, values, 1);
}

#else

typedef int UpNothing; // a file of C holds something

#endif
