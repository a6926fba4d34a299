#!/usr/bin/env python3
"""What faults_env.py hands over is used as it is, or named in one line, at every door of the program."""
import concurrent.futures
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
UPHILL, PYTHON = os.environ["UPHILL"], os.environ.get("PYTHON", sys.executable)
ENV = {**os.environ, "PYTHONPATH": HERE}
if subprocess.run([PYTHON, "-c", "import gymnasium"], capture_output=True).returncode:
    print("skipped: no gymnasium; run ./dev setup")
    sys.exit(77)

sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "workers")]
import numpy as np  # noqa: E402
import uphill_contract as contract  # noqa: E402
import uphill_environments as environments  # noqa: E402

# fault: what the line says behind "gym id, instance 0: ".
LINES = {
    "short": r"step: observation is an array of float32 of shape \(1,\); declared: Box\(-1.0, 1.0, \(3,\), float32\) \(Faults.step, faults_env.py:\d+\)",
    "bare": r"step: observation is the float 0.5; declared: Box\(-1.0, 1.0, \(3,\), float32\)",
    "floats": r"step: observation is an array of float64 of shape \(4,\); declared: Box\(0, 255, \(4,\), uint8\)",
    "large": r"step: observation holds 300 at component 3; declared: Box\(0, 255, \(4,\), uint8\)",
    "negative": r"step: observation holds -1 at component 1; declared: Box\(0, 255, \(4,\), uint8\)",
    "turned": r"step: observation is an array of uint8 of shape \(3, 4, 5\); declared: Box\(0, 255, \(4, 5, 3\), uint8\)",
    "text": r"step: observation is the text 'abc'; declared",
    "none": r"step: observation is None; declared",
    "key": r"step: observation lacks the key 'gear'; declared: Dict",
    "more": r"step: observation has the key 'there', which was not declared",
    "entry": r"step: observation\['here'\] is an array of float32 of shape \(3,\); declared: Box\(-1.0, 1.0, \(2,\), float32\)",
    "gear": r"step: observation\['gear'\] is 3; declared: Discrete\(3\)",
    "discrete": r"step: observation is 5; declared: Discrete\(5\)",
    "fraction": r"step: observation is the float 1.5; declared: Discrete\(5\)",
    "multi": r"step: observation holds 3 at component 1; declared: MultiDiscrete\(\[2 3\]\)",
    "halves": r"step: observation is an array of float64 of shape \(2,\); declared: MultiDiscrete",
    "binary": r"step: observation holds 2 at component 1; declared: MultiBinary\(2\)",
    "digits": r"step: observation holds 16777217 at component 1, of which float32 would lose digits",
    "nan": r"step: observation holds nan at component 1; declared",
    "huge": r"step: observation holds 1e\+39 at component 1, beyond float32",
    "reward_array": r"step: reward is an array of float64 of shape \(1,\); declared: a number \(Faults.step",
    "reward_none": r"step: reward is None; declared: a number",
    "reward_nan": r"step: reward is nan; declared: a number",
    "reward_huge": r"step: reward is 1e\+39, beyond float32",
    "flag_array": r"step: terminated is an array of bool of shape \(1,\); declared: a bool",
    "flag_none": r"step: truncated is None; declared: a bool",
    "flag_two": r"step: terminated is the int 2; declared: a bool",
    "info": r"step: info is None; Gymnasium's step returns",
    "old_step": r"step returned a tuple of 4 entries \(the API of Gym before 0.26\); Gymnasium's step returns \(observation, reward, "
                r"terminated, truncated, info\), info a dict \(Faults.step, faults_env.py:\d+\)",
    "mask_list": r'step: info\["action_mask"\] is a list of 4 entries; declared: 4 of int8 or bool',
    "mask_short": r'step: info\["action_mask"\] is an array of int8 of shape \(3,\)',
    "mask_floats": r'step: info\["action_mask"\] is an array of float64',
    "mask_values": r'step: info\["action_mask"\] holds 7 at component 2',
    "mask_closed": r'step: info\["action_mask"\] leaves no action open; declared: 4 of int8 .*faults_env.py:\d+\)',
    "mask_late": r'step: info\["action_mask"\] is there, though the info of the first reset had none',
    "mask_gone": r'step: info\["action_mask"\] is not there, though it was after the first reset',
}


def run(*words, cwd=None, timeout=120, **more):
    done = subprocess.run([UPHILL, *words], capture_output=True, text=True, env={**ENV, **more}, timeout=timeout,
                          cwd=cwd or tempfile.gettempdir())
    return done.returncode, done.stdout, done.stderr


def rollout(name, *settings, steps=8, **more):
    sets = [word for setting in settings for word in ("--set", f"env.{setting}")]
    return run("rollout", f"faults_env:{name}-v0", "--steps", str(steps), *sets, **more)


class TestFaults(unittest.TestCase):
    def each(self, function, items):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            return list(zip(items, pool.map(function, items)))

    def one_line(self, result, pattern):
        code, _, err = result
        self.assertEqual(code, 1, err)
        self.assertEqual(err.count("\n"), 1, err)
        self.assertRegex(err, pattern)

    def test_every_fault(self):
        """The worker's own words for each fault, in this process, which is faster."""
        for fault, pattern in LINES.items():
            with self.subTest(fault), self.assertRaises(contract.Breach) as caught:
                (instance,), _ = environments.make_instances(1, "faults_env:Faults-v0", f"fault={fault}", None, 0, False)
                row = np.zeros(instance.row_size(), np.uint8 if instance.observation.bytes else np.float32)
                instance.reset(1)
                instance.write(row)
                for t in range(8):
                    self.assertLess(t, 3, "a fault at step 3 was not noticed")
                    instance.step([0.0])
                    instance.write(row)
                    if instance.mask_size:
                        instance.mask
            self.assertRegex(str(caught.exception), "^" + pattern)

    def test_rollout(self):
        """Each kind of fault at its first occurrence, in one line, exit 1."""
        kinds = ("short", "large", "entry", "discrete", "reward_array", "old_step", "mask_list", "mask_closed")
        for fault, result in self.each(lambda fault: rollout("Faults", f"fault={fault}"), kinds):
            self.one_line(result, rf"uphill: faults_env:Faults-v0, instance 0: {LINES[fault]}")

    def test_first_observation(self):
        self.one_line(rollout("Faults", "fault=short", "at=0"),
                      r"instance 0: reset: observation is an array of float32 of shape \(1,\); declared: .* \(Faults.reset, faults_env.py")

    def test_old_apis(self):
        self.one_line(rollout("Faults", "fault=old_reset"), r"reset returned an array of float32 of shape \(3,\); Gymnasium's reset returns "
                      r"\(observation, info\), info a dict \(Faults.reset, faults_env.py:\d+\)")
        self.one_line(rollout("OldSeed"), r"reset\(\) got an unexpected keyword argument 'seed'; Gymnasium's is "
                      r"reset\(self, \*, seed=None, options=None\) \(OldSeed.reset, faults_env.py")
        self.one_line(rollout("Limited", "fault=old_step"), r"step returned 4 values \(the API of Gym before 0.26\); Gymnasium's step")

    def test_train_and_check(self):
        """The same lines where a policy trains, and as a FAULT of check-env."""
        def train(fault):
            with tempfile.TemporaryDirectory() as folder:
                return run("train", "faults_env:Faults-v0", "--steps", "400", "--envs", "2", "--quiet", "--run-dir", folder + "/r",
                           "--set", f"env.fault={fault}")
        for fault, result in self.each(train, ("short", "reward_huge")):
            self.assertEqual(result[0], 1)
            self.assertRegex(result[2], rf"uphill: faults_env:Faults-v0, instance [01]: {LINES[fault]}")
        def check(fault):
            return run("check-env", "faults_env:Faults-v0", "--set", f"env.fault={fault}")
        for fault, (code, out, err) in self.each(check, ("discrete", "mask_list", "mask_closed")):
            self.assertEqual(code, 1)
            self.assertRegex(out, rf"FAULT .*{LINES[fault]}")

    def test_rounded(self):
        """float64 for float32 is rounded, which is said once, and is a fault of check-env."""
        code, _, err = rollout("Faults", "fault=double", "at=0")
        self.assertEqual((code, err), (0, "uphill: warning: faults_env:Faults-v0: an observation is an array of float64 of shape (3,), declared float32: "
                                          "it is rounded\n"))
        code, out, _ = run("check-env", "faults_env:Faults-v0", "--set", "env.fault=double")
        self.assertEqual(code, 1)
        self.assertRegex(out, r"FAULT .*observation is an array of float64 of shape \(3,\); declared: Box\(-1.0, 1.0, \(3,\), float32\)")

    def test_raises(self):
        code, out, _ = run("check-env", "faults_env:Faults-v0", "--set", "env.fault=raises", "--set", "env.at=70", "--set", "env.length=90")
        self.assertEqual(code, 1)
        self.assertRegex(out, r"FAULT  runs: step failed at step 70, .*raised RuntimeError: the ice broke \(faults_env.py:\d+\)")
        with tempfile.TemporaryDirectory() as folder:
            code, out, err = run("train", "faults_env:Faults-v0", "--steps", "60", "--envs", "1", "--quiet", "--run-dir", folder + "/r",
                                 "--set", "env.fault=raises", "--set", "env.at=6", "--algo", "a2c", "--set", "rollout.steps=20")
            self.assertEqual(code, 1)
            self.assertNotIn("done", out)
            self.assertEqual(err.count("the ice broke"), 2, err)  # told once, and summed up
            self.assertRegex(err, r"\d+ times in all: RuntimeError: the ice broke")
            self.assertRegex(err, r"all \d+ episodes ended by errors of the environment")

    def test_resets(self):
        """Episodes that cannot begin end the run after three restarts."""
        code, _, err = rollout("Counting", steps=200)
        self.assertEqual(code, 1)
        self.assertRegex(err, r"raised RuntimeError: no ice any more \(faults_env.py:\d+\), at the beginning of an episode; gave up after 3 restarts")
        code, _, err = rollout("Faults", "fault=reset_raises", "at=0")
        self.assertEqual(code, 1)
        self.assertRegex(err, r"no ice today .*gave up after 3 restarts|no ice today")

    def test_print(self):
        code, out, err = rollout("Counting", "bad=-1", steps=12)
        self.assertEqual(code, 0, err)
        self.assertEqual(re.findall("episode [0-9]+ begins", err)[-2:], ["episode 3 begins", "episode 4 begins"][-2:])
        self.assertNotIn("begins", out)

    def test_actions(self):
        acts = ("discrete", "multi", "binary", "bytes", "scalar", "dict", "boxes", "nested")
        for _, (code, _, err) in self.each(lambda act: rollout("Keen", f"act={act}", steps=30), acts):
            self.assertEqual((code, err), (0, ""))

    def test_whole_actions_train(self):
        """A policy over a Box of whole numbers trains, is loaded again, and its numbers are rounded."""
        def train(act):
            with tempfile.TemporaryDirectory() as folder:
                trained = run("train", "faults_env:Keen-v0", "--steps", "64", "--envs", "2", "--quiet", "--algo", "a2c",
                              "--set", "rollout.steps=8", "--set", f"env.act={act}", "--run-dir", folder + "/r")
                return trained, run("eval", folder + "/r", "--trust", "--episodes", "1", "--max-steps", "8")
        for _, ((code, _, err), (measured, _, said)) in self.each(train, ("whole", "bytes")):
            self.assertEqual((code, err), (0, ""))
            self.assertEqual(measured, 0, said)

    def test_whole_numbers_evenly(self):
        for settings, least in (((), 200), (("rescale_action=true",), 200)):
            with tempfile.TemporaryDirectory() as folder:
                code, _, err = run(
                    "rollout", "faults_env:Keen-v0", "--steps", "1200", "--csv", folder + "/t.csv", "--set", "env.act=whole",
                    *[word for s in settings for word in ("--set", f"env.{s}")])
                self.assertEqual(code, 0, err)
                rewards = [row.split(",")[3] for row in open(folder + "/t.csv").read().split()[1:]]
                self.assertEqual(sorted(set(rewards)), ["-1", "0", "1", "2"])
                self.assertGreater(min(rewards.count(r) for r in set(rewards)), 240)

    def test_masks(self):
        places = ("info", "observation", "method", "picture")
        for where, (code, _, err) in self.each(lambda where: rollout("Masked", f"where={where}", steps=40), places):
            self.assertEqual((code, err), (0, ""))

    def test_no_render_mode(self):
        self.assertEqual(rollout("Plain")[0], 0)

    def test_values(self):
        cases = (("False", "bool"), ("false", "bool"), ("None", "none"), ("null", "none"), ("(0.1, 0.2)", "pair"), ("[0.1, 0.2]", "pair"),
                 ("'a b'", "text"), ('"a b"', "text"), ("a b", "text"), ("inf", "number"))
        for value, wanted in cases:
            environments.make_instances(1, "faults_env:Typed-v0", f"value={value};wanted={wanted}", None, 0, False)
        for value, wanted in cases[::4]:
            code, _, err = rollout("Typed", f"value={value}", f"wanted={wanted}")
            self.assertEqual((code, err), (0, ""))
        for words in (("Pendulum-v1", "g=None"), ("FrozenLake-v1", "map_name='4x5'")):
            self.assertNotEqual(run("rollout", words[0], "--steps", "2", "--set", f"env.{words[1]}")[0], 0)
        for words in (("FrozenLake-v1", "is_slippery=False"), ("FrozenLake-v1", "map_name='8x8'"), ("FrozenLake-v1", 'map_name="8x8"'),
                      ("FrozenLake-v1", "desc=None"), ("Walker2d-v5", "healthy_z_range=(0.1, 2.5)"), ("CartPole-v1", "options=sutton_barto_reward=True ")):
            code, _, err = run("rollout", words[0], "--steps", "2", "--set", f"env.{words[1].strip()}")
            self.assertEqual(code, 0, err)

    def test_options_that_do_nothing(self):
        for name, setting in (("HalfCheetah-v5", "frame_skip=4"), ("CartPole-v1", "noop_max=30"), ("CartPole-v1", "workers=2"),
                              ("gym:CartPole-v1", "screen_size=84")):
            code, _, err = run("rollout", name, "--steps", "2", "--set", f"env.{setting}")
            self.assertEqual(code, 2, err)
            self.assertIn("env." + setting.split("=")[0], err)
        code, _, err = run("rollout", "ALE/Pong-v5", "--steps", "2", "--set", "env.preprocess=atari", "--set", "env.frameskip=2")
        self.assertEqual(code, 2, err)
        self.assertIn("env.frameskip does nothing with env.preprocess = atari", err)

    def test_long_options(self):
        """Humanoid's keywords are more than a line of config.ini holds; the run's own config repeats it."""
        keywords = {"forward_reward_weight": "1.25", "ctrl_cost_weight": "0.1", "contact_cost_weight": "5e-07",
                    "contact_cost_range": "(-inf, 10.0)", "healthy_reward": "5.0", "healthy_z_range": "(1.0, 2.0)",
                    "reset_noise_scale": "0.01", "exclude_current_positions_from_observation": "True"}
        sets = [word for key, value in keywords.items() for word in ("--set", f"env.{key}={value}")]
        with tempfile.TemporaryDirectory() as folder:
            words = ("train", "Humanoid-v5", "--steps", "64", "--envs", "2", "--quiet", "--algo", "a2c", "--set", "rollout.steps=32", "--set", "env.options=frame_skip=4")
            code, _, err = run(*words, *sets, "--run-dir", folder + "/a")
            if "Humanoid" in err and "Python" in err:
                self.skipTest(err)
            self.assertEqual(code, 0, err)
            config = open(folder + "/a/config.ini").read()
            self.assertLess(max(map(len, config.split("\n"))), 199)
            for key, value in keywords.items():
                self.assertIn(f"{key} = {value}\n", config)
            self.assertIn("options = frame_skip=4\n", config)
            code, _, err = run("train", folder + "/a/config.ini", "--quiet", "--run-dir", folder + "/b")
            self.assertEqual(code, 0, err)
            self.assertEqual(open(folder + "/b/config.ini").read(), config)

    def test_small_bytes(self):
        """Bytes that are no picture are numbers as they are, alone and in a Dict."""
        first = {"bytes": "1,2,3,4", "ram": "1,2,3,200", "lamps": "0,1", "image": "51,255",
                 "dict": "1,2,3,4,0.200000003,1,0,1"}
        def table(kind):
            return run("rollout", "faults_env:Small-v0", "--steps", "1", "--csv", "-", "--set", f"env.kind={kind}")
        for kind, (code, out, err) in self.each(table, first):
            self.assertEqual((code, err), (0, ""))
            self.assertEqual(out.split("\n")[1].split(",", 6)[6], first[kind])
        with tempfile.TemporaryDirectory() as folder:
            words = ("train", "faults_env:Small-v0", "--steps", "64", "--envs", "2", "--quiet", "--algo", "a2c", "--set", "rollout.steps=32",
                     "--set", "policy.normalize_obs=true")
            self.assertEqual(run(*words, "--set", "env.kind=bytes", "--run-dir", folder + "/a")[0], 0)
            code, _, err = run(*words, "--set", "env.kind=image", "--run-dir", folder + "/b")
            self.assertNotEqual(code, 0)
            self.assertIn("pictures", err)

    def test_pictures(self):
        """A dense policy on raw pictures says what to do instead, before it starts."""
        with tempfile.TemporaryDirectory() as folder:
            words = ("train", "uphill/Pong-v0", "--steps", "8", "--envs", "2", "--quiet", "--algo", "a2c", "--set", "rollout.steps=4", "--run-dir")
            code, _, err = run(*words, folder + "/a")
            self.assertEqual(code, 0, err)
            self.assertRegex(err, r"warning: uphill/Pong-v0: its observations are pictures of 100800 numbers, .* env.preprocess=pong80")
            self.assertEqual(run(*words, folder + "/b", "--set", "env.preprocess=pong80")[2], "")

    def test_descriptor_3(self):
        code, _, err = rollout("Forking", "low=True")
        self.assertEqual((code, err), (0, ""))

    def test_shadows(self):
        """Modules of the same names in the current folder do not come between."""
        with tempfile.TemporaryDirectory() as folder:
            for name in ("gymnasium", "numpy", "json", "struct", "mmap", "uphill_spaces", "uphill_environments", "traceback", "mujoco", "ale_py", "jax"):
                with open(f"{folder}/{name}.py", "w") as out:
                    out.write(f"open('{folder}/ran', 'a').write('{name}')\nraise SystemExit('shadowed {name}')\n")
            code, _, err = run("rollout", "faults_env:Plain-v0", "--steps", "2", cwd=folder)
            self.assertEqual((code, err), (0, ""))
            run("doctor", cwd=folder)
            run("rollout", "Hopper-v5", "--steps", "1", cwd=folder)
            run("rollout", "phys2d/CartPole-v1", "--steps", "1", cwd=folder)  # Gymnasium's own, which imports jax
            run("rollout", "ALE/Pong-v5", "--steps", "1", "--set", "env.obs_type=rgb", cwd=folder)
            self.assertFalse(os.path.exists(folder + "/ran"))

    def test_children_end(self):
        """An environment's child does not outlive a program that was killed by -9."""
        with tempfile.TemporaryDirectory() as folder:
            file = folder + "/child"
            process = subprocess.Popen([UPHILL, "rollout", "faults_env:Forking-v0", "--steps", "100000", "--set", f"env.file={file}"],
                                       env=ENV, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            deadline = time.time() + 60
            while not (os.path.exists(file) and os.path.getsize(file)) and time.time() < deadline:
                time.sleep(0.05)
            time.sleep(0.3)
            process.send_signal(signal.SIGKILL)
            process.wait()
            children = [int(word) for word in open(file).read().split()]
            self.assertTrue(children)
            def alive(pid):
                try:
                    return open(f"/proc/{pid}/stat").read().split()[2] not in "ZX"
                except OSError:
                    return False
            while any(map(alive, children)) and time.time() < deadline:
                time.sleep(0.05)
            self.assertFalse(any(map(alive, children)))


if __name__ == "__main__":
    unittest.main()
