# `uphill sweep`: every combination and draw is tried, the table is right, what is done is not repeated,
# what was broken off goes on, and a run that crashes stops no other.
. "$(dirname "$0")/uphill.sh"
quick="CartPole-v1 --algo a2c --steps 600"

# all but the seconds, which differ from time to time
numbers() { sed -E 's/,[^,]*,([a-z ]+),([^,]*)$/,\1,\2/' "$1/sweep.csv"; }
same_sweep() { diff <(numbers "$1") <(numbers "$2") >&2 || complain "$1 and $2 differ"; }
rows() { grep -Ec "$2" "$1/sweep.csv"; }
count() { [ "$1" -eq "$2" ] || complain "$3: $1, not $2"; }

# --- a grid: all combinations, the last option changes fastest; the table and the files
# shellcheck disable=SC2086
{
    run sweep $quick --grid optim.learning_rate=1e-4,1e-2 --grid policy.hidden=8,8x4 --seeds 2 --jobs 3 --out grid --quiet
    cp out table
    run sweep $quick --grid optim.learning_rate=1e-4,1e-2 --grid policy.hidden=8,8x4 --seeds 2 --jobs 1 --out alone --quiet
}
same_sweep grid alone # whoever runs beside it
head -1 grid/sweep.csv >header
says '^setting,seed,optim.learning_rate,policy.hidden,running_reward,return_mean,steps,episodes,seconds,state,message$' header
cut -d, -f1-2 grid/sweep.csv | tr '\n' ' ' >order
says '^setting,seed 1,1 1,2 2,1 2,2 3,1 3,2 4,1 4,2 $' order
count "$(rows grid '^[12],[12],1e-4,')" 4 "rows of 1e-4"
count "$(rows grid '^[24],[12],1e-[24],"8,4",.*,done,$')" 4 "rows of 8x4"
count "$(wc -l <table)" 9 "lines of the table" # header, 4 settings, what ± is, three files
python3 - <<'PYTHON' || complain "the table is not what sweep.csv says: $(cat table)"
import csv, statistics
rows, groups = list(csv.DictReader(open("grid/sweep.csv"))), {}
for row in rows:
    groups.setdefault(int(row["setting"]), []).append(float(row["running_reward"]))
table = [line.split() for line in open("table") if "±" in line and "mean" not in line]
mean = {s: statistics.mean(v) for s, v in groups.items()}
assert [int(t[3]) for t in table] == sorted(mean, key=lambda s: -mean[s]), table
for t in table:
    values = groups[int(t[3])]
    assert abs(float(t[0]) - mean[int(t[3])]) < 1e-3 * abs(mean[int(t[3])]), t
    error = statistics.stdev(values) / len(values) ** 0.5
    assert abs(float(t[2]) - error) < 0.06 * error + 1e-9, (t, error)
PYTHON
"$UPHILL" doctor | grep -q '^ *ok *cairo' && for plot in optim-learning_rate policy-hidden; do
    grep -q '</svg>' grid/$plot.svg || complain "no $plot.svg"
    [ "$(head -c 4 grid/$plot.png | tail -c 3)" = PNG ] || complain "no $plot.png"
done
# each run is what `uphill train` does
# shellcheck disable=SC2086
run train $quick --seed 2 --set optim.learning_rate=1e-2 --set policy.hidden=8,4 --run-dir plain --quiet
cmp -s plain/checkpoints/000000000600.safetensors grid/runs/004-seed2/checkpoints/000000000600.safetensors ||
    complain "a run of the sweep is not the run by itself"

# --- draws: inside the range, again the same, others with another seed, fresh for each combination
# shellcheck disable=SC2086
{
    draws="$quick --random optim.learning_rate=1e-5:1e-1:log --random rollout.steps=3:6 --runs 8 --seeds 1 --quiet"
    run sweep $draws --out draws
    run sweep $draws --out again
    run sweep $draws --seed 5 --out other
}
same_sweep draws again
cut -d, -f3,4 draws/sweep.csv | tail -n +2 >values
count "$(sort -u values | wc -l)" 8 "different draws"
awk -F, '$1 < 1e-5 || $1 > 0.1 || $2 < 3 || $2 > 6 || $2 != int($2) { bad = 1 } $1 < 1e-3 { low++ }
    END { exit bad || low < 1 || low > 7 }' values || complain "draws outside, or not in the logarithm: $(cat values)"
! diff -q <(cut -d, -f3 draws/sweep.csv) <(cut -d, -f3 other/sweep.csv) >/dev/null || complain "another seed draws the same"

# --- once more: nothing is repeated
touch -d '2001-01-01' draws/runs/*/result.json
# shellcheck disable=SC2086
run sweep $draws --out draws --jobs 2
[ -z "$(find draws/runs -name result.json -newermt 2001-01-02)" ] || complain "a finished run was repeated"

# --- broken off: by Ctrl-C, which reaches every process, and by kill -9
long="CartPole-v1 --algo a2c --steps 40000 --grid optim.learning_rate=1e-4,1e-3 --seeds 2 --jobs 2 --set train.checkpoint_seconds=0.05"
# shellcheck disable=SC2086
run sweep $long --out whole --quiet
# start FOLDER: a sweep in a process group of its own, in `pid`, when its first runs have begun
start() {
    # shellcheck disable=SC2086
    setsid "$UPHILL" sweep $long --out "$1" >out 2>err </dev/null &
    pid=$!
    for _ in $(seq 500); do
        ls "$1"/runs/*/checkpoints/*.safetensors >/dev/null 2>&1 && return
        sleep 0.02
    done
    complain "$1: no run has begun"
}
start stopped
kill -INT -- "-$pid"
code=0
wait "$pid" || code=$?
[ $code -eq 130 ] || complain "Ctrl-C ends with $code: $(cat err)"
says "^interrupted and saved; go on with: uphill sweep $long --out stopped$"
says '^stopping: runs save first' err
[ "$(rows stopped ',(waits|broken off),$')" -gt 0 ] || complain "Ctrl-C came too late for this test"
# shellcheck disable=SC2086
run sweep $long --out stopped --quiet
same_sweep whole stopped
start killed
kill -9 "$pid"
wait "$pid" 2>/dev/null # which bash tells
for _ in $(seq 100); do # its runs end by themselves
    # shellcheck disable=SC2086
    "$UPHILL" sweep $long --out killed --quiet >out 2>err && break
    grep -q 'in use' err || complain "after kill -9: $(cat err)"
    sleep 0.1
done
same_sweep whole killed

# --- runs that fail
"$CC" -std=c17 -D_GNU_SOURCE -O1 -g ${CFLAGS:-} -shared -fPIC -I "$UP_SOURCE_DIR/include" \
    "$UP_SOURCE_DIR/tests/cli/broken.c" -o broken.so || exit 1
mixed="--grid env.id=./broken.so:SOUND,./broken.so:CRASH,./broken.so:STEP_FAILS --seeds 1 --algo a2c --steps 6000"
# shellcheck disable=SC2086
"$UPHILL" sweep ./broken.so:SOUND $mixed --out failing >out 2>err || complain "a failing run is fatal: $(cat err)"
says 'setting 2, .*: failed: it (crashed|ended)' err
says 'setting 3, .*: failed: the line is torn' err
says '^2,1,./broken.so:CRASH,,,,,,failed,it (crashed|ended)' failing/sweep.csv
says '^1,1,./broken.so:SOUND,.*,done,$' failing/sweep.csv
says '^ *[0-9.-]+ +1 +./broken.so:SOUND$'
says '0 of 1 seeds'
refused 1 'every run failed; the first: it (crashed|ended)' sweep ./broken.so:CRASH --algo a2c --steps 600 --seeds 1 \
    --grid optim.learning_rate=1e-3,1e-4 --out bad --quiet

# --- the score
# shellcheck disable=SC2086
run sweep CartPole-v1 --algo a2c --steps 3000 --target 15 --score steps --grid optim.learning_rate=1e-4,1e-3 --seeds 1 --out fewest --quiet
says '^steps to the target +setting'
awk '/^ *[0-9]+ / { if ($1 < last) bad = 1; last = $1; n++ } END { exit bad || n != 2 }' out || complain "not the fewest first: $(cat out)"

# --- what nothing reads: combinations that read the same are one setting, the first of them
few="CartPole-v1 --algo a2c --steps 64 --seeds 1"
pairs="$few --grid optim.optimizer=sgd,adam --grid optim.momentum=0.5,0.9"
# shellcheck disable=SC2086
"$UPHILL" sweep $pairs --grid policy.hidden=none,8 --grid policy.activation=relu,tanh --out once >out 2>err || complain "one of a pair: $(cat err)"
says '^7 of 16 combinations read the same as another and are left out: nothing reads optim.momentum, policy.activation there$' err
says '^9 settings × 1 seed = 9 runs' err
count "$(rows once ',done,$')" 9 "settings of two pairs"
says '^1,1,sgd,0.5,none,,' once/sweep.csv
says '^3,1,sgd,0.5,8,relu,' once/sweep.csv
says '^9,1,adam,,none,,' once/sweep.csv
says '^11,1,adam,,8,relu,' once/sweep.csv
[ -d once/runs/011-seed1 ] && [ ! -e once/runs/010-seed1 ] || complain "runs: $(ls once/runs)"
# a sweep that an older version made, which listed every option: it goes on, even in the middle of a run
sed -i 's/^\[policy\]/&\nclip_obs = 10/' once/sweep.ini
rm once/runs/001-seed1/result.json
# shellcheck disable=SC2086
"$UPHILL" sweep $pairs --grid policy.hidden=none,8 --grid policy.activation=relu,tanh --out once >out 2>err || complain "goes on: $(cat err)"
says '9 runs, 8 of them done' err
count "$(rows once ',done,$')" 9 "settings when it went on"
sed -i 's/^clip_obs = 10/clip_obs = 9/' once/sweep.ini
# shellcheck disable=SC2086
refused 2 'once was begun when the recipe or a default was another' sweep $pairs --grid policy.hidden=none,8 --grid policy.activation=relu,tanh --out once
# shellcheck disable=SC2086
{
    "$UPHILL" sweep $few --set optim.momentum=0.5 --grid optim.optimizer=sgd,adam --out some --quiet >out 2>err || complain "read by some: $(cat err)"
    refused 2 '--set optim.momentum does nothing here: it is read with optim.optimizer = sgd' sweep $few --set optim.momentum=0.5 --grid optim.optimizer=rmsprop,adam --out new
    refused 2 '--grid optim.momentum does nothing here: it is read with' sweep $few --set optim.optimizer=adam --grid optim.momentum=0,0.5 --out new
    refused 2 '--grid policy.log_std does nothing here: it is read with action space = Box, which is Discrete here' sweep $few --grid policy.log_std=0,1 --out new
    refused 2 'CartPole-v1: env.timeout does nothing here' sweep $few --grid env.timeout=1,2 --out new
}

# --- seeds alone
# shellcheck disable=SC2086
run sweep CartPole-v1 --algo a2c --steps 3000 --seeds 2 --out seeds --quiet
says '^running reward +setting$'
says '^ *[0-9.]+ ± [0-9.]+ +1$'
[ "$(grep -c ',done,' seeds/sweep.csv)" = 2 ] || complain "not two seeds: $(cat seeds/sweep.csv)"

# --- wrong usage
sweep() { refused 2 "$1" sweep CartPole-v1 --out new "${@:2}"; }
lr=optim.learning_rate
sweep 'nothing to sweep: name an option by --grid'
sweep '--grid: there is no option optim.learning_rat; did you mean optim.learning_rate' --grid optim.learning_rat=1
sweep '--random: there is no option optim.learning_rat' --random optim.learning_rat=1:2
sweep '--grid: optim.learning_rate = "fast" is not possible' --grid $lr=1e-3,fast
sweep '--grid: optim.learning_rate = "11" is not possible: it must be between' --grid $lr=1,11
sweep '--grid optim.learning_rate: a value is empty' --grid $lr=
sweep '--grid optim.learning_rate: a value is empty' --grid $lr=1,,2
sweep '--grid optim.learning_rate: 1 stands there twice' --grid $lr=1,1
sweep '--grid optim.learning_rate: write --grid section.key=A,B' --grid $lr
sweep '--grid optim.learning_rate: it is swept already' --random $lr=1:2 --grid $lr=1
sweep '--grid optim.learning_rate: --set gives it' --grid $lr=1 --set $lr=1
sweep '--grid train.seed: seeds are not swept' --grid train.seed=1,2
sweep '--grid train.algo: an algorithm has options' --grid train.algo=ppo,a2c
sweep '--random optim.learning_rate=1: "" is no number' --random $lr=1
sweep '--random optim.learning_rate=a:1: "a" is no number' --random $lr=a:1
sweep '--random optim.learning_rate=2:1: LO must be below HI' --random $lr=2:1
sweep '--random optim.learning_rate=1:1: LO must be below HI' --random $lr=1:1
sweep '--random optim.learning_rate=0:1:log: a range with :log begins above 0' --random $lr=0:1:log
sweep '--random optim.learning_rate=0:1:lin: behind the range' --random $lr=0:1:lin
sweep '--random: optim.learning_rate = "20" is not possible' --random $lr=1:20
sweep '--random: rollout.steps = "1.5" is not possible' --random rollout.steps=1.5:3
sweep '--random optim.optimizer=1:2: this option is no number; name its values' --random optim.optimizer=1:2
sweep '--runs counts random draws' --grid $lr=1 --runs 3
sweep '--seeds 0: it must be' --grid $lr=1 --seeds 0
sweep '--jobs 0: it must be' --grid $lr=1 --jobs 0
sweep '--seed 4294967295: the last of 2 seeds' --grid $lr=1 --seed 4294967295 --seeds 2
sweep '--score best: it must be' --grid $lr=1 --score best
sweep '--score steps counts the steps to a target' --grid $lr=1 --score steps
sweep 'this sweep would be more than 100000 runs' --random $lr=0:1 --runs 50000
sweep 'with rollout.envs=1 ppo.minibatch=1024: ppo.minibatch = 1024 is more than' --grid rollout.envs=8,1 --grid ppo.minibatch=1024
[ ! -e new ] || complain "wrong usage made a folder"
refused 2 'grid holds another sweep: go on with it by .uphill sweep CartPole-v1.*--out grid --quiet., or' \
    sweep CartPole-v1 --algo a2c --steps 600 --grid $lr=1e-4,1e-2 --seeds 2 --out grid
mkdir -p mine/runs
refused 2 'mine holds runs that are no sweep' sweep CartPole-v1 --grid $lr=1 --out mine
# links lead nothing out of the folder
mkdir elsewhere
echo precious >elsewhere/file
for name in sweep.ini sweep.csv runs optim-learning_rate.svg optim-learning_rate.png runs/001-seed1 runs/001-seed1/log.txt; do
    rm -rf linked
    mkdir -p "linked/$(dirname "$name")"
    target=$PWD/elsewhere/file
    case $name in runs | runs/001-seed1) target=$PWD/elsewhere ;; esac
    ln -s "$target" "linked/$name"
    refused 2 "linked/$name is a symbolic link" sweep CartPole-v1 --algo a2c --steps 64 --grid $lr=1e-3 --seeds 1 --out linked --quiet
done
[ "$(ls elsewhere)" = file ] && [ "$(cat elsewhere/file)" = precious ] || complain "a link was followed"
touch file
refused 1 'cannot create folder file' sweep CartPole-v1 --grid $lr=1 --out file/inside

[ $failures -eq 0 ]
