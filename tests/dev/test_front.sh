#!/usr/bin/env bash
# ./dev itself: its help, a wrong verb, and the count that it closes a test run with.
set -euo pipefail
cd "$UP_SOURCE_DIR"
fail() { echo "$*"; exit 1; }

for verb in setup build demo test ci bench asan tsan fuzz fmt lint help; do
    ./dev help | grep -Eq "\b$verb\b" || fail "./dev help does not name $verb"
done
status=0
./dev nonsense >/dev/null 2>&1 || status=$?
[ "$status" = 2 ] || fail "./dev nonsense exits with $status"

# Who lacks something is told one way to get it.
grep -rnE '\binstall (lib|ale|python3|ffmpeg)' src cli --include=*.c -B 1 -A 1 |
    awk '/^--$/ { if (block ~ /install/ && block !~ /dev setup/) { print block; bad = 1 } block = ""; next }
        { block = block "\n" $0 }
        END { if (block ~ /install/ && block !~ /dev setup/) { print block; bad = 1 } exit bad }' ||
    fail "a message does not name ./dev setup"

# counted EXPECTED-LINE EXPECTED-STATUS, the report on standard input.
counted() {
    local status=0 line
    line=$(awk -f tools/count-tests.awk | tail -n 1) || status=$?
    [ "$line" = "$1" ] || fail "counted '$line', not '$1'"
    [ "$status" = "$2" ] || fail "'$1' exits with $status"
}

counted "3 passed, 0 failed" 0 <<'XML'
<testcase name="a" classname="a" time="1" status="run">
	<system-out>[==========] 3 test(s) run.
[  PASSED  ] 2 test(s).
[  SKIPPED ] 1 test(s), listed below:
</system-out></testcase>
<testcase name="b" classname="b" time="1" status="run"><system-out>fine</system-out></testcase>
<testcase name="c" classname="c" time="1" status="notrun">
	<skipped message="SKIP_RETURN_CODE=77"/><system-out></system-out></testcase>
XML
counted "1 passed, 3 failed" 1 <<'XML'
<testcase name="cases" classname="a" time="1" status="fail">
	<system-out>[  PASSED  ] 1 test(s).
[  FAILED  ] 1 test(s), listed below:
</system-out></testcase>
<testcase name="crash" classname="b" time="1" status="fail"><system-out></system-out></testcase>
<testcase name="missing" classname="c" time="0" status="notrun">
	<skipped message="Required Files Missing"/></testcase>
XML
counted "0 passed, 1 failed" 1 </dev/null

./dev fuzz | grep '^tensors: ' >/dev/null || fail "./dev fuzz does not list its targets"
while IFS=: read -r target _; do
    [ -n "$(ls "fuzz/corpus/$target")" ] || fail "fuzz/corpus/$target holds no first inputs"
done < <(./dev fuzz)
for wrong in "nonsense 5" "tensors soon" "tensors 0"; do
    ! ./dev fuzz $wrong >/dev/null 2>&1 || fail "./dev fuzz $wrong is accepted"
done

# The verbs in any order, in a folder of their own, with a cmake and a ctest that only write down how
# they were called: a program that was built before .venv came is built again by setup and test.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch"/{bin,tools,.venv,build/release,build/dev,build/asan}
cp dev CMakePresets.json "$scratch"
cp tools/count-tests.awk tools/requirements.txt "$scratch/tools"
cat >"$scratch/bin/cmake" <<'FAKE'
#!/usr/bin/env bash
echo "cmake $*" >>calls
[[ " $* " != *" --build "*" $FAILING "* ]] || exit 1
[[ "$1 $2" != "--preset release" ]] || touch build/release/CMakeCache.txt
FAKE
cat >"$scratch/bin/ctest" <<'FAKE'
#!/usr/bin/env bash
echo "ctest $*" >>calls
while [ "$1" != --output-junit ]; do shift; done
echo '<testcase name="a" classname="a" time="1" status="run"><system-out></system-out></testcase>' >"$2"
FAKE
chmod +x "$scratch"/bin/*
cp tools/requirements.txt "$scratch/.venv"
: >"$scratch/build/release/uphill"
chmod +x "$scratch/build/release/uphill"
front() { # FAILING-PRESET VERB…: calls it; what it did is in `calls`, what it said in `said`
    : >"$scratch/calls"
    local failing=$1
    shift
    (cd "$scratch" && FAILING=$failing PATH=$scratch/bin:$PATH UPHILL_PACKAGES=skip ./dev "$@" >said 2>&1)
}
called() { grep -q -- "$1" "$scratch/calls"; }

for verb in setup test; do
    touch -d '1 hour ago' "$scratch/build/release/CMakeCache.txt"
    front none $verb || fail "./dev $verb: $(cat "$scratch/said")"
    called '--build --preset release' || fail "./dev $verb leaves a program that lacks what .venv has"
    front none $verb
    ! called '--build --preset release' || fail "./dev $verb builds the release without need"
done
front none build clang && called '--build --preset clang' || fail "./dev build clang does not build it"
! front none build nonsense || fail "./dev build nonsense is accepted"
grep -q 'one of .*release' "$scratch/said" || fail "./dev build nonsense does not say what there is"
front none ci || fail "./dev ci: $(cat "$scratch/said")"
[ "$(tail -n 1 "$scratch/said")" = "3 passed, 0 failed" ] || fail "ci: $(tail -n 1 "$scratch/said")"
called 'ctest .*build/asan .*-L quick' || fail "ci leaves out the address sanitizer"
for preset in dev asan clang; do
    ! front $preset ci || fail "ci passes where $preset does not build"
    [ "$(tail -n 1 "$scratch/said")" = "2 passed, 1 failed" ] || fail "ci: $(tail -n 1 "$scratch/said")"
done
