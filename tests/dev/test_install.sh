#!/usr/bin/env bash
# Installs into an empty prefix, moves that folder, then builds and runs programs in C and C++ that know
# only find_package(uphill), or only the pkg-config file, shared and static.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() { echo "$*"; exit 1; }
cmake --install "$UP_BINARY_DIR" --prefix "$scratch/first" >"$scratch/log" || fail "$(cat "$scratch/log")"
prefix=$scratch/moved
mv "$scratch/first" "$prefix"

mkdir "$scratch/consumer"
cat >"$scratch/consumer/main.c" <<'C'
#include <stdio.h>
#include <uphill/policy.h>
#include <uphill/status.h>
int main(void) { return !UP_OK && puts(up_status_text(UP_OK)) < 0; }
C
cp "$scratch/consumer/main.c" "$scratch/consumer/main.cpp"
cat >"$scratch/consumer/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES C)
find_package(uphill 0.1 REQUIRED)
find_package(uphill-act 0.1 REQUIRED)
foreach(library uphill static act act_static)
  add_executable(${library} main.c)
  target_link_libraries(${library} PRIVATE uphill::${library})
endforeach()
CMAKE
consume() {
    cmake -G Ninja -S "$scratch/consumer" -B "$scratch/build" -DCMAKE_PREFIX_PATH="$prefix" \
        -DCMAKE_C_COMPILER="$CC" -DCMAKE_C_FLAGS="$CFLAGS" &&
        cmake --build "$scratch/build"
}
consume >"$scratch/log" || fail "$(cat "$scratch/log")"
for program in uphill static act act_static; do
    [ "$("$scratch/build/$program")" = ok ] || fail "the $program consumer does not run"
done

# The files say where they lie, and nothing of the machine or the prefix that they were made with.
libs=$(dirname "$(find "$prefix" -name libuphill.a)")
for file in "$libs"/pkgconfig/*.pc; do
    grep -q '^prefix=${pcfiledir}/' "$file" || fail "$file is bound to its place: $(grep ^prefix "$file")"
done
export PKG_CONFIG_PATH=$libs/pkgconfig
[ "$(pkg-config --cflags uphill | tr -d ' ')" = "-I$libs/pkgconfig/../../include" ] ||
    [ "$(pkg-config --cflags uphill | tr -d ' ')" = "-I$prefix/include" ] ||
    fail "more than its own headers: $(pkg-config --cflags uphill)"
compilers=("$CC main.c")
[ -z "${CXX:-}" ] || compilers+=("$CXX main.cpp")
# shellcheck disable=SC2046,SC2086 # flags are words
for pair in "${compilers[@]}"; do
    set -- $pair
    for package in uphill uphill-act; do
        $1 $CFLAGS "$scratch/consumer/$2" $(pkg-config --cflags --libs $package) \
            -Wl,-rpath,"$libs" -o "$scratch/by-pc"
        [ "$("$scratch/by-pc")" = ok ] || fail "$2 with pkg-config's $package does not run"
        libraries=$(pkg-config --static --libs $package | sed "s|-l$package\b|$libs/lib$package.a|")
        $1 $CFLAGS "$scratch/consumer/$2" $(pkg-config --static --cflags $package) $libraries \
            -o "$scratch/by-pc"
        [ "$("$scratch/by-pc")" = ok ] || fail "$2 with pkg-config's static $package does not run"
        ! readelf -d "$scratch/by-pc" | grep -q 'NEEDED.*libuphill' || fail "$package was not static"
    done
done

# The examples build with what pkg-config says alone, libm among it.
# shellcheck disable=SC2046,SC2086
for example in "$UP_SOURCE_DIR"/examples/*.c; do
    package=uphill
    [ "$(basename "$example")" != 04_act.c ] || package=uphill-act
    $CC $CFLAGS "$example" $(pkg-config --cflags --libs $package) -Wl,-rpath,"$libs" -o "$scratch/example" \
        2>"$scratch/log" || fail "$example with pkg-config's $package: $(cat "$scratch/log")"
done
mkdir -p "$scratch/run"
! "$scratch/example" "$scratch/run" </dev/null 2>"$scratch/log" || fail "04_act takes a folder"
grep -q 'run is a folder: name a file in it, best.safetensors of a run' "$scratch/log" || fail "$(cat "$scratch/log")"

# What this build did not find is not asked for.
for part in dnnl gif; do
    found=$(grep -c -- "-l$part" "$libs/pkgconfig/uphill.pc" || true)
    cached=$(grep -ciE "^(ONEDNN|GIF)_LIBRARY:FILEPATH=.*lib$part\." "$UP_BINARY_DIR/CMakeCache.txt" || true)
    [ "$found" -eq "$cached" ] || fail "uphill.pc and the build do not agree about $part"
done

for data in recipes workers; do
    [ -z "$(ls "$UP_SOURCE_DIR/$data" 2>/dev/null)" ] || [ -d "$prefix/share/uphill/$data" ] ||
        fail "$data is not installed"
done
