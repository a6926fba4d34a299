"""How Gymnasium's spaces travel: their description in the header, rows of numbers in and out."""
import math
import struct
import sys

import numpy as np
from gymnasium import spaces
from uphill_contract import EXACT, Misfit, as_array, describe, first_bad, line

NOT_FOUND, MISSING, UNSUPPORTED, OPTION, FAILED, BREACH, IN_RESET = range(1, 8)  # error codes of the protocol
BOX, DISCRETE, MULTI_DISCRETE, MULTI_BINARY, SEVERAL = range(5)
NUMBER, BIT = 0, -1  # components of several kinds that are no choice
KINDS = {spaces.Box: BOX, spaces.Discrete: DISCRETE, spaces.MultiDiscrete: MULTI_DISCRETE,
         spaces.MultiBinary: MULTI_BINARY}
DTYPES = ("float32", "uint8", "int64", "float16", "float64", "int8", "int16", "int32", "uint16", "uint32", "uint64")
F32, I64 = 0, 2
BOUNDS = 64  # components whose bounds or choices travel
SIZE = 1 << 31
PARTS, NAME = 16, 31  # entries of a Dict or Tuple whose names travel, and bytes of a name


class Refusal(Exception):
    """An error at the start that has a code of its own."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class Rules:
    """How strictly an observation is taken, and what was said about it already."""

    strict = False  # `uphill check-env`: another type of floats is a fault, too
    name = ""       # of the environment
    noted = set()
    quiet = False   # another worker says it

    @classmethod
    def note_rounding(cls, value, array, dtype):
        """Warns once of floats that lose digits."""
        text = f"an observation is {describe(value)}, declared {dtype}: it is rounded"
        if cls.quiet or text in cls.noted or (array == array.astype(np.float32)).all():
            return
        cls.note(text)

    @classmethod
    def note(cls, text):
        """Warns once."""
        if cls.quiet or text in cls.noted:
            return
        cls.noted.add(text)
        print(f"uphill: warning: {cls.name}: {text}", file=sys.stderr)


def kind_of(space):
    return next((kind for space_type, kind in KINDS.items() if isinstance(space, space_type)), None)


def is_picture(space):
    """The rule of docs/spaces.md: bytes from 0 to 255 in two to four dimensions."""
    return (space.dtype == np.uint8 and 2 <= len(space.shape) <= 4
            and bool((space.low == 0).all() and (space.high == 255).all()))


class Codec:
    """A space that is no collection of others."""

    parts = ()  # (name, numbers) of a Dict's or Tuple's entries

    def __init__(self, space, what):
        self.space, self.kind, self.dtype = space, kind_of(space), space.dtype
        self.shape = tuple(space.shape)
        self.size = int(np.prod(self.shape, dtype=np.int64))
        self.whole = self.kind != BOX or space.dtype.kind in "iu"
        self.picture = self.kind == BOX and is_picture(space)
        self.acts = what == "action"
        self.bytes = self.picture and not self.acts
        self.start = getattr(space, "start", 0)
        self.scalar = space.dtype.type
        if self.kind == MULTI_DISCRETE and self.size > BOUNDS:
            raise Refusal(UNSUPPORTED, f"{space} has more than {BOUNDS} components")
        if self.size > SIZE:
            raise Refusal(UNSUPPORTED, f"its {what} space {space} holds more than 2^31 numbers")
        if self.size < 1:
            raise Refusal(UNSUPPORTED, f"its {what} space {space} holds no numbers")
        if self.kind in (DISCRETE, MULTI_DISCRETE) and max(self.sizes()) > EXACT:
            raise Refusal(UNSUPPORTED, f"its {what} space {space} has more than 2^24 choices, which float32 "
                          "cannot tell apart")
        if self.kind == BOX and space.dtype.kind not in "fiu":
            raise Refusal(UNSUPPORTED, f"its {what} space {space} is of {space.dtype}, no numbers")

    def sizes(self):
        """The numbers of choices, component by component."""
        return [int(self.space.n)] if self.kind == DISCRETE else [int(n) for n in self.space.nvec.reshape(-1)]

    def mask_sizes(self):
        """The numbers of an action mask, choice by choice; [] where actions cannot be masked."""
        return [] if self.kind == BOX else [2] * self.size if self.kind == MULTI_BINARY else self.sizes()

    def leaves(self):
        return [self]

    # -- the description in the header

    def dtype_code(self):
        if self.kind != BOX:
            return F32
        low, high = self.bounds()
        seen = slice(0, BOUNDS)  # Uphill takes it for a picture by these; the rest must agree
        looks = bool((low[seen] == 0).all() and (high[seen] == 255).all()) and 2 <= len(self.shape) <= 4
        if self.dtype == np.uint8 and looks != self.picture:
            return I64
        return DTYPES.index(self.dtype.name) if self.dtype.name in DTYPES else F32  # longdouble

    def bounds(self):
        return (np.asarray(v, "<f4").reshape(-1) for v in (self.space.low, self.space.high))

    def describe(self):
        n, low, high, choices = 0, np.zeros(0, "<f4"), np.zeros(0, "<f4"), []
        if self.kind == DISCRETE:
            n = int(self.space.n)
        elif self.kind == MULTI_DISCRETE:
            choices = self.space.nvec.reshape(-1)
        elif self.kind == BOX:
            low, high = self.bounds()
            alike = (low == low[0]).all() and (high == high[0]).all()
            low, high = low[:1 if alike else BOUNDS], high[:1 if alike else BOUNDS]
        return self.pack(self.dtype_code(), n, low, high, choices)

    def pack(self, dtype, n, low, high, choices):
        shape = self.shape if 1 <= len(self.shape) <= 4 else (self.size,)
        head = struct.pack("<4I2q4q", self.kind, dtype, len(shape), len(low), n,
                           self.size, *(shape + (0,) * (4 - len(shape))))
        return (head + low.tobytes().ljust(4 * BOUNDS, b"\0") + high.tobytes().ljust(4 * BOUNDS, b"\0")
                + np.asarray(choices, "<i8").tobytes().ljust(8 * BOUNDS, b"\0") + self.describe_parts())

    def describe_parts(self):
        data, first = b"", 0
        for name, size in self.parts[:PARTS]:
            text = str(name).encode(errors="replace")[:NAME].decode(errors="ignore").encode()
            data += struct.pack("<32s2q", text, first, size)
            first += size
        return struct.pack("<2I", min(len(self.parts), PARTS), 0) + data.ljust(48 * PARTS, b"\0")

    def components(self):
        """Bounds and choices of each component, where it is one of several kinds."""
        if self.kind == BOX:
            return *self.flat_bounds(), [NUMBER] * self.size
        sizes = [2] * self.size if self.kind == MULTI_BINARY else self.sizes()
        high = np.asarray(sizes, "<f4") - 1
        return np.zeros(self.size, "<f4"), high, [BIT] * self.size if self.kind == MULTI_BINARY else sizes

    # -- actions

    def decode(self, row):
        """A row of float32 from Uphill as the space's own sample() would be; never a view of the row."""
        if self.kind == DISCRETE:
            return self.scalar(int(row[0]) + int(self.start))
        if self.kind == BOX:
            row = row.reshape(self.shape)
            if self.whole:  # each whole number has the same share of the line
                row = np.rint(row.astype(np.float64))
            clipped = np.minimum(np.maximum(row, self.space.low), self.space.high)
            return np.asarray(clipped).astype(self.space.dtype, copy=False)
        return (row.astype(self.space.dtype).reshape(self.shape) + self.start).astype(self.space.dtype)

    # -- observations

    def encode(self, value, row):
        """Writes an observation into a row; a Misfit where it is none of the space."""
        if self.kind == DISCRETE:
            row[0] = self.choice(value)
            return
        array = self.check(value)
        row[...] = array.reshape(-1)
        if self.kind == BOX and not self.whole and not math.isfinite(np.dot(row, row)):
            self.look(array, np.isfinite(row).reshape(self.shape))

    def flat_size(self):
        """Numbers inside a Dict or Tuple, as Gymnasium's flatten has them: choices are one-hot."""
        return sum(self.sizes()) if self.kind in (DISCRETE, MULTI_DISCRETE) else self.size

    def flatten(self, value, row):
        if self.kind in (DISCRETE, MULTI_DISCRETE):
            chosen = [self.choice(value)] if self.kind == DISCRETE else self.check(value).reshape(-1)
            row[:] = 0
            row[np.cumsum([0] + self.sizes()[:-1]) + chosen] = 1
        else:
            self.encode(value, row)
            if self.picture:
                row /= 255

    def flat_bounds(self):
        if self.kind != BOX or self.picture:
            return np.zeros(self.flat_size(), "<f4"), np.ones(self.flat_size(), "<f4")
        low, high = self.bounds()
        if self.acts and self.whole:  # so that a uniform draw gives each whole number the same share
            return low - np.float32(0.5), high + np.float32(0.5)
        return low, high

    def choice(self, value):
        """The number of a Discrete value, counted from 0."""
        if isinstance(value, np.ndarray) and value.shape == ():
            value = value[()]
        if not isinstance(value, (int, np.integer)):
            raise Misfit(f"is {describe(value)}", self.space)
        number = int(value) - int(self.start)
        if not 0 <= number < self.space.n:
            raise Misfit(f"is {line(value, 40)}", self.space)
        return number

    def check(self, value):
        """The value as an array that fits; of MultiDiscrete counted from 0."""
        if type(value) is not np.ndarray or value.dtype != self.dtype or value.shape != self.shape:
            value = self.accept(value)
        if self.kind == MULTI_DISCRETE:
            array = value - self.start
            good = (array >= 0) & (array < self.space.nvec)
            if not good.all():
                self.look(value, good)
            return array
        if self.kind == MULTI_BINARY:
            good = (value == 0) | (value == 1)
            if not good.all():
                self.look(value, good)
        elif value.dtype.kind in "iu" and value.dtype.itemsize > 2:
            exact = (value <= EXACT) & (value >= -EXACT)
            if not exact.all():
                self.look(value, exact, ", of which float32 would lose digits (it is exact to 2^24)")
        return value

    def accept(self, value):
        """An array of another type than the space's, if each of its numbers survives."""
        array = as_array(value, self.space)
        if array.shape != self.shape or (self.whole and array.dtype.kind == "f" and self.kind != MULTI_BINARY):
            raise Misfit(f"is {describe(value)}", self.space)
        if self.kind != BOX or np.can_cast(array.dtype, self.dtype):
            return array
        if self.whole:
            limits = np.iinfo(self.dtype)
            fits = (array >= limits.min) & (array <= limits.max)
            if not fits.all():
                self.look(array, fits)
        if Rules.strict:
            raise Misfit(f"is {describe(value)}", self.space)
        if array.dtype.kind == "f":
            Rules.note_rounding(value, array, self.dtype)
        return array

    def look(self, value, good, why=""):
        """Names the first number that is not good."""
        if good.all():
            return
        at, where = first_bad(good)
        bad = value[at]
        if math.isfinite(bad) and not self.whole:
            why = ", beyond float32, which ends at 3.4e38"
        raise Misfit(f"holds {bad}{where}{why}", self.space)
