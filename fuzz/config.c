// A config: recipes, config.ini, the config inside a checkpoint. What was read is written and read
// back as it is.
#include "fuzz.h"
#include "uphill/algo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static UpConfig config, again;
    char *text = malloc(size + 1), *first, *second;
    FUZZ_ASSERT(text);
    memcpy(text, data, size);
    text[size] = 0;
    UpStatus status = up_config_parse(&config, text, "input");
    free(text);
    if (status != UP_OK) {
        FUZZ_ASSERT(strstr(up_error(), "input"));
        return 0;
    }
    (void)up_config_check(&config);
    FUZZ_ASSERT(up_config_format(&config, &first) == UP_OK);
    FUZZ_ASSERT(up_config_parse(&again, first, "again") == UP_OK);
    FUZZ_ASSERT(up_config_format(&again, &second) == UP_OK);
    FUZZ_ASSERT(strcmp(first, second) == 0);
    free(first);
    free(second);
    return 0;
}
