"""An environment that hands actions back as observations, in every kind of space that travels.

Spaces-v0 does it in a space of one kind. Parts-v0 has observations of several: random ones of a Dict, or
actions of a Tuple. Masked-v0 closes actions, and fails if one of them is taken. Failing-v0 raises an exception at its
30th step, once: then there is the file `once`.
"""
import copy

import gymnasium
import numpy as np
from gymnasium import spaces

KINDS = {
    "discrete": lambda: spaces.Discrete(5, start=3),
    "multi_discrete": lambda: spaces.MultiDiscrete([2, 3, 4], start=[0, 10, 20]),
    "multi_binary": lambda: spaces.MultiBinary(5),
    "box64": lambda: spaces.Box(np.array([[-1, -2, -3], [0, 0, 0]]), np.array([[1, 2, 3], [1, 2, 2.5]]), dtype=np.float64),
    "wide": lambda: spaces.Box(-1, 2, (100,), np.float32),
    "uneven": lambda: spaces.Box(np.array([-1, -2, 0, 0.1]), np.array([1, 5, 1, 0.7]), dtype=np.float32),
    "image3": lambda: spaces.Box(0, 255, (2, 3, 4, 5), np.uint8),
    "text": lambda: spaces.Text(5),
}
PARTS = {
    "dict": spaces.Dict(position=spaces.Box(-1, 1, (2, 2)), gear=spaces.Discrete(3, start=-1),
                        lamps=spaces.MultiBinary(2), dials=spaces.MultiDiscrete([2, 3])),
    "choices": spaces.Dict(b=spaces.Discrete(3), a=spaces.Discrete(4, start=2)),
    "boxes": spaces.Tuple((spaces.Box(0, 1, (2,), np.float64), spaces.Box(-3, 3, (1, 2), np.float32))),
    "nested": spaces.Dict(arm=spaces.Dict(x=spaces.Box(0, 1, (1,)), on=spaces.Discrete(2)), hand=spaces.Box(0, 1, (2,))),
    "mixed": spaces.Tuple((spaces.Discrete(2), spaces.Box(0, 1, (1,)))),
    "sequence": spaces.Dict(a=spaces.Sequence(spaces.Discrete(2))),
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


class Parts(gymnasium.Env):
    """Observations of one collection, actions of another; the reward is a checksum of the action."""

    def __init__(self, obs="choices", action="choices"):
        self.observation_space, self.action_space = copy.deepcopy(PARTS[obs]), copy.deepcopy(PARTS[action])

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        if seed is not None:
            self.observation_space.seed(seed)
        return self.observation_space.sample(), {}

    def step(self, action):
        assert self.action_space.contains(action), f"{action!r} is not in {self.action_space}"
        flat = spaces.flatten(self.action_space, action)
        return self.observation_space.sample(), float(flat @ np.arange(1, flat.size + 1)), False, False, {}


class Masked(gymnasium.Env):
    """Closes the actions that are not of the step's parity; episodes of three steps."""

    def __init__(self, multi=False):
        self.observation_space = spaces.Discrete(4)
        self.action_space = spaces.MultiDiscrete([3, 2]) if multi else spaces.Discrete(6)
        self.multi, self.steps = multi, 0

    def mask(self):
        parity = self.steps % 2
        sizes = (3, 2) if self.multi else (6,)
        masks = tuple(np.array([a % 2 == parity for a in range(n)], np.int8) for n in sizes)
        return {"action_mask": masks if self.multi else masks[0]}

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        return self.steps, self.mask()

    def step(self, action):
        assert (np.asarray(action) % 2 == self.steps % 2).all(), f"{action} was closed"
        self.steps += 1
        return self.steps, 1, self.steps == 3, False, self.mask()


class Failing(gymnasium.Env):
    observation_space, action_space = spaces.Box(-1, 1, (2,)), spaces.Discrete(2)

    def __init__(self, once):
        self.once, self.steps = once, 0

    def is_first(self):
        """Of all the workers that come here at the same moment, one makes the file."""
        try:
            open(self.once, "x").close()
        except FileExistsError:
            return False
        return True

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return np.zeros(2, np.float32), {}

    def step(self, action):
        self.steps += 1
        if self.steps == 30 and self.is_first():
            raise ValueError("the ice\nbroke")
        return np.zeros(2, np.float32), 1, self.steps % 10 == 0, False, {}


gymnasium.register("Spaces-v0", Spaces)
gymnasium.register("Parts-v0", Parts)
gymnasium.register("Masked-v0", Masked, max_episode_steps=100, reward_threshold=3)
gymnasium.register("Failing-v0", Failing)
