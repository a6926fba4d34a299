// Atari's games as environments: what every environment owes, and what ids, keywords and saved
// games of these are. That the games are ALE's is test_atari_games.c's matter. Skipped without
// ROMs.
#include "env/batch.h"

#include "env/atari/internal.h"

enum { N = 3, STEPS = 60 };

static Batch open_with(const char *id, const char *options, int preprocess, int instances,
                       uint64_t seed) {
    UpEnvDef def = up_env_def_default();
    snprintf(def.id, sizeof def.id, "%s", id);
    snprintf(def.options, sizeof def.options, "%s", options);
    def.preprocess = preprocess;
    return batch_open_def(&def, instances, seed);
}

// ---------------------------------------------------------------------------------------------------
// Ids and keywords

static UpAtariDef read_def(const char *id, const char *options) {
    UpEnvDef env = up_env_def_default();
    UpAtariDef def;
    bool ours;
    snprintf(env.id, sizeof env.id, "%s", id);
    snprintf(env.options, sizeof env.options, "%s", options);
    assert_ok(up__atari_def(&def, &env, &ours));
    if (!ours) def.name[0] = 0;
    return def;
}

static void test_ids(void **state) {
    (void)state;
    const struct {
        const char *id, *name;
        int skip_low, skip_end;
        double sticky;
    } cases[] = {
        {"ALE/Pong-v5", "pong", 4, 5, 0.25},
        {"ALE/TicTacToe3D-v5", "tic_tac_toe_3d", 4, 5, 0.25},
        {"ALE/UpNDown-v5", "up_n_down", 4, 5, 0.25},
        {"Pong-v4", "pong", 2, 5, 0},
        {"Pong-v0", "pong", 2, 5, 0.25},
        {"MsPacmanNoFrameskip-v4", "ms_pacman", 1, 2, 0},
        {"MsPacmanNoFrameskip-v0", "ms_pacman", 1, 2, 0.25},
        {"PongDeterministic-v4", "pong", 4, 5, 0},
        {"SpaceInvadersDeterministic-v4", "space_invaders", 3, 4, 0},
        {"PongDeterministic-v0", "pong", 4, 5, 0.25},
        // a worker's
        {"gym:ALE/Pong-v5", "", 0, 0, 0},
        {"gym:Pong-v4", "", 0, 0, 0},
        {"CartPole-v0", "", 0, 0, 0},
        {"Taxi-v4", "", 0, 0, 0},
        {"Pong-v5", "", 0, 0, 0},
        {"PongNoFrameskip-v5", "", 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        UpAtariDef def = read_def(cases[i].id, "");
        if (strcmp(def.name, cases[i].name) != 0) fail_msg("%s is \"%s\"", cases[i].id, def.name);
        if (!*cases[i].name) continue;
        assert_int_equal(def.skip_low, cases[i].skip_low);
        assert_int_equal(def.skip_end, cases[i].skip_end);
        assert_true(def.repeat_probability == cases[i].sticky);
        assert_int_equal(def.frames_max, 108000);
    }
}

static void test_keywords(void **state) {
    (void)state;
    UpAtariDef def =
        read_def("ALE/Pong-v5", "frameskip=(2, 7);repeat_action_probability=0.5;mode=1;"
                                "difficulty=3;full_action_space=true;obs_type=ram;"
                                "max_num_frames_per_episode=500");
    assert_string_equal(def.name, "pong");
    assert_true(def.skip_low == 2 && def.skip_end == 7 && def.repeat_probability == 0.5);
    assert_true(def.mode == 1 && def.difficulty == 3 && def.full_actions);
    assert_true(def.obs == UP__ATARI_RAM_OBS && def.frames_max == 500);
    assert_int_equal(read_def("ALE/Pong-v5", "frameskip=9").skip_end, 10);
    assert_string_equal(read_def("ALE/Pong-v5", "continuous=true").name, ""); // the wrapper's
}

static void refused(const char *id, const char *options, UpStatus status, const char *message) {
    UpEnvDef def = up_env_def_default();
    UpEnv *env;
    snprintf(def.id, sizeof def.id, "%s", id);
    snprintf(def.options, sizeof def.options, "%s", options);
    assert_int_equal(up_env_create(&env, &def, 1), status);
    assert_null(env);
    if (!strstr(up_error(), message)) fail_msg("%s", up_error());
}

static void test_refused(void **state) {
    (void)state;
    refused("ALE/Pnog-v5", "", UP_UNKNOWN, "did you mean ALE/Pong-v5?");
    refused("ALE/Joust-v5", "", UP_UNSUPPORTED, "refuses it");
    refused("Frogger-v4", "", UP_UNKNOWN, "ALE/Frogger-v5");
    refused("ALE/Pong-v5", "mode=2", UP_USAGE, "no mode 2");
    refused("ALE/Pong-v5", "mode=-7", UP_USAGE, "no mode");
    refused("ALE/Pong-v5", "difficulty=-3", UP_USAGE, "no difficulty");
    refused("ALE/Pong-v5", "difficulty=4", UP_USAGE, "no difficulty 4");
    refused("ALE/Pong-v5", "frameskip=0", UP_USAGE, "frameskip");
    refused("ALE/Pong-v5", "frameskip=(3,3)", UP_USAGE, "frameskip");
    refused("ALE/Pong-v5", "frameskip=4x", UP_USAGE, "frameskip");
    refused("ALE/Pong-v5", "repeat_action_probability=2", UP_USAGE, "[0, 1]");
    refused("ALE/Pong-v5", "obs_type=sound", UP_USAGE, "obs_type");
    setenv("ALE_ROMS_DIR", "/nowhere", 1);
    refused("ALE/Pong-v5", "", UP_NOT_FOUND, "ALE/Pong-v5: the ROM of pong is missing");
    unsetenv("ALE_ROMS_DIR");
}

static void test_spaces(void **state) {
    (void)state;
    const struct {
        const char *id, *options;
        int64_t actions, size;
        double rate;
    } cases[] = {
        {"ALE/Pong-v5", "", 6, 210 * 160 * 3, 15},
        {"Pong-v4", "obs_type=grayscale", 6, 210 * 160, 20},
        {"BreakoutNoFrameskip-v4", "obs_type=ram", 4, 128, 60},
        {"ALE/Pong-v5", "full_action_space=true", 18, 210 * 160 * 3, 15},
        {"ALE/Klax-v5", "", 18, 250 * 160 * 3, 15},
        {"ALE/Skiing-v5", "full_action_space=true", 9, 210 * 160 * 3, 15},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Batch batch = open_with(cases[i].id, cases[i].options, UP_PREPROCESS_NONE, 1, 0);
        const UpEnvSpec *spec = &batch.env->spec;
        assert_int_equal(spec->action.n, cases[i].actions);
        assert_int_equal(spec->obs.size, cases[i].size);
        assert_true(spec->frames_per_second == cases[i].rate);
        assert_int_equal(spec->obs_form, cases[i].size == 128 ? UP_OBS_F32 : UP_OBS_U8);
        assert_true(isnan(spec->reward_threshold));
        batch_close(&batch);
    }
}

// ---------------------------------------------------------------------------------------------------
// Batches

typedef struct Form {
    const char *id, *options;
    int preprocess;
} Form;

// Stickiness, random frame skips, PAL, frames shorter than the screen, truncation.
static const Form forms[] = {
    {"ALE/Pong-v5", "", UP_PREPROCESS_PONG80},
    {"Breakout-v0", "obs_type=ram;max_num_frames_per_episode=90", UP_PREPROCESS_NONE},
    {"JourneyEscape-v4", "", UP_PREPROCESS_NONE},
    {"ALE/Klax-v5", "obs_type=grayscale", UP_PREPROCESS_NONE},
    {"ALE/Pitfall2-v5", "obs_type=ram", UP_PREPROCESS_NONE},
    {"AssaultNoFrameskip-v4", "", UP_PREPROCESS_ATARI},
};
enum { FORMS = sizeof forms / sizeof *forms };

static Batch open_form(const Form *form, int instances, uint64_t seed) {
    return open_with(form->id, form->options, form->preprocess, instances, seed);
}

// Instance i of a batch that threads step is the one that stands alone with the same seed.
static void test_batch_is_its_instances(void **state) {
    (void)state;
    UpPool *pool;
    assert_ok(up_pool_create(&pool, 3));
    for (int f = 0; f < FORMS; f++) {
        Batch batch = open_form(&forms[f], N, 40);
        uint64_t together[N] = {0};
        batch.env->pool = pool;
        for (int t = 0; t < STEPS; t++) {
            batch_act(&batch);
            for (int i = 0; i < N; i++)
                together[i] = hash_instance(together[i], &batch.step, i);
        }
        batch_close(&batch);
        Batch alone = open_form(&forms[f], 1, 41);
        uint64_t hash = 0;
        for (int t = 0; t < STEPS; t++) {
            batch_act(&alone);
            hash = hash_instance(hash, &alone.step, 0);
        }
        batch_close(&alone);
        assert_int_equal(hash, together[1]);
        assert_int_not_equal(hash, together[0]);
    }
    up_pool_destroy(pool);
}

// A saved state, loaded into another batch, goes on identically, stickiness and pictures included.
static void test_state(void **state) {
    (void)state;
    for (int f = 0; f < FORMS; f++) {
        Batch first = open_form(&forms[f], N, 7), second = open_form(&forms[f], N, 1000);
        for (int t = 0; t < 20; t++)
            batch_act(&first);
        size_t size = first.env->vtable->state_size(first.env);
        void *bytes = guarded_alloc(&first, size), *again = guarded_alloc(&first, size);
        first.env->vtable->state_save(first.env, bytes);
        assert_ok(second.env->vtable->state_load(second.env, bytes, size));
        second.env->vtable->state_save(second.env, again);
        assert_memory_equal(bytes, again, size);
        memcpy(second.rng, first.rng, N * sizeof *first.rng);
        for (int t = 0; t < STEPS; t++) {
            batch_act(&first);
            batch_act(&second);
            for (int i = 0; i < N; i++)
                if (hash_instance(0, &first.step, i) != hash_instance(0, &second.step, i))
                    fail_msg("%s: step %d, instance %d", forms[f].id, t, i);
        }
        assert_int_equal(second.env->vtable->state_load(second.env, bytes, size - 8), UP_MISMATCH);
        batch_close(&first);
        batch_close(&second);
    }
}

// One thing in a saved game that no game comes to. `size` bytes of `value`, at a place of the
// console.
typedef struct Fault {
    size_t at, size;
    int64_t value;
} Fault;
#define FAULT(field, value)                                                                        \
    { offsetof(UpAtariConsole, field), sizeof((UpAtariConsole *)0)->field, value }

static const Fault faults[] = {FAULT(machine.cycle, -1),
                               FAULT(machine.cycle, 1 << 28),
                               FAULT(machine.cpu.p, 0),
                               FAULT(machine.cpu.wrote, 2),
                               FAULT(machine.cpu.jammed, 3),
                               FAULT(machine.riot.shift, 2),
                               FAULT(machine.riot.shift, 200),
                               FAULT(machine.riot.expired, 2),
                               FAULT(machine.input.fire[1], 2),
                               FAULT(machine.input.resistance[2], -1),
                               FAULT(machine.input.resistance[0], INT32_MAX),
                               FAULT(machine.tia.frame_start, 1),
                               FAULT(machine.tia.frame_start, INT32_MIN),
                               FAULT(machine.tia.drawn, INT32_MAX),
                               FAULT(machine.tia.drawn, -229),
                               FAULT(machine.tia.origin, 17),
                               FAULT(machine.tia.origin, INT32_MAX),
                               FAULT(machine.tia.playfield, -1),
                               FAULT(machine.tia.collisions, 1 << 12),
                               FAULT(machine.tia.dump, 1),
                               FAULT(machine.tia.vblank, 0x42),
                               FAULT(machine.tia.ctrlpf, 0xFF),
                               FAULT(machine.tia.enabl, 1),
                               FAULT(machine.tia.old_enabl, 0xFF),
                               FAULT(machine.tia.vdelbl, 2),
                               FAULT(machine.tia.colour[2], 0x11),
                               FAULT(machine.tia.nusiz[1], 0x08),
                               FAULT(machine.tia.refp[0], 1),
                               FAULT(machine.tia.enam[1], 4),
                               FAULT(machine.tia.vdelp[0], 2),
                               FAULT(machine.tia.resmp[0], 1),
                               FAULT(machine.tia.hm[3], 0x0F),
                               FAULT(machine.tia.position[4], 160),
                               FAULT(machine.tia.suppressed[0], 2),
                               FAULT(machine.tia.reflect, 2),
                               FAULT(machine.tia.comb, 2),
                               FAULT(machine.tia.star, 2),
                               FAULT(machine.tia.star_counter, 4),
                               FAULT(machine.tia.star_shape, 4),
                               FAULT(machine.bank[0], 1),
                               FAULT(machine.bank[2], 255),
                               FAULT(machine.dpc.flag[0], 7),
                               FAULT(machine.dpc.counter[7], 2048),
                               FAULT(machine.dpc.music[0], 1),
                               FAULT(machine.dpc.fraction, -1), // not a number
                               FAULT(machine.pal, 2),
                               FAULT(machine.pal, 1),
                               FAULT(machine.ended, 255),
                               FAULT(machine.greyed, 2),
                               FAULT(machine.buffer, 2),
                               FAULT(machine.height, 211),
                               FAULT(machine.height, -1),
                               FAULT(machine.lines, -1),
                               FAULT(machine.lines, INT32_MAX),
                               FAULT(machine.frames, -1),
                               FAULT(machine.frames, INT64_MAX),
                               FAULT(machine.draws, -1),
                               FAULT(before.cycle, -1),
                               FAULT(before.buffer, 2),
                               FAULT(random.index, -1),
                               FAULT(random.index, 625),
                               FAULT(random.word, 0),
                               FAULT(paddle, -1),
                               FAULT(paddle, INT32_MAX),
                               FAULT(action, 18),
                               FAULT(action, -1),
                               FAULT(mode, 7),
                               FAULT(difficulty, 4),
                               FAULT(difficulty, -1),
                               FAULT(episode_frames, -1),
                               FAULT(episode_frames, INT64_MAX)};

// Each is refused, and the environment can be reset as if nothing had been.
static void test_impossible_states(void **state) {
    (void)state;
    Batch batch = open_form(&forms[0], N, 7);
    UpAtariConsole *console = up__atari_of(batch.env)->console;
    size_t size = batch.env->vtable->state_size(batch.env);
    uint8_t *good = guarded_alloc(&batch, size), *bad = guarded_alloc(&batch, size);
    uint64_t seeds[N] = {7, 8, 9};
    batch_act(&batch);
    batch.env->vtable->state_save(batch.env, good);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        const Fault *fault = &faults[i];
        assert_ok(batch.env->vtable->state_load(batch.env, good, size));
        uint8_t *at = (uint8_t *)&console[1] + fault->at;
        for (size_t b = 0; b < fault->size; b++)
            at[b] = (uint8_t)(b < 8 ? fault->value >> 8 * b : fault->value < 0 ? -1 : 0);
        batch.env->vtable->state_save(batch.env, bad);
        if (batch.env->vtable->state_load(batch.env, bad, size) != UP_FORMAT)
            fail_msg("fault %zu, %lld at %zu, is taken", i, (long long)fault->value, fault->at);
        if (!strstr(up_error(), "the saved state of instance 1 is damaged"))
            fail_msg("%s", up_error());
    }
    assert_ok(up_env_reset(batch.env, seeds, batch.step.obs));
    batch_act(&batch);
    batch_close(&batch);
}

// A byte, or a number of two to eight bytes as attackers and bits that fall over leave it.
static void damage(UpRng *rng, uint8_t *bytes, size_t size) {
    static const int64_t numbers[] = {0, -1, 1, INT32_MAX, INT32_MIN, INT64_MAX, 160, 255, 1 << 26};
    size_t width = (size_t)1 << up_rng_integers(rng, 0, 4);
    size_t at = (size_t)up_rng_integers(rng, 0, (int64_t)(size / width)) * width;
    int64_t value = numbers[up_rng_integers(rng, 0, sizeof numbers / sizeof *numbers)];
    if (up_rng_u32(rng) & 1)
        bytes[at] = (uint8_t)up_rng_u32(rng);
    else if (up_rng_u32(rng) & 1)
        bytes[at] ^= (uint8_t)(1u << (up_rng_u32(rng) & 7));
    else
        memcpy(bytes + at, &value, width);
}

// Whatever a file says is refused, or can be played, drawn and saved.
static void test_damaged_state(void **state) {
    (void)state;
    enum { LIGHTLY = 60, DAMAGES = 120 };
    UpRng rng;
    up_rng_seed(&rng, 3);
    int refusals = 0;
    for (int f = 0; f < FORMS; f++) {
        Batch batch = open_form(&forms[f], N, 7);
        size_t size = batch.env->vtable->state_size(batch.env);
        uint8_t *bytes = guarded_alloc(&batch, size), *bad = guarded_alloc(&batch, size);
        for (int t = 0; t < 5; t++)
            batch_act(&batch);
        batch.env->vtable->state_save(batch.env, bytes);
        for (int round = 0; round < DAMAGES; round++) {
            memcpy(bad, bytes, size);
            for (int64_t k = up_rng_integers(&rng, 1, round < LIGHTLY ? 3 : 40); k > 0; k--)
                damage(&rng, bad, size);
            bool taken = batch.env->vtable->state_load(batch.env, bad, size) == UP_OK;
            refusals += !taken;
            batch_act(&batch);
            batch_act(&batch);
            // What was taken and played on is something that can be saved.
            batch.env->vtable->state_save(batch.env, bad);
            if (taken) assert_ok(batch.env->vtable->state_load(batch.env, bad, size));
        }
        batch_close(&batch);
    }
    assert_in_range(refusals, 10, DAMAGES * FORMS - 10);
}

// An instance that is not active keeps still, and a restart concerns those that are named.
static void test_active_and_restart(void **state) {
    (void)state;
    Batch batch = open_form(&forms[0], N, 3);
    uint8_t active[N] = {1, 0, 1}, which[N] = {0, 1, 0};
    for (int t = 0; t < 10; t++)
        batch_act(&batch);
    uint64_t still = hash_instance(0, &batch.step, 1);
    batch.step.active = active;
    batch_act(&batch);
    assert_int_equal(hash_instance(0, &batch.step, 1), still);
    uint64_t others = hash_row(0, &batch.step.obs, 0);
    batch.step.obs.count[1] = 77;
    assert_ok(up_env_restart(batch.env, which, batch.step.obs));
    assert_int_equal(batch.step.obs.count[1], 0); // the first difference of an episode
    assert_int_equal(hash_row(0, &batch.step.obs, 0), others);
    batch_close(&batch);
}

// The same bytes whether a frame was drawn for the observation or is drawn for the picture.
static void test_render(void **state) {
    (void)state;
    const char *const kinds[] = {"obs_type=rgb", "obs_type=ram"};
    uint8_t *picture[2];
    Batch batch[2];
    for (int k = 0; k < 2; k++) {
        batch[k] = open_with("ALE/SpaceInvaders-v5", kinds[k], UP_PREPROCESS_NONE, 2, 1);
        UpImage image = {0};
        assert_ok(up_env_render(batch[k].env, 0, &image));
        assert_true(image.width == 160 && image.height == 210);
        picture[k] = image.rgb = guarded_alloc(&batch[k], 210 * 160 * 3);
        for (int t = 0; t < 30; t++)
            batch_act(&batch[k]);
        assert_ok(up_env_render(batch[k].env, 0, &image));
    }
    assert_memory_equal(picture[0], batch[0].step.obs.u8, 210 * 160 * 3);
    assert_memory_equal(picture[0], picture[1], 210 * 160 * 3);
    batch_act(&batch[0]); // and drawing has disturbed nothing
    batch_act(&batch[1]);
    for (int k = 0; k < 2; k++) {
        UpImage image = {.rgb = picture[k]};
        assert_ok(up_env_render(batch[k].env, 0, &image));
    }
    assert_memory_equal(picture[0], picture[1], 210 * 160 * 3);
    batch_close(&batch[0]);
    batch_close(&batch[1]);
}

// A seed repeats a game; episodes that follow go on with its random numbers.
static void test_seeds(void **state) {
    (void)state;
    uint64_t hash[3] = {0}, seeds[2] = {8, 8};
    Batch batch = open_with("ALE/Breakout-v5", "obs_type=ram", UP_PREPROCESS_NONE, 2, 0);
    for (int k = 0; k < 3; k++) {
        if (k < 2) assert_ok(up_env_reset(batch.env, seeds, batch.step.obs));
        for (int t = 0; t < 30; t++) {
            batch.action[0] = batch.action[1] = (float)(t / 3 % 4);
            assert_ok(up_env_step(batch.env, &batch.step));
            hash[k] = hash_instance(hash[k], &batch.step, 0);
            assert_int_equal(hash_instance(0, &batch.step, 0), hash_instance(0, &batch.step, 1));
        }
    }
    assert_int_equal(hash[0], hash[1]);
    assert_int_not_equal(hash[1], hash[2]);
    batch_close(&batch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_keywords),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_spaces),
        cmocka_unit_test(test_batch_is_its_instances),
        cmocka_unit_test(test_state),
        cmocka_unit_test(test_impossible_states),
        cmocka_unit_test(test_damaged_state),
        cmocka_unit_test(test_active_and_restart),
        cmocka_unit_test(test_render),
        cmocka_unit_test(test_seeds),
    };
    UpAtariSystem system;
    UpStatus status = up__atari_system_open(&system, "pong");
    if (status == UP_OK) up__atari_system_close(&system);
    if (status == UP_NOT_FOUND) {
        printf("skipped: %s\n", up_error());
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
