# What the scripts beside this one share: a scratch folder of their own, and what they expect of $UPHILL.
# A script ends with [ $failures -eq 0 ].
set -u
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
export UPHILL_REGISTRY=$scratch/runs.db
failures=0

complain() {
    echo "$*" >&2
    failures=$((failures + 1))
}

# run ARGUMENTS…: exit status 0 and nothing on stderr; the output is in `out`.
run() {
    "$UPHILL" "$@" >out 2>err </dev/null || complain "uphill $*: $(cat err)"
    [ ! -s err ] || complain "uphill $*: $(cat err)"
}

# refused STATUS PATTERN ARGUMENTS…: one line on stderr, which matches.
refused() {
    local status=$1 pattern=$2
    shift 2
    "$UPHILL" "$@" >out 2>err </dev/null
    local code=$?
    [ $code -eq "$status" ] || complain "uphill $*: exit status $code, not $status: $(cat err)"
    [ "$(wc -l <err)" -eq 1 ] || complain "uphill $*: not one line: $(cat err)"
    grep -Eq "^uphill: $pattern" err || complain "uphill $*: \"$(cat err)\" does not match \"$pattern\""
}

# says PATTERN [FILE]: of what `run` printed, or of FILE.
says() { grep -Eq -- "$1" "${2:-out}" || complain "${2:-out} does not say \"$1\": $(head -c 400 "${2:-out}")"; }
