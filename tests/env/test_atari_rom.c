// Where ROMs are looked for, by which digest they are known, and what is said when one is not
// there.
#include "scratch.h"

#ifdef UP_HAVE_LIBZIP
#include <zip.h>
#endif

#include "core/seed.h"
#include "env/atari/game/md5.h"
#include "env/atari/game/rom.h"

static uint8_t rom[UP__ROM_MAX];

// A game whose ROM is what the test says it is.
static UpAtariGame game_of(const void *bytes, size_t size) {
    UpAtariGame game = {.name = "test_game", .rom_size = size};
    up__md5(bytes, size, game.md5);
    return game;
}

static void test_md5(void **state) {
    (void)state;
    // the examples of RFC 1321
    const char *const cases[][2] = {
        {"", "d41d8cd98f00b204e9800998ecf8427e"},
        {"a", "0cc175b9c0f1b6a831c399e269772661"},
        {"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
        {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
         "d174ab98d277d9f5a5611c2c9f419d9f"},
        {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
         "57edf4a22be3c955ac49da2e2107b67a"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[UP__MD5_TEXT];
        up__md5(cases[i][0], strlen(cases[i][0]), text);
        assert_string_equal(text, cases[i][1]);
    }
}

static void test_folder(void **state) {
    (void)state;
    UpAtariGame game = game_of("a game", 6);
    setenv("ALE_ROMS_DIR", scratch_folder, 1);
    assert_int_equal(up__rom_read(rom, &game), UP_NOT_FOUND);
    assert_non_null(strstr(up_error(), "test_game.bin"));
    assert_non_null(strstr(up_error(), scratch_folder));
    assert_non_null(strstr(up_error(), "pip install ale-py"));

    assert_ok(up_file_write(scratch("test_game.bin"), "a gamf", 6));
    assert_int_equal(up__rom_read(rom, &game), UP_NOT_FOUND);
    assert_non_null(strstr(up_error(), "damaged"));
    assert_non_null(strstr(up_error(), game.md5));

    assert_ok(up_file_write(scratch("test_game.bin"), "a game", 6));
    assert_ok(up__rom_read(rom, &game));
    assert_memory_equal(rom, "a game", 6);
}

// What has a ROM's name and is no file is said to be that, and nobody waits for it.
static void test_no_file(void **state) {
    (void)state;
    UpAtariGame game = game_of("a game", 6);
    const char *const kinds[] = {"mkdir", "mkfifo"}, *const names[] = {"no_file/test_game.bin",
                                                                       "no_file/ale_py-1.whl"};
    for (int kind = 0; kind < 2; kind++)
        for (int name = 0; name < 2; name++) {
            char command[512];
            snprintf(command, sizeof command, "cd %s && rm -rf no_file && mkdir no_file && %s %s",
                     scratch_folder, kinds[kind], names[name]);
            assert_int_equal(system(command), 0);
            setenv("ALE_ROMS_DIR", scratch("no_file"), 1);
            assert_int_equal(up__rom_read(rom, &game), UP_NOT_FOUND);
            assert_non_null(strstr(up_error(), names[name]));
            assert_non_null(strstr(up_error(), "not a file"));
        }
    setenv("ALE_ROMS_DIR", scratch("no_file/ale_py-1.whl"), 1); // the last pipe itself
    assert_int_equal(up__rom_read(rom, &game), UP_NOT_FOUND);
    assert_non_null(strstr(up_error(), "not a file"));
}

// An ale-py that is installed beside the Python that runs the workers.
static void test_installed(void **state) {
    (void)state;
    UpAtariGame game = game_of("another", 7);
    char command[512];
    snprintf(command, sizeof command,
             "cd %s && mkdir -p v/bin v/lib/python3.99/site-packages/ale_py/roms && ln -s "
             "/bin/true v/bin/python && printf another > "
             "v/lib/python3.99/site-packages/ale_py/roms/test_game.bin",
             scratch_folder);
    assert_int_equal(system(command), 0);
    unsetenv("ALE_ROMS_DIR");
    setenv("UPHILL_PYTHON", "/bin/true", 1);
    assert_int_equal(up__rom_read(rom, &game), UP_NOT_FOUND);
    assert_non_null(strstr(up_error(), "pip install ale-py"));
    setenv("UPHILL_PYTHON", scratch("v/bin/python"), 1);
    assert_ok(up__rom_read(rom, &game));
    assert_memory_equal(rom, "another", 7);
    unsetenv("UPHILL_PYTHON");
}

#ifdef UP_HAVE_LIBZIP
static void test_wheel(void **state) {
    (void)state;
    UpAtariGame game = game_of("in a wheel", 10);
    const char *path = scratch("ale_py-9-none-any.whl");
    zip_t *wheel = zip_open(path, ZIP_CREATE, NULL);
    assert_non_null(wheel);
    zip_source_t *source = zip_source_buffer(wheel, "in a wheel", 10, 0);
    assert_true(zip_file_add(wheel, "ale_py/roms/test_game.bin", source, 0) >= 0);
    assert_int_equal(zip_close(wheel), 0);
    unlink(scratch("test_game.bin"));

    setenv("ALE_ROMS_DIR", path, 1);
    assert_ok(up__rom_read(rom, &game));
    memset(rom, 0, sizeof rom);
    setenv("ALE_ROMS_DIR", scratch_folder, 1);
    assert_ok(up__rom_read(rom, &game));
    assert_memory_equal(rom, "in a wheel", 10);

    game.md5[0] ^= 1;
    assert_int_equal(up__rom_read(rom, &game), UP_NOT_FOUND);
    assert_non_null(strstr(up_error(), "damaged"));
    assert_ok(up_file_write(path, "no zip", 6));
    assert_int_equal(up__rom_read(rom, &game), UP_NOT_FOUND);
}
#endif

// What ale-py seeds a game with: numpy.random.SeedSequence(seed).generate_state(5).
static void test_seed(void **state) {
    (void)state;
    const uint64_t seed[] = {0, 42, 1099511627781u};
    const uint32_t expected[][5] = {
        {0xb0f478beu, 0xdb2cd7e7u, 0x2c71ba49u, 0xabf4641au, 0x9d7b8d41u},
        {0xcd540ab7u, 0x9f1e2e6du, 0x79fb94b6u, 0xd57873dcu, 0x64d420b7u},
        {0xe08a170bu, 0xdae41755u, 0x7ecdcb2cu, 0x8415abe8u, 0x4b9118d0u},
    };
    for (int i = 0; i < 3; i++) {
        uint32_t word[5];
        up__seed_words(seed[i], word, 5);
        assert_memory_equal(word, expected[i], sizeof word);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_md5),     cmocka_unit_test(test_folder),
        cmocka_unit_test(test_no_file), cmocka_unit_test(test_installed),
#ifdef UP_HAVE_LIBZIP
        cmocka_unit_test(test_wheel),
#endif
        cmocka_unit_test(test_seed),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
