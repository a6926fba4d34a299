// All 104 games against checksums of ALE 0.12.1, which data/atari-games.json carries: memory and
// screen after loading, and 300 frames later. Skipped where the ROMs are not installed.
#include <cjson/cJSON.h>

#include "scratch.h"

#include "env/atari/console/frame.h"
#include "env/atari/console/load.h"
#include "env/atari/console/console.h"

extern const char up__atari_games_json[];

static UpAtariSystem atari;
static UpAtariConsole console;
static UpAtariScreen screen;

// CRC-32 as in zlib, bit by bit.
static uint32_t crc(const uint8_t *bytes, size_t size) {
    uint32_t sum = 0xFFFFFFFFu;
    for (size_t i = 0; i < size; i++) {
        sum ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            sum = sum >> 1 ^ (sum & 1 ? 0xEDB88320u : 0);
    }
    return ~sum;
}

// Does the game look now as `expected`, [crc of the RAM, crc of the screen], says?
static bool looks(const cJSON *expected, const char *name, const char *when) {
    UpAtariRows all = {0, atari.game.lines, 1};
    up__atari_console_show(&console, &atari, &screen, &all);
    const uint32_t sum[2] = {crc(console.machine.ram, UP__ATARI_RAM),
                             crc(up__atari_pixels(&console.machine, &screen),
                                 (size_t)atari.game.lines * UP__ATARI_COLUMNS)};
    bool right = true;
    for (int i = 0; i < 2; i++) {
        const char *text = cJSON_GetStringValue(cJSON_GetArrayItem(expected, i));
        if (sum[i] == strtoul(text, NULL, 16)) continue;
        print_error("%s: %s differs %s\n", name, i ? "the screen" : "the memory", when);
        right = false;
    }
    return right;
}

// The rule's variables after loading; each is old_x for the next frame.
static bool remembers(const cJSON *entry, const char *name) {
    const cJSON *state = cJSON_GetObjectItem(entry, "state"), *item;
    int var = 0;
    bool right = true;
    cJSON_ArrayForEach(item, state) {
        if (console.var[var++] == item->valueint) continue;
        print_error("%s: %s is %d after loading, not %d\n", name, item->string,
                    console.var[var - 1], item->valueint);
        right = false;
    }
    return right;
}

// What a game comes to is what a saved game may say.
static bool is_possible(const char *name, int frame) {
    static UpAtariNotes notes;
    up__atari_console_notes(&screen, &notes);
    if (up__atari_console_possible(&console, &notes, &atari)) return true;
    print_error("%s: frame %d counts as a damaged one\n", name, frame);
    return false;
}

static bool plays(const cJSON *entry) {
    const char *name = entry->string;
    const cJSON *golden = cJSON_GetObjectItem(entry, "golden");
    const char *bank = cJSON_GetStringValue(cJSON_GetObjectItem(entry, "bank"));
    assert_string_equal(up__atari_cart_type(atari.cart), bank);
    bool right = up__atari_console_load(&console, &atari, &screen, 0);
    right &= looks(cJSON_GetObjectItem(golden, "reset"), name, "after loading");
    right &= remembers(golden, name);
    if (console.episode_frames != cJSON_GetObjectItem(entry, "frame_count_after_reset")->valueint) {
        print_error("%s: %lld frames after loading\n", name, (long long)console.episode_frames);
        right = false;
    }
    int reward = 0;
    right &= is_possible(name, 0);
    for (int t = 0; t < 300; t++) {
        reward += up__atari_console_act(&console, &atari, &screen,
                                        atari.game.minimal[t / 5 % atari.game.actions], NULL);
        if (t % 9 == 0) right &= is_possible(name, t);
    }
    right &= looks(cJSON_GetObjectItem(golden, "after_300"), name, "after 300 frames");
    if (reward != cJSON_GetObjectItem(golden, "reward_300")->valueint) {
        print_error("%s: 300 frames paid %d\n", name, reward);
        right = false;
    }
    return right;
}

static void test_golden(void **state) {
    (void)state;
    cJSON *root = cJSON_Parse(up__atari_games_json);
    const cJSON *entry;
    int games = 0, wrong = 0;
    cJSON_ArrayForEach(entry, cJSON_GetObjectItem(root, "games")) {
        UpStatus status = up__atari_system_open(&atari, entry->string);
        if (status == UP_NOT_FOUND && games == 0) {
            cJSON_Delete(root);
            print_message("%s\n", up_error());
            skip();
        }
        assert_ok(status);
        games++;
        wrong += !plays(entry);
        up__atari_system_close(&atari);
    }
    cJSON_Delete(root);
    assert_int_equal(games, 104);
    assert_int_equal(wrong, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_golden)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
