#!/usr/bin/env bash
# The experiments reach what is known of them, with few seeds; twice the same bytes; their failures.
set -u
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failures=0
complain() {
    echo "$*" >&2
    failures=$((failures + 1))
}

# conduct NAME SEEDS [FIGURE…] [--percent P]
conduct() {
    local name=$1 seeds=$2 figures=() shorter=()
    shift 2
    while [ $# -gt 0 ] && [ "$1" != --percent ]; do
        figures+=("$1")
        shift
    done
    shorter=("$@")
    "$UPHILL" experiment "$name" --out "$name" --seeds "$seeds" "${shorter[@]}" >"$name.txt" 2>"$name.err" ||
        complain "$name: $(cat "$name.err")"
    for figure in "${figures[@]}"; do
        [ -s "$name/$figure.csv" ] || complain "$name wrote no $figure.csv"
        grep -q 'install libcairo2-dev' "$name.err" && continue # a build without Cairo
        grep -q '</svg>' "$name/$figure.svg" || complain "$name drew no $figure.svg"
        [ "$(head -c 4 "$name/$figure.png" | tail -c 3)" = PNG ] || complain "$name: no $figure.png"
    done
}

# within NAME PATTERN TOLERANCE: rows of the summary are as near to what is known.
within() {
    awk -F, -v pattern="$2" -v tolerance="$3" '
        NR > 1 { n = NF; text = $0 }
        NR > 1 && text ~ pattern {
            rows++; gap = $(n - 2) - $n; if (gap < 0) gap = -gap
            if ($n == "" || gap > tolerance) { print text; bad = 1 }
        }
        END { exit bad || !rows }' "$1/summary.csv" || complain "$1: not within $3: $2"
}

conduct epsilon-greedy-testbed 1 testbed-reward testbed-optimal
within epsilon-greedy-testbed 'expected reward' 0.06
within epsilon-greedy-testbed '% best arm' 4

conduct gradient-bandit 1 gradient-bandit-reward gradient-bandit-optimal
within gradient-bandit '% best arm' 4

conduct mc-vs-td 5 random-walk blackjack
within mc-vs-td 'TD, .*RMS' 0.05
within mc-vs-td 'Blackjack.*a hand"' 0.006
within mc-vs-td 'V of a hard' 0.05

conduct taxi 1 taxi-early taxi-late
within taxi Q-learning 0.0001
within taxi SARSA 0.5

conduct bandit-baseline 1 bandit-baseline-1 bandit-baseline-10 bandit-baseline-100
awk -F, '/100 a batch.*running reward/ { rows++; if ($(NF - 2) < 0.99) bad = 1 }
    END { exit bad || rows != 3 }' bandit-baseline/summary.csv ||
    complain "bandit-baseline: the best of 100 arms was not found: $(cat bandit-baseline/summary.csv)"

# at_least NAME PATTERN BOUND: rows of the summary, of which there is one or more.
at_least() {
    awk -F, -v pattern="$2" -v bound="$3" '
        $0 ~ pattern { rows++; if ($(NF - 2) < bound) { print; bad = 1 } }
        END { exit bad || !rows }' "$1/summary.csv" || complain "$1: not at least $3: $2"
}

# A fifth of it: 100,000 steps of each method.
conduct cartpole-three-ways 1 cartpole-steps cartpole-seconds --percent 20
at_least cartpole-three-ways 'seeds that reached 195' 100
at_least cartpole-three-ways 'Q table: .*greedy episodes' 150
at_least cartpole-three-ways 'REINFORCE: .*greedy episodes' 195
at_least cartpole-three-ways 'PPO: .*greedy episodes' 400

# The same again, on one core: seeds do not depend on who else is running.
cp -r epsilon-greedy-testbed first
taskset -c "$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')" \
    "$UPHILL" experiment epsilon-greedy-testbed --out epsilon-greedy-testbed --seeds 1 >again.txt ||
    complain "the second time it failed"
diff -r first epsilon-greedy-testbed >/dev/null || complain "twice is not the same"

# Failures
"$UPHILL" experiment | grep -q '^taxi ' || complain "the list has no taxi"
"$UPHILL" experiment taxy 2>err
[ $? = 2 ] || complain "an unknown name is not wrong usage"
grep -q 'did you mean taxi' err || complain "no advice: $(cat err)"
"$UPHILL" experiment taxi --seeds 0 2>err
[ $? = 2 ] || complain "no seeds are not wrong usage"
touch file
"$UPHILL" experiment taxi --out file/inside 2>err
[ $? = 1 ] || complain "a folder that cannot be made is no failure"
[ "$failures" = 0 ]
