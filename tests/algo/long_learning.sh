# Each algorithm learns CartPole, with five seeds.
. "$(dirname "$0")/learning.sh"
learn_all 1 2 3 4 5
