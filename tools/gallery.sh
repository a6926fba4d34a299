#!/usr/bin/env bash
# Makes the films of docs/gallery.md, less than 3 MB in all.
#   tools/gallery.sh RUNS [OUT]      OUT: default docs/pictures/gallery
# Four of them are played by a policy: RUNS/RECIPE-1 is trained where it is not there yet.
set -euo pipefail
[ $# -ge 1 ] || { sed -n '2,4p' "$0" >&2; exit 2; }
root=$(dirname "$0")/..
uphill=${UPHILL:-$root/build/release/uphill}
runs=$1 out=${2:-$root/docs/pictures/gallery}
mkdir -p "$out"

# film NAME STEPS WHAT: at random where WHAT is an environment
film() { "$uphill" play "$3" --steps "$2" --out "$out/$1.gif"; }

# policy NAME STEPS RECIPE
policy() {
    [ -e "$runs/$3-1/result.json" ] || "$uphill" train "$3" --seed 1 --run-dir "$runs/$3-1" --quiet >/dev/null
    film "$1" "$2" "$runs/$3-1"
}

policy cartpole 150 cartpole-ppo
policy pendulum 120 pendulum-ppo
policy atari-pong 150 pong-atari-ppo
policy ../pong 2000 pong
film mountain-car 100 MountainCar-v0
film acrobot 100 Acrobot-v1
film frozen-lake 100 FrozenLake-v1
film taxi 40 Taxi-v4
film cliff-walking 30 CliffWalking-v1
film blackjack 10 Blackjack-v1
film random-walk 100 uphill/RandomWalk-v0
film testbed 20 uphill/Testbed-v0
film breakout 142 ALE/Breakout-v5
film space-invaders 150 ALE/SpaceInvaders-v5
film halfcheetah 25 HalfCheetah-v5
film ant 18 Ant-v5
film humanoid 30 Humanoid-v5
film lunar-lander 83 LunarLander-v3
film bipedal-walker 59 BipedalWalker-v3
film car-racing 25 CarRacing-v3
