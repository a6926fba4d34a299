"""An environment that hands actions back as observations, in every kind of space that travels."""
import gymnasium
import numpy as np
from gymnasium import spaces

KINDS = {
    "discrete": lambda: spaces.Discrete(5, start=3),
    "multi_discrete": lambda: spaces.MultiDiscrete([2, 3, 4], start=[0, 10, 20]),
    "multi_binary": lambda: spaces.MultiBinary(5),
    "box64": lambda: spaces.Box(np.array([[-1, -2, -3], [0, 0, 0]]), np.array([[1, 2, 3], [1, 2, 2.5]]), dtype=np.float64),
    "wide": lambda: spaces.Box(-1, 2, (100,), np.float32),
    "dict": lambda: spaces.Dict(a=spaces.Discrete(2)),
}


class Spaces(gymnasium.Env):
    def __init__(self, kind, scale=1):
        self.observation_space, self.action_space = KINDS[kind](), KINDS[kind]()
        self.scale, self.start = scale, getattr(self.action_space, "start", 0)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self.observation_space.sample(), {}

    def step(self, action):
        assert self.action_space.contains(action), f"{action!r} is not in {self.action_space}"
        flat = np.asarray(action, np.float64).reshape(-1) - np.reshape(self.start, -1)
        reward = self.scale * float(flat @ np.arange(1, flat.size + 1))
        return action, reward, False, False, {}


gymnasium.register("Spaces-v0", Spaces)
