# PPO's defaults are good on tasks whose rewards differ a hundredfold.
. "$(dirname "$0")/defaults.sh"
reaches 475 CartPole-v1 100000 1 2 3 4 5
reaches -200 Pendulum-v1 200000 1 2 3
reaches -100 Acrobot-v1 200000 1 2 3
exit "$bad"
