"""What travels in place of a picture that Uphill reads only a part of."""
import math

from uphill_spaces import UNSUPPORTED, Refusal


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
