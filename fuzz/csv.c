// The table that `uphill fit` learns from. The first byte says which column is asked for, and what
// kind of numbers.
#include "../cli/fit/data.c"
#include "../cli/fit/table.c"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const target[] = {NULL, "1", "2", "y"};
    static FitData table;
    FuzzInput input = {data, size};
    unsigned choice = (unsigned)fuzz_take(&input, 1);
    const char *path = fuzz_file(input.data, input.size);
    UpStatus status = fit_data_read(&table, path, target[choice % 4],
                                    (FitLoss)(choice / 4 % FIT_LOSSES), "0.5", 1);
    FUZZ_ASSERT(status == UP_OK || up_error()[0]);
    for (int s = 0; s < FIT_SETS && status == UP_OK; s++)
        for (int64_t i = 0; i < table.set[s].rows * table.inputs; i++)
            FUZZ_ASSERT(isfinite(table.set[s].input[i]));
    fit_data_free(&table);
    return 0;
}
