# PPO's defaults learn CartPole within their 100,000 steps.
. "$(dirname "$0")/defaults.sh"
reaches 475 CartPole-v1 100000 1 2
exit "$bad"
