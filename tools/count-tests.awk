# Reads the JUnit file that ctest wrote and prints the line that ./dev test closes with:
#     N passed, N failed
# A cmocka program counts by its cases, any other test as one. A program that died (a crash, a
# timeout) before or after its cases has failed at least once. Skips are told in a line before.

function end_of_test() {
    if (status == "fail" && bad == 0) bad = 1
    if (status == "run" && good + bad + left == 0) good = 1
    if (status == "notrun" || status == "disabled") {
        if (skip) left = 1
        else bad = 1
    }
    passed += good
    failed += bad
    skipped += left
    good = bad = left = skip = 0
    status = ""
}

/<testcase / {
    status = $0
    sub(/.* status="/, "", status)
    sub(/".*/, "", status)
    open = 1
}
/<skipped message="SKIP_RETURN_CODE/ { skip = 1 }
/\[  PASSED  \] [0-9]+ test\(s\)/ { good += count($0) }
/\[  FAILED  \] [0-9]+ test\(s\)/ { bad += count($0) }
/\[  SKIPPED \] [0-9]+ test\(s\)/ { left += count($0) }
/<\/testcase>/ { end_of_test(); open = 0 }

function count(line) {
    sub(/.*\] /, "", line)
    return line + 0
}

END {
    if (open || NR == 0) failed++ # the file ends in the middle
    if (skipped) printf "%d skipped\n", skipped
    printf "%d passed, %d failed\n", passed, failed
    exit failed > 0 || passed == 0
}
