#!/usr/bin/env python3
"""Compares Uphill's Atari with ale-py, frame by frame: RAM, screen, reward, lives, end, truncation.

    .venv/bin/python tools/check_atari.py --probe build/release/tests/atari_probe [GAME...]

Plays random actions (held for a random number of frames, so that games get somewhere) on both, with
resets whenever a game is over, and says for each game after how many frames the first difference
came, if one did. With --search N our side tries N ways to play the next frames, and the one that
pays best is played on both: that gets far. Exit status: 0 all equal, 1 a difference, 77 ale-py is
missing.
"""
import argparse
import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import time

try:
    import ale_py
    import numpy as np
    from ale_py import roms
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parent.parent
BURST = 64  # frames that are played before their results are compared
NAMES = ("RAM", "screen", "reward", "lives", "terminal", "truncated", "frame number")


class Probe:
    """Our side."""

    def __init__(self, path, game, options, mode, difficulty, lines):
        command = [path, game, str(options.stickiness), str(mode), str(difficulty),
                   str(options.frames_max)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.screen = lines * 160
        self.size = 128 + self.screen + 20

    def send(self, commands):
        self.process.stdin.write(commands + b"f")
        self.process.stdin.flush()

    def read(self):
        data = self.process.stdout.read(self.size)
        if len(data) < self.size:
            raise RuntimeError(f"the probe ended with {self.process.wait()}")
        end = 128 + self.screen
        return (data[:128], data[128:end], *struct.unpack("<5i", data[end:]))

    def value(self, actions):
        """What these actions pay, and what they cost in lives; nothing of it remains."""
        self.send(b"s" + b"".join(b"c" + bytes([a]) for a in actions) + b"o")
        before = self.read()
        numbers = self.process.stdout.read(20 * len(actions))
        self.read()
        rows = list(struct.iter_unpack("<5i", numbers))
        return sum(row[0] for row in rows) + 1000 * (rows[-1][1] - before[3]) - 500 * rows[-1][2]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Ale:
    """Their side."""

    def __init__(self, game, options, mode, difficulty):
        self.ale = ale_py.ALEInterface()
        self.ale.setLoggerMode(ale_py.LoggerMode.Error)
        self.ale.setFloat("repeat_action_probability", options.stickiness)
        self.ale.setInt("max_num_frames_per_episode", options.frames_max)
        self.rom, self.mode, self.difficulty, self.buffer = roms.get_rom_path(game), mode, difficulty, None

    def load(self, seed):
        self.ale.setInt("random_seed", seed)
        self.ale.loadROM(self.rom)
        self.ale.setMode(self.mode)
        if self.difficulty:  # the default is 0, even where 0 cannot be asked for
            self.ale.setDifficulty(self.difficulty)
        self.buffer = np.zeros(self.ale.getScreenDims(), np.uint8)

    def report(self, reward):
        ale = self.ale
        ale.getScreen(self.buffer)
        return (ale.getRAM().tobytes(), self.buffer.tobytes(), reward, ale.lives(),
                int(ale.game_over(with_truncation=False)), int(ale.game_truncated()),
                ale.getEpisodeFrameNumber())


def describe(ours, theirs):
    """What differs between two reports, "" if nothing does."""
    parts = []
    for name, a, b in zip(NAMES, ours, theirs):
        if a == b:
            continue
        if isinstance(a, bytes):
            at = [i for i, (x, y) in enumerate(zip(a, b)) if x != y]
            where = f"{at[0]:02X}h" if name == "RAM" else f"row {at[0] // 160}, column {at[0] % 160}"
            parts.append(f"{name} ({len(at)} bytes, first {where}: {a[at[0]]:02X} not {b[at[0]]:02X})")
        else:
            parts.append(f"{name} ({a} not {b})")
    return ", ".join(parts)


class Check:
    """One game in one mode."""

    def __init__(self, game, facts, options, mode, difficulty, seed):
        self.random = random.Random(f"{seed} {game} {mode} {difficulty}")
        self.options, self.facts, self.seed = options, facts, seed
        self.ours = Probe(options.probe, game, options, mode, difficulty, facts["lines"])
        self.theirs = Ale(game, options, mode, difficulty)
        self.frames = self.resets = self.held = self.action = self.paid = 0
        self.score = self.best = 0

    def compare(self, theirs, what):
        difference = describe(self.ours.read(), theirs)
        if difference:
            raise AssertionError(f"frame {self.frames}, {what}: {difference}")

    def next_action(self):
        if self.held == 0:
            self.held = self.random.choice((1, 2, 4, 4, 8, 16, 40))
            self.action = self.random.choice(self.facts["minimal"] if self.random.random() < 0.9
                                             else range(18))
        self.held -= 1
        return self.action

    def reset(self):
        self.ours.send(b"r")
        self.theirs.ale.reset_game()
        self.compare(self.theirs.report(0), "after a reset")
        self.resets += 1
        self.score = 0

    def burst(self, count):
        """Plays frames on both sides; the first of an ended game's frames is played as well."""
        draw = b"a" if self.random.random() < 0.5 else b"b"  # drawn at once, or afterwards
        actions = max(([self.next_action() for _ in range(count)]
                       for _ in range(self.options.search)), key=self.ours.value) \
            if self.options.search else [self.next_action() for _ in range(count)]
        commands = b"".join(draw + bytes([a]) for a in actions)
        again = self.options.restore and self.random.random() < 0.25
        self.ours.send(b"s" + commands + (b"o" + commands if again else b""))
        self.ours.read()
        reports = []
        for action in actions:
            reward = self.theirs.ale.act(action)
            reports.append(self.theirs.report(reward))
            self.compare(reports[-1], f"action {action}")
            self.frames += 1
            self.paid += reward != 0
            self.score += reward
            self.best = max(self.best, self.score)
        if again:  # once more from the saved state: the same must come out
            self.ours.read()
            for report in reports:
                self.compare(report, "after a restore")

    def run(self, frames):
        self.theirs.load(self.seed)
        self.ours.send(b"l" + struct.pack("<I", self.seed))
        if self.options.mode_of is None:
            self.compare(self.theirs.report(0), "after loading")
        else:  # ALE says the lives of a mode that is not played yet
            self.ours.read()
        self.reset()
        while self.frames < frames:
            self.burst(min(BURST, frames - self.frames))
            if self.theirs.ale.game_over() or self.random.random() < self.options.early_reset:
                self.reset()
        self.ours.close()


def settings(facts, options):
    """The modes and difficulties to play."""
    if options.mode_of is None:
        return [(facts["default_mode"], 0)]
    pairs = [(m, d) for m in facts["modes"] for d in facts["difficulties"]]
    if options.mode_of and len(pairs) > options.mode_of:
        pairs = random.Random(options.seed).sample(pairs, options.mode_of)
    return pairs


def check(game, facts, options):
    start, frames, resets, paid, best = time.time(), 0, 0, 0, 0
    for mode, difficulty in settings(facts, options):
        one = Check(game, facts, options, mode, difficulty, options.seed)
        try:
            one.run(options.frames)
        except (AssertionError, RuntimeError) as error:
            one.ours.process.kill()
            print(f"{game}: DIFFERS in mode {mode}, difficulty {difficulty}, {error}", flush=True)
            return False
        frames, resets, paid = frames + one.frames, resets + one.resets, paid + one.paid
        best = max(best, one.best)
    print(f"{game}: equal over {frames} frames, {resets} resets; {paid} frames paid, best score {best} "
          f"({time.time() - start:.0f} s)", flush=True)
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("games", nargs="*", help="names as in space_invaders; none: all 104")
    parser.add_argument("--probe", default=os.environ.get("ATARI_PROBE", "build/release/tests/atari_probe"))
    parser.add_argument("--frames", type=int, default=1000, help="of each game and setting")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--stickiness", type=float, default=0.0)
    parser.add_argument("--frames-max", type=int, default=0, help="after which an episode is truncated")
    parser.add_argument("--early-reset", type=float, default=0.01, help="probability after 64 frames")
    parser.add_argument("--restore", action="store_true", help="save, play, restore, play again")
    parser.add_argument("--modes", dest="mode_of", type=int, nargs="?", const=0, default=None,
                        metavar="N", help="all modes and difficulties, or N of them")
    parser.add_argument("--search", type=int, default=0, metavar="N",
                        help="play the best of N random plans for the next 64 frames")
    options = parser.parse_args()
    games = json.loads((ROOT / "data" / "atari-games.json").read_text())["games"]
    chosen = options.games or list(games)
    wrong = [game for game in chosen if not check(game, games[game], options)]
    print(f"{len(chosen) - len(wrong)} games equal, {len(wrong)} not" + (": " if wrong else "") +
          " ".join(wrong))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
