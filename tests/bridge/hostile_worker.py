#!/usr/bin/env python3
"""fake_worker.py gone mad: it does what it is asked, and then writes random bytes anywhere it can.

With option `seed` it damages its header at the start; later, before an answer and while nobody asks
anything, it writes into the header, the arrays and the blob, changes their sizes, and answers something
else, twice, late or never.
"""
import os
import random
import struct
import time

from fake_worker import BLOB, BLOB_SIZE, CONTROL, ERROR, HEADER, MEMORY, MESSAGE, OBS, Worker


class Hostile(Worker):
    def answer(self):
        super().answer()
        self.chance = random.Random(int(self.options["seed"]) * 64 + self.number)
        if self.chance.random() < 0.5:
            self.write_anywhere(len(self.memory), 3)

    def write_anywhere(self, end, most):
        """Random bytes at random places, more often among the header's numbers than elsewhere."""
        chance = self.chance
        for _ in range(chance.randrange(1, most + 1)):
            area = chance.choice(((0, 64), (56, ERROR), (ERROR, OBS), (OBS, MESSAGE), (MESSAGE, HEADER), (HEADER, end)))
            at = chance.randrange(*area)
            size = min(chance.choice((1, 2, 4, 8, 64, 1024)), len(self.memory) - at)
            self.memory[at:at + size] = chance.choice((bytes(size), b"\xff" * size, chance.randbytes(size)))

    def resize(self):
        try:
            os.ftruncate(self.chance.choice((MEMORY, BLOB)), self.chance.choice((0, 1, 4096, HEADER, 1 << 22)))
        except PermissionError:
            pass  # sealed

    def reply(self):
        """An answer of some kind; False is the end."""
        chance = self.chance
        kind = chance.random()
        if kind < 0.75:
            self.answer_as(b"k")
        elif kind < 0.80:
            os.write(CONTROL, chance.randbytes(chance.randrange(1, 12)))
        elif kind < 0.85:
            struct.pack_into("<I", self.memory, ERROR, chance.getrandbits(32))
            self.memory[MESSAGE:MESSAGE + 1024] = chance.randbytes(1024)
            self.answer_as(b"e")
        elif kind < 0.88:
            self.answer_as(b"k")
            self.answer_as(b"k")  # while nobody asks
        elif kind < 0.90:
            os.write(1, chance.randbytes(5000))
            return False
        elif kind < 0.92:
            time.sleep(chance.choice((0.05, 1000)))
            self.answer_as(b"k")
        else:
            self.answer_as(b"k")
            self.write_anywhere(len(self.memory), 20)  # while the parent reads
        return True

    def serve(self):
        commands = {b"R": self.run_reset, b"S": self.run_step, b"F": self.run_frame, b"G": self.run_save,
                    b"P": self.run_load}
        while command := self.next_command():
            try:
                commands[command]()
            except Exception:  # what it wrote into its own memory may hit itself
                pass
            if self.chance.random() < 0.3:
                self.write_anywhere(len(self.memory), 5)
            if self.chance.random() < 0.2:
                struct.pack_into("<Q", self.memory, BLOB_SIZE, self.chance.getrandbits(self.chance.choice((8, 20, 64))))
            if self.chance.random() < 0.1:
                self.resize()
            if not self.reply():
                return


def main():
    worker = Hostile()
    worker.answer()
    worker.answer_as(b"k")
    worker.serve()


if __name__ == "__main__":
    main()
