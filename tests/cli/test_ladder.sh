#!/usr/bin/env bash
# `uphill experiment variance-ladder` and `trust-region`, a hundredth of their length: what theory says of the
# estimates and of the steps, the figures, and what is refused.
. "$(dirname "$0")/uphill.sh"
UPHILL=$(realpath "$UPHILL")
"$UPHILL" doctor >doctor
grep -q '^ *ok *cairo' doctor && cairo=1 || cairo=

# mean NAME ROW: of the summary.
mean() {
    awk -v row="\"$2\"," 'index($0, row) == 1 { sub(/^"[^"]*",/, ""); sub(/,.*/, ""); print; found = 1 }
        END { exit !found }' "$1/summary.csv" || complain "$1: no row $2"
}
# holds NAME ROW CONDITION: of the row's mean, x.
holds() {
    awk -v x="$(mean "$1" "$2")" "BEGIN { exit !($3) }" ||
        complain "$1, $2: $(mean "$1" "$2"), and not $3"
}
# conduct NAME FIGURE…
conduct() {
    local name=$1
    shift
    "$UPHILL" experiment "$name" --out "$name" --seeds 1 --percent 1 >out 2>err || complain "$name: $(cat err)"
    for figure in "$@"; do
        [ -s "$name/$figure.csv" ] || complain "$name wrote no $figure.csv"
        [ -z "$cairo" ] || grep -q '</svg>' "$name/$figure.svg" || complain "$name drew no $figure.svg"
    done
}

conduct variance-ladder ladder-lake ladder-lake-relative ladder-cartpole ladder-pong ladder-learning
l=variance-ladder
holds $l 'bandit of ten arms, no baseline: variance' 'x > 15.8 && x < 16.4'
holds $l 'bandit of ten arms, average reward: variance' 'x > 1.58 && x < 1.66'
# An unbiased estimate is about one standard error away from the exact gradient.
for rung in 'total reward' 'to go' 'minus average return' 'minus average to go' 'minus V'; do
    holds $l "lake, random policy, $rung: standard errors from exact" 'x < 1.6'
done
holds $l 'lake, random policy, TD residual: standard errors from exact' 'x > 4'
total=$(mean $l 'lake, random policy, total reward: variance')
to_go=$(mean $l 'lake, random policy, to go: variance')
holds $l 'lake, random policy, to go: variance' "x < 0.8 * $total"
holds $l 'lake, random policy, minus V: variance' "x < $to_go"
holds $l 'lake, random policy, GAE, λ 0.8: variance' "x < 0.3 * $to_go"
holds $l 'lake, random policy, mean return' 'x < -10 && x > -14' # mostly −10 in a hole, −0.3 a step

conduct trust-region trust-cartpole-step-kl trust-cartpole-step-return trust-cartpole-training-kl \
    trust-cartpole-training-return trust-pendulum-step-kl trust-pendulum-training-return
t=trust-region
for task in cartpole pendulum; do
    holds $t "$task, one step, VPG, learning rate 0.01 × 0.1: KL" 'x < 0.01'
    holds $t "$task, one step, VPG, learning rate 0.01 × 100: KL" 'x > 2'
    for bound in 0.1 1 10 100; do
        holds $t "$task, one step, TRPO, KL bound 0.02 × $bound: KL" "x > 0 && x <= 0.02001 * $bound"
    done
    holds $t "$task, one step, PPO, learning rate 0.001 × 10: KL" 'x > 0 && x < 0.1' # the clip holds it
done

refused 2 '.*whole number between 1 and 100' experiment trust-region --percent 0
refused 2 'taxi has one length only' experiment taxi --percent 50
[ $failures -eq 0 ]
