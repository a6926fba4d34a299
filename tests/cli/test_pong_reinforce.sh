# `uphill experiment pong-reinforce`, a hundredth of its length: both sweeps, the figure, and what a
# second time does not repeat.
. "$(dirname "$0")/uphill.sh"
"$UPHILL" rollout PongDeterministic-v4 --steps 1 --csv /dev/null >out 2>&1 || { echo "skipped: $(cat out)"; exit 77; }
"$UPHILL" doctor >doctor

"$UPHILL" experiment pong-reinforce --out pong --seeds 2 --percent 1 >out 2>err || complain "$(cat out err)"
[ "$(grep -c ',done,$' pong/curves/sweep.csv)" -eq 2 ] || complain "not two runs: $(cat pong/curves/sweep.csv)"
[ "$(grep -c ',done,$' pong/search/sweep.csv)" -eq 12 ] || complain "not twelve runs: $(cat pong/search/sweep.csv)"
# it is the Pong tutorial's: the sum restarts at a point, RMSProp, no penalty but where it is searched
for line in 'algo = reinforce' 'id = PongDeterministic-v4' 'preprocess = pong80' 'hidden = 200' 'gamma = 0.99' \
    'restart = true' 'optimizer = rmsprop' 'decay = 0.99' 'episodes = 10' 'move_penalty = 0' 'steps = 70000'; do
    says "^$line\$" pong/curves/runs/001-seed1/config.ini
done
says '^move_penalty = 0.003$' pong/search/runs/006-seed1/config.ini
says '^learning_rate = 0.003$' pong/search/runs/006-seed1/config.ini
says '^"running reward at the end",-2[01]\.' pong/summary.csv # a beginner loses nearly every point
says '^"episodes",[678]0,' pong/summary.csv
says '^"REINFORCE",2,10,-2[01]' pong/pong-reinforce.csv
! grep -q '^ *ok *cairo' doctor || grep -q '</svg>' pong/pong-reinforce.svg || complain "no figure"
cp pong/summary.csv first
touch -d '2001-01-01' pong/*/runs/*/result.json
"$UPHILL" experiment pong-reinforce --out pong --seeds 2 --percent 1 >out 2>err || complain "again: $(cat out err)"
cmp -s first pong/summary.csv || complain "twice is not the same"
[ -z "$(find pong/*/runs -name result.json -newermt 2001-01-02)" ] || complain "a finished run was repeated"
refused 2 '.*curves holds another sweep' experiment pong-reinforce --out pong --seeds 3 --percent 1

[ $failures -eq 0 ]
