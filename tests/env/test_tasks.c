// Native tasks against what is known of them: optimal and average returns, masks, their keywords.
#include "env/batch.h"

static Batch open_with(const char *id, const char *options, int instances) {
    UpEnvDef def = up_env_def_default();
    snprintf(def.id, sizeof def.id, "%s", id);
    snprintf(def.options, sizeof def.options, "%s", options);
    return batch_open_def(&def, instances, 11);
}

static void test_bandit(void **state) {
    (void)state;
    Batch batch = open_with("uphill/Bandit-v0", "", 100);
    assert_int_equal(batch.env->spec.action.n, 100);
    for (int i = 0; i < 100; i++)
        batch.action[i] = (float)i;
    assert_ok(up_env_step(batch.env, &batch.step));
    for (int i = 0; i < 100; i++) {
        assert_true(batch.step.reward[i] == (i == 0 ? 1 : i < 50 ? 0.9 : 0));
        assert_true(batch.step.terminated[i] && batch.step.obs.f32[i] == 1);
    }
    batch_close(&batch);
}

// Sample averages, and a random arm with probability epsilon. Returns the mean reward of the last
// hundred of a thousand steps.
static double play_testbed(double epsilon) {
    enum { N = 1000, ARMS = 10, STEPS = 999 };
    Batch batch = open_with("uphill/Testbed-v0", "", N);
    static double value[N][ARMS], pulls[N][ARMS];
    memset(value, 0, sizeof value);
    memset(pulls, 0, sizeof pulls);
    double total = 0;
    for (int t = 0; t < STEPS; t++) {
        for (int i = 0; i < N; i++) {
            int best = 0;
            for (int a = 1; a < ARMS; a++)
                if (value[i][a] > value[i][best]) best = a;
            bool explores = up_rng_double(&batch.rng[i]) < epsilon;
            batch.action[i] = (float)(explores ? up_rng_integers(&batch.rng[i], 0, ARMS) : best);
        }
        assert_ok(up_env_step(batch.env, &batch.step));
        for (int i = 0; i < N; i++) {
            int a = (int)batch.action[i];
            value[i][a] += (batch.step.reward[i] - value[i][a]) / ++pulls[i][a];
            if (t >= STEPS - 100) total += batch.step.reward[i];
        }
    }
    batch_close(&batch);
    return total / (N * 100.0);
}

// Sutton and Barto, figure 2.2; over 40,000 runs 1.03, and 1.37 with epsilon = 0.1.
static void test_testbed(void **state) {
    (void)state;
    assert_float_equal(play_testbed(0), 1.03, 0.06);
    assert_float_equal(play_testbed(0.1), 1.37, 0.06);
}

static void test_random_walk(void **state) {
    (void)state;
    enum { N = 100 };
    Batch batch = open_with("uphill/RandomWalk-v0", "", N);
    int steps = 0, episodes = 0, right = 0;
    while (episodes < 20000) {
        batch_act(&batch);
        steps += N;
        for (int i = 0; i < N; i++) {
            episodes += batch.step.terminated[i];
            right += batch.step.reward[i] == 1;
            if (!batch.step.terminated[i]) continue;
            assert_true(batch.step.final_obs.f32[i] == (batch.step.reward[i] == 1 ? 6 : 0));
            assert_true(batch.step.obs.f32[i] == 3);
        }
    }
    assert_float_equal((double)right / episodes, 0.5, 0.02);
    assert_float_equal((double)steps / episodes, 9, 0.3); // 3 × 3 steps from the middle
    batch_close(&batch);
}

// Whoever remembers the symbol is right, whoever does not is right as often as chance has it.
static double play_recall(const char *options, int delay, int symbols, bool remembers) {
    enum { N = 200, EPISODES = 20 };
    Batch batch = open_with("uphill/Recall-v0", options, N);
    double right = 0, cue[N];
    assert_int_equal(batch.env->spec.obs.n, symbols + 2);
    assert_int_equal(batch.env->spec.action.n, symbols);
    for (int t = 0; t < EPISODES * (delay + 1); t++) {
        bool asked = t % (delay + 1) == delay;
        for (int i = 0; i < N; i++) {
            double seen = (double)batch.step.obs.f32[i];
            if (t % (delay + 1) == 0) cue[i] = seen;
            assert_true(cue[i] >= 1 && cue[i] <= symbols);
            assert_true(t % (delay + 1) == 0 || seen == (asked ? symbols + 1 : 0));
            batch.action[i] = remembers ? (float)cue[i] - 1 : 0;
        }
        assert_ok(up_env_step(batch.env, &batch.step));
        for (int i = 0; i < N; i++) {
            assert_int_equal(batch.step.terminated[i], asked);
            assert_true(asked || batch.step.reward[i] == 0);
            right += batch.step.reward[i];
        }
    }
    batch_close(&batch);
    return right / (N * EPISODES);
}

static void test_recall(void **state) {
    (void)state;
    assert_true(play_recall("", 20, 4, true) == 1);
    assert_float_equal(play_recall("", 20, 4, false), 0.25, 0.03);
    assert_true(play_recall("delay=1;symbols=2", 1, 2, true) == 1);
    assert_float_equal(play_recall("delay=3;symbols=10", 3, 10, false), 0.1, 0.03);
}

// The same instances, of which one is seen without its velocities.
static void check_mask_velocity(const char *id, const int *hidden, int hides) {
    enum { N = 5 };
    UpEnvDef def = up_env_def_default();
    snprintf(def.id, sizeof def.id, "%s", id);
    Batch plain = batch_open_def(&def, N, 11);
    def.mask_velocity = true;
    Batch batch = batch_open_def(&def, N, 11);
    int64_t dim = plain.env->spec.obs.size;
    int ends = 0;
    for (int t = 0; t < 600; t++) {
        for (int64_t k = 0; k < N * dim; k++) {
            int n = (int)(k / dim);
            bool ended = batch.step.terminated[n] || batch.step.truncated[n], is_hidden = false;
            for (int h = 0; h < hides; h++)
                is_hidden |= hidden[h] == k % dim;
            assert_true(batch.step.obs.f32[k] == (is_hidden ? 0 : plain.step.obs.f32[k]));
            float last = is_hidden ? 0 : plain.step.final_obs.f32[k];
            assert_true(!ended || batch.step.final_obs.f32[k] == last);
            ends += ended;
        }
        batch_act(&plain);
        batch_act(&batch);
    }
    assert_true(ends > 0);
    batch_close(&plain);
    batch_close(&batch);
}

static void test_mask_velocity(void **state) {
    (void)state;
    check_mask_velocity("CartPole-v1", (int[]){1, 3}, 2);
    check_mask_velocity("Pendulum-v1", (int[]){2}, 1);
    check_mask_velocity("MountainCar-v0", (int[]){1}, 1);
    check_mask_velocity("Acrobot-v1", (int[]){4, 5}, 2);
    UpEnvDef def = up_env_def_default();
    UpEnv *env;
    snprintf(def.id, sizeof def.id, "Blackjack-v1");
    def.mask_velocity = true;
    assert_int_equal(up_env_create(&env, &def, 1), UP_USAGE);
    assert_non_null(strstr(up_error(), "Blackjack-v1: env.mask_velocity knows"));
    assert_null(env);
}

// Sutton and Barto, figure 5.2: sums from which to stick, hard and soft, by the dealer's card.
static bool sticks_optimally(const float *obs) {
    static const int hard[] = {0, 17, 13, 13, 12, 12, 12, 17, 17, 17, 17};
    static const int soft[] = {0, 19, 18, 18, 18, 18, 18, 18, 18, 19, 19};
    int card = (int)obs[1];
    return (int)obs[0] >= (obs[2] == 1 ? soft : hard)[card];
}

static double play_blackjack(bool optimally, int games) {
    enum { N = 200 };
    Batch batch = open_with("Blackjack-v1", "", N);
    int played = 0;
    double total = 0;
    while (played < games) {
        for (int i = 0; i < N; i++) {
            const float *obs = batch.step.obs.f32 + i * 3;
            batch.action[i] = (optimally ? sticks_optimally(obs) : obs[0] >= 20) ? 0 : 1;
        }
        assert_ok(up_env_step(batch.env, &batch.step));
        for (int i = 0; i < N; i++) {
            played += batch.step.terminated[i];
            total += batch.step.reward[i];
        }
    }
    batch_close(&batch);
    return total / played;
}

// The exact values are from dynamic programming.
static void test_blackjack(void **state) {
    (void)state;
    assert_float_equal(play_blackjack(false, 500000), -0.3501, 0.005);
    assert_float_equal(play_blackjack(true, 500000), -0.0431, 0.005);
}

// Taxi's mask says which actions change the state.
static void test_taxi_mask(void **state) {
    (void)state;
    enum { N = 200, ACTIONS = 6 };
    Batch batch = open_with("Taxi-v4", "", N);
    assert_int_equal(batch.env->spec.mask_size, ACTIONS);
    int changes = 0, picked_up = 0;
    for (int t = 0; t < 500; t++) {
        float before[N];
        uint8_t mask[N][ACTIONS];
        memcpy(before, batch.step.obs.f32, sizeof before);
        memcpy(mask, batch.step.obs.mask, sizeof mask);
        batch_act(&batch);
        for (int i = 0; i < N; i++) {
            if (batch.step.terminated[i] || batch.step.truncated[i]) continue;
            bool changed = batch.step.obs.f32[i] != before[i];
            int action = (int)batch.action[i];
            assert_int_equal(changed, mask[i][action]);
            changes += changed;
            picked_up += changed && action == 4;
        }
    }
    assert_true(changes > 10000 && picked_up > 50);
    batch_close(&batch);
}

static void refuses(const char *id, const char *options, const char *part) {
    UpEnvDef def = up_env_def_default();
    UpEnv *env;
    snprintf(def.id, sizeof def.id, "%s", id);
    snprintf(def.options, sizeof def.options, "%s", options);
    assert_int_equal(up_env_create(&env, &def, 1), UP_USAGE);
    assert_null(env);
    if (!strstr(up_error(), part)) fail_msg("\"%s\" does not say \"%s\"", up_error(), part);
}

static void test_keywords(void **state) {
    (void)state;
    refuses("FrozenLake-v1", "map_name=5x5", "no map \"5x5\"");
    refuses("FrozenLake-v1", "desc=SFF,FFFF,FFG", "row 2");
    refuses("FrozenLake-v1", "desc=abc", "no row");
    refuses("FrozenLake-v1", "desc=FFF,FFG", "no state to start in");
    refuses("FrozenLake-v1", "success_rate=1.5", "not a probability");
    refuses("FrozenLake-v1", "reward_schedule=(1,2)", "3 numbers");
    refuses("Taxi-v4", "rainy_probability=-1", "not a probability");
    refuses("uphill/Bandit-v0", "arms=2.5", "not an integer");
    refuses("uphill/Testbed-v0", "arms=0", "not an integer");
    refuses("uphill/Recall-v0", "delay=0", "delay = 0 is not an integer of 1 to");
    refuses("uphill/Recall-v0", "symbols=2.5", "symbols = 2.5 is not an integer");
    refuses("Blackjack-v1", "decks=2", "natural, sab");
}

// Bytes that no task could have written do not get in.
static void test_damaged_state(void **state) {
    (void)state;
    static const char *const id[] = {"FrozenLake-v1", "Taxi-v4", "Blackjack-v1", "uphill/Bandit-v0",
                                     "uphill/Recall-v0"};
    for (int k = 0; k < 5; k++) {
        Batch batch = open_with(id[k], "", 1);
        size_t size = batch.env->vtable->state_size(batch.env), start = sizeof(UpRng) + 4;
        uint8_t *bytes = guarded_alloc(&batch, size);
        batch.env->vtable->state_save(batch.env, bytes);
        assert_ok(batch.env->vtable->state_load(batch.env, bytes, size));
        memset(bytes + start, 0x7f, 4);
        assert_int_equal(batch.env->vtable->state_load(batch.env, bytes, size), UP_FORMAT);
        batch_close(&batch);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bandit),        cmocka_unit_test(test_testbed),
        cmocka_unit_test(test_random_walk),   cmocka_unit_test(test_recall),
        cmocka_unit_test(test_mask_velocity), cmocka_unit_test(test_blackjack),
        cmocka_unit_test(test_taxi_mask),     cmocka_unit_test(test_keywords),
        cmocka_unit_test(test_damaged_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
