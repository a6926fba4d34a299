#!/usr/bin/env python3
"""The worker against Gymnasium itself, driven by a second implementation of docs/worker-protocol.md's
parent: what it writes equals, byte for byte, what gymnasium.make of the same id returns."""
import fcntl
import mmap
import os
import random
import socket
import struct
import subprocess
import sys
import unittest

try:
    import ale_py
    import gymnasium
    import numpy as np
except ImportError as error:
    print(f"skipped: {error}; run ./dev setup")
    sys.exit(77)

gymnasium.register_envs(ale_py)
sys.path.append(os.path.dirname(os.path.abspath(__file__)))  # for spaces_env
os.environ["PYTHONPATH"] = sys.path[-1]
WORKER = os.path.join(os.path.dirname(__file__), "..", "..", "workers", "uphill_worker.py")
LONG = "long" in os.path.basename(sys.argv[0])  # long_worker.py plays whole games of Pong
PONG_VIEW = (35, 195, 2, 0, 160, 2, 0)


class Worker:
    """A parent, as the protocol's page tells it."""

    def __init__(self, name, count, options="", view=None):
        self.count = count
        self.memory_file, self.blob_file = os.memfd_create("batch"), os.memfd_create("blob")
        header = bytearray(8192)
        struct.pack_into("<8s5I", header, 0, b"UPWORKER", 4, 8192, count, 0, view is not None)
        struct.pack_into("<7i", header, 28, *(view or (0,) * 7))
        header[64:64 + len(name)], header[320:320 + len(options)] = name.encode(), options.encode()
        os.pwrite(self.memory_file, header, 0)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        life = os.pipe()
        moved = [os.dup(fd) for fd in (theirs.fileno(), self.memory_file, self.blob_file, life[0])]

        def place():  # in the child: descriptors 3 to 6, by way of numbers that are out of the way
            high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 100) for fd in moved]
            for i, fd in enumerate(high):
                os.dup2(fd, 3 + i)

        self.process = subprocess.Popen([sys.executable, WORKER], preexec_fn=place, close_fds=False,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        theirs.close()
        for fd in (*moved, *life):
            os.close(fd)
        self.control = ours
        self.sent = 0
        self.expect(ours.recv(8), os.pread(self.memory_file, 8192, 0))
        self.memory = mmap.mmap(self.memory_file, os.fstat(self.memory_file).st_size)
        self.map(view)

    def expect(self, answer, header):
        if answer != struct.pack("<4sI", b"k", self.sent):
            raise RuntimeError(header[5248:6272].split(b"\0")[0].decode() or "the worker died")

    def map(self, view):
        *offsets, masks = struct.unpack_from("<11Qq", self.memory, 1400)
        self.can_save, _, self.palette = struct.unpack_from("<3I", self.memory, 1356)
        _, self.obs_type, dims, _, _, size, *shape = struct.unpack_from("<4I2q4q", self.memory, 1496)
        action_size, = struct.unpack_from("<q", self.memory, 3360 + 24)
        self.shape = shape[:dims] if dims else [1]
        self.view, self.level = view, np.full(256, -1)  # palette entry → red, as they appear
        if self.palette:
            size = shape[0] * shape[1]
        elif view:
            size = len(range(*view[0:3])) * len(range(*view[3:6]))
        picture = self.obs_type == 1 and dims >= 2
        obs, n = np.uint8 if picture else np.float32, self.count
        plan = [(np.float32, (n, action_size)), (np.uint8, n), (np.uint8, n), (np.uint64, n), (np.uint8, n),
                (obs, (2, n, size)), (obs, (n, size)), (np.float64, n), (np.uint8, n), (np.uint8, n),
                (np.uint8, (n, masks))]
        arrays = [np.ndarray(shape, dtype, self.memory, offset) for (dtype, shape), offset in zip(plan, offsets)]
        (self.action, self.active, self.slot, self.seed, self.seeded, self.both, self.final, self.reward,
         self.terminated, self.truncated, self.mask) = arrays
        self.active[:] = 1

    def command(self, byte):
        self.sent += 1
        self.control.send(struct.pack("<4sI", byte, self.sent))
        self.expect(self.control.recv(8), self.memory)

    def reset(self, first):
        self.slot[:] ^= 1
        self.seeded[:], self.seed[:] = first is not None, range(first or 0, (first or 0) + self.count)
        self.command(b"R")

    def step(self, actions):
        self.slot[:] ^= 1
        self.action[:] = np.reshape(actions, self.action.shape)
        self.command(b"S")

    def obs(self, i):
        return self.both[self.slot[i], i]

    def check(self, row, obs, message=""):
        """Does a row say what Gymnasium's observation does?"""
        if self.palette:  # the whole screen; an entry must stand for one level ever since it appeared
            obs = obs[:, :, self.view[6]].reshape(-1)
            entries, places = np.unique(row, return_index=True)
            self.level[entries] = np.where(self.level[entries] < 0, obs[places], self.level[entries])
            row = self.level[row]
        else:
            obs = flat(obs, self.view)
        np.testing.assert_array_equal(row, obs, message)

    def blob(self):
        return os.pread(self.blob_file, struct.unpack_from("<Q", self.memory, 5240)[0], 0)

    def close(self):
        self.control.close()
        os.close(self.memory_file)
        os.close(self.blob_file)
        return self.process.wait(10)


def flat(obs, view):
    obs = np.asarray(obs)
    if view:
        obs = obs[view[0]:view[1]:view[2], view[3]:view[4]:view[5], view[6]]
    return obs.reshape(-1).astype(np.uint8 if obs.dtype == np.uint8 else np.float32)


class TestWorker(unittest.TestCase):
    def compare(self, name, steps, view=None, options="", count=2, ends=0, make=None, **keywords):
        """Lets the worker and Gymnasium play the same games; both reset where an episode ends."""
        worker = Worker(name, count, options, view)
        envs = [gymnasium.make(make or name, **keywords) for _ in range(count)]
        chance, ended, seed = random.Random(1), 0, 5
        worker.reset(seed)
        for i, env in enumerate(envs):
            worker.check(worker.obs(i), env.reset(seed=seed + i)[0])
        for t in range(steps):
            if t == 25:  # a second seeding in the middle of episodes
                worker.reset(3 * seed)
                for i, env in enumerate(envs):
                    worker.check(worker.obs(i), env.reset(seed=3 * seed + i)[0])
            discrete = isinstance(envs[0].action_space, gymnasium.spaces.Discrete)
            actions = [chance.randrange(envs[0].action_space.n) if discrete else
                       np.array([chance.uniform(-1, 1) for _ in range(worker.action.shape[1])], np.float32)
                       for _ in envs]
            worker.step(actions)
            for i, env in enumerate(envs):
                obs, reward, terminated, truncated, _ = env.step(actions[i])
                self.assertEqual((worker.reward[i], worker.terminated[i], worker.truncated[i]),
                                 (reward, terminated, truncated), f"{name}, step {t}")
                if terminated or truncated:
                    worker.check(worker.final[i], obs)
                    obs, ended = env.reset()[0], ended + 1
                worker.check(worker.obs(i), obs, f"{name}, step {t}")
        self.assertGreaterEqual(ended, ends, name)
        self.assertEqual(worker.close(), 0)

    def test_gymnasium(self):
        self.compare("CartPole-v1", 200, ends=8)
        if LONG:
            self.compare("MountainCarContinuous-v0", 60)
            self.compare("FrozenLake-v1", 200, ends=10, count=3)
            self.compare("gym:Taxi-v4", 450, ends=2, make="Taxi-v4")

    def test_box2d(self):
        try:
            import Box2D  # noqa: F401
        except ImportError:
            self.skipTest("no box2d")
        self.compare("LunarLander-v3", 150, ends=1)
        self.compare("BipedalWalker-v3", 120, count=1)
        if LONG:
            self.compare("LunarLander-v3", 500, options="continuous=true", ends=4, continuous=True)
            self.compare("CarRacing-v3", 40, count=1)

    def test_atari(self):
        self.compare("ALE/Pong-v5", 3000 if LONG else 40)
        self.compare("Pong-v0", 40, PONG_VIEW, count=1)  # sticky, and a random frame skip
        self.compare("ALE/Breakout-v5", 260, PONG_VIEW, count=1, ends=1)

    @unittest.skipUnless(LONG, "long")
    def test_more_atari(self):
        self.compare("PongNoFrameskip-v4", 3000, PONG_VIEW)
        self.compare("PongDeterministic-v4", 3000, PONG_VIEW, ends=2, make="PongNoFrameskip-v4", frameskip=4)
        self.compare("SpaceInvadersDeterministic-v4", 900, make="SpaceInvadersNoFrameskip-v4", frameskip=3)
        self.compare("ALE/Breakout-v5", 40, options="obs_type=ram;full_action_space=true", obs_type="ram",
                     full_action_space=True)
        self.compare("ALE/Pong-v5", 40, options="obs_type=grayscale;mode=1;difficulty=1;frameskip=2",
                     obs_type="grayscale", mode=1, difficulty=1, frameskip=2)
        self.compare("ALE/Pong-v5", 60, options="max_num_frames_per_episode=100", ends=2,
                     max_num_frames_per_episode=100)

    def test_flattened(self):
        """Dicts and Tuples arrive as Gymnasium's flatten writes them."""
        for kind in ("dict", "nested", "boxes", "mixed"):
            name = "spaces_env:Parts-v0"
            worker = Worker(name, 2, f"obs={kind};action=boxes")
            envs = [gymnasium.make(name, obs=kind, action="boxes", disable_env_checker=True) for _ in range(2)]
            worker.reset(5)
            for t in range(5):
                for i, env in enumerate(envs):
                    obs = env.step(env.action_space.sample())[0] if t else env.reset(seed=5 + i)[0]
                    flat = gymnasium.spaces.flatten(env.observation_space, obs)
                    np.testing.assert_array_equal(worker.obs(i), flat.astype(np.float32))
                worker.step(np.full((2, 4), 0.5))
            worker.close()

    def test_frames(self):
        worker, env = Worker("ALE/Pong-v5", 2), gymnasium.make("ALE/Pong-v5", render_mode="rgb_array")
        self.assertEqual(worker.can_save, 0)  # its actions repeat at random
        worker.reset(8)
        env.reset(seed=9)
        for action in (2, 3, 3, 1):
            worker.step([0, action])
            env.step(action)
        struct.pack_into("<I", worker.memory, 5224, 1)
        worker.command(b"F")
        self.assertEqual(struct.unpack_from("<2I", worker.memory, 5228), (160, 210))
        self.assertEqual(worker.blob(), env.render().tobytes())
        worker.close()

    def test_frames_of_box2d(self):
        """Its games are not told that somebody looks before somebody does."""
        try:
            import Box2D  # noqa: F401
            import pygame  # noqa: F401
        except ImportError:
            self.skipTest("no box2d")
        worker, env = Worker("LunarLander-v3", 1), gymnasium.make("LunarLander-v3", render_mode="rgb_array")
        worker.reset(3)
        env.reset(seed=3)
        for action in (0, 0, 2, 0):
            struct.pack_into("<I", worker.memory, 5224, 0)
            worker.command(b"F")
            self.assertEqual(worker.blob(), env.render().tobytes())
            worker.step([action])
            env.step(action)
        worker.close()

    def test_saved_games(self):
        """Loaded in a fresh process, games go on as if nothing had happened."""
        for name, view in (("Breakout-v4", PONG_VIEW), ("PongDeterministic-v4", PONG_VIEW))[:2 if LONG else 1]:
            chance, first = random.Random(2), Worker(name, 2, view=view)
            self.assertEqual(first.can_save, 1)
            first.reset(40)
            for _ in range(150 if LONG else 40):
                first.step([chance.randrange(4), chance.randrange(4)])
            first.command(b"G")
            saved, second = first.blob(), Worker(name, 2, view=view)
            os.ftruncate(second.blob_file, len(saved))
            os.pwrite(second.blob_file, saved, 0)
            struct.pack_into("<Q", second.memory, 5240, len(saved))
            second.command(b"P")
            ended = 0
            for t in range(3000 if LONG else 160):
                actions = [chance.randrange(4), chance.randrange(4)]
                first.step(actions)
                second.step(actions)
                for i in range(2):
                    np.testing.assert_array_equal(first.obs(i), second.obs(i), f"{name}, step {t}")
                for what in ("reward", "terminated", "truncated"):
                    np.testing.assert_array_equal(getattr(first, what), getattr(second, what))
                ended += first.terminated.sum()
            self.assertGreater(ended, 0, name)
            first.close()
            second.close()

    def test_errors(self):
        with self.assertRaisesRegex(RuntimeError, r"did you mean ALE/Pong-v5\?"):
            Worker("ALE/Pung-v5", 1)
        with self.assertRaisesRegex(RuntimeError, "no keyword 'ful_action_space'; did you mean 'full_action_space'"):
            Worker("ALE/Pong-v5", 1, "ful_action_space=true")


if __name__ == "__main__":
    unittest.main()
