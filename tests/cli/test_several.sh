# Actions of several kinds at once, as a Dict and as a Tuple of Gymnasium: trained, gone on with, evaluated, rolled out
# and played back, and the policy acts alone by what its checkpoint says.
. "$(dirname "$0")/uphill.sh"
export PYTHONPATH="$UP_SOURCE_DIR/tests/bridge"
"$UPHILL" doctor | grep -q '^ *ok *gymnasium' || { echo "skipped: there is no Python with gymnasium; run ./dev setup"; exit 77; }

# learns KEYS: trains in aim-KEYS, and is better than chance, which has 17 of 30.
learns() {
    run train spaces_env:Aim-v0 --set env.keys="$1" --set env.workers=1 --steps 8192 --envs 8 --seed 1 --quiet \
        --run-dir "aim-$1"
    run eval "aim-$1" --episodes 20 --json --trust
    mean=$(sed 's/.*"mean":\([0-9.]*\),.*/\1/' out)
    awk -v mean="$mean" 'BEGIN { exit !(mean > 22) }' || complain "aim-$1: $mean of at most 30; chance has 17"
    grep -aq 'several number,number,3,bit,bit low -1,-1,0,0,0 high 1,1,2,1,1' "aim-$1"/checkpoints/* ||
        complain "aim-$1: the checkpoint does not say its action space"
}
rollout() { run rollout spaces_env:Aim-v0 --set env.keys="$1" --steps 20 "${@:2}"; }

learns True
run train --resume aim-True --steps 9216 --quiet --trust
rollout True --run aim-True --csv seen.csv
says '^step,env,action_0,action_1,action_2,action_3,action_4,reward,' seen.csv
rollout True --actions seen.csv --csv again.csv
cmp -s seen.csv again.csv || complain "the actions of a table are not what was done"
run play aim-True --out film.gif --trust
says 'return [12][0-9]'

learns False
rollout False --csv drawn.csv
awk -F, 'NR > 1 && ($5 !~ /^[012]$/ || $6 !~ /^[01]$/ || $7 !~ /^[01]$/) { exit 1 }' drawn.csv ||
    complain "drawn actions: $(cat drawn.csv)"
run check-env spaces_env:Aim-v0 --steps 60
sed '2s/^0,0,[^,]*,[^,]*,[012],/0,0,0,0,3,/' seen.csv >wrong.csv
refused 1 'wrong.csv, line 2: number 3, "3", is no action of Dict' rollout spaces_env:Aim-v0 \
    --actions wrong.csv --steps 2
refused 2 'spaces_env:Aim-v0: env.rescale_action does nothing here: .* which is several kinds here' train spaces_env:Aim-v0 \
    --set env.rescale_action=true --steps 100 --run-dir none

[ $failures -eq 0 ]
