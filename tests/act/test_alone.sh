#!/usr/bin/env bash
# libuphill-act is built alone, of a C compiler; it needs libc and libm and is small; C and C++ use it
# by pkg-config and by CMake, shared and static, from a folder that was moved.
. "$(dirname "$0")/robot.sh"
case $CFLAGS in *sanitize*) echo "skipped: a sanitizer's runtime is no small library"; exit 77 ;; esac

build "$scratch/first" -DCMAKE_C_COMPILER="$CC"
mv "$scratch/first" "$scratch/robot"
lib=$scratch/robot/lib
needed=$(readelf -d "$lib/libuphill-act.so" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p')
for name in $needed; do
    case $name in libc.so* | libm.so* | ld-linux*) ;; *) fail "it needs $name" ;; esac
done
text=$(size "$lib/libuphill-act.so" | awk 'NR == 2 { print $1 + $2 }')
[ "$text" -le 200000 ] || fail "libuphill-act.so has $text bytes of code and data, of 200000"
shown=$(nm -D --defined-only "$lib/libuphill-act.so" | awk '{ print $3 }' | grep -v '^up_' || true)
[ -z "$shown" ] || fail "it shows $shown"
[ "$(ls "$scratch/robot/include/uphill")" = "act.h
status.h" ] || fail "its headers are not act.h and status.h"

train pole CartPole-v1
train swing Pendulum-v1 policy.normalize_obs=true env.rescale_action=true
observations 50 4 >"$scratch/pole.obs"
observations 50 3 >"$scratch/swing.obs"
example=$UP_SOURCE_DIR/examples/04_act.c
export PKG_CONFIG_PATH=$lib/pkgconfig
# shellcheck disable=SC2046 # flags are words
"$CC" "$example" $(pkg-config --cflags --libs uphill-act) -Wl,-rpath,"$lib" -o "$scratch/shared"
"$CC" "$example" $(pkg-config --cflags uphill-act) "$lib/libuphill-act.a" -lm -o "$scratch/static"
for name in pole swing; do
    "$UP_BINARY_DIR/examples/example_04_act" "$scratch/$name.safetensors" \
        <"$scratch/$name.obs" >"$scratch/$name.want"
    [ "$(wc -l <"$scratch/$name.want")" -eq 50 ] || fail "$name: not 50 actions"
    for program in shared static; do
        "$scratch/$program" "$scratch/$name.safetensors" <"$scratch/$name.obs" |
            cmp - "$scratch/$name.want" || fail "$name: the $program one acts otherwise"
    done
done
for line in '1 2 3 4 5' '1 2 3' 'a b c d' '1 2 3 4 e'; do
    echo "$line" | "$scratch/static" "$scratch/pole.safetensors" >"$scratch/out" 2>"$scratch/err" &&
        fail "a policy of 4 numbers acts on \"$line\""
    grep -q '^a line has .*, and the policy reads 4$' "$scratch/err" || fail "$line: $(cat "$scratch/err")"
    [ ! -s "$scratch/out" ] || fail "$line: $(cat "$scratch/out")"
done
"$scratch/static" "$scratch/pole.obs" 2>"$scratch/err" && fail "a foreign file was loaded"
grep -q damaged "$scratch/err" || fail "a foreign file: $(cat "$scratch/err")"

mkdir "$scratch/consumer"
sed 's/calloc((size_t)D, sizeof \*obs)/(float *)&/; s/calloc((size_t)A, sizeof \*action)/(float *)&/' \
    "$example" >"$scratch/consumer/main.cpp"
cat >"$scratch/consumer/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES C CXX)
find_package(uphill-act 0.1 REQUIRED)
foreach(library act act_static)
  add_executable(${library} main.cpp)
  target_link_libraries(${library} PRIVATE uphill::${library})
endforeach()
CMAKE
[ -n "$CXX" ] || exit 0
cmake -G Ninja -S "$scratch/consumer" -B "$scratch/consumer/build" -DCMAKE_C_COMPILER="$CC" \
    -DCMAKE_CXX_COMPILER="$CXX" -DCMAKE_PREFIX_PATH="$scratch/robot" >"$scratch/log" 2>&1 &&
    cmake --build "$scratch/consumer/build" >>"$scratch/log" 2>&1 || fail "$(tail -20 "$scratch/log")"
for program in act act_static; do
    "$scratch/consumer/build/$program" "$scratch/swing.safetensors" <"$scratch/swing.obs" |
        cmp - "$scratch/swing.want" || fail "the C++ program $program acts otherwise"
done
