#!/usr/bin/env bash
# The same policy acts on ARM: libuphill-act is built by a cross-compiler and runs under an emulator.
. "$(dirname "$0")/robot.sh"
gcc=aarch64-linux-gnu-gcc
for tool in $gcc qemu-aarch64; do
    command -v $tool >/dev/null || { echo "skipped: no $tool; run ./dev setup"; exit 77; }
done

unset CFLAGS # a sanitizer watches this machine's side; its runtime is none for the emulator, nor small
build "$scratch/arm" -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 -DCMAKE_C_COMPILER=$gcc
size "$scratch/arm/lib/libuphill-act.so" >"$scratch/size"
awk 'NR == 2 && $1 + $2 > 150000 { exit 1 }' "$scratch/size" || fail "it is large: $(cat "$scratch/size")"
$gcc -I"$scratch/arm/include" "$UP_SOURCE_DIR/examples/04_act.c" "$scratch/arm/lib/libuphill-act.a" -lm \
    -static -o "$scratch/act"

train pole CartPole-v1
train taxi Taxi-v4 policy.hidden=32
train swing Pendulum-v1 policy.normalize_obs=true env.rescale_action=true policy.hidden=33,17
observations 50 4 >"$scratch/pole.obs"
seq 0 499 >"$scratch/taxi.obs"
observations 50 3 >"$scratch/swing.obs"
for name in pole taxi swing; do
    "$UP_BINARY_DIR/examples/example_04_act" "$scratch/$name.safetensors" \
        <"$scratch/$name.obs" >"$scratch/$name.want"
    qemu-aarch64 "$scratch/act" "$scratch/$name.safetensors" <"$scratch/$name.obs" >"$scratch/$name.got"
    [ "$(wc -l <"$scratch/$name.got")" -eq "$(wc -l <"$scratch/$name.obs")" ] || fail "$name: not all"
    # Sums are taken in another order there, and rounded otherwise.
    paste "$scratch/$name.want" "$scratch/$name.got" | awk -v name=$name '
        { d = $1 - $2; if (d < 0) d = -d; if (d > 1e-6) { print name ", line " NR ": " $0; bad = 1 } }
        END { exit bad }' || fail "it acts otherwise"
done
