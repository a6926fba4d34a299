# policy.net: what `uphill net` prints, what is refused before anything starts, and runs with
# convolutions: any number of threads, resumed, loaded, and taken for another network.
. "$(dirname "$0")/uphill.sh"

# --- printed
run net CartPole-v1 --set "policy.net=dense:8 norm,relu" --set policy.shared=true
says '^trunk    1    dense:8  *8  *40$' && says '^trunk    2    norm,relu  *8  *16$'
says '^policy   1    dense:2  *2  *18$' && says '^value    1    dense:1  *1  *9$' && says '^in all  *83$'
run net CartPole-v1 --algo reinforce --set policy.hidden=5
says '^policy   2    dense:2' && ! grep -q value out || complain "$(cat out)"
run net Taxi-v4 --set policy.net=embed:4
says '^policy   1    embed:4  *4  *2000$'

# --- refused, in one line, and no run is begun
none() { # none STATUS MESSAGE WORDS…
    local status=$1 message=$2
    shift 2
    refused "$status" "$message" "$@"
    [ "$(wc -l <err)" -eq 1 ] || complain "$*: $(cat err)"
    [ ! -e none ] || complain "$*: a run was begun"
}
cart="train CartPole-v1 --run-dir none --quiet"
none 2 'policy.net: layer 1, conv:8x3s1: it needs a picture, and the observation is none' $cart --set policy.net=conv:8x3s1
none 2 'policy.net: layer 2, dence:4: it must be dense:N' $cart --set "policy.net=dense:4 dence:4"
none 2 'policy.net: layer 1, embed:4: it needs a Discrete observation' $cart --set policy.net=embed:4
none 2 'trpo needs derivatives along a direction, .* "norm"' $cart --algo trpo --set "policy.net=dense:4 norm"
none 2 'policy.net: layer 2, conv:4x40s1: a kernel of 40 x 40 does not fit into a picture of 26 x 20' \
    train uphill/Pong-v0 --run-dir none --quiet --set "policy.net=conv:4x8s8 conv:4x40s1"

# --- runs
pong="train uphill/Pong-v0 --algo ppo --envs 2 --set env.frame_stack=2 --set rollout.steps=8 --set ppo.minibatch=8
    --set ppo.epochs=1 --set policy.shared=true --quiet --seed 3"
net="policy.net=conv:4x10s10,relu conv:6x3s2,elu norm dense:16,relu"
run $pong --set "$net" --steps 64 --threads 1 --run-dir one
run $pong --set "$net" --steps 64 --threads 2 --run-dir two
[ ! -s err ] || complain "a convolution was warned of: $(cat err)"
cmp one/checkpoints/000000000064.safetensors two/checkpoints/000000000064.safetensors >&2 || complain "two threads compute otherwise"
run $pong --set "$net" --steps 32 --run-dir half
run train --resume half --steps 64 --quiet
cmp one/checkpoints/000000000064.safetensors half/checkpoints/000000000064.safetensors >&2 || complain "resumed, it goes on otherwise"
run net one
says 'uphill/Pong-v0: .*stacked$' && says '^observation  *6 x 210 x 160'
says '^trunk    1    conv:4x10s10,relu  *4 x 21 x 16  *2404$' && says '^trunk    3    norm  *6 x 10 x 7  *840$'
"$UPHILL" eval one --episodes 1 --max-steps 20 >out 2>err || complain "$(cat err)"
"$PYTHON" - one/checkpoints/000000000064.safetensors <<'PYTHON' || complain "other shapes than PyTorch's"
import json, struct, sys
data = open(sys.argv[1], "rb").read()
header = json.loads(data[8:8 + struct.unpack("<Q", data[:8])[0]])
want = {"trunk.0.weight": [4, 6, 10, 10], "trunk.0.bias": [4], "trunk.1.weight": [6, 4, 3, 3], "trunk.2.weight": [6, 10, 7],
        "trunk.2.bias": [6, 10, 7], "trunk.3.weight": [16, 420], "policy.0.weight": [6, 16], "value.0.weight": [1, 16]}
for name, shape in want.items():
    assert header[name]["shape"] == shape, (name, header[name])
PYTHON
none 1 '--init .*one: another network: policy.net is conv:4x10s10,.* there and conv:4x10s10 here$' \
    $pong --set "policy.net=conv:4x10s10" --steps 64 --init one --run-dir other

# --- the published network on the real game, where its ROM is
if "$UPHILL" rollout PongNoFrameskip-v4 --steps 2 >/dev/null 2>&1; then
    run train pong-nature-ppo --steps 256 --set rollout.steps=32 --set ppo.epochs=1 --run-dir nature --quiet
    run net nature
    says '^trunk    3    conv:64x3s1,relu  *64 x 7 x 7  *36928$' && says '^in all  *1687719$'
fi

# --- recurrent: trained in segments, resumed bit for bit
cart="CartPole-v1 --set policy.net=dense:8,tanh_lstm:8 --set policy.shared=true --set rollout.steps=32 --set rollout.segment=16 --quiet"
memory() { "$UPHILL" train "${@//dense:8,tanh_lstm:8/dense:8,tanh lstm:8}" >out 2>err </dev/null || complain "uphill train $*: $(cat err)"; }
memory $cart --steps 1024 --threads 1 --run-dir memory
memory $cart --steps 1024 --threads 2 --run-dir memory2
memory $cart --steps 512 --run-dir memory3
run train --resume memory3 --steps 1024 --quiet
for again in memory2 memory3; do
    cmp memory/checkpoints/000000001024.safetensors $again/checkpoints/000000001024.safetensors >&2 || complain "$again differs"
done
run net memory
says '^trunk    2    lstm:8  *8  *576$'

# --- a dense network on pictures is told which one fits
"$UPHILL" train uphill/Pong-v0 --algo a2c --steps 8 --envs 1 --set rollout.steps=4 --set policy.hidden=2 --run-dir dense --quiet >out 2>err
grep -q 'warning: uphill/Pong-v0: .* a dense network reads each of them in every step, .*: set env.preprocess=pong80, or policy.net=nature' err ||
    complain "$(cat err)"

[ $failures -eq 0 ]
