// The list of runs, an SQLite file.
#include "fuzz.h"
#include "uphill/registry.h"

static void touch(void *user, const UpRunRecord *record) {
    const char *const text[] = {record->folder, record->env, record->algo, record->recipe,
                                record->stop_reason};
    for (int i = 0; i < 5; i++)
        *(size_t *)user += strlen(text[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[256];
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/fuzz-runs-%ld.db", folder ? folder : "/tmp", (long)getpid());
    FILE *file = fopen(path, "wb"); // SQLite wants a file with a name
    FUZZ_ASSERT(file && fwrite(data, 1, size, file) == size && fclose(file) == 0);
    FUZZ_ASSERT(setenv("UPHILL_REGISTRY", path, 1) == 0);
    size_t bytes = 0;
    if (up_registry_each(touch, &bytes) == UP_OK) {
        UpRunRecord record = {.folder = "/runs/a", .env = "CartPole-v1", .started = 1};
        (void)up_registry_put(&record); // may find a table of another kind
    }
    unlink(path);
    return 0;
}
