# Each algorithm learns CartPole.
. "$(dirname "$0")/learning.sh"
learn_all 1
