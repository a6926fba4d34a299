# Environments in shared objects: what `uphill new env` writes compiles without warnings, keeps the
# rules, learns, and is found again by its checkpoints; objects that are none are refused.
. "$(dirname "$0")/uphill.sh"

# shellcheck disable=SC2086 # flags are words
object() { "$CC" -std=c17 -D_GNU_SOURCE $CFLAGS -Wall -Wextra -Werror -shared -fPIC -I "$UP_SOURCE_DIR/include" "$@"; }

# --- the template
run new env lunar-lander
grep -q 'uphill check-env ./lunar-lander.so && uphill train ./lunar-lander.so' out || complain "$(cat out)"
[ "$(echo lunar-lander/*)" = "lunar-lander/CMakeLists.txt lunar-lander/lunar-lander.c lunar-lander/test_lunar-lander.c" ] ||
    complain "wrote $(echo lunar-lander/*)"
! grep -Eri 'shuttle|@' lunar-lander >&2 || complain "a word of the template is left"
refused 2 'lunar-lander exists already' new env lunar-lander
(trap '' XFSZ && ulimit -f 2 && refused 1 'cannot write half/half.c: File too large' new env half && [ $failures -eq 0 ]) ||
    failures=$((failures + 1)) # files of 2 KB at most
[ ! -e half ] || complain "a folder is left: $(ls half)"
refused 2 '"3d" cannot name an environment' new env 3d
refused 2 '"" cannot name an environment' new env nowhere/
refused 1 'cannot create folder nowhere/x: No such file' new env nowhere/x
refused 2 'uphill new makes no "game"' new game chess

folder=$scratch/lunar-lander
object "$folder/lunar-lander.c" -o "$folder/lunar-lander.so" || exit 1
run check-env lunar-lander/lunar-lander.so
"$CC" -std=c17 $CFLAGS -Wall -Wextra -Werror -I "$UP_SOURCE_DIR/include" \
    "$folder/test_lunar-lander.c" -L "$UP_BINARY_DIR" -luphill -Wl,-rpath,"$UP_BINARY_DIR" -lm \
    -o facts || exit 1
./facts lunar-lander/lunar-lander.so >out 2>&1 || complain "its own test: $(cat out)"
sed 's/0.1, track/0.2, track/; s/fabs(b->x) > track, late/false, late/' "$folder/lunar-lander.c" >wrong.c
object wrong.c -o wrong.so && ! ./facts ./wrong.so >out 2>&1 || complain "its own test sees no fault"

# --- its use, from several folders
cd "$folder" || exit 1
"$UPHILL" train lunar-lander.so --steps 60000 --envs 16 --threads 1 --quiet >out 2>err || complain "$(cat err)"
grep -q '^run directory: runs/lunar-lander-1$' out || complain "$(cat out)"
grep -q "^id = $(realpath lunar-lander.so)$" runs/lunar-lander-1/config.ini || complain "a relative path was kept"
cd "$scratch" || exit 1
run eval lunar-lander/runs/lunar-lander-1 --episodes 20 --json --trust
mean=$(sed 's/.*"mean":\(-[0-9.]*\),.*/\1/' out)
run rollout ./lunar-lander/lunar-lander.so --envs 8 --steps 500 --csv random.csv
random=$(sed 's/.*mean return \(.*\)/\1/' out)
awk "BEGIN {exit !($mean > -20 && $random < -40)}" || complain "learned $mean, random $random"
run rollout ./lunar-lander/lunar-lander.so:LunarLander-v0 --envs 8 --steps 500 --csv again.csv
cmp random.csv again.csv >&2 || complain "not the same again"
run rollout ./lunar-lander/lunar-lander.so --steps 5 --run lunar-lander/runs/lunar-lander-1
"$UPHILL" train --resume lunar-lander/runs/lunar-lander-1 --trust --steps 62000 --quiet >out 2>err || complain "$(cat err)"
cat >own.ini <<'INI'
# A recipe with an environment of one's own.
[train]
algo = a2c
steps = 500
[env]
id = lunar-lander/lunar-lander.so
INI
"$UPHILL" train ./own.ini --trust --run-dir own --quiet >out 2>err || complain "$(cat err)"
if "$UPHILL" doctor | grep -q '^ *ok *giflib'; then
    run play lunar-lander/runs/lunar-lander-1 --trust --steps 20 --out run.gif
fi
mv lunar-lander/lunar-lander.so moved.so
refused 1 '.*/lunar-lander/lunar-lander.so: cannot be read \(No such file' eval lunar-lander/runs/lunar-lander-1 --trust

# --- its keywords
refused 2 'LunarLander-v0: there is no option env.foo; the environment.s own are: none' rollout ./moved.so --steps 2 --set env.foo=1
refused 2 'LunarLander-v0: .*did you mean env.max_episode_steps' check-env ./moved.so --set env.max_episode_stepz=3
refused 2 '.*/moved.so: env.timeout does nothing here' train ./moved.so --set env.timeout=1
sed 's/^    LunarLander \*\([a-z]*\) = calloc/    double distance = 1;\n    UP_TRY(up_env_keywords(def, \&(UpEnvKeyword){.name = "distance", .value = \&distance, .count = 1}, 1));\n&/' \
    "$folder/lunar-lander.c" >keyword.c
object keyword.c -o keyword.so || exit 1
run rollout ./keyword.so --steps 2 --set env.distance=0.5
refused 2 'LunarLander-v0: .*did you mean env.distance' rollout ./keyword.so --steps 2 --set env.distanze=0.5
refused 2 'LunarLander-v0: env.distance = "near" is not a number' rollout ./keyword.so --steps 2 --set env.distance=near

# --- objects that are none
refused 1 './nowhere.so: cannot be read \(No such file' rollout nowhere.so
echo "no object" >words.so
refused 1 '.*/words.so is no shared object, or one that was cut off' rollout ./words.so
echo 'int x;' >empty.c && object empty.c -o empty.so
refused 1 '.*/empty.so is no environment of Uphill.s: it has no symbol up_plugin' rollout ./empty.so
echo 'extern int up_no_such_thing(void); int (*f)(void) = up_no_such_thing;' >lost.c && object lost.c -o lost.so
refused 1 '.*/lost.so cannot be loaded: .*up_no_such_thing' rollout ./lost.so
sed 's/^UP_PLUGIN(.*//' "$folder/lunar-lander.c" >old.c
cp old.c other.c
echo 'const UpPlugin up_plugin = {UP_ENV_ABI + 1, 0, 0, 0, 0, 1, environments};' >>old.c
echo 'const UpPlugin up_plugin = {UP_ENV_ABI, sizeof(UpEnv) - 8, sizeof(UpEnvVtable), sizeof(UpStep), sizeof(UpEnvDef), 1, environments};' >>other.c
object old.c -o old.so && object other.c -o other.so
refused 1 '.*/old.so was compiled for version [0-9]+ of the environment interface, this program has' rollout ./old.so
refused 1 '.*/other.so was compiled with other headers than this program' rollout ./other.so
object "$UP_SOURCE_DIR/tests/cli/broken.c" -o broken.so || exit 1
refused 2 '.*/broken.so holds [0-9]+ environments: name one, .*/broken.so:SOUND; it has: SOUND, SHAPE' rollout ./broken.so
refused 2 '.*/broken.so holds no environment LOUD; it has: SOUND' rollout ./broken.so:LOUD
refused 1 '.*/broken.so:NO_CREATE could not be created: the line is nowhere' rollout ./broken.so:NO_CREATE
refused 1 '.*/broken.so:NO_ENV could not be created: it returned UP_OK and no environment' rollout ./broken.so:NO_ENV
# It cannot be given back, as nobody knows how.
ASAN_OPTIONS=detect_leaks=0 refused 1 '.*/broken.so:WRONG_ABI could not be created: .*its vtable must begin with UP_ENV_ABI' rollout ./broken.so:WRONG_ABI
refused 2 '.*/broken.so:SOUND: env.preprocess' rollout ./broken.so:SOUND --set env.preprocess=pong80

[ $failures -eq 0 ]
