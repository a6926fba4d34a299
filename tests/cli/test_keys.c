// What held keys mean in each game. The keys are part of the program, so their source is included.
#include "../scratch.h"

#include "../../cli/screen/keys.c"

#define BIT(key) (1U << (key))

static float chosen(const char *id, UpSpace space, uint32_t held, int component) {
    KeyMap map;
    float action[3] = {7, 7, 7};
    assert_true(keys_find(id, &space, &map));
    keys_choose(&map, &space, held, action);
    return action[component];
}

static void test_discrete(void **state) {
    (void)state;
    UpSpace two = up_space_discrete(2), three = up_space_discrete(3);
    assert_true(chosen("CartPole-v1", two, BIT(KEY_LEFT), 0) == 0);
    assert_true(chosen("gym:CartPole-v0", two, BIT(KEY_RIGHT), 0) == 1);
    assert_true(chosen("CartPole-v1", two, 0, 0) == 7); // it has no idle action: the last one
    assert_true(chosen("MountainCar-v0", three, 0, 0) == 1);
    assert_true(chosen("Taxi-v4", up_space_discrete(6), BIT(KEY_RETURN), 0) == 5);
}

static void test_box(void **state) {
    (void)state;
    UpSpace torque = up_space_box(1, -2, 2), car = up_space_box(3, 0, 1);
    assert_true(chosen("Pendulum-v1", torque, BIT(KEY_LEFT), 0) == 2);
    assert_true(chosen("Pendulum-v1", torque, BIT(KEY_RIGHT), 0) == -2);
    assert_true(chosen("Pendulum-v1", torque, BIT(KEY_RIGHT) | BIT(KEY_LEFT), 0) == 0);
    assert_true(chosen("Pendulum-v1", torque, 0, 0) == 0);
    car.bounds = 3;
    car.low[0] = -1;
    car.high[0] = car.high[1] = car.high[2] = 1;
    assert_true(chosen("CarRacing-v3", car, BIT(KEY_LEFT) | BIT(KEY_UP), 0) == -1);
    assert_true(chosen("CarRacing-v3", car, BIT(KEY_LEFT) | BIT(KEY_UP), 1) == 1);
    assert_true(chosen("CarRacing-v3", car, BIT(KEY_LEFT) | BIT(KEY_UP), 2) == 0);
}

// The order of ale_py.Action.
static void test_atari(void **state) {
    (void)state;
    const uint32_t up = BIT(KEY_UP), right = BIT(KEY_RIGHT), left = BIT(KEY_LEFT),
                   down = BIT(KEY_DOWN), fire = BIT(KEY_SPACE);
    const uint32_t held[18] = {0,
                               fire,
                               up,
                               right,
                               left,
                               down,
                               up | right,
                               up | left,
                               down | right,
                               down | left,
                               up | fire,
                               right | fire,
                               left | fire,
                               down | fire,
                               up | right | fire,
                               up | left | fire,
                               down | right | fire,
                               down | left | fire};
    for (int a = 0; a < 18; a++) {
        assert_true(chosen("ALE/Breakout-v5", up_space_discrete(18), held[a], 0) == (float)a);
        assert_true(chosen("PongNoFrameskip-v4", up_space_discrete(18), held[a], 0) == (float)a);
    }
    assert_true(keys_atari("gym:ALE/Pong-v5") && keys_atari("PongDeterministic-v4"));
    assert_false(keys_atari("uphill/Pong-v0"));
}

static void test_unknown(void **state) {
    (void)state;
    KeyMap map;
    UpSpace many = up_space_discrete(11), box = up_space_box(6, -1, 1);
    assert_true(chosen("Own-v0", up_space_discrete(10), BIT(KEY_0 + 9), 0) == 9);
    assert_false(keys_find("Own-v0", &many, &map));
    assert_false(keys_find("HalfCheetah-v5", &box, &map));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_discrete), cmocka_unit_test(test_box),
                                       cmocka_unit_test(test_atari),
                                       cmocka_unit_test(test_unknown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
