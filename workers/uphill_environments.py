"""The environments behind a worker: how they are found, made and stepped."""
import difflib
import importlib
import inspect
import json
import math
import re
import sys

import gymnasium
import numpy as np
import uphill_spaces
from uphill_spaces import DISCRETE, MISSING, MULTI_DISCRETE, NOT_FOUND, OPTION, UNSUPPORTED, Refusal


class View:
    """The part of an image observation that Uphill wants: rows, columns, one channel."""

    def __init__(self, numbers):
        self.rows, self.columns = slice(*numbers[0:3]), slice(*numbers[3:6])
        self.shape = tuple(len(range(r.start, r.stop, r.step)) for r in (self.rows, self.columns))
        self.channel = numbers[6]

    def size(self, codec):
        """Bytes of a view of such an image."""
        fits = codec.bytes and len(codec.shape) == 3 and self.channel < codec.shape[2]
        if not fits or self.rows.stop > codec.shape[0] or self.columns.stop > codec.shape[1]:
            raise Refusal(UNSUPPORTED, f"its observations are no colour images of at least "
                          f"{self.rows.stop} x {self.columns.stop} pixels, but {codec.space}: "
                          "preprocess them otherwise")
        return math.prod(self.shape)

    def place(self, row):
        return row.reshape(self.shape)

    def part(self, image):
        return image[self.rows, self.columns, self.channel]


class Screens:
    """ALE's screens in palette bytes, for AtariPreprocessing: the newest, the one before, which were seen."""

    def __init__(self, numbers):
        self.noop_max, self.frame_skip, self.life_ends, self.fires = numbers[:4]

    def size(self, codec):
        return 2 * codec.size + 1


BOX2D = "gymnasium.envs.box2d."


class GymInstance:
    """Any environment, through gymnasium.make."""

    can_save = False
    has_clock, palette = True, False

    def __init__(self, spec, kwargs, view):
        creator = spec.entry_point
        if not callable(creator):
            creator = gymnasium.envs.registration.load_env_creator(creator)
        check_keywords(creator, kwargs)
        metadata = getattr(creator, "metadata", None)
        draws = isinstance(metadata, dict) and "rgb_array" in metadata.get("render_modes", ())
        # Box2D's games simulate sparks where they are told that somebody looks, at twice a step's cost.
        self.draws_later = draws and "render_mode" not in kwargs and str(spec.entry_point).startswith(BOX2D)
        if draws and not self.draws_later:
            kwargs = {"render_mode": "rgb_array", **kwargs}
        self.env = gymnasium.make(spec, disable_env_checker=True, **kwargs)
        self.can_render = self.draws_later or self.env.render_mode == "rgb_array"
        self.fps = float(self.env.metadata.get("render_fps") or 30)
        self.observation = uphill_spaces.make(self.env.observation_space, "observation")
        self.action = uphill_spaces.make(self.env.action_space, "action")
        self.view, self.last, self.info = view, None, {}
        self.mask_size = 0

    def look_for_masks(self):
        """Whether infos hold action masks shows at a reset only."""
        if self.action.kind in (DISCRETE, MULTI_DISCRETE) and "action_mask" in self.env.reset()[1]:
            self.mask_size = self.action.choices()

    @property
    def mask(self):
        """Of the last observation: 1 where an action may be taken."""
        mask = self.info.get("action_mask")
        if mask is None:
            return 1
        parts = mask if isinstance(mask, tuple) else (mask,)  # as Gymnasium's sample takes it
        return np.concatenate([np.reshape(part, -1) for part in parts]) != 0

    def row_size(self):
        """Numbers of an observation as it travels."""
        return self.view.size(self.observation) if self.view else self.observation.size

    def place(self, row):
        """A row of the memory as `write` takes it."""
        return self.view.place(row) if self.view else row

    def reset(self, seed):
        self.last, self.info = self.env.reset(seed=seed)

    def step(self, action):
        self.last, reward, terminated, truncated, self.info = self.env.step(self.action.decode(action))
        return reward, terminated, truncated

    def write(self, place):
        if self.view:
            place[...] = self.view.part(self.last)
        else:
            self.observation.encode(self.last, place)

    def frame(self):
        if self.draws_later:
            self.env.unwrapped.render_mode, self.draws_later = "rgb_array", False
        return np.ascontiguousarray(self.env.render(), np.uint8)

    def close(self):
        self.env.close()


MAKE = ("max_episode_steps",)  # keywords that gymnasium.make itself takes


def check_keywords(creator, kwargs):
    """Refuses a keyword that the environment does not take, and names the nearest one that it does."""
    known = inspect.signature(creator).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in known):
        return
    names = [parameter.name for parameter in known] + list(MAKE)
    for key in kwargs:
        if key not in names:
            near = difflib.get_close_matches(key, names, 1, 0.4)
            raise Refusal(OPTION, f"it takes no keyword '{key}'" + (
                f"; did you mean '{near[0]}'?" if near else f"; it takes: {', '.join(sorted(names))}"))


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
            raise Refusal(MISSING, "it needs ale-py: run ./dev setup, or pip install ale-py") from missing
        raise Refusal(NOT_FOUND, shorten(str(error))) from error


def list_ids(package):
    """Prints what a package registers: the id as Uphill takes it, a tab, a summary."""
    before = set(gymnasium.registry)
    try:
        module = importlib.import_module(package)
    except ModuleNotFoundError as error:
        sys.exit(f"Python has no module {error.name}: pip install {error.name}")
    except Exception as error:
        sys.exit(f"importing it fails: {type(error).__name__}: {error}")
    root = package.split(".", 1)[0]
    if root == "ale_py":
        gymnasium.register_envs(module)
    prefix, found = "" if root in ("gymnasium", "ale_py") else package + ":", False
    for name, spec in gymnasium.registry.items():
        entry = spec.entry_point
        own = entry.split(".")[0].split(":")[0] == root if isinstance(entry, str) else False
        if own or name not in before:
            limit = f"at most {spec.max_episode_steps} steps" if spec.max_episode_steps else "no limit of steps"
            solved = "" if spec.reward_threshold is None else f", solved at {spec.reward_threshold:g}"
            print(f"{prefix}{name}\t{limit}{solved}")
            found = True
    if not found:
        sys.exit("it registers no environment with Gymnasium")


def shorten(message):
    """Gymnasium's answer to an unknown id as the rest of a sentence."""
    nearest = re.search(r"Did you mean: `?([^`?,]+)", message)
    if nearest:
        return f"Gymnasium has no such environment; did you mean {nearest[1]}?"
    return re.sub(r"\.$", "", message.split("\n")[0].replace("`", "").replace(". P", "; p"))


def make_instances(count, name, options, view, episode_steps):
    """`count` instances of an id, and its spec."""
    forced, name = name.startswith("gym:"), name.removeprefix("gym:")
    screens = isinstance(view, Screens)
    spec, keywords = find_spec(name)
    keywords.update(parse_options(options))
    if (screens or not forced) and spec.entry_point == "ale_py.env:AtariEnv":
        atari = importlib.import_module("uphill_atari")
        if screens:
            keywords["frameskip"] = 1
        if atari.can_play({**spec.kwargs, **keywords}, view):
            return atari.make({**spec.kwargs, **keywords}, view, count), spec
    if screens:
        raise Refusal(UNSUPPORTED, "env.preprocess = atari is for ALE's games, with discrete actions")
    if episode_steps:
        keywords["max_episode_steps"] = episode_steps
    instances = [GymInstance(spec, keywords, view) for _ in range(count)]
    instances[0].look_for_masks()
    return instances, instances[0].env.spec or spec
