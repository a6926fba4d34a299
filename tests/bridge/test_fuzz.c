// A worker's header is foreign data. Whatever it says ends in an error or in arrays that lie inside
// the memory, never in a crash.
#include "bridged.h"

#include <math.h>

#include "env/bridge/layout.h"
#include "uphill/random.h"

enum { INSTANCES = 3, SIZE = 1 << 16 };

static UpWire good_header(void) {
    UpWire wire = {.version = UP__WIRE_VERSION,
                   .header_size = UP__WIRE_HEADER,
                   .instances = INSTANCES,
                   .reward_threshold = NAN,
                   .frames_per_second = 30,
                   .total_size = SIZE};
    memcpy(wire.magic, UP__WIRE_MAGIC, sizeof wire.magic);
    wire.obs = (UpWireSpace){.kind = UP_SPACE_BOX,
                             .dims = 2,
                             .bounds = 1,
                             .size = 12,
                             .shape = {3, 4},
                             .low = {-1},
                             .high = {1}};
    wire.action = (UpWireSpace){.kind = UP_SPACE_DISCRETE, .n = 4, .size = 1};
    for (int i = 0; i < UP__WIRE_ARRAYS; i++)
        wire.offset[i] = UP__WIRE_HEADER + 512 * (uint64_t)i;
    wire.mask_size = 4;
    wire.obs.parts = 2;
    wire.obs.part[0] = (UpWirePart){"left", 0, 5};
    wire.obs.part[1] = (UpWirePart){"right", 5, 7};
    return wire;
}

static void assert_inside(const UpLayout *layout) {
    size_t row[UP__WIRE_ARRAYS] = {[UP__WIRE_ACTION] = 4 * (size_t)layout->action.size,
                                   [UP__WIRE_ACTIVE] = 1,
                                   [UP__WIRE_SLOT] = 1,
                                   [UP__WIRE_SEED] = 8,
                                   [UP__WIRE_SEEDED] = 1,
                                   [UP__WIRE_OBS] = 2 * layout->row,
                                   [UP__WIRE_FINAL_OBS] = layout->row,
                                   [UP__WIRE_REWARD] = 8,
                                   [UP__WIRE_TERMINATED] = 1,
                                   [UP__WIRE_TRUNCATED] = 1,
                                   [UP__WIRE_MASK] = (size_t)layout->mask_size};
    for (int i = 0; i < UP__WIRE_ARRAYS; i++) {
        assert_true(layout->offset[i] >= UP__WIRE_HEADER && layout->offset[i] % 8 == 0);
        assert_true(layout->offset[i] <= SIZE && row[i] <= SIZE);
        assert_true(layout->offset[i] + INSTANCES * row[i] <= SIZE);
    }
    assert_true(layout->obs.size >= 1 && layout->action.size >= 1);
    assert_true(layout->obs.dims <= UP_SPACE_DIMS && layout->obs.bounds <= UP_SPACE_BOUNDS);
    assert_true(layout->mask_size == 0 || layout->mask_size == up_space_mask(&layout->action));
    for (int i = 0; i < layout->obs.parts; i++) {
        const UpSpacePart *part = &layout->obs.part[i];
        assert_true(part->first >= 0 && part->size >= 1);
        assert_true(part->first + part->size <= layout->obs.size);
        assert_non_null(memchr(part->name, 0, sizeof part->name));
    }
}

static void test_good_header(void **state) {
    (void)state;
    UpLayout layout;
    UpWire wire = good_header();
    assert_ok(up__layout_read(&layout, &wire, SIZE));
    assert_inside(&layout);
    assert_int_equal(layout.row, 48);
    assert_int_equal(layout.obs.size, 12);
}

// Palette bytes are those of a whole screen, which the pixels that are wanted lie in.
static void test_palette(void **state) {
    (void)state;
    UpLayout layout;
    UpWire good = good_header();
    good.view = UP__WIRE_VIEW_IMAGE;
    good.rows[1] = 4;
    good.columns[1] = 2;
    good.rows[2] = good.columns[2] = 2;
    good.palette = 1;
    good.obs.dtype = UP_DTYPE_U8;
    good.obs.dims = 3;
    memcpy(good.obs.shape, (int64_t[]){4, 2, 1}, 3 * sizeof *good.obs.shape);
    good.obs.size = 8;
    good.obs.low[0] = 0;
    good.obs.high[0] = 255;
    good.obs.parts = 0;
    assert_ok(up__layout_read(&layout, &good, SIZE));
    assert_true(layout.palette);
    assert_int_equal(layout.row, 8);
    for (int k = 0; k < 4; k++) {
        UpWire wire = good;
        if (k == 0) wire.obs.dims = 2, wire.obs.size = 8;
        if (k == 1) wire.rows[1] = 5;
        if (k == 2) wire.columns[1] = 3;
        if (k == 3) wire.obs.shape[0] = 257, wire.obs.size = 514;
        assert_int_equal(up__layout_read(&layout, &wire, SIZE), UP_ENVIRONMENT);
    }
}

// One field after the other, each with a value that must be refused.
static void test_bad_fields(void **state) {
    (void)state;
    UpLayout layout;
#define REFUSED(assignment)                                                                        \
    do {                                                                                           \
        UpWire wire = good_header();                                                               \
        assignment;                                                                                \
        assert_int_equal(up__layout_read(&layout, &wire, SIZE), UP_ENVIRONMENT);                   \
    } while (0)
    REFUSED(wire.magic[0] = 'u');
    REFUSED(wire.version = 1);
    REFUSED(wire.header_size = 4096);
    REFUSED(wire.total_size = SIZE - 1);
    REFUSED(wire.instances = 0);
    REFUSED(wire.max_episode_steps = -1);
    REFUSED(wire.obs.kind = 4);
    REFUSED(wire.obs.dtype = UP_DTYPES);
    REFUSED(wire.obs.size = 11);
    REFUSED(wire.obs.size = 0);
    REFUSED(wire.obs.dims = 0);
    REFUSED(wire.obs.dims = 5);
    REFUSED(wire.obs.shape[0] = -3);
    REFUSED(wire.obs.shape[0] = INT64_MAX);
    REFUSED(wire.obs.bounds = 0);
    REFUSED(wire.obs.bounds = 65);
    REFUSED(wire.obs.low[0] = NAN);
    REFUSED(wire.obs.low[0] = 2);
    REFUSED(wire.view = 1);    // float32 has no pixels
    REFUSED(wire.palette = 1); // was not asked for
    REFUSED(wire.action.n = 0);
    REFUSED(wire.action.size = 2);
    REFUSED(wire.action.kind = UP_SPACE_MULTI_DISCRETE); // whose choices are all 0
    REFUSED(wire.mask_size = 3);
    REFUSED(wire.mask_size = -4);
    REFUSED(wire.obs.parts = 17);
    REFUSED(wire.obs.part[0].first = -1);
    REFUSED(wire.obs.part[1].first = 4);
    REFUSED(wire.obs.part[1].size = 8);
    REFUSED(wire.obs.part[1].size = INT64_MAX);
    REFUSED(wire.obs.part[1].size = 0);
    REFUSED(memset(wire.obs.part[0].name, 'x', sizeof wire.obs.part[0].name));
    REFUSED(wire.offset[UP__WIRE_ACTION] = 8184);
    REFUSED(wire.offset[UP__WIRE_REWARD] = 8196);
    REFUSED(wire.offset[UP__WIRE_OBS] = SIZE - 8);
    REFUSED(wire.offset[UP__WIRE_SEEDED] = UINT64_MAX - 7);
#undef REFUSED
}

static void test_random_headers(void **state) {
    (void)state;
    UpRng rng;
    up_rng_seed(&rng, 7);
    int accepted = 0;
    for (int k = 0; k < 200000; k++) {
        UpWire wire = good_header();
        int64_t changes = up_rng_integers(&rng, 1, 5);
        for (int64_t c = 0; c < changes; c++) {
            // mostly the numbers before the bounds, where every byte matters
            int64_t at = up_rng_integers(&rng, 1352, c % 2 ? 5224 : 1552);
            uint64_t value = up_rng_u64(&rng) >> up_rng_integers(&rng, 0, 64);
            size_t size = (size_t)1 << up_rng_integers(&rng, 0, 4);
            memcpy((unsigned char *)&wire + at, &value, size);
        }
        UpLayout layout;
        if (up__layout_read(&layout, &wire, SIZE) != UP_OK) continue;
        assert_inside(&layout);
        accepted++;
    }
    assert_true(accepted > 100 && accepted < 199000);
}

// The same through a real process: damaged headers, memories of another size.
static void test_damaged_workers(void **state) {
    (void)state;
    if (!python_has("")) skip();
    int refused = 0;
    for (int seed = 0; seed < 60; seed++) {
        char options[64];
        snprintf(options, sizeof options, "fuzz=%d", seed);
        UpEnvDef def = bridged_def("gym:Fake-v0", options, 1);
        def.timeout = 5;
        Bridged b;
        if (bridged_create(&b, &def, 3) != UP_OK) {
            refused++;
            continue;
        }
        UpStatus status = bridged_seed(&b, 0);
        for (int t = 0; t < 3 && status == UP_OK; t++)
            status = up_env_step(b.env, &b.step);
        if (b.env->vtable->state_size) b.env->vtable->state_size(b.env);
        bridged_destroy(&b);
    }
    assert_true(refused > 10 && refused < 60);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_header),     cmocka_unit_test(test_palette),
        cmocka_unit_test(test_bad_fields),      cmocka_unit_test(test_random_headers),
        cmocka_unit_test(test_damaged_workers),
    };
    setenv("UPHILL_WORKER", UP_SOURCE_DIR "/tests/bridge/fake_worker.py", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
