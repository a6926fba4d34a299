// The embedded Pong: its screen, its rules, its scores, and that its pong80 observation is the one
// that preprocessing its screens would give.
#include "env/batch.h"

#include "env/native/task.h"
#include "env/native/pong.h"
#include "env/wrappers/pong80.h"

static const uint8_t *pixel(const uint8_t *rgb, int x, int y) {
    return rgb + (y * 160 + x) * 3;
}

static void assert_colour(const uint8_t *rgb, int x, int y, int red, int green, int blue) {
    const uint8_t *at = pixel(rgb, x, y);
    if (at[0] != red || at[1] != green || at[2] != blue)
        fail_msg("pixel (%d, %d) is (%d, %d, %d)", x, y, at[0], at[1], at[2]);
}

static void test_screen(void **state) {
    (void)state;
    static uint8_t rgb[210 * 160 * 3];
    UpPongGame game = {.agent_y = 100 * 256,
                       .opponent_y = 50 * 256 + 255,
                       .ball_x = 80 * 256,
                       .ball_y = 120 * 256,
                       .opponent_score = 17,
                       .agent_score = 3,
                       .served = 1};
    up__pong_draw(&game, rgb);
    assert_colour(rgb, 0, 40, 144, 72, 17);
    assert_colour(rgb, 0, 23, 144, 72, 17);
    assert_colour(rgb, 0, 24, 236, 236, 236);
    assert_colour(rgb, 159, 33, 236, 236, 236);
    assert_colour(rgb, 0, 34, 144, 72, 17);
    assert_colour(rgb, 0, 193, 144, 72, 17);
    assert_colour(rgb, 0, 194, 236, 236, 236);
    assert_colour(rgb, 159, 209, 236, 236, 236);
    assert_colour(rgb, 16, 50, 213, 130, 74);
    assert_colour(rgb, 19, 65, 213, 130, 74);
    assert_colour(rgb, 15, 50, 144, 72, 17);
    assert_colour(rgb, 16, 66, 144, 72, 17);
    assert_colour(rgb, 140, 100, 92, 186, 92);
    assert_colour(rgb, 143, 115, 92, 186, 92);
    assert_colour(rgb, 144, 100, 144, 72, 17);
    assert_colour(rgb, 140, 99, 144, 72, 17);
    assert_colour(rgb, 80, 120, 236, 236, 236);
    assert_colour(rgb, 81, 123, 236, 236, 236);
    assert_colour(rgb, 82, 120, 144, 72, 17);
    int lit[2] = {0}; // pixels of the scores, left and right
    for (int y = 0; y < 24; y++)
        for (int x = 0; x < 160; x++)
            lit[x >= 80] += pixel(rgb, x, y)[0] != 144;
    assert_int_equal(lit[0], (5 + 7) * 16); // the blocks of "1" and "7"
    assert_int_equal(lit[1], 11 * 16);      // and of "3"

    game.served = 0;
    up__pong_draw(&game, rgb);
    assert_colour(rgb, 0, 40, 109, 118, 43);
}

// The difference, drawn and preprocessed, against the one from positions. N games under four
// policies: random, still, following the ball, and following it with the paddle's edge.
enum { GAMES = 4, LONG = 20000 };

static float follow(const UpPongGame *game, int aim) {
    int distance = game->ball_y - 6 * 256 + aim - game->agent_y;
    return distance > 1024 ? 3 : distance < -1024 ? 2 : 0;
}

static void choose(Batch *batch, const UpPongGame *games) {
    batch_draw(batch, 0);
    batch->action[1] = 0;
    batch->action[2] = follow(&games[2], 0);
    batch->action[3] = follow(&games[3], games[3].hits % 3 ? 7 * 256 : -7 * 256);
}

// The games are the first array of the description.
static const UpPongGame *games_of(const Batch *batch) {
    const UpTask *task = (const UpTask *)batch->env;
    const UpPongGame *games;
    memcpy(&games, (const char *)task + task->kind->array[0].pointer, sizeof games);
    return games;
}

static void same_rows(const UpObs *obs, int i, const UpSparseEntry *entry, uint32_t count) {
    assert_int_equal(obs->count[i], count);
    assert_memory_equal(obs->entry + obs->begin[i], entry, count * sizeof *entry);
}

static void test_difference(void **state) {
    (void)state;
    Batch sparse = batch_open("uphill/Pong-v0", UP_PREPROCESS_PONG80, GAMES, 50);
    Batch raw = batch_open("uphill/Pong-v0", UP_PREPROCESS_NONE, GAMES, 50);
    UpArena arena = {0};
    UpPong80 pong80;
    assert_ok(up__pong80_create(&pong80, GAMES, &arena));
    static uint8_t red[UP__PONG80_DIM];
    static UpSparseEntry entry[UP__PONG80_DIM];
    uint32_t count;
    const size_t screen = 210 * 160 * 3;
    for (int i = 0; i < GAMES; i++) {
        up__pong80_sample(raw.step.obs.u8 + (size_t)i * screen, red);
        up__pong80_apply(&pong80, i, red, entry, &count);
        same_rows(&sparse.step.obs, i, entry, count);
        assert_int_equal(count, 0);
    }
    int episodes = 0, longest = 0;
    for (int t = 0; t < LONG; t++) {
        choose(&sparse, games_of(&sparse));
        memcpy(raw.action, sparse.action, GAMES * sizeof(float));
        assert_ok(up_env_step(sparse.env, &sparse.step));
        assert_ok(up_env_step(raw.env, &raw.step));
        for (int i = 0; i < GAMES; i++) {
            assert_true(sparse.step.reward[i] == raw.step.reward[i]);
            bool ended = raw.step.terminated[i] || raw.step.truncated[i];
            if (ended) {
                up__pong80_sample(raw.step.final_obs.u8 + (size_t)i * screen, red);
                up__pong80_apply(&pong80, i, red, entry, &count);
                same_rows(&sparse.step.final_obs, i, entry, count);
                up__pong80_reset(&pong80, i);
                episodes++;
            }
            up__pong80_sample(raw.step.obs.u8 + (size_t)i * screen, red);
            up__pong80_apply(&pong80, i, red, entry, &count);
            same_rows(&sparse.step.obs, i, entry, count);
            if ((int)count > longest) longest = (int)count;
        }
    }
    assert_true(episodes > 40);
    assert_in_range(longest, 20, 74);
    up_arena_free(&arena);
    batch_close(&sparse);
    batch_close(&raw);
}

// ---------------------------------------------------------------------------------------------------
// Rules

// FIRE does nothing, RIGHT is up, LEFT is down, and the FIRE forms are the same moves.
static void test_actions(void **state) {
    (void)state;
    Batch batch = batch_open("uphill/Pong-v0", UP_PREPROCESS_PONG80, 6, 0);
    for (int t = 0; t < 8; t++) // both paddles wait for the serve
        assert_ok(up_env_step(batch.env, &batch.step));
    for (int i = 0; i < 6; i++) {
        batch.action[i] = (float)i;
        assert_int_equal(games_of(&batch)[i].wait, 0);
        assert_int_equal(games_of(&batch)[i].agent_y, 106 * 256);
    }
    assert_ok(up_env_step(batch.env, &batch.step));
    const int moved[6] = {0, 0, -12, 12, -12, 12};
    for (int i = 0; i < 6; i++)
        assert_int_equal(games_of(&batch)[i].agent_y, (106 + moved[i]) * 256);
    batch_close(&batch);
}

// Over long random play: nothing leaves its place, every point is a reward, an episode ends at 21,
// and the side that lost a point is served to.
static void test_invariants(void **state) {
    (void)state;
    Batch batch = batch_open("uphill/Pong-v0", UP_PREPROCESS_PONG80, GAMES, 60);
    int score[GAMES] = {0}, lost[GAMES] = {0}, points = 0;
    for (int t = 0; t < LONG; t++) {
        choose(&batch, games_of(&batch));
        assert_ok(up_env_step(batch.env, &batch.step));
        for (int i = 0; i < GAMES; i++) {
            const UpPongGame *game = &games_of(&batch)[i];
            assert_in_range(game->agent_y, 34 * 256, (194 - 16) * 256);
            assert_in_range(game->opponent_y, 34 * 256, (194 - 16) * 256);
            if (game->wait == 0) assert_in_range(game->ball_y, 34 * 256, (194 - 4) * 256);
            assert_true(up__pong_possible(game));
            if (game->wait == 0 && game->hits == 0 && lost[i])
                assert_true(game->ball_dx * lost[i] > 0);
            int reward = (int)batch.step.reward[i];
            score[i] += reward;
            lost[i] = reward ? -reward : lost[i]; // 1: the agent, on the right
            points += reward != 0;
            if (!batch.step.terminated[i]) {
                assert_int_equal(game->agent_score - game->opponent_score, score[i]);
                continue;
            }
            assert_true(reward != 0 && score[i] >= -21 && score[i] <= 21);
            assert_int_equal(game->agent_score + game->opponent_score, 0);
            score[i] = lost[i] = 0;
        }
    }
    assert_true(points > 1000);
    batch_close(&batch);
}

// Every number of a saved game out of its place: refused, as it would be drawn off the screen.
static void test_damaged_state(void **state) {
    (void)state;
    Batch batch = batch_open("uphill/Pong-v0", UP_PREPROCESS_NONE, 1, 0);
    const UpEnvVtable *slots = batch.env->vtable;
    size_t size = slots->state_size(batch.env);
    uint8_t *bytes = malloc(size);
    assert_non_null(bytes);
    slots->state_save(batch.env, bytes);
    assert_ok(slots->state_load(batch.env, bytes, size));
    UpPongGame *game = (UpPongGame *)(void *)(bytes + size - sizeof *game);
    int32_t *number[] = {&game->agent_y,     &game->opponent_y,    &game->ball_x, &game->ball_y,
                         &game->ball_dx,     &game->ball_dy,       &game->hits,   &game->wait,
                         &game->agent_score, &game->opponent_score};
    for (size_t i = 0; i < sizeof number / sizeof *number; i++) {
        int32_t right = *number[i];
        *number[i] = INT32_MAX;
        assert_int_equal(slots->state_load(batch.env, bytes, size), UP_FORMAT);
        *number[i] = INT32_MIN;
        assert_int_equal(slots->state_load(batch.env, bytes, size), UP_FORMAT);
        *number[i] = right;
    }
    free(bytes);
    batch_close(&batch);
}

// A ball meets each part of the paddle: the further from its middle, the steeper; none passes
// through.
static void test_bounce(void **state) {
    (void)state;
    int previous = INT32_MIN, angles = 0;
    UpRng rng;
    up_rng_seed(&rng, 0);
    for (int offset = -9; offset <= 9; offset++) {
        UpPongGame game = {.agent_y = 100 * 256,
                           .opponent_y = 100 * 256,
                           .ball_x = 135 * 256,
                           .ball_y = (100 + 6 + offset) * 256,
                           .ball_dx = 2 * 256,
                           .hits = 2,
                           .served = 1};
        assert_int_equal(up__pong_step(&game, &rng, UP__PONG_STAY), 0);
        assert_int_equal(game.hits, 3);
        assert_true(game.ball_dx < -2 * 256); // faster than before
        assert_true(game.ball_x < 138 * 256);
        assert_true(game.ball_dy >= previous);
        angles += game.ball_dy > previous;
        previous = game.ball_dy;
    }
    assert_int_equal(angles, 8);
    for (int offset = -11; offset <= 11; offset += 22) { // just beside it
        UpPongGame game = {.agent_y = 100 * 256,
                           .opponent_y = 100 * 256,
                           .ball_x = 135 * 256,
                           .ball_y = (100 + 6 + offset) * 256,
                           .ball_dx = 2 * 256,
                           .served = 1};
        int reward = 0;
        for (int t = 0; t < 4; t++)
            reward += up__pong_step(&game, &rng, UP__PONG_STAY);
        assert_int_equal(reward, -1);
        assert_true(game.wait > 0 && !game.serve_left);
    }
}

// ---------------------------------------------------------------------------------------------------
// Scores: what a player of each kind can expect

typedef struct Result {
    double score, length;
} Result;

// Means over complete episodes.
static Result play(bool well, int episodes) {
    Batch batch = batch_open("uphill/Pong-v0", UP_PREPROCESS_PONG80, 8, 100);
    Result now[8] = {0}, sum = {0};
    int done = 0;
    while (done < episodes) {
        for (int i = 0; i < 8; i++) {
            batch_draw(&batch, i);
            if (well) batch.action[i] = follow(&games_of(&batch)[i], 0);
        }
        assert_ok(up_env_step(batch.env, &batch.step));
        for (int i = 0; i < 8; i++) {
            now[i].score += batch.step.reward[i];
            now[i].length++;
            if (!batch.step.terminated[i]) continue;
            sum.score += now[i].score;
            sum.length += now[i].length;
            now[i] = (Result){0};
            done++;
        }
    }
    batch_close(&batch);
    return (Result){sum.score / done, sum.length / done};
}

static void test_scores(void **state) {
    (void)state;
    Result random = play(false, 200), good = play(true, 200);
    print_message("random: %.2f in %.0f steps; well played: %.2f in %.0f steps\n", random.score,
                  random.length, good.score, good.length);
    assert_true(random.score > -20.5 && random.score < -19.5);
    assert_true(random.length > 600 && random.length < 1200);
    assert_true(good.score == 21);
    assert_true(good.length > 1000 && good.length < 2000);
}

// From the last point to the next step the picture shows the game that has ended, with its 21;
// people see who plays which paddle, the policy does not.
static void test_last_picture(void **state) {
    (void)state;
    enum { SCREEN = 210 * 160 * 3, FIELD = 194 * 160 * 3 };
    static uint8_t rgb[SCREEN];
    UpImage image = {.rgb = rgb};
    Batch batch = batch_open("uphill/Pong-v0", UP_PREPROCESS_NONE, 1, 3);
    assert_true(batch.env->spec.renders_end);
    assert_ok(up_env_render(batch.env, 0, &image));
    assert_memory_equal(rgb, batch.step.obs.u8, FIELD);
    assert_true(memcmp(rgb + FIELD, batch.step.obs.u8 + FIELD, SCREEN - FIELD) != 0);
    for (int end = 0; end < 2; end++) {
        do {
            batch_draw(&batch, 0);
            assert_ok(up_env_step(batch.env, &batch.step));
        } while (!batch.step.terminated[0]);
        for (int look = 0; look < 2; look++) {
            assert_ok(up_env_render(batch.env, 0, &image));
            assert_memory_equal(rgb, batch.step.final_obs.u8, FIELD);
        }
        assert_ok(up_env_step(batch.env, &batch.step));
        assert_ok(up_env_render(batch.env, 0, &image));
        assert_memory_equal(rgb, batch.step.obs.u8, FIELD);
    }
    batch_close(&batch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_screen),        cmocka_unit_test(test_difference),
        cmocka_unit_test(test_actions),       cmocka_unit_test(test_invariants),
        cmocka_unit_test(test_bounce),        cmocka_unit_test(test_scores),
        cmocka_unit_test(test_damaged_state), cmocka_unit_test(test_last_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
