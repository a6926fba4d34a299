#!/usr/bin/env python3
"""A worker without any package: a counter as environment, and every way to fail.

Its observation is (seed, episode, steps in the episode, last action, process id, resets), or with
kind=image an 200 x 160 x 3 image whose bytes are (steps + row + column + channel) mod 256. The reward is
the action plus a hundredth of the step. An episode ends after `length` steps, by `truncated` in even
episodes and by `terminated` in odd ones. Options: `worker` limits a failure to the worker of that number,
`once` names a file that is made when it happens and prevents it from then on.
"""
import mmap
import os
import random
import struct
import sys
import time

CONTROL, MEMORY, BLOB = 3, 4, 5
HEADER, ERROR, OBS, ACTION, ARGUMENT, BLOB_SIZE, MESSAGE = 8192, 1352, 1496, 3360, 5224, 5240, 5248


class Game:
    def __init__(self, image, length):
        self.image, self.length = image, length
        self.seed = self.episode = self.steps = self.action = self.resets = 0

    def reset(self, seed):
        if seed is not None:
            self.seed, self.episode = seed, 0
        else:
            self.episode += 1
        self.steps = self.action = 0
        self.resets += 1

    def step(self, action):
        self.steps, self.action = self.steps + 1, action
        ended = self.steps >= self.length
        return action + self.steps / 100, ended and self.episode % 2 == 1, ended and self.episode % 2 == 0

    def observe(self, view):
        if not self.image:
            return struct.pack("<6f", self.seed, self.episode, self.steps, self.action, os.getpid(), self.resets)
        rows, columns, channels = range(200), range(160), range(3)
        if view:
            rows, columns, channels = range(*view[0:3]), range(*view[3:6]), [view[6]]
        return bytes((self.steps + y + x + c) % 256 for y in rows for x in columns for c in channels)

    def save(self):
        return struct.pack("<5q", self.seed, self.episode, self.steps, self.action, self.resets) + b"tail"

    def restore(self, data):
        self.seed, self.episode, self.steps, self.action, self.resets = struct.unpack("<5q", data[:40])
        assert data[40:] == b"tail"


class Worker:
    def __init__(self):
        head = mmap.mmap(MEMORY, HEADER)
        assert head[:8] == b"UPWORKER"
        version, header, self.count, self.number, wanted = struct.unpack_from("<5I", head, 8)
        assert (version, header) == (4, HEADER)
        self.view = struct.unpack_from("<7i", head, 28) if wanted else None
        self.id = head[64:320].split(b"\0")[0].decode()
        text = head[320:1344].split(b"\0")[0].decode()
        self.options = dict(part.split("=", 1) for part in text.split(";") if part)
        self.memory = head
        self.image = self.options.get("kind") == "image"
        self.games = [Game(self.image, int(self.options.get("length", 5))) for _ in range(self.count)]
        self.steps = self.number_of_command = 0

    def answer_as(self, what):
        os.write(CONTROL, struct.pack("<4sI", what, self.number_of_command))

    def next_command(self):
        message = os.read(CONTROL, 8)
        if not message:
            return None
        what, self.number_of_command = struct.unpack("<4sI", message)
        return what[:1]

    def fails(self, how, step=None):
        """Is it time for this failure?"""
        wanted, once = self.options.get(how), self.options.get("once")
        if wanted is None or int(self.options.get("worker", self.number)) != self.number:
            return False
        if step is not None and int(wanted) != step and int(wanted) >= 0:
            return False
        if once and os.path.exists(once):
            return False
        if once:
            open(once, "x").close()
        return True

    def answer(self):
        row = len(self.games[0].observe(self.view))
        sizes = [4 * self.count, self.count, self.count, 8 * self.count, self.count, 2 * row * self.count,
                 row * self.count, 8 * self.count, self.count, self.count, 7 * self.count]
        self.row, self.at, end = row, [], HEADER
        for size in sizes:
            self.at.append(end)
            end += (size + 63) // 64 * 64
        os.ftruncate(MEMORY, end)
        self.memory = memory = mmap.mmap(MEMORY, end)
        struct.pack_into("<3IqddQ", memory, 1356, "nosave" not in self.options, 1, 0, 100, 9.5, 25.0, end)
        struct.pack_into("<11Qq", memory, 1400, *self.at, 7 * ("mask" in self.options))
        if self.image:
            obs = struct.pack("<4I2q4q", 0, 1, 3, 1, 0, 96000, 200, 160, 3, 0)
        else:
            obs = struct.pack("<4I2q4q", 0, 0, 1, 1, 0, 6, 6, 0, 0, 0)
        low, high = (0, 255) if self.image else (-1e9, 1e9)
        memory[OBS:OBS + len(obs)] = obs
        struct.pack_into("<f", memory, OBS + 64, low)
        struct.pack_into("<f", memory, OBS + 320, high)
        if "parts" in self.options:  # seed and episode, and the rest
            struct.pack_into("<2I32s2q32s2q", memory, OBS + 1088, 2, 0, b"who, what", 0, 2, b"rest", 2, 4)
        struct.pack_into("<4I2q4q", memory, ACTION, 1, 0, 0, 0, 7, 1, 0, 0, 0, 0)
        if "fuzz" in self.options:
            self.damage(random.Random(int(self.options["fuzz"])), memory)

    def damage(self, chance, memory):
        """Writes random bytes into a few fields of the header, or changes the memory's size."""
        for _ in range(chance.randrange(1, 6)):
            at = chance.choice((chance.randrange(0, 64), chance.randrange(ERROR, OBS), chance.randrange(OBS, OBS + 64),
                                chance.randrange(OBS, MESSAGE)))
            size = chance.choice((1, 4, 8))
            memory[at:at + size] = chance.choice((bytes(size), b"\xff" * size, chance.randbytes(size)))
        if chance.random() < 0.2:
            os.ftruncate(MEMORY, chance.choice((0, 100, 4096, HEADER, 9000, 1 << 20)))

    def run_reset(self):
        if self.fails("raise_reset"):
            raise RuntimeError("no reset today")
        if self.fails("hang_reset"):
            time.sleep(1000)
        for i, game in enumerate(self.games):
            if self.memory[self.at[1] + i]:
                seed, = struct.unpack_from("<Q", self.memory, self.at[3] + 8 * i)
                game.reset(seed if self.memory[self.at[4] + i] else None)
                self.write(i)

    def write(self, i):
        at = self.at[5] + (self.memory[self.at[2] + i] * self.count + i) * self.row
        self.memory[at:at + self.row] = self.games[i].observe(self.view)
        at, steps = self.at[10] + 7 * i, self.games[i].steps  # the action that is this step's number is closed
        self.memory[at:at + 7] = bytes(5 * (a != steps % 7) for a in range(7))

    def run_step(self):
        for i, game in enumerate(self.games):
            if not self.memory[self.at[1] + i]:
                continue
            action, = struct.unpack_from("<f", self.memory, self.at[0] + 4 * i)
            reward, terminated, truncated = game.step(int(action))
            struct.pack_into("<d", self.memory, self.at[7] + 8 * i, reward)
            self.memory[self.at[8] + i], self.memory[self.at[9] + i] = terminated, truncated
            if terminated or truncated:
                at = self.at[6] + i * self.row
                self.memory[at:at + self.row] = game.observe(self.view)
                game.reset(None)
            self.write(i)
            if i == 0:  # the others' rows keep what they had: failures happen in the middle
                self.misbehave()
        self.steps += 1

    def misbehave(self):
        if self.fails("exit", self.steps):
            print("last words", flush=True)
            os._exit(3)
        if self.fails("kill", self.steps):
            os.kill(os.getpid(), 9)
        if self.fails("hang", self.steps):
            time.sleep(1000)
        if self.fails("stop", self.steps):
            os.kill(os.getpid(), 19)
        if self.fails("raise", self.steps):
            raise ValueError("seven is not a colour")
        if self.fails("babble", self.steps):
            os.write(CONTROL, b"?")
        if self.fails("forge", self.steps):  # a whole answer, but to another command
            os.write(CONTROL, struct.pack("<4sI", b"k", self.number_of_command - 1))
        if self.fails("close", self.steps):
            os.close(CONTROL)
            time.sleep(1000)
        if self.fails("shrink", self.steps):
            try:
                os.ftruncate(MEMORY, HEADER)
            except PermissionError:
                pass  # sealed
        if self.fails("print", self.steps):
            sys.stdout.write("noise\n" * 200000)

    def run_frame(self):
        index, = struct.unpack_from("<I", self.memory, ARGUMENT)
        if self.fails("raise_frame"):
            raise RuntimeError("no picture")
        width, height = (4, 3) if "bigframe" not in self.options else (1 << 30, 7)
        struct.pack_into("<2I", self.memory, ARGUMENT + 4, width, height)
        self.put(bytes([index] * 36))

    def run_save(self):
        if self.fails("kill_save"):
            os.kill(os.getpid(), 9)
        time.sleep(float(self.options.get("slow_save", 0)))
        states = [game.save() for game in self.games]
        blob = b"".join(struct.pack("<Q", len(s) + (1 << 40) * ("badsave" in self.options)) + s for s in states)
        self.put(blob)

    def run_load(self):
        size, = struct.unpack_from("<Q", self.memory, BLOB_SIZE)
        data, at = os.pread(BLOB, size, 0), 0
        for game in self.games:
            length, = struct.unpack_from("<Q", data, at)
            game.restore(data[at + 8:at + 8 + length])
            at += 8 + length

    def put(self, data):
        os.ftruncate(BLOB, len(data))
        os.pwrite(BLOB, data, 0)
        struct.pack_into("<Q", self.memory, BLOB_SIZE, len(data) + ("longblob" in self.options))

    def refuse(self, code, text):
        struct.pack_into("<I", self.memory, ERROR, code)
        self.memory[MESSAGE:MESSAGE + len(text) + 1] = text.encode() + b"\0"
        self.answer_as(b"e")


def main():
    worker = Worker()
    if worker.fails("start_exit"):
        sys.exit("cannot start, no fuel")
    if "refuse" in worker.options:
        return worker.refuse(int(worker.options["refuse"]), "refused\nas asked")
    worker.answer()
    worker.answer_as(b"k")
    commands = {b"R": worker.run_reset, b"S": worker.run_step, b"F": worker.run_frame, b"G": worker.run_save,
                b"P": worker.run_load}
    while command := worker.next_command():
        try:
            commands[command]()
            worker.answer_as(b"k")
        except (ValueError, RuntimeError) as error:
            worker.refuse(5, f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
