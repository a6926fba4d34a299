# `uphill weights`: every weight has its place and its colour, a film has a frame for each checkpoint,
# and what cannot be drawn is said.
. "$(dirname "$0")/uphill.sh"
"$UPHILL" doctor >doctor
grep -q '^ *ok *cairo' doctor || { echo "skipped: no cairo"; exit 77; }
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }

cat >helper.py <<'PYTHON'
"""checkpoint OUT RUN_FILE UNITS INPUTS UNIT:INPUT:WEIGHT…   a first layer of zeros, but for these
pixels PNG X:Y…   their colours"""
import json, struct, sys, zlib


def read(path):
    data = open(path, "rb").read()
    size = struct.unpack("<Q", data[:8])[0]
    return json.loads(data[8 : 8 + size])["__metadata__"]


def checkpoint(out, source, units, inputs, *entries):
    units, inputs = int(units), int(inputs)
    weight = [0.0] * (units * inputs)
    for entry in entries:
        unit, place, value = entry.split(":")
        weight[int(unit) * inputs + int(place)] = float(value)
    data = struct.pack(f"<{len(weight)}f", *weight)
    tensor = {"dtype": "F32", "shape": [units, inputs], "data_offsets": [0, len(data)]}
    header = {"__metadata__": {"config": read(source)["config"]}, "policy.0.weight": tensor}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    open(out, "wb").write(struct.pack("<Q", len(text)) + text + data)


def pixels(path, *places):
    data, place, packed = open(path, "rb").read(), 8, b""
    while place < len(data):
        size, kind = struct.unpack(">I4s", data[place : place + 8])
        chunk = data[place + 8 : place + 8 + size]
        if kind == b"IHDR":
            width, height = struct.unpack(">II", chunk[:8])
        if kind == b"IDAT":
            packed += chunk
        place += size + 12
    places = [tuple(map(int, place.split(":"))) for place in places]
    raw, stride, above, rows = zlib.decompress(packed), width * 3, bytes(width * 3), []
    for y in range(max(y for _, y in places) + 1):
        how, row = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1 : (y + 1) * (stride + 1)])
        for i in range(stride if how else 0):
            a = row[i - 3] if i >= 3 else 0
            b, c = above[i], above[i - 3] if i >= 3 else 0
            paeth = min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))[2]
            row[i] = (row[i] + (0, a, b, (a + b) // 2, paeth)[how]) % 256
        above = bytes(row)
        rows.append(above)
    for x, y in places:
        print("%02x%02x%02x" % tuple(rows[y][x * 3 : x * 3 + 3]), end=" ")
    print(f"{width}x{height}")


{"checkpoint": checkpoint, "pixels": pixels}[sys.argv[1]](*sys.argv[2:])
PYTHON

# pixels FILE PLACES EXPECTED
pixels() {
    local got
    # shellcheck disable=SC2086
    got=$(python3 helper.py pixels "$1" $2)
    [ "$got" = "$3" ] || complain "$1: \"$got\", not \"$3\""
}

# --- a run that keeps its checkpoints
pong="--algo a2c --set env.preprocess=pong80 --set policy.hidden=6 --set rollout.steps=16 --envs 2"
# shellcheck disable=SC2086
run train uphill/Pong-v0 $pong --steps 128 --set train.keep=9 --run-dir run --quiet
cp run/checkpoints/000000000128.safetensors last
cp last run/checkpoints/000000000064.safetensors
run weights run
says '^weights.png: a2c on uphill/Pong-v0, step 128$'
run weights run --out x.svg
grep -q '<svg' x.svg || complain "no SVG"
run weights run --layer 2 --out y.svg
! cmp -s x.svg y.svg || complain "--layer changes nothing"
if grep -q '^ *ok *giflib' doctor; then
    run weights run --out x.gif
    says '^x.gif: 2 checkpoints$'
    [ "$(head -c 6 x.gif)" = GIF89a ] || complain "no GIF"
    echo broken >run/checkpoints/000000000192.safetensors
    "$UPHILL" weights run --out x.gif >out 2>err || complain "a damaged checkpoint: $(cat err)"
    says '^x.gif: 2 checkpoints$'
    grep -q 'warning: .*000000000192' err || complain "no warning of a damaged checkpoint"
    rm run/checkpoints/000000000192.safetensors
fi

# --- pong80: a unit is a tile of 80 × 80, two pixels between; 16 to the left of all and 96 above. The
# strongest tenth stands first, twice as large, six in a row above twelve small ones; here units 0, 59,
# 1, 2, … The scale ends at 1.
python3 helper.py checkpoint tiles.safetensors last 60 6400 0:0:1 0:82:-1 59:6399:0.5 5:0:0.25
run weights tiles.safetensors --out tiles.png
says '^tiles.png: a2c on uphill/Pong-v0, tiles.safetensors$'
at() { echo "$((16 + $1)):$((96 + $2))"; }
last_x=$((5 * 82 + 79)) last_y=$((6 * 82 + 79))
pixels tiles.png "$(at 1 1) $(at 4 2) $(at 2 4) $(at 161 0) $(at $((164 + 159)) 158) $(at 328 0) $(at $((last_x + 9)) $last_y)" \
    "b2182b 2166ac ffffff b0b0b0 d98c95 ecc5ca ffffff 1014x684"

# --- colours of a screen are planes side by side
"$UPHILL" train uphill/Pong-v0 --algo a2c --set policy.hidden=2 --set rollout.steps=4 --envs 1 --steps 4 --run-dir raw \
    --quiet >out 2>err || complain "raw screens: $(cat err)" # with a warning of what they cost
python3 helper.py checkpoint planes.safetensors raw/checkpoints/*4.safetensors 2 100800 0:0:1 0:1:1 1:488:-1
run weights planes.safetensors --out planes.png
pixels planes.png "$(at 0 0) $(at 160 0) $(at 320 0) $(at 1 0) $(at $((484 + 322)) 1) $(at $((484 + 320)) 1)" \
    "b2182b b2182b ffffff ffffff 2166ac ffffff 996x322"

# --- numbers that are no picture: a map of units and inputs
run train CartPole-v1 --algo a2c --set policy.hidden=3 --set rollout.steps=8 --envs 1 --steps 8 --run-dir pole --quiet
python3 helper.py checkpoint pole.safetensors pole/checkpoints/*8.safetensors 3 4 0:3:2 2:0:-2
run weights pole.safetensors --out pole.png
at() { echo "$((72 + 48 * $1 + 24)):$((96 + 24 * $2 + 12))"; }
pixels pole.png "$(at 3 0) $(at 0 2) $(at 1 1)" "b2182b 2166ac ffffff 760x224"

# --- what cannot be drawn
refused 1 '.*no run or file nowhere' weights nowhere
refused 1 '.*holds no checkpoint' weights .
refused 2 '.*there is no layer 3' weights run --layer 3
refused 2 '.*end in .png, .svg or .gif' weights run --out x.jpg
refused 2 '.*one checkpoint' weights tiles.safetensors --out x.gif
refused 1 '.*helper.py' weights helper.py
python3 helper.py checkpoint small.safetensors last 6 100
refused 1 '.*100 inputs are no screen of 80 × 80' weights small.safetensors

[ $failures -eq 0 ]
