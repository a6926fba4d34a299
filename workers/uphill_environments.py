"""The environments behind a worker: how they are found, made and stepped, and how their spaces travel."""
import importlib
import json
import re
import struct

import gymnasium
import numpy as np

NOT_FOUND, MISSING, UNSUPPORTED, OPTION, FAILED = 1, 2, 3, 4, 5  # error codes of the protocol
BOX, DISCRETE, MULTI_DISCRETE, MULTI_BINARY = 0, 1, 2, 3
F32, U8 = 0, 1
BOUNDS = 64  # components whose bounds or choices travel


class Refusal(Exception):
    """An error at the start that has a code of its own."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class Codec:
    """How one Gymnasium space travels: its description in the header, rows in and out."""

    def __init__(self, space, what):
        names = {"Box": BOX, "Discrete": DISCRETE, "MultiDiscrete": MULTI_DISCRETE,
                 "MultiBinary": MULTI_BINARY}
        if type(space).__name__ not in names:
            raise Refusal(UNSUPPORTED, f"its {what} space {space} is not Box, Discrete, "
                          "MultiDiscrete or MultiBinary; flatten it with a wrapper")
        self.space, self.kind = space, names[type(space).__name__]
        self.shape = tuple(space.shape)
        self.size = int(np.prod(self.shape, dtype=np.int64))
        self.bytes = what == "observation" and self.kind == BOX and space.dtype == np.uint8
        self.start = getattr(space, "start", 0)

    def describe(self):
        n, low, high, choices = 0, np.zeros(0, "<f4"), np.zeros(0, "<f4"), []
        if self.kind == DISCRETE:
            n = int(self.space.n)
        elif self.kind == MULTI_DISCRETE:
            choices = self.space.nvec.reshape(-1)
            if self.size > BOUNDS:
                raise Refusal(UNSUPPORTED, f"{self.space} has more than {BOUNDS} components")
        elif self.kind == BOX:
            low, high = (np.asarray(v, "<f4").reshape(-1) for v in (self.space.low, self.space.high))
            alike = (low == low[0]).all() and (high == high[0]).all()
            low, high = low[:1 if alike else BOUNDS], high[:1 if alike else BOUNDS]
        shape = self.shape if 1 <= len(self.shape) <= 4 else (self.size,)
        head = struct.pack("<4I2q4q", self.kind, U8 if self.bytes else F32, len(shape), len(low), n,
                           self.size, *(shape + (0,) * (4 - len(shape))))
        return (head + low.tobytes().ljust(4 * BOUNDS, b"\0") + high.tobytes().ljust(4 * BOUNDS, b"\0")
                + np.asarray(choices, "<i8").tobytes().ljust(8 * BOUNDS, b"\0"))

    def decode(self, row):
        """A row of float32 from Uphill as what env.step takes; never a view of the row."""
        if self.kind == DISCRETE:
            return int(row[0]) + int(self.start)
        if self.kind == BOX:
            return np.clip(row.reshape(self.shape).astype(self.space.dtype), self.space.low,
                           self.space.high)
        return (row.astype(self.space.dtype).reshape(self.shape) + self.start).astype(self.space.dtype)

    def encode(self, value, row):
        if self.kind in (BOX, MULTI_BINARY):
            row[:] = np.reshape(value, -1)
        else:
            row[:] = np.reshape(value - self.start, -1)


class View:
    """The part of an image observation that Uphill wants: rows, columns, one channel."""

    def __init__(self, numbers):
        self.rows, self.columns = slice(*numbers[0:3]), slice(*numbers[3:6])
        self.channel = numbers[6]

    def size(self, codec):
        """Bytes of a view of such an image."""
        fits = codec.bytes and len(codec.shape) == 3 and self.channel < codec.shape[2]
        if not fits or self.rows.stop > codec.shape[0] or self.columns.stop > codec.shape[1]:
            raise Refusal(UNSUPPORTED, f"its observations are no colour images of at least "
                          f"{self.rows.stop} x {self.columns.stop} pixels, but {codec.space}: "
                          "preprocess them otherwise")
        count = [len(range(r.start, r.stop, r.step)) for r in (self.rows, self.columns)]
        return count[0] * count[1]

    def copy(self, image, row):
        part = image[self.rows, self.columns, self.channel]
        row.reshape(part.shape)[...] = part


class GymInstance:
    """Any environment, through gymnasium.make."""

    can_save = False

    def __init__(self, spec, kwargs, view):
        creator = spec.entry_point
        if not callable(creator):
            creator = gymnasium.envs.registration.load_env_creator(creator)
        metadata = getattr(creator, "metadata", None)
        if isinstance(metadata, dict) and "rgb_array" in metadata.get("render_modes", ()):
            kwargs = {"render_mode": "rgb_array", **kwargs}
        self.env = gymnasium.make(spec, disable_env_checker=True, **kwargs)
        self.can_render = self.env.render_mode == "rgb_array"
        self.fps = float(self.env.metadata.get("render_fps") or 30)
        self.observation = Codec(self.env.observation_space, "observation")
        self.action = Codec(self.env.action_space, "action")
        self.view, self.last = view, None

    def reset(self, seed):
        self.last = self.env.reset(seed=seed)[0]

    def step(self, action):
        self.last, reward, terminated, truncated, _ = self.env.step(self.action.decode(action))
        return reward, terminated, truncated

    def write(self, row):
        if self.view:
            self.view.copy(self.last, row)
        else:
            self.observation.encode(self.last, row)

    def frame(self):
        return np.ascontiguousarray(self.env.render(), np.uint8)

    def close(self):
        self.env.close()


def parse_options(text):
    """"a=1;b=text" → {"a": 1, "b": "text"}: each value is JSON, or else a string."""
    options = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not key.isidentifier():
            raise Refusal(OPTION, f"option '{part}' is not key=value")
        try:
            options[key] = json.loads(value)
        except ValueError:
            options[key] = value
    return options


def find_spec(name):
    """Gymnasium's spec of an id, and the keywords that an alias of ours adds to it."""
    keywords, alias = {}, re.fullmatch(r"(\w+)Deterministic-(v[04])", name)
    if alias:  # the ids that ale-py dropped in 0.11.1
        keywords = {"frameskip": 3 if alias[1] == "SpaceInvaders" else 4}
        name = f"{alias[1]}NoFrameskip-{alias[2]}"
    missing = None
    if ":" in name:
        module, name = name.split(":", 1)
        importlib.import_module(module)
    elif name not in gymnasium.registry:
        try:
            gymnasium.register_envs(importlib.import_module("ale_py"))
        except ImportError as error:
            missing = error
    try:
        return gymnasium.spec(name), keywords
    except (gymnasium.error.UnregisteredEnv, gymnasium.error.DeprecatedEnv) as error:
        if missing and (alias or name.startswith("ALE/") or "NoFrameskip" in name):
            raise Refusal(MISSING, "it needs ale-py: pip install ale-py") from missing
        raise Refusal(NOT_FOUND, shorten(str(error))) from error


def shorten(message):
    """Gymnasium's answer to an unknown id as the rest of a sentence."""
    nearest = re.search(r"Did you mean: `?([^`?,]+)", message)
    if nearest:
        return f"Gymnasium has no such environment; did you mean {nearest[1]}?"
    return re.sub(r"\.$", "", message.split("\n")[0].replace("`", "").replace(". P", "; p"))


def make_instances(count, name, options, view):
    """`count` instances of an id, and its spec."""
    forced, name = name.startswith("gym:"), name.removeprefix("gym:")
    spec, keywords = find_spec(name)
    keywords.update(parse_options(options))
    if not forced and spec.entry_point == "ale_py.env:AtariEnv":
        atari = importlib.import_module("uphill_atari")
        if atari.can_play({**spec.kwargs, **keywords}, view):
            return atari.make({**spec.kwargs, **keywords}, view, count), spec
    instances = [GymInstance(spec, keywords, view) for _ in range(count)]
    return instances, instances[0].env.spec or spec
