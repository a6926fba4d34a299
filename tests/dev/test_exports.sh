#!/usr/bin/env bash
# Names that could clash with a host's: the static library defines only up_… and up__…, the shared
# one shows only up_noun_verb.
set -euo pipefail
command -v nm >/dev/null || { echo "skipped: no nm (binutils)"; exit 77; }

# only PATTERN FILE NM-OPTION...: fails where FILE defines nothing, or a name outside PATTERN.
only() {
    local pattern=$1 file=$2 names strangers
    shift 2
    # The sanitizers add symbols of their own.
    names=$(nm "$@" --defined-only --format=posix "$file" 2>/dev/null |
        awk 'NF >= 3 && $2 ~ /^[A-Z]$/ { print $1 }' | grep -Ev '^__(asan|odr_asan|tsan|ubsan)' || true)
    [ -n "$names" ] || { echo "$file defines nothing"; exit 1; }
    strangers=$(grep -Ev "$pattern" <<<"$names" || true)
    [ -z "$strangers" ] || { printf '%s shows other names:\n%s\n' "$file" "$strangers"; exit 1; }
}

only '^up__?[a-z]' "$UP_BINARY_DIR/libuphill.a" --extern-only
if [ -e "$UP_BINARY_DIR/libuphill.so" ]; then
    only '^up_[a-z]' "$UP_BINARY_DIR/libuphill.so" --dynamic
fi
