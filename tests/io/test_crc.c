// Check values from the catalogue of parametrised CRC algorithms, and RFC 3720, appendix B.4.
#include "../scratch.h"

#include "io/crc.h"

static void known_values(void **state) {
    (void)state;
    const uint8_t zeros[32] = {0};
    uint8_t rising[32];
    for (int i = 0; i < 32; i++)
        rising[i] = (uint8_t)i;
    assert_int_equal(up__crc32(0, "123456789", 9), 0xCBF43926u);
    assert_int_equal(up__crc32c(0, "123456789", 9), 0xE3069283u);
    assert_int_equal(up__crc32c(0, zeros, 32), 0x8A9136AAu);
    assert_int_equal(up__crc32c(0, rising, 32), 0x46DD794Eu);
    assert_int_equal(up__crc32(0, "", 0), 0);
}

static void pieces_add_up(void **state) {
    (void)state;
    uint8_t bytes[100];
    for (int i = 0; i < 100; i++)
        bytes[i] = (uint8_t)(i * 37);
    for (size_t cut = 0; cut <= 100; cut++) {
        uint32_t first = up__crc32(0, bytes, cut);
        assert_int_equal(up__crc32(first, bytes + cut, 100 - cut), up__crc32(0, bytes, 100));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values),
        cmocka_unit_test(pieces_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
