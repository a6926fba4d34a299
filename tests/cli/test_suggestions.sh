# What somebody meant: by nearness, by the names that other libraries use, and without what people
# leave out of ids; and that help is where it is looked for.
set -u
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
export UPHILL_REGISTRY=$scratch/runs.db
failures=0
complain() { echo "$*" >&2; failures=$((failures + 1)); }

# suggests PATTERN ARGUMENTS…: exit status 2 and one line that ends in what was meant.
suggests() {
    local pattern=$1
    shift
    "$UPHILL" "$@" >out 2>err </dev/null
    [ $? -eq 2 ] || complain "uphill $*: not exit status 2: $(cat err)"
    [ "$(wc -l <err)" -eq 1 ] || complain "uphill $*: not one line: $(cat err)"
    grep -Eq -- "$pattern" err || complain "uphill $*: \"$(cat err)\" does not match \"$pattern\""
    [ -z "$(ls runs 2>/dev/null)" ] || complain "uphill $*: a run was begun"
}
to() { suggests "did you mean $1\?" train "$2"; }
set_to() { suggests "has no option $2; write --set $1=VALUE" train CartPole-v1 "$2" 1; }

# --- environments
to CartPole-v1 cartpole
to HalfCheetah-v5 half_cheetah
to ALE/Breakout-v5 breakout
to ALE/SpaceInvaders-v5 "space invaders"
to Blackjack-v1 blackjack
to LunarLander-v3 lunarlander
to ALE/Breakout-v5 ALE/Brekout-v5
to uphill/Pong-v0 uphill/Pnog-v0
if "$UPHILL" doctor | grep -q '^ *ok *gymnasium'; then
    to CartPole-v1 CartPol-v1
    to LunarLander-v3 LunarLander-v2
    to ALE/Pong-v5 pong-v5
    to ALE/Breakout-v5 Breakout-v5
    to Pendulum-v1 Pendulum-v0
fi

# --- options
set_to optim.learning_rate --lr
set_to optim.learning_rate --learning-rate
set_to optim.learning_rate --learning-rat
set_to advantage.gamma --gamma
set_to advantage.lambda --gae_lambda
set_to ppo.minibatch --batch-size
set_to ppo.clip --clip-range
set_to rollout.steps --n_steps
suggests 'write --set a2c.entropy_weight=VALUE' train CartPole-v1 --algo a2c --ent-coef 1
suggests 'did you mean --steps\?' train CartPole-v1 --total-timesteps 1
suggests 'did you mean --steps\?' train CartPole-v1 --total_timesteps=1
suggests 'did you mean --envs\?' train CartPole-v1 --num-envs 1
suggests 'did you mean optim.learning_rate\?' train CartPole-v1 --set lr=1
suggests 'did you mean optim.learning_rate\?' train CartPole-v1 --set learning_rate=1
suggests 'did you mean optim.learning_rate\?' train CartPole-v1 --set ppo.lr=1
suggests 'train has no option -s; `uphill train --help`' train CartPole-v1 -s 1

suggests 'eval has no option --steps; did you mean --max-steps\?' eval run --steps 10
suggests 'eval has no option --lr; `uphill eval --help` lists them' eval run --lr 1

# --- algorithms: what is there, rather than what looks alike
suggests 'there is no algorithm "impala"; there are reinforce, vpg, actor-critic, .*, ppo' train CartPole-v1 --algo impala
suggests 'there is no algorithm "a3c"; did you mean a2c\?' train CartPole-v1 --algo a3c

# --- help
for command in $("$UPHILL" --help | sed -n '/^Commands/,/^$/p' | awk '/^  /{print $1}'); do
    "$UPHILL" "$command" --help >long && "$UPHILL" "$command" -h >short && "$UPHILL" help "$command" >third ||
        complain "$command: no help"
    cmp -s long short && cmp -s long third || complain "$command: three helps differ"
    grep -q "^uphill $command" long || complain "$command: its help does not say its name"
done
"$UPHILL" --help >long
"$UPHILL" -h | cmp -s - long || complain "uphill -h is not uphill --help"
"$UPHILL" help | cmp -s - long || complain "uphill help is not uphill --help"
suggests 'there is no command "evl"; did you mean eval\?' help evl
exit "$failures"
