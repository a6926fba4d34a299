// What a run writes down: rows that stand for the updates since the one before, the environment's
// own numbers, the result.
#include "../scratch.h"

#include <math.h>
#include <sys/stat.h>
#include <cjson/cJSON.h>

#include "../scripted.h"
#include "uphill/metrics.h"
#include "uphill/train.h"

// Of an episode that ended: whether its number is odd, and in every third one its length.
static void own_numbers(const UpEnv *env, int n, UpLog *log) {
    int e = ((const Scripted *)env)->episode[n] - 1;
    up_log_add(log, "is_success", e % 2);
    if (e % 3 == 0) up_log_add(log, "a, \"b\"", script.length(n, e));
    up_log_add(log, "broken", NAN);
}

static UpStatus create_talking(UpEnv **env, const UpEnvDef *def, int instances) {
    static UpEnvVtable vtable;
    UP_TRY(scripted_create(env, def, instances));
    vtable = *(*env)->vtable;
    vtable.log = own_numbers;
    (*env)->vtable = &vtable;
    return UP_OK;
}

static int lengths(int n, int e) {
    return 3 + (n + 2 * e) % 7;
}

static UpConfig config_of(const char *id, int64_t steps, int64_t log_every) {
    UpConfig c;
    char text[32];
    assert_ok(up_config_default(&c, "ppo"));
    assert_ok(up_config_set(&c, "env.id", id, "test"));
    assert_ok(up_config_set(&c, "policy.hidden", "4", "test"));
    assert_ok(up_config_set(&c, "rollout.envs", "2", "test"));
    assert_ok(up_config_set(&c, "rollout.steps", "8", "test"));
    assert_ok(up_config_set(&c, "ppo.minibatch", "16", "test"));
    assert_ok(up_config_set(&c, "ppo.epochs", "1", "test"));
    assert_ok(up_config_set(&c, "train.threads", "1", "test"));
    snprintf(text, sizeof text, "%lld", (long long)steps);
    assert_ok(up_config_set(&c, "train.steps", text, "test"));
    snprintf(text, sizeof text, "%lld", (long long)log_every);
    assert_ok(up_config_set(&c, "train.log_every", text, "test"));
    return c;
}

static void finish(UpTrainer *trainer, UpStatus expected) {
    assert_int_equal(up_train_run(trainer, NULL), expected);
    up_train_destroy(trainer);
}

static void train(const UpConfig *config, const char *folder) {
    UpTrainer *trainer;
    assert_ok(up_train_create(&trainer, config, scratch(folder)));
    finish(trainer, UP_OK);
}

static UpTable table_of(const char *folder) {
    char path[512];
    UpTable table;
    snprintf(path, sizeof path, "%s/metrics.csv", scratch(folder));
    assert_ok(up_metrics_read(path, &table));
    return table;
}

static double cell(const UpTable *table, int64_t row, const char *name) {
    int column = up_table_column(table, name);
    if (column < 0) fail_msg("no column %s", name);
    assert_true(row >= 0 && row < table->rows);
    return table->value[row * table->columns + column];
}

static int64_t bytes_of(const char *folder) {
    char path[1024];
    struct stat info;
    int64_t sum = 0;
    DIR *entries = opendir(scratch(folder));
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        snprintf(path, sizeof path, "%s/%s", scratch(folder), entry->d_name);
        if (stat(path, &info) == 0 && S_ISREG(info.st_mode)) sum += info.st_size;
    }
    closedir(entries);
    return sum;
}

static void assert_near(double a, double b) {
    if (!(fabs(a - b) <= 1e-6 * fmax(1, fabs(a))) && !(isnan(a) && isnan(b)))
        fail_msg("%.9g is not %.9g", a, b);
}

// ---------------------------------------------------------------------------------------------------

// log_every = 1 has a row for every update; a row of less often is their mean, or the newest.
static void rows_stand_for_their_updates(void **state) {
    (void)state;
    UpConfig each = config_of("CartPole-v1", 2000, 1), some = config_of("CartPole-v1", 2000, 100);
    train(&each, "each");
    train(&some, "some");
    UpTable all = table_of("each"), few = table_of("some");
    assert_int_equal(all.rows, 2000 / 16);
    assert_int_equal(few.rows, 2000 / 100);
    for (int64_t row = 0, from = 0; row < few.rows; row++) {
        double steps = cell(&few, row, "steps"), entropy = 0, kl = 0;
        int64_t to = from;
        for (; to < all.rows && cell(&all, to, "steps") <= steps; to++) {
            entropy += cell(&all, to, "entropy");
            kl += cell(&all, to, "kl");
        }
        assert_true(to > from);
        assert_true((int64_t)steps / 100 > (int64_t)(steps - 16) / 100); // the first beyond
        assert_near(cell(&few, row, "entropy"), entropy / (double)(to - from));
        assert_near(cell(&few, row, "kl"), kl / (double)(to - from));
        const char *newest[] = {"steps",       "episodes",       "return_mean",
                                "length_mean", "running_reward", "learning_rate"};
        for (size_t i = 0; i < sizeof newest / sizeof *newest; i++)
            assert_near(cell(&few, row, newest[i]), cell(&all, to - 1, newest[i]));
        from = to;
    }
    up_table_free(&all);
    up_table_free(&few);
}

static void a_run_has_five_thousand_rows_at_most(void **state) {
    (void)state;
    UpConfig config = config_of("CartPole-v1", 120000, 0);
    assert_ok(up_config_set(&config, "rollout.steps", "4", "test")); // 15,000 updates
    assert_ok(up_config_set(&config, "ppo.minibatch", "8", "test"));
    train(&config, "run");
    UpTable table = table_of("run");
    assert_int_equal(table.rows, 5000);
    assert_true(cell(&table, table.rows - 1, "steps") == 120000);
    up_table_free(&table);
    assert_true(bytes_of("run") < 2 << 20); // all but checkpoints
}

// Episodes of 3 to 9 steps; every second one of an instance is a success.
static void the_environments_own_numbers_are_columns(void **state) {
    (void)state;
    script_plain();
    script.length = lengths;
    UpConfig config = config_of("test/Talking-v0", 800, 0);
    train(&config, "own");
    UpTable table = table_of("own");
    assert_true(up_table_column(&table, "env.broken") < 0);
    assert_true(up_table_column(&table, "env.a___b_") > 0);
    double won = 0, ended = 0;
    for (int64_t row = 0; row < table.rows; row++) {
        double episodes = cell(&table, row, "episodes") - ended;
        ended = cell(&table, row, "episodes");
        won += episodes > 0 ? episodes * cell(&table, row, "env.is_success") : 0;
    }
    double expected = 0, total = 0, length = 0;
    for (int n = 0; n < 2; n++)
        for (int e = 0, at = lengths(n, 0); at <= 400; at += lengths(n, ++e)) {
            expected += e % 2;
            total += 1;
        }
    assert_near(ended, total);
    assert_near(won, expected);
    length = cell(&table, table.rows - 1, "length_mean");
    assert_true(length > 5.5 && length < 6.5); // of 3 to 9
    up_table_free(&table);
}

// ---------------------------------------------------------------------------------------------------

static volatile sig_atomic_t stop;
static int64_t stop_at;

static void watch(void *user, const UpProgress *progress) {
    (void)user;
    stop = progress->steps >= stop_at;
}

// Trains to about `steps`, is interrupted there, and then finishes.
static void train_in_two(const UpConfig *config, const char *folder, int64_t steps) {
    UpTrainer *trainer;
    const UpTrainHooks hooks = {.iteration = watch, .stop = &stop};
    stop = 0;
    stop_at = steps;
    assert_ok(up_train_create(&trainer, config, scratch(folder)));
    assert_int_equal(up_train_run(trainer, &hooks), UP_INTERRUPTED);
    up_train_destroy(trainer);
    UpTable table = table_of(folder);
    assert_true(cell(&table, table.rows - 1, "steps") >= (double)steps); // the part of a row, too
    up_table_free(&table);
    assert_ok(up_train_resume(&trainer, config, scratch(folder)));
    finish(trainer, UP_OK);
}

static bool is_time(const char *name) {
    return strcmp(name, "seconds") == 0 || strstr(name, "_share") || strstr(name, "per_second");
}

static void assert_same_rows(const char *one, const char *other) {
    UpTable a = table_of(one), b = table_of(other);
    assert_int_equal(a.rows, b.rows);
    assert_int_equal(a.columns, b.columns);
    for (int64_t row = 0; row < a.rows; row++)
        for (int i = 0; i < a.columns; i++)
            if (!is_time(a.name[i])) {
                double x = cell(&a, row, a.name[i]), y = cell(&b, row, a.name[i]);
                if (x != y && !(isnan(x) && isnan(y)))
                    fail_msg("row %lld, %s: %.9g, resumed %.9g", (long long)row, a.name[i], x, y);
            }
    up_table_free(&a);
    up_table_free(&b);
}

// In the middle of a row and at its end; with numbers of the environment's own in between, where it
// could not save its state the episodes would be others.
static void a_resumed_run_has_the_same_rows(void **state) {
    (void)state;
    UpConfig config = config_of("CartPole-v1", 3000, 130);
    train(&config, "alone");
    train_in_two(&config, "middle", 1500);
    train_in_two(&config, "end", 1312);
    train_in_two(&config, "begin", 1);
    assert_same_rows("alone", "middle");
    assert_same_rows("alone", "end");
    assert_same_rows("alone", "begin");
}

// Their sums are part of a checkpoint: of the episodes before the interruption as of those behind.
static void own_numbers_survive_a_resume(void **state) {
    (void)state;
    script_plain();
    script.length = lengths;
    UpConfig config = config_of("test/Talking-v0", 800, 800);
    train_in_two(&config, "two", 400);
    UpTable table = table_of("two");
    assert_int_equal(table.rows, 1);
    double won = 0, total = 0;
    for (int session = 0; session < 2; session++) // the instances begin anew
        for (int n = 0; n < 2; n++)
            for (int e = 0, at = lengths(n, 0); at <= 200; at += lengths(n, ++e)) {
                won += e % 2;
                total += 1;
            }
    assert_near(cell(&table, 0, "episodes"), total);
    assert_near(cell(&table, 0, "env.is_success"), won / total);
    up_table_free(&table);
}

// ---------------------------------------------------------------------------------------------------

// The disk is full from `fill_at` on: a file may not grow beyond what `full` has then.
static int64_t fill_at;
static const char *full;

static int64_t size_of(const char *folder, const char *prefix) {
    char path[1024];
    struct stat info = {0};
    DIR *entries = opendir(scratch(folder));
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0) continue;
        snprintf(path, sizeof path, "%s/%s", scratch(folder), entry->d_name);
        assert_int_equal(stat(path, &info), 0);
    }
    closedir(entries);
    return info.st_size;
}

static void fill(void *user, const UpProgress *progress) {
    if (progress->steps == fill_at) scratch_disk((rlim_t)size_of(user, full) + 50);
}

// One line says which file; what is whole stays whole; with room again the run goes on as if
// nothing had been.
static void a_full_disk_ends_a_run_and_loses_nothing(void **state) {
    (void)state;
    static const char *const file[] = {"metrics.csv", "events.out.tfevents"};
    UpConfig config = config_of("CartPole-v1", 4000, 1);
    assert_ok(up_config_set(&config, "train.checkpoint_seconds", "0", "test"));
    train(&config, "alone");
    for (int i = 0; i < 2; i++) {
        if (i == 1 && size_of("alone", full = file[1]) == 0) continue; // built without them
        UpTrainer *trainer;
        char folder[] = {'r', 'u', 'n', (char)('0' + i), 0};
        UpTrainHooks hooks = {.user = folder, .iteration = fill};
        full = file[i];
        fill_at = 2400;
        assert_ok(up_train_create(&trainer, &config, scratch(folder)));
        UpStatus status = up_train_run(trainer, &hooks);
        scratch_disk(RLIM_INFINITY);
        assert_int_equal(status, UP_IO);
        if (!strstr(up_error(), full)) fail_msg("no %s in: %s", full, up_error());
        up_train_destroy(trainer);
        UpTable table = table_of(folder);
        assert_true(cell(&table, table.rows - 1, "steps") >= 2400);
        up_table_free(&table);
        assert_ok(up_train_resume(&trainer, &config, scratch(folder)));
        finish(trainer, UP_OK);
        assert_same_rows("alone", folder);
    }
}

#if defined(UP_HAVE_GIF) && defined(UP_HAVE_CAIRO)
// A film does not change what it shows.
static void films_are_made_where_asked_for(void **state) {
    (void)state;
    UpConfig config = config_of("CartPole-v1", 1000, 0);
    train(&config, "alone");
    assert_ok(up_config_set(&config, "train.film_every", "400", "test"));
    train(&config, "filmed");
    assert_same_rows("alone", "filmed");
    assert_int_equal(scratch_entries(scratch("filmed/films")), 2);
    void *bytes;
    size_t size;
    assert_ok(up_file_read(scratch("filmed/films/000000000400.gif"), &bytes, &size));
    assert_memory_equal(bytes, "GIF89a", 6);
    free(bytes);
}
#endif

// The two means of returns are two numbers, and neither stands in the other's place.
static void the_result_says_what_the_run_reached(void **state) {
    (void)state;
    UpConfig config = config_of("CartPole-v1", 4000, 0);
    UpTrainer *trainer;
    assert_ok(up_train_create(&trainer, &config, scratch("run")));
    assert_ok(up_train_run(trainer, NULL));
    const UpProgress *p = up_train_progress(trainer);
    assert_true(fabs(p->return_mean - p->running_reward) > 0.5);
    void *text;
    size_t size;
    assert_ok(up_file_read(scratch("run/result.json"), &text, &size));
    cJSON *root = cJSON_ParseWithLength(text, size);
    assert_near(cJSON_GetNumberValue(cJSON_GetObjectItem(root, "return_mean")), p->return_mean);
    assert_near(cJSON_GetNumberValue(cJSON_GetObjectItem(root, "running_reward")),
                p->running_reward);
    assert_near(cJSON_GetNumberValue(cJSON_GetObjectItem(root, "length_mean")), p->length_mean);
    UpTable table = table_of("run");
    assert_near(cell(&table, table.rows - 1, "return_mean"), p->return_mean);
    assert_near(cell(&table, table.rows - 1, "running_reward"), p->running_reward);
    up_table_free(&table);
    cJSON_Delete(root);
    free(text);
    up_train_destroy(trainer);
}

// The shares are of the same time: together no more than all of it, and each a part.
static void the_shares_of_time_are_shares(void **state) {
    (void)state;
    UpConfig config = config_of("CartPole-v1", 4000, 0);
    assert_ok(up_config_set(&config, "ppo.epochs", "20", "test"));
    train(&config, "run");
    UpTable table = table_of("run");
    double env = 0, learner = 0;
    for (int64_t row = 0; row < table.rows; row++) {
        double e = cell(&table, row, "env_share"), l = cell(&table, row, "learner_share");
        assert_true(e > 0 && e < 1 && l > 0 && l < 1 && e + l <= 1 + 1e-6);
        env += e / (double)table.rows;
        learner += l / (double)table.rows;
    }
    assert_true(learner > env); // twenty passes over what CartPole takes microseconds for
    up_table_free(&table);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void) {
    static const UpEnvInfo talking = {"test/Talking-v0", "tells of its episodes", create_talking};
    if (up_env_register(&talking) != UP_OK) return 1;
    const struct CMUnitTest tests[] = {
        TEST(rows_stand_for_their_updates),
        TEST(a_run_has_five_thousand_rows_at_most),
        TEST(the_environments_own_numbers_are_columns),
        TEST(a_resumed_run_has_the_same_rows),
        TEST(own_numbers_survive_a_resume),
        TEST(a_full_disk_ends_a_run_and_loses_nothing),
#if defined(UP_HAVE_GIF) && defined(UP_HAVE_CAIRO)
        TEST(films_are_made_where_asked_for),
#endif
        TEST(the_result_says_what_the_run_reached),
        TEST(the_shares_of_time_are_shares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
