# `uphill fit`: a linear function is found again, moons and XOR are told apart by all four activations,
# a held-out file is measured, twice is the same, and what is wrong with a table is said with its place.
. "$(dirname "$0")/uphill.sh"
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }

cat >helper.py <<'PYTHON'
"""data                  writes linear.csv, moons.csv, xor.csv
linear FILE WEIGHT…   the weights of a linear model in a safetensors file, in the table's units"""
import json, math, random, struct, sys


def write(name, header, rows):
    with open(name, "w") as out:
        print(header, *rows, sep="\n", file=out)


def moon(upper):
    angle = random.uniform(0, math.pi)
    x, y = (math.cos(angle), math.sin(angle)) if upper else (1 - math.cos(angle), 0.5 - math.sin(angle))
    return f"{x + random.gauss(0, 0.05):.5f},{y + random.gauss(0, 0.05):.5f},{'upper' if upper else 'lower'}"


def data():
    random.seed(1)
    points = [(random.uniform(0, 10), random.gauss(100, 5), random.random()) for _ in range(300)]
    write("linear.csv", "y,a,b,c", [f"{3 * a - 2 * b + 0.5 * c + 7:.6f},{a:.6f},{b:.6f},{c:.6f}" for a, b, c in points])
    write("moons.csv", "x,y,moon", [moon(i % 2 == 0) for i in range(600)])
    corners = [(random.choice((-1, 1)), random.choice((-1, 1))) for _ in range(400)]
    write("xor.csv", '"x, first",x2,different', [
        f"{x + random.gauss(0, 0.1):.5f},{y + random.gauss(0, 0.1):.5f},{int(x != y)}" for x, y in corners])


def linear(path, *known):
    raw = open(path, "rb").read()
    size = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8 : 8 + size])

    def read(name):
        kind = {"F32": "f", "F64": "d"}[header[name]["dtype"]]
        begin, end = header[name]["data_offsets"]
        return struct.unpack(f"<{(end - begin) // struct.calcsize(kind)}{kind}", raw[8 + size + begin : 8 + size + end])

    deviation, slopes = read("target.std")[0], []
    intercept = read("target.mean")[0] + deviation * read("policy.0.bias")[0]
    for weight, mean, var in zip(read("policy.0.weight"), read("obs.mean"), read("obs.var")):
        slopes.append(weight * deviation / math.sqrt(var + 1e-8))
        intercept -= slopes[-1] * mean
    worst = max(abs(a - float(b)) for a, b in zip([*slopes, intercept / 200], known))
    if worst > 1e-3:
        sys.exit(f"{slopes} + {intercept}: {worst} from {known}")


{"data": data, "linear": linear}[sys.argv[1]](*sys.argv[2:])
PYTHON
python3 helper.py data

# last FILE.csv ACTIVATION COLUMN: of the last epoch.
last() { awk -F, -v a="$2" -v c="$3" '$1 == a { value = $c } END { print value }' "$1"; }
# under VALUE BOUND WHAT
under() { awk "BEGIN { exit !($1 < $2) }" || complain "$3: $1 is not under $2"; }

# --- a linear function, its target the first column: slopes to 1e-3, the intercept to 200 times that,
# since b is 100 on average
run fit linear.csv --target y --set policy.hidden=none --set optim.learning_rate=1e-2
says '^linear.csv: 300 rows, 3 inputs; the target is column 1, y$'
says '^a number: mean squared error'
says '^240 rows to learn from, 60 held out$'
under "$(last fits/linear/losses.csv linear 4)" 1e-6 "held-out loss of a linear function"
under 20 "$(awk -F, '$2 == 0 { print $4 }' fits/linear/losses.csv)" "a loss in the target's own unit, before learning"
python3 helper.py linear fits/linear/linear.safetensors 3 -2 0.5 0.035 2>err || complain "$(cat err)"

# --- classes by name, and by number; every activation
for table in moons xor; do
    run fit $table.csv --epochs 60 --set optim.learning_rate=1e-2
    says '^2 classes: cross-entropy'
    for activation in sigmoid tanh relu leaky_relu; do
        under "$(last fits/$table/losses.csv $activation 4)" 0.08 "$table, $activation: held-out loss"
        under 0.97 "$(last fits/$table/losses.csv $activation 6)" "$table, $activation: accuracy"
        [ -s fits/$table/$activation.safetensors ] || complain "no $activation.safetensors"
    done
done
under "$(last fits/moons/losses.csv relu 3)" "$(last fits/moons/losses.csv relu 4)" "train loss beside held-out loss"
"$UPHILL" doctor >doctor
if grep -q '^ *ok *cairo' doctor; then
    grep -q '</svg>' fits/moons/losses.svg || complain "no figure"
    [ "$(head -c 4 fits/moons/losses.png | tail -c 3)" = PNG ] || complain "no picture"
fi

# --- the same again, on one core; and another seed
run fit moons.csv --epochs 60 --set optim.learning_rate=1e-2 --out first
taskset -c "$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')" \
    "$UPHILL" fit moons.csv --epochs 60 --set optim.learning_rate=1e-2 --out again >/dev/null || complain "one core"
diff -r first again >/dev/null || complain "twice is not the same"
run fit moons.csv --epochs 60 --set optim.learning_rate=1e-2 --out other --seed 2
! cmp -s first/losses.csv other/losses.csv || complain "the seed changes nothing"

# --- a held-out file, one activation, a number where classes were deduced
head -n 401 moons.csv >most.csv
{ head -n 1 moons.csv; tail -n 200 moons.csv; } >rest.csv
run fit most.csv --held-out rest.csv --epochs 2 --set policy.activation=relu --out x
says '^400 rows to learn from, 200 held out$'
[ "$(wc -l <x/losses.csv)" -eq 4 ] || complain "not one activation over epochs 0 to 2"
run fit xor.csv --loss mse --epochs 2 --out x
says '^a number: mean squared error$'

# --- what is wrong is said, with its place
table() { printf '%b' "$1" >bad.csv; }
table 'a,b,y\n1,2,3\n4,5\n'
refused 1 'bad.csv, line 3: 2 columns, and the first line has 3' fit bad.csv
table 'a,b,y\n1,2,3\n4,five,6\n'
refused 1 'bad.csv, line 3, column 2 \(b\): "five" is no finite number' fit bad.csv
table '1,2,3\nnan,5,6\n'
refused 1 'bad.csv, line 2, column 1: "nan" is no finite number' fit bad.csv
table '1,2,3\n4,1e99,6\n'
refused 1 'bad.csv, line 2, column 2: "1e99" is no finite number' fit bad.csv
table '1,2,3\n4,,6\n'
refused 1 'bad.csv, line 2, column 2: the cell is empty' fit bad.csv
table '1,2,3\n4,5,six\n'
refused 1 'bad.csv, line 2, column 3: "six" is no finite number, and others are' fit bad.csv
refused 1 'bad.csv, line 2, column 3: "six" is no finite number' fit bad.csv --loss mse
table '1,2,3\n4,"5,6\n'
refused 1 'bad.csv, line 2, column 2: its quotes do not fit' fit bad.csv
table 'a,y\n1,2\n2,2\n3,2\n'
refused 1 'bad.csv, line 2, column 2 \(y\): the target has one value only' fit bad.csv
refused 1 'bad.csv, line 2, column 2 \(y\): the target has one value only' fit bad.csv --loss mse
table 'a\n1\n'
refused 1 'bad.csv, line 1: one column' fit bad.csv
table 'a,y\n'
refused 1 'bad.csv has no row of numbers' fit bad.csv
table ''
refused 1 'bad.csv has no row of numbers' fit bad.csv
table 'a,y\n1,2\n'
refused 1 'bad.csv has one row of numbers' fit bad.csv
table '1,\00002\n'
refused 1 'bad.csv, line 1: byte 0x00 stands there' fit bad.csv
refused 1 'cannot read nowhere.csv' fit nowhere.csv
table 'x,y,moon\n1,2,middle\n'
refused 1 'bad.csv, line 2, column 3 \(moon\): "middle" is no class' fit moons.csv --held-out bad.csv
table 'x,moon\n1,upper\n'
refused 1 'bad.csv has 2 columns' fit moons.csv --held-out bad.csv
refused 2 'moons.csv has no column "mon"; did you mean moon\?' fit moons.csv --target mon
refused 2 '--held-out 1:' fit moons.csv --held-out 1
refused 2 '--loss mae: it is mse or cross-entropy' fit moons.csv --loss mae
refused 2 '--set ppo.clip=1: fit has the sections policy and optim' fit moons.csv --set ppo.clip=1
refused 1 'linear: the loss of epoch [0-9]+ is not finite; lower optim.learning_rate' \
    fit linear.csv --set policy.hidden=none --set optim.optimizer=sgd --set optim.learning_rate=10 --target y

table 'a,a,y\n1,2,3\n2,3,4\n'
refused 1 'bad.csv: columns 1 and 2 are both named "a"' fit bad.csv

# --- Ctrl-C keeps the epochs so far
"$UPHILL" fit linear.csv --epochs 1000000 --target y --out stopped >out 2>err &
process=$!
until grep -q '^    0' out; do sleep 0.05; done
sleep 0.3
kill -INT $process
wait $process
[ $? -eq 130 ] || complain "fit after a signal: $(cat out err)"
says '^interrupted after [0-9]+ epochs$'
epochs=$(sed -n 's/^interrupted after \([0-9]*\) .*/\1/p' out)
[ "$(tail -1 stopped/losses.csv | cut -d, -f2)" = "$epochs" ] || complain "losses.csv ends with $(tail -1 stopped/losses.csv)"
ls stopped/*.safetensors >/dev/null || complain "no model is left"

# --- a file that other programs wrote: a mark of UTF-8, CRLF, quotes, blank lines
printf '\xef\xbb\xbf"a ""b""",y\r\n"1", 2\r\n\r\n2,3.5 \r\n 3 ,4.5\r\n' >foreign.csv
run fit foreign.csv --target 'a "b"' --epochs 1
says '^foreign.csv: 3 rows, 1 inputs; the target is column 1, a "b"$'

[ $failures -eq 0 ]
