#!/usr/bin/env bash
# ./dev itself: its help, a wrong verb, and the count that it closes a test run with.
set -euo pipefail
cd "$UP_SOURCE_DIR"
fail() { echo "$*"; exit 1; }

for verb in setup build demo test bench asan tsan fuzz fmt lint help; do
    ./dev help | grep -Eq "\b$verb\b" || fail "./dev help does not name $verb"
done
status=0
./dev nonsense >/dev/null 2>&1 || status=$?
[ "$status" = 2 ] || fail "./dev nonsense exits with $status"

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
