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
    "several": spaces.Dict(aim=spaces.Box(-1, 3, (1, 2)), whole=spaces.Box(0, 4, (1,), np.int16), gear=spaces.Discrete(3, start=-1),
                           lamps=spaces.MultiBinary(2), dials=spaces.MultiDiscrete([2, 3])),
    "deep": spaces.Tuple((spaces.Discrete(2), spaces.Dict(a=spaces.Box(0, 1, (1,)), b=spaces.Discrete(3)))),
    "many": spaces.Tuple((spaces.Discrete(2), spaces.Box(0, 1, (64,)))),
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


SEVERAL = {"aim": spaces.Box(-1, 1, (2,)), "go": spaces.Discrete(3, start=5), "lamps": spaces.MultiBinary(2),
           "dials": spaces.MultiDiscrete([2, 3], start=[0, 7])}
MASKED = {
    "discrete": spaces.Discrete(6),
    "multi": spaces.MultiDiscrete([3, 2]),
    "bits": spaces.MultiBinary(3),
    "dict": spaces.Dict(SEVERAL),
    "tuple": spaces.Tuple(SEVERAL.values()),
}


def open_of(space, parity):
    """A mask as Gymnasium's sample takes it: choices of one parity are open; the first bit is 0 or 1, the others free."""
    if isinstance(space, spaces.Discrete):
        return np.array([a % 2 == parity for a in range(space.n)], np.int8)
    if isinstance(space, spaces.MultiDiscrete):
        return tuple(np.array([a % 2 == parity for a in range(n)], np.int8) for n in space.nvec)
    if isinstance(space, spaces.MultiBinary):
        return np.array([parity] + [2] * (space.n - 1), np.int8)
    if isinstance(space, spaces.Dict):
        return {key: open_of(part, parity) for key, part in space.spaces.items()}
    return tuple(open_of(part, parity) for part in space.spaces) if isinstance(space, spaces.Tuple) else None


def is_open(space, action, parity):
    if isinstance(space, spaces.Discrete):
        return (action - space.start) % 2 == parity
    if isinstance(space, spaces.MultiDiscrete):
        return ((action - space.start) % 2 == parity).all()
    if isinstance(space, spaces.MultiBinary):
        return action[0] == parity
    if isinstance(space, (spaces.Dict, spaces.Tuple)):
        keys = space.spaces if isinstance(space, spaces.Dict) else range(len(space.spaces))
        return all(is_open(space[key], action[key], parity) for key in keys)
    return True


def flat(space, mask):
    """The same as one array, of a bit two entries, as sb3-contrib has it; Boxes have none."""
    if isinstance(space, spaces.MultiBinary):
        return [entry for value in mask for entry in (value != 1, value != 0)]
    if isinstance(space, (spaces.Dict, spaces.Tuple)):
        keys = space.spaces if isinstance(space, spaces.Dict) else range(len(space.spaces))
        return [entry for key in keys for entry in flat(space[key], mask[key])]
    return [] if mask is None else [bool(a) for part in (mask if isinstance(mask, tuple) else (mask,)) for a in part]


class Masked(gymnasium.Env):
    """Closes the actions that are not of the step's parity; episodes of three steps."""

    def __init__(self, kind="discrete", method=False, short=False):
        self.observation_space, self.action_space = spaces.Discrete(4), MASKED[kind]
        self.steps, self.told, self.short = 0, not method, short
        if method:
            self.action_masks = lambda: flat(self.action_space, self.mask())[1 if short else 0:]

    def mask(self):
        return open_of(self.action_space, self.steps % 2)

    def info(self):
        self.action_space.sample(mask=self.mask())  # Gymnasium takes it
        return {"action_mask": self.mask()} if self.told else {}

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        return self.steps, self.info()

    def step(self, action):
        assert self.action_space.contains(action), f"{action!r} is not in {self.action_space}"
        assert is_open(self.action_space, action, self.steps % 2), f"{action} was closed"
        self.steps += 1
        return self.steps, 1, self.steps == 3, False, self.info()


class Aim(gymnasium.Env):
    """Point at a place, choose its colour and light the lamps it names, in one action; at most 1 + 1 + 1 a step."""

    metadata = {"render_modes": ["rgb_array"], "render_fps": 10}

    def __init__(self, keys=True, render_mode=None):
        parts = {"aim": spaces.Box(-1, 1, (2,)), "colour": spaces.Discrete(3, start=1), "lamps": spaces.MultiBinary(2)}
        self.observation_space = spaces.Box(-1, 1, (7,))
        self.action_space = spaces.Dict(parts) if keys else spaces.Tuple(parts.values())
        self.keys, self.render_mode = keys, render_mode

    def observe(self):
        self.place, self.colour = self.np_random.uniform(-1, 1, 2), int(self.np_random.integers(3))
        self.lamps = self.np_random.integers(0, 2, 2)
        return np.concatenate([self.place, np.eye(3)[self.colour], self.lamps]).astype(np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        return self.observe(), {}

    def step(self, action):
        assert self.action_space.contains(action), f"{action!r} is not in {self.action_space}"
        aim, colour, lamps = action.values() if self.keys else action
        reward = 1 - float(np.abs(aim - self.place).mean()) + (colour == self.colour + 1) + float((lamps == self.lamps).mean())
        self.steps += 1
        return self.observe(), reward, False, self.steps == 10, {}

    def render(self):
        frame = np.zeros((40, 40, 3), np.uint8)
        x, y = (20 + 19 * self.place).astype(int)
        frame[y, x, self.colour] = 255
        return frame


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
gymnasium.register("Aim-v0", Aim)
gymnasium.register("Failing-v0", Failing)
