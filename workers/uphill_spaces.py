"""How Gymnasium's spaces travel: their description in the header, rows of numbers in and out."""
import struct

import numpy as np
from gymnasium import spaces

NOT_FOUND, MISSING, UNSUPPORTED, OPTION, FAILED = 1, 2, 3, 4, 5  # error codes of the protocol
BOX, DISCRETE, MULTI_DISCRETE, MULTI_BINARY = 0, 1, 2, 3
KINDS = {"Box": BOX, "Discrete": DISCRETE, "MultiDiscrete": MULTI_DISCRETE, "MultiBinary": MULTI_BINARY}
F32, U8 = 0, 1
BOUNDS = 64  # components whose bounds or choices travel
PARTS, NAME = 16, 31  # entries of a Dict or Tuple whose names travel, and bytes of a name


class Refusal(Exception):
    """An error at the start that has a code of its own."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


def make(space, what):
    """The codec for an observation space or an action space."""
    kind = type(space).__name__
    if kind in KINDS:
        return Codec(space, what)
    if kind not in ("Dict", "Tuple") or not space.is_np_flattenable:
        raise Refusal(UNSUPPORTED, f"its {what} space {space} cannot be flattened into numbers; "
                      "change it with a wrapper")
    parts = list(space.spaces.items() if kind == "Dict" else enumerate(space.spaces))
    if all(type(part).__name__ == "Discrete" for _, part in parts) and len(parts) <= BOUNDS:
        return ChoiceParts(space, parts, what)
    if what == "observation" or all(type(part).__name__ == "Box" for _, part in parts):
        return FlatParts(space, parts, what)
    raise Refusal(UNSUPPORTED, f"its action space {space} mixes kinds; change it with a wrapper")


class Codec:
    """A space that is no collection of others."""

    parts = ()  # (name, numbers) of a Dict's or Tuple's entries

    def __init__(self, space, what):
        self.space, self.kind = space, KINDS[type(space).__name__]
        self.shape = tuple(space.shape)
        self.size = int(np.prod(self.shape, dtype=np.int64))
        self.bytes = what == "observation" and self.kind == BOX and space.dtype == np.uint8
        self.start = getattr(space, "start", 0)
        if self.kind == MULTI_DISCRETE and self.size > BOUNDS:
            raise Refusal(UNSUPPORTED, f"{space} has more than {BOUNDS} components")
        if self.size < 1:
            raise Refusal(UNSUPPORTED, f"its {what} space {space} holds no numbers")

    def choices(self):
        """Numbers in an action mask."""
        return int(self.space.n if self.kind == DISCRETE else self.space.nvec.sum())

    def describe(self):
        n, low, high, choices = 0, np.zeros(0, "<f4"), np.zeros(0, "<f4"), []
        if self.kind == DISCRETE:
            n = int(self.space.n)
        elif self.kind == MULTI_DISCRETE:
            choices = self.space.nvec.reshape(-1)
        elif self.kind == BOX:
            low, high = (np.asarray(v, "<f4").reshape(-1) for v in (self.space.low, self.space.high))
            alike = (low == low[0]).all() and (high == high[0]).all()
            low, high = low[:1 if alike else BOUNDS], high[:1 if alike else BOUNDS]
        shape = self.shape if 1 <= len(self.shape) <= 4 else (self.size,)
        head = struct.pack("<4I2q4q", self.kind, U8 if self.bytes else F32, len(shape), len(low), n,
                           self.size, *(shape + (0,) * (4 - len(shape))))
        return (head + low.tobytes().ljust(4 * BOUNDS, b"\0") + high.tobytes().ljust(4 * BOUNDS, b"\0")
                + np.asarray(choices, "<i8").tobytes().ljust(8 * BOUNDS, b"\0") + self.describe_parts())

    def describe_parts(self):
        data, first = b"", 0
        for name, size in self.parts[:PARTS]:
            text = str(name).encode()[:NAME].decode(errors="ignore").encode()
            data += struct.pack("<32s2q", text, first, size)
            first += size
        return struct.pack("<2I", min(len(self.parts), PARTS), 0) + data.ljust(48 * PARTS, b"\0")

    def decode(self, row):
        """A row of float32 from Uphill as what env.step takes; never a view of the row."""
        if self.kind == DISCRETE:
            return int(row[0]) + int(self.start)
        if self.kind == BOX:
            clipped = np.minimum(np.maximum(row.reshape(self.shape), self.space.low), self.space.high)
            return clipped.astype(self.space.dtype, copy=False)
        return (row.astype(self.space.dtype).reshape(self.shape) + self.start).astype(self.space.dtype)

    def encode(self, value, row):
        if self.kind in (BOX, MULTI_BINARY):
            row[:] = np.asarray(value).reshape(-1)
        else:
            row[:] = np.asarray(value - self.start).reshape(-1)


class ChoiceParts(Codec):
    """A Dict or Tuple of Discrete spaces: it travels as a MultiDiscrete."""

    def __init__(self, space, parts, what):
        super().__init__(spaces.MultiDiscrete([part.n for _, part in parts]), what)
        self.keys, self.type = [key for key, _ in parts], type(space)
        self.starts = [int(part.start) for _, part in parts]
        self.parts = [(key, 1) for key in self.keys]

    def decode(self, row):
        values = [int(value) + start for value, start in zip(row, self.starts)]
        return tuple(values) if self.type is spaces.Tuple else dict(zip(self.keys, values))

    def encode(self, value, row):
        for i, (key, start) in enumerate(zip(self.keys, self.starts)):
            row[i] = value[key] - start


class FlatParts(Codec):
    """Any other Dict or Tuple: it travels as the Box that Gymnasium's flatten makes of it."""

    def __init__(self, space, parts, what):
        super().__init__(spaces.flatten_space(space), what)
        self.whole = space
        self.parts = [(key, spaces.flatdim(part)) for key, part in parts]

    def decode(self, row):
        return spaces.unflatten(self.whole, super().decode(row))

    def encode(self, value, row):
        row[:] = spaces.flatten(self.whole, value)
