// The language of the rules: every form of an expression, what is refused, and that all games are
// understood.
#include <cjson/cJSON.h>

#include "scratch.h"

#include "env/atari/game/games.h"
#include "env/atari/game/rule.h"

extern const char up__atari_games_json[];

static uint8_t ram[128], cart[128];

typedef struct Case {
    const char *text;
    int32_t value;
} Case;

static UpRuleCompiler compiler;

static void begin(void) {
    memset(&compiler, 0, sizeof compiler);
    compiler.where = "test";
    compiler.cart = true;
    compiler.digit = "v == 0x80 ? 0 : v >> 3";
}

static int32_t evaluate(const char *text) {
    begin();
    assert_ok(up__rule_expression(&compiler, text));
    assert_ok(up__rule_end(&compiler));
    int32_t var[UP__RULE_VARS] = {0};
    UpRuleInput input = {.ram = ram, .cart = cart, .mode = 7};
    return up__rule_run(compiler.op, &input, var);
}

static void test_expressions(void **state) {
    (void)state;
    for (int i = 0; i < 128; i++) {
        ram[i] = (uint8_t)(3 * i);
        cart[i] = (uint8_t)(255 - i);
    }
    ram[1] = 0x12;
    ram[2] = 0x34;
    ram[3] = 0xAB; // no digits, but they count
    const Case cases[] = {
        {"0", 0},
        {"2147483647", INT32_MAX},
        {"0x7F", 127},
        {" 1 + 2 * 3 ", 7},
        {"(1 + 2) * 3", 9},
        {"10 - 3 - 2", 5},
        {"100 / 7 % 4", 2},
        {"-7 / 2", -3},
        {"-7 % 4", -3},
        {"- -5", 5},
        {"!0 + !9", 1},
        {"~5", -6},
        {"1 << 4 >> 2", 4},
        {"-16 >> 2", -4},
        {"6 & 3 | 8", 10},
        {"6 ^ 3", 5},
        {"1 | 2 ^ 3 & 2", 1 | (2 ^ (3 & 2))},
        {"1 < 2 == 1", 1},
        {"2 <= 1", 0},
        {"2 > 1", 1},
        {"2 >= 3", 0},
        {"2 != 2", 0},
        {"4 & 4 == 4", 4 & (4 == 4)},
        {"5 && 3", 1},
        {"5 && 0", 0},
        {"0 && 1 || 1", 1},
        {"0 || 9", 1},
        {"7 || 0", 1},
        {"0 || 0", 0},
        {"1 ? 2 : 3", 2},
        {"0 ? 2 : 0 ? 4 : 5", 5},
        {"1 + (0 ? 2 : 3) * 10", 31},
        {"m", 7},
        {"m * m", 49},
        {"m & 1 ? 3 : 4", 3},
        {"m & 8 ? 3 : 4", 4},
        {"m == 7 ? 3 : 4", 3},
        {"ram[0x10]", 48},
        {"ram[2 + 3]", 15},
        {"ram[1 ? 4 : 5]", 12},
        {"cart[0]", 255},
        {"cart[ram[0]]", 255},
        {"bcd(0x01)", 12},
        {"bcd(1,2)", 3412},
        {"bcd(1,2,1)", 123412},
        {"bcd(3)", 111},
        {"bcdv(0x99, 1)", 199},
        {"bcdv(ram[2])", 34},
        {"sx(255)", -1},
        {"sx(0x180)", -128},
        {"dig(0x80) + dig(24)", 3},
        {"sum(i,0,3, i)", 6},
        {"sum(i,5,5, ram[i])", 15},
        {"sum(i,4,5, ram[i] == 12 || i == 5)", 2},
        {"sum(i,0,2, sum(j,1,2, 10*i + j))", 69},
        {"sum(i,0,2, i) + sum(i,1,2, i)", 6},
        {"2147483647 + 1", INT32_MIN},
        {"65536 * 65536", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (evaluate(cases[i].text) != cases[i].value)
            fail_msg("%s is %d, not %d", cases[i].text, evaluate(cases[i].text), cases[i].value);
}

// Both sides of && and || are not always run: what lies behind must still be right.
static void test_order(void **state) {
    (void)state;
    begin();
    assert_ok(up__rule_assignment(&compiler, "a = 3"));
    assert_ok(up__rule_assignment(&compiler, "b = a > 2 && a < 5 ? a * 2 : a"));
    assert_ok(up__rule_assignment(&compiler, "a = a + b"));
    assert_ok(up__rule_end(&compiler));
    int second = compiler.ops;
    assert_ok(up__rule_expression(&compiler, "a == 9 || b ? 5 : sum(i,0,2, 7)"));
    assert_ok(up__rule_end(&compiler));
    int32_t var[UP__RULE_VARS] = {0};
    UpRuleInput input = {.ram = ram, .cart = cart};
    up__rule_run(compiler.op, &input, var);
    assert_int_equal(var[up__rule_find(&compiler, "a")], 9);
    assert_int_equal(var[up__rule_find(&compiler, "b")], 6);
    assert_int_equal(up__rule_run(compiler.op + second, &input, var), 5);
    var[up__rule_find(&compiler, "a")] = var[up__rule_find(&compiler, "b")] = 0;
    assert_int_equal(up__rule_run(compiler.op + second, &input, var), 21);
}

static void test_random(void **state) {
    (void)state;
    UpMt19937 mt, same;
    up__mt19937_seed(&mt, 5);
    same = mt;
    begin();
    compiler.script = true;
    assert_ok(up__rule_expression(&compiler, "2 + rng % 256"));
    assert_ok(up__rule_end(&compiler));
    int32_t var[UP__RULE_VARS] = {0};
    UpRuleInput input = {.ram = ram, .cart = cart, .rng = &mt};
    for (int i = 0; i < 20; i++)
        assert_int_equal(up__rule_run(compiler.op, &input, var),
                         2 + (int)(up__mt19937_next(&same) % 256));
}

static void test_refused(void **state) {
    (void)state;
    const char *const wrong[] = {
        "",
        "1 +",
        "(1",
        "1)",
        "1 2",
        "ram[128]",
        "ram[1",
        "bcd()",
        "bcd(1",
        "nothing",
        "rng",
        "x = 1",
        "1 / 0",
        "1 / m",
        "1 % (1 ? 2 : 3)",
        "sum(i,0,999,i)",
        "sum(i,2,1,i)",
        "sum(i,0,m,i)",
        "1 ? 2",
        "cart[0x80]",
        "0x",
        "99999999999",
        "@",
        "sum(i,0,1,i) + i",
        "a_name_longer_than_any",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        begin();
        UpStatus status = up__rule_expression(&compiler, wrong[i]);
        if (status != UP_FORMAT) fail_msg("\"%s\" was taken", wrong[i]);
        assert_non_null(strstr(up_error(), "test"));
    }
    begin();
    compiler.cart = false;
    assert_int_equal(up__rule_expression(&compiler, "cart[0]"), UP_FORMAT);
    compiler.digit = NULL;
    assert_int_equal(up__rule_expression(&compiler, "dig(1)"), UP_FORMAT);
}

// Neither depth nor length of an expression leads out of the compiler's arrays.
static void test_limits(void **state) {
    (void)state;
    char text[4096];
    memset(text, '(', sizeof text - 1);
    text[sizeof text - 1] = 0;
    begin();
    assert_int_equal(up__rule_expression(&compiler, text), UP_FORMAT);
    memset(text, '-', sizeof text - 1);
    begin();
    assert_int_equal(up__rule_expression(&compiler, text), UP_FORMAT);

    strcpy(text, "1");
    for (int i = 0; i < 60; i++)
        strcat(text, " + (1");
    begin();
    assert_int_equal(up__rule_expression(&compiler, text), UP_FORMAT);

    strcpy(text, "1");
    for (int i = 0; i < 500; i++)
        strcat(text, " + m");
    begin();
    assert_int_equal(up__rule_expression(&compiler, text), UP_FORMAT);
    assert_true(compiler.ops <= UP__RULE_OPS);

    begin();
    for (int i = 0; i < UP__RULE_VARS; i++) {
        char name[16];
        snprintf(name, sizeof name, "x%d", i);
        assert_int_equal(up__rule_declare(&compiler, name), i);
    }
    assert_int_equal(up__rule_declare(&compiler, "y"), -1);
    assert_int_equal(up__rule_declare(&compiler, "x1"), -1);
}

static void test_all_games(void **state) {
    (void)state;
    cJSON *root = cJSON_Parse(up__atari_games_json);
    const cJSON *entry;
    int games = 0;
    static UpAtariGame game;
    cJSON_ArrayForEach(entry, cJSON_GetObjectItem(root, "games")) {
        assert_ok(up__atari_game_load(&game, entry->string));
        assert_true(game.actions >= 3 && game.modes >= 1);
        assert_int_not_equal(game.reward, game.terminal);
        games++;
    }
    cJSON_Delete(root);
    assert_int_equal(games, 104);
    assert_int_equal(up__atari_game_load(&game, "combat"), UP_UNKNOWN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expressions), cmocka_unit_test(test_order),
        cmocka_unit_test(test_random),      cmocka_unit_test(test_refused),
        cmocka_unit_test(test_limits),      cmocka_unit_test(test_all_games),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
