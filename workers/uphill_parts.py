"""Dicts and Tuples of spaces: flattened into rows of numbers, and actions put together again."""
import numpy as np
from gymnasium import spaces
from uphill_contract import Misfit, describe
from uphill_spaces import BOUNDS, BOX, BREACH, F32, PARTS, SEVERAL, UNSUPPORTED, Codec, Refusal, kind_of


def parts_of(space):
    return list(space.spaces.items() if isinstance(space, spaces.Dict) else enumerate(space.spaces))


def make(space, what):
    """The codec for an observation space or an action space."""
    codec = choose(space, what)
    codec.declared = space
    return codec


def choose(space, what):
    if not isinstance(space, spaces.Space):
        raise Refusal(BREACH, f"its {what}_space is {describe(space)}, no space of Gymnasium's")
    if kind_of(space) is not None:
        return Codec(space, what)
    if not isinstance(space, (spaces.Dict, spaces.Tuple)) or not space.is_np_flattenable:
        raise Refusal(UNSUPPORTED, f"its {what} space {space} cannot be flattened into numbers; "
                      "change it with a wrapper")
    parts = parts_of(space)
    if all(isinstance(part, spaces.Discrete) for _, part in parts) and len(parts) <= BOUNDS:
        return ChoiceParts(space, parts, what)
    if what == "action" and any(kind_of(part) not in (BOX, None) for _, part in parts):
        return SeveralParts(space, parts)
    codec = FlatParts(space, parts, what)
    if what == "observation" or all(leaf.kind == BOX for leaf in codec.leaves()):
        return codec
    raise Refusal(UNSUPPORTED, f"its action space {space} mixes kinds deeper than in one Dict or Tuple; "
                  "change it with a wrapper")


class ChoiceParts(Codec):
    """A Dict or Tuple of Discrete spaces: it travels as a MultiDiscrete."""

    def __init__(self, space, parts, what):
        super().__init__(spaces.MultiDiscrete([part.n for _, part in parts]), what)
        self.keys, self.type, self.whole_space = [key for key, _ in parts], type(space), space
        self.each = [Codec(part, what) for _, part in parts]
        self.parts = [(key, 1) for key in self.keys]

    def decode(self, row):
        values = [codec.decode(row[i:]) for i, codec in enumerate(self.each)]
        return tuple(values) if issubclass(self.type, spaces.Tuple) else dict(zip(self.keys, values))

    def encode(self, value, row):
        entries(value, self.whole_space, self.keys)
        for i, (key, codec) in enumerate(zip(self.keys, self.each)):
            try:
                row[i] = codec.choice(value[key])
            except Misfit as misfit:
                raise misfit.inside(key) from None


class SeveralParts(Codec):
    """A Dict or Tuple of actions of several kinds: one behind the other, each as its space has it."""

    def __init__(self, space, parts):
        self.whole_space, self.keys = space, [key for key, _ in parts]
        if any(kind_of(part) is None for _, part in parts):
            raise Refusal(UNSUPPORTED, f"its action space {space} mixes kinds deeper than in one Dict or Tuple; "
                          "change it with a wrapper")
        self.each = [Codec(part, "action") for _, part in parts]
        self.parts = [(key, codec.size) for key, codec in zip(self.keys, self.each)]
        self.kind, self.size = SEVERAL, sum(codec.size for codec in self.each)
        self.shape = (self.size,)
        if self.size > BOUNDS or len(parts) > PARTS:
            raise Refusal(UNSUPPORTED, f"its action space {space} has more than {BOUNDS} numbers of several kinds, or "
                          f"more than {PARTS} entries")
        ends = np.cumsum([codec.size for codec in self.each]).tolist()
        self.slices = [slice(end - codec.size, end) for codec, end in zip(self.each, ends)]

    def mask_sizes(self):
        return [size for codec in self.each for size in codec.mask_sizes()]

    def leaves(self):
        return self.each

    def describe(self):
        low, high, choices = zip(*(codec.components() for codec in self.each))
        return self.pack(F32, 0, np.concatenate(low), np.concatenate(high), sum((list(c) for c in choices), []))

    def decode(self, row):
        values = [codec.decode(row[part]) for codec, part in zip(self.each, self.slices)]
        return tuple(values) if isinstance(self.whole_space, spaces.Tuple) else dict(zip(self.keys, values))


def entries(value, space, keys):
    """Does a value have a Dict's keys, a Tuple's length?"""
    if isinstance(space, spaces.Tuple):
        if not isinstance(value, (tuple, list)) or len(value) != len(keys):
            raise Misfit(f"is {describe(value)}", space)
        return
    if not isinstance(value, dict):
        raise Misfit(f"is {describe(value)}", space)
    if value.keys() != space.spaces.keys():
        lacking = [key for key in keys if key not in value]
        extra = [key for key in value if key not in space.spaces]
        what = f"lacks the key {lacking[0]!r}" if lacking else f"has the key {extra[0]!r}, which was not declared"
        raise Misfit(what, space)


class FlatParts(Codec):
    """Any other Dict or Tuple: it travels as a Box, flattened as Gymnasium does it; pictures are divided by 255."""

    def __init__(self, space, parts, what):
        self.whole_space, self.keys = space, [key for key, _ in parts]
        self.each = [Codec(part, what) if kind_of(part) is not None else FlatParts(part, parts_of(part), what)
                     for _, part in parts]
        sizes = [codec.flat_size() for codec in self.each]
        self.ends = np.cumsum(sizes).tolist()
        self.slices = [slice(end - size, end) for size, end in zip(sizes, self.ends)]
        low, high = (np.concatenate(bound) for bound in zip(*(codec.flat_bounds() for codec in self.each)))
        super().__init__(spaces.Box(low, high, dtype=np.float32), what)
        self.parts = list(zip(self.keys, sizes))

    def leaves(self):
        return [leaf for codec in self.each for leaf in codec.leaves()]

    def decode(self, row):
        values = [codec.decode(row[part]) for codec, part in zip(self.each, self.slices)]
        return tuple(values) if isinstance(self.whole_space, spaces.Tuple) else dict(zip(self.keys, values))

    def encode(self, value, row):
        entries(value, self.whole_space, self.keys)
        for key, codec, part in zip(self.keys, self.each, self.slices):
            try:
                codec.flatten(value[key], row[part])
            except Misfit as misfit:
                raise misfit.inside(key) from None

    def flatten(self, value, row):
        self.encode(value, row)
