#!/usr/bin/env python3
"""What the bridge says about words_env.py, and about what is no environment: it names the person's own thing,
and what to do."""
import os
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

sys.path[:0] = [HERE, os.path.abspath(os.path.join(HERE, "..", "..", "workers"))]
import numpy as np  # noqa: E402
import uphill_contract as contract  # noqa: E402
import uphill_environments as environments  # noqa: E402
import uphill_spaces as spaces  # noqa: E402

WORDS = "words_env:Words-v0"
MASKLESS = {"box": r"Box\(-1.0, 1.0, \(2,\), float32\)", "parts": r"Dict\('a': Box.*\)"}
INFO = r'{}: info\["action_mask"\] is there, and actions of {} cannot be masked \(Words.{}, words_env.py:\d+\)'


def run(*words, cwd=None, timeout=120, **more):
    done = subprocess.run([UPHILL, *words], capture_output=True, text=True, env={**ENV, **more}, timeout=timeout,
                          cwd=cwd or tempfile.gettempdir())
    return done.returncode, done.stdout, done.stderr


def rollout(*settings, name=WORDS, steps=8):
    sets = [word for setting in settings for word in ("--set", f"env.{setting}")]
    return run("rollout", name, "--steps", str(steps), *sets)


def said(options, name=WORDS):
    """What a worker says, in this process, which is faster; "" for nothing."""
    try:
        (instance,), spec = environments.make_instances(1, name, options, None, 0, False)
        environments.number_of(spec.reward_threshold, "reward_threshold", 0)
        row = np.zeros(instance.row_size(), np.float32)
        instance.reset(1)
        for _ in range(5):
            instance.write(row)
            instance.mask_size and instance.mask
            instance.step(np.zeros(instance.action.size, np.float32))
    except (contract.Breach, spaces.Refusal) as error:
        return str(error)
    return ""


class TestWords(unittest.TestCase):
    def one_line(self, result, pattern, code=1):
        self.assertEqual(result[0], code, result[2])
        self.assertEqual(result[2].count("\n"), 1, result[2])
        self.assertRegex(result[2], pattern)

    def test_masks_without_choices(self):
        """A mask of actions that cannot have one is a fault wherever it is, never dropped."""
        for act, space in MASKLESS.items():
            self.assertRegex(said(f"say=info;act={act}"), "^" + INFO.format("step", space, "step"))
            self.assertRegex(said(f"say=info;act={act};at=0"), "^" + INFO.format("reset", space, "reset"))
            self.assertRegex(said(f"say=method;act={act}"), rf"^it has action_masks\(\), and actions of {space} cannot be masked")
            self.assertRegex(said(f"say=entry;act={act}"), rf'^its observation\["action_mask"\] is MultiBinary\(2\), and actions of {space} cannot')
        self.assertRegex(said("say=half;act=choices;at=0"), r'^reset: info\["action_mask"\]\[1\] is None; declared: 5 of int8')
        self.assertRegex(said("say=shut;act=choices;at=0"), r'^reset: info\["action_mask"\] leaves no action open for choice 1; .*words_env.py:\d+')
        self.assertRegex(said("say=entry_long"), r'observation\["action_mask"\] is MultiBinary\(5\); a mask of Discrete\(2\) has 2 numbers')
        self.assertRegex(said("say=entry_alone"), r'its observation holds "action_mask" alone')
        self.assertEqual(said("say=entry"), "")

    def test_masks_at_the_doors(self):
        line = INFO.format("step", MASKLESS["box"], "step")
        self.one_line(rollout("say=info", "act=box"), f"^uphill: {WORDS}, instance 0: {line}")
        code, out, _ = run("check-env", WORDS, "--set", "env.say=info", "--set", "env.act=box", "--steps", "30")
        self.assertEqual(code, 1)
        self.assertRegex(out, "FAULT  .*" + line)
        with tempfile.TemporaryDirectory() as folder:
            code, _, err = run("train", WORDS, "--set", "env.say=info", "--set", "env.act=box", "--quiet", "--run-dir", folder + "/r")
            self.assertEqual(code, 1)
            self.assertRegex(err, line)

    def test_fields(self):
        """What cannot be read is named by the field and their file, never by ours."""
        lines = {
            "reward": r"step: reward is the int 10{20,}\.\.\., beyond float32, .*; declared: a number \(Words.step, words_env.py:\d+\)",
            "digits": r"step: reward is the int 16610 bits long, beyond float32",
            "torn": r"step: observation is a words_env.Torn, no array .*; declared: Box.* \(Words.step, words_env.py:\d+\)",
            "masked": r"step: observation is a masked array of float64 of shape \(3,\), of which some numbers are masked; declared: Box",
            "list": r"reset: action_masks\(\) is a list of 2 entries, no array .*; declared: 2 of int8",
            "attribute": r"its action_masks is an array of int8 of shape \(2,\); it has to be a method",
            "agent": r"reset: its mask cannot be read \(TypeError: .*'agent'\); declared: 2 of int8 .*words_env.py:\d+\)",
            "rate": r'its metadata\["render_fps"\] is the text \'fast\'; declared: a number',
        }
        for say, pattern in lines.items():
            with self.subTest(say):
                self.assertRegex(said(f"say={say}"), "^" + pattern)
                self.assertNotIn("uphill_", said(f"say={say}"))
        self.assertRegex(said("", "words_env:Solved-v0"), "its reward_threshold is the text 'soon'; declared: a number")
        self.assertEqual(said("say=unmasked"), "")
        self.one_line(rollout("say=reward"), f"^uphill: {WORDS}, instance 0: {lines['reward']}")

    def test_rounding(self):
        """Said once, as a warning that names the environment, and only of numbers that lose digits."""
        self.assertEqual(rollout("say=tuple")[0::2], (0, ""))
        self.assertEqual(rollout("say=rounded")[0::2], (
            0, f"uphill: warning: {WORDS}: an observation is a tuple of 3 entries, declared float32: it is rounded\n"))

    def test_far_numbers(self):
        """Large and right: nothing is said."""
        self.assertEqual(rollout("say=far")[0::2], (0, ""))

    def test_output(self):
        """What it prints cannot steer a terminal."""
        self.assertEqual(rollout("say=print")[0::2], (0, "careful? ? so\n"))

    def test_close(self):
        code, _, err = rollout("say=close")
        self.assertEqual(code, 0)
        self.assertRegex(err, rf"^uphill: warning: {WORDS}: close: OSError: the door is stuck \(words_env.py:\d+\)\n$")

        code, out, err = run("check-env", WORDS, "--set", "env.say=close", "--steps", "20")
        self.assertEqual((code, err.count("close: OSError")), (0, 1), err)

    def test_one_place(self):
        """Exceptions of one line count as one, whatever they say."""
        code, _, err = rollout("say=differ", steps=12)
        self.assertEqual(code, 1)
        self.assertEqual(err.count("it is restarted"), 1, err)
        self.assertIn(f"{WORDS}: 4 times in all: ValueError: at", err)

    def test_declared_type(self):
        code, out, _ = run("check-env", WORDS, "--set", "env.act=bytes", "--steps", "20")
        self.assertEqual(code, 0)
        self.assertIn("actions Box(0, 9, (2,), int32)", out)

    def test_check_goes_on(self):
        """After a step that fails the other rules are checked by shorter runs; where that is the first, none is claimed."""
        code, out, err = run("check-env", WORDS, "--set", "env.say=raise", "--steps", "30")
        self.assertEqual(code, 1)
        self.assertRegex(out, r"\n8 instances, 2 steps in a run, since it fails at step 3: ok is what was kept until then\n")
        self.assertRegex(out, r"\n  FAULT  runs: step failed at step 3, .*KeyError: 'the third stone' \(words_env.py:\d+\)\n")
        self.assertEqual(out.count("\n  ok     "), 19, out)
        self.assertEqual(err, f"uphill: {WORDS} breaks 1 of the 20 rules\n")
        code, out, err = run("check-env", WORDS, "--set", "env.say=raise", "--set", "env.at=1", "--steps", "30")
        self.assertEqual((code, out.count(": not checked\n")), (1, 18), out)
        self.assertIn("breaks 1 of the 2 rules that were checked; 18 could not be checked", err)

    def test_ids(self):
        """What is near an id, in the package that was named."""
        ids = {"words_env:Wrds-v0": r"words_env registers no environment Wrds-v0; did you mean words_env:Words-v1\?",
               "words_env:words": r"did you mean words_env:Words-v1\?",
               "words_env:Words-v7": r"did you mean words_env:Words-v1\?",
               "gym:words_env:Words": r"words_env registers no environment Words; did you mean gym:words_env:Words-v1\?",
               "words_env:CartPol-v1": r"words_env registers no environment CartPol-v1; `uphill envs --from words_env` lists",
               "json:Ok-v0": r"json registers no environment Ok-v0; it registers none with Gymnasium",
               "gym:CartPol-v1": r"Gymnasium has no such environment; did you mean gym:CartPole-v1\?",
               "gym:LunarLander-v2": r"did you mean gym:LunarLander-v3\?"}
        for name, pattern in ids.items():
            self.assertRegex(said("", name), pattern)
        for name in ("words_env:Wrds-v0", "gym:words_env:Words"):
            self.one_line(run("rollout", name, "--steps", "1"), f"^uphill: {name}: {ids[name]}", 2)

    def test_modules(self):
        """Nobody is sent to a stranger's package."""
        for words in (("rollout", "pond_of_mine:Pond-v0", "--steps", "1"), ("envs", "--from", "pond_of_mine")):
            code, _, err = run(*words)
            self.assertEqual(code, 1, err)
            self.assertRegex(err, "Python finds no module pond_of_mine: .*PYTHONPATH=FOLDER uphill")
            self.assertNotIn("pip", err)
        broken = {"lacks": ("import os\nimport pond_of_mine\n", r"no module pond_of_mine \(lacks.py:2 imports it\)"),
                  "torn": ("def x(:\n", r"SyntaxError: .*torn.py"), "ends": ("raise SystemExit(0)\n", "SystemExit: 0")}
        with tempfile.TemporaryDirectory() as folder:
            for name, (text, pattern) in broken.items():
                with open(f"{folder}/{name}.py", "w") as out:
                    out.write(text)
                for words in (("rollout", f"{name}:Pond-v0", "--steps", "1"), ("envs", "--from", name)):
                    self.one_line(run(*words, PYTHONPATH=folder), pattern)

    def test_files(self):
        """A Python file is no environment; what to write instead works."""
        files = {"pond.py": r"pond.py is a Python file: .*name one by module and id, pond:Name-v0$",
                 "./pond.py:Pond-v0": r"by module and id, pond:Pond-v0$",
                 "mods/pond.py": r"mods/pond.py is a Python file: .*PYTHONPATH=mods uphill ... pond:Name-v0$",
                 "/pond.py": r"PYTHONPATH=/ uphill ... pond:Name-v0$",
                 "gym:../mods/pond.py:Pond-v0": r"\.\./mods/pond.py is .*PYTHONPATH=\.\./mods uphill ... pond:Pond-v0$"}
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(folder + "/mods")
            with open(folder + "/mods/pond.py", "w") as out:
                out.write("import gymnasium, words_env\ngymnasium.register('Pond-v0', words_env.Words)\n")
            for name, pattern in files.items():
                self.one_line(run("rollout", name, "--steps", "1", cwd=folder), pattern, 2)
            self.one_line(run("envs", "--from", "mods/pond.py", cwd=folder), "name its module, PYTHONPATH=mods uphill ... --from pond$", 2)
            self.one_line(run("envs", "--from", "./pond.py", cwd=folder), "name its module, --from pond$", 2)
            self.one_line(run("train", "mods/pond.py", cwd=folder), files["mods/pond.py"], 2)
            code, _, err = run("rollout", "pond:Pond-v0", "--steps", "1", cwd=folder, PYTHONPATH=f"mods:{HERE}")
            self.assertEqual(code, 0, err)

    def test_hanging(self):
        """Ctrl-C does not wait for a step that does not end; the run goes on from what was saved."""
        with tempfile.TemporaryDirectory() as folder:
            words = ("--quiet", "--run-dir", folder + "/r")
            settings = {"env.say": "hang_step", "env.mark": folder + "/mark", "rollout.steps": 16, "train.log_every": 1}
            process = subprocess.Popen(
                [UPHILL, "train", WORDS, "--steps", "96", "--envs", "1", "--algo", "a2c", *words,
                 *[word for key, value in settings.items() for word in ("--set", f"{key}={value}")]], env=ENV, stderr=subprocess.PIPE, text=True)
            deadline = time.time() + 60
            while not os.path.exists(folder + "/mark") and time.time() < deadline:
                time.sleep(0.05)
            time.sleep(0.2)
            process.send_signal(signal.SIGINT)
            asked = time.time()
            _, err = process.communicate(timeout=100)
            self.assertLess(time.time() - asked, 20)  # on a busy machine; else two; env.timeout is 60
            self.assertEqual(process.returncode, 130, err)
            self.assertRegex(err, rf"warning: {WORDS}: worker 0 \(instance 0\) had not answered for .* s when it was stopped")
            code, _, err = run("train", "--resume", folder + "/r", "--quiet", "--trust")
            self.assertEqual(code, 0, err)

    def test_growing_picture(self):
        with tempfile.TemporaryDirectory() as folder:
            result = run("play", "words_env:Grows-v0", "--steps", "9", "--out", "x.gif", cwd=folder)
        if "giflib" in result[2]:
            self.skipTest(result[2])
        self.one_line(result, r"Grows-v0, instance 0: render: the picture is 60 × 41 pixels, the first one was 60 × 40")

    def test_no_picture(self):
        self.one_line(run("play", WORDS, "--out", "x.gif"), r'Words-v0 cannot draw itself: give it a render\(\) .*"render_modes"')


if __name__ == "__main__":
    unittest.main()
