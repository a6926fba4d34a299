# check-env finds each fault of tests/cli/broken.c and nothing else, and is content with sound
# environments: ours, one in a worker, and the one that `uphill new env` writes.
. "$(dirname "$0")/uphill.sh"
export ASAN_OPTIONS=detect_leaks=0:${ASAN_OPTIONS:-} # `wrong abi` cannot be given back

# shellcheck disable=SC2086 # flags are words
"$CC" -std=c17 -D_GNU_SOURCE -O1 -g $CFLAGS -Wall -Wextra -shared -fPIC -I "$UP_SOURCE_DIR/include" \
    "$UP_SOURCE_DIR/tests/cli/broken.c" -o broken.so || exit 1

# sound ID…: exit status 0, nothing found.
sound() {
    "$UPHILL" check-env "$@" >out 2>err </dev/null || complain "check-env $*: $(cat out err)"
    ! grep -q FAULT out || complain "check-env $*: $(cat out)"
    [ "$(grep -c '^  ok ' out)" -eq 20 ] || complain "check-env $*: not all rules are listed"
}

# finds ID PATTERN [ARGUMENTS…]: exactly one finding ($findings), which matches; exit status 1 and a line on stderr.
finds() {
    "$UPHILL" check-env "./broken.so:$1" --steps 150 "${@:3}" >out 2>err </dev/null
    local code=$?
    [ $code -eq 1 ] || complain "$1: exit status $code"
    [ "$(grep -c '^  FAULT ' out)" -eq "${findings:-1}" ] || complain "$1: not ${findings:-one} finding: $(cat out)"
    grep -Eq "^  FAULT  $2" out || complain "$1: no \"$2\" in: $(cat out)"
    grep -q "^uphill: ./broken.so:$1 breaks ${findings:-1} of the" err || complain "$1: $(cat err)"
    [ "$(grep -c '^  \(ok\|FAULT\|-\) ' out)" -eq 20 ] || complain "$1: not all rules are listed"
    local open # what is not checked is counted
    open=$(grep -c ': not checked$' out)
    [ "$open" -eq 0 ] || grep -q "of the $((20 - open)) rules that were checked; $open could not" err ||
        complain "$1: $open rules were not checked: $(cat err)"
}

sound ./broken.so:SOUND --steps 150
grep -q '^SOUND: Box(-1, 1, (2,), float32), actions Box(-1, 1, (1,), float32)$' out || complain "$(cat out)"
where='instance [0-7], step [0-9]+'
finds SHAPE 'spaces: spec.obs: its shape has 3 numbers, its size is 2'
finds FORM 'spaces: spec.obs_form is of bytes'
finds SLOTS 'spaces: of state_size, state_save and state_load some'
finds MASKED 'spaces: spec.mask_size is 1, and actions of this space cannot be masked'
"$UPHILL" rollout ./broken.so:MASKED --steps 2 >out 2>err </dev/null && complain "MASKED: a mask of a Box is dropped"
grep -q '^uphill: .*/broken.so:MASKED: its masks have 1 numbers (spec.mask_size), those of actions of Box(.*) have 0$' err ||
    complain "MASKED: $(cat err)"
finds OBS_BEYOND 'writes inside its arrays: step 7: a byte 0 beyond the end of the array `obs`'
finds REWARD_BEFORE 'writes inside its arrays: step 7: a byte [1-8] before the beginning of the array `reward`'
finds FLAG_BEYOND 'writes inside its arrays: step 7: a byte 0 beyond the end of the array `terminated`'
finds INPUT 'leaves its input alone: instance 7, step 7: its action was changed'
findings=2 finds SHORT 'writes all of a step: instance 5, step 0: component 1 of obs, which has 2, was not written'
finds NO_REWARD 'writes all of a step: instance 2, step 1: no reward was written'
finds NO_FLAG "flags are 0 or 1: instance 0, step 1: .truncated. is [0-9]+, or was not written"
finds FLAG_TWO "flags are 0 or 1: $where: .terminated. is 2"
finds OBS_NAN 'observations in their space: instance 0, step 7: component 0 of obs is -?nan'
finds OBS_RANGE "observations in their space: $where: component 1 of (final_)?obs is -?[0-9.]+, which is not in \[-1, 1\]"
finds REWARD_INF 'finite rewards: instance 4, step 9: the reward is inf'
finds NO_FINAL "final observations: $where: the episode ended, and component 0 of final_obs"
finds NO_RESTART "a new episode after an end: $where: (after its end an episode ends again|the episode ended, and obs is still)"
finds STALE "a new episode after an end: $where: the episode ended, and obs is still its last"
finds NO_LIMIT "time limit: $where: the episode goes on after 60 steps"
finds RANDOM "repeats itself: $where, the same seeds and actions in two batches: the reward is"
finds LEFTOVER "a reset starts afresh: instance [0-7], .*: component 1 of obs is"
finds NEIGHBOURS 'instances are apart: instance 3, step [12], '
finds BATCH "the batch's size is invisible: instance 0 of 8, step 1, and the same alone"
finds PLACE "the batch's size is invisible: instance 5 of 8, step 0, .* component 0 of obs"
finds ACTIVE_WRITES "inactive instances keep still: $where: active is 0, and its .[a-z]+. was written"
finds ACTIVE_MOVES "inactive instances keep still: instance 2, step [0-9]+, went on"
finds NO_CLIP "actions beyond the bounds: $where, an action beyond"
finds STATE "saved state: instance [0-7], [0-9]+ steps after a state was saved"
finds STATE_BEYOND 'writes inside its arrays: step [0-9]+: a byte 0 beyond the end of the array `bytes of state_save`'
finds STATE_REFUSED 'saved state: a saved state could not be loaded: a state of another line'
finds RENDER_PART 'pictures: instance 0: the pixel in row 19, column 20 was not written'
finds RENDER_MOVES 'pictures: instance 0, 1 steps after one of two'
finds RENDER_BEYOND 'writes inside its arrays: step 0: a byte 0 beyond the end of the array `rgb'
finds RENDER_FAILS 'pictures: instance 0: .*the pencil broke'
finds RESTART_ALL 'restart of some: instance 0, 1 steps after others were restarted'
finds CRASH 'runs: it (crashed \(Segmentation fault\)|ended the whole program .*) at step 7, two batches with equal seeds and actions'
finds EXIT 'runs: it ended the whole program \(exit status 3\) at step 7, two batches with equal seeds and actions'
finds HANG 'runs: it did not return from step for 2 s at step 7, two batches with equal seeds and actions' --set env.timeout=2
finds STEP_FAILS 'runs: step failed at step 7, two batches with equal seeds and actions: the line is torn'
# --- it goes on where that is possible, and says where it is not
finds STEP_FAILS 'runs: step failed at step 7'
grep -q '^8 instances, 6 steps in a run, since it fails at step 7: ok is what was kept until then$' out || complain "$(cat out)"
[ "$(grep -c '^  ok ' out)" -eq 19 ] || complain "a failed step hides other rules: $(cat out)"
finds CRASH 'runs: '
[ "$(grep -c ': not checked$' out)" -eq 18 ] || complain "$(cat out)"
grep -q '^It stopped there: check again' out || complain "$(cat out)"
finds NO_LIMIT 'time limit: '
[ "$(grep -c '^  ok ' out)" -eq 19 ] || complain "$(cat out)"
! grep -qi 'see the message' out || complain "$(cat out)"
for fault in $(sed -n '/^#define FAULTS/,/^$/p' "$UP_SOURCE_DIR/tests/cli/broken.c" |
    grep -o 'X([A-Z_]*)' | sed 's/X(\(.*\))/\1/' | grep -Ev '^(SOUND|NO_CREATE|NO_ENV|WRONG_ABI)$'); do
    grep -Eq "^(findings=2 )?finds $fault " "$UP_SOURCE_DIR/tests/cli/test_check_env.sh" || complain "no test of $fault"
done

# --- the checks end with the program, also where it is killed
"$UPHILL" check-env ./broken.so:HANG >out 2>err </dev/null &
program=$!
for _ in $(seq 100); do
    child=$(cat /proc/$program/task/$program/children 2>err) && [ -n "$child" ] && break
    sleep 0.05
done
kill -9 $program
wait $program 2>err
sleep 0.2
if [ -n "$child" ] && kill -0 $child 2>err && ! grep -q '^State:.*Z' /proc/${child% }/status; then
    complain "the checks outlive the program"
    kill -9 $child
fi

# --- ours, and in workers
sound CartPole-v1 --steps 200
sound uphill/Pong-v0 --steps 100 --set env.preprocess=pong80
sound Taxi-v4 --steps 100 # which has masks
if [ -x "${PYTHON:-}" ]; then
    sound gym:CartPole-v1 --steps 100
    grep -q '^  ok     saved state: it has none' out || complain "$(cat out)"
fi

[ $failures -eq 0 ]
