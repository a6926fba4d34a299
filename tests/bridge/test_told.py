"""Numbers in the info of an episode's last step become columns of metrics.csv."""
import csv
import os
import subprocess
import sys
import tempfile

UPHILL = os.environ["UPHILL"]
if subprocess.run([os.environ.get("PYTHON", sys.executable), "-c", "import gymnasium"], capture_output=True).returncode:
    print("skipped: no gymnasium; run ./dev setup")
    sys.exit(77)


said = []


def rows_of(folder, *options):
    env = {**os.environ, "PYTHONPATH": os.path.dirname(os.path.abspath(__file__)), "UPHILL_REGISTRY": folder + "/runs.db"}
    done = subprocess.run([UPHILL, "train", "told_env:Told-v0", "--steps", "960", "--envs", "4", "--set", "rollout.steps=20",
                           "--set", "ppo.minibatch=80", "--set", "env.workers=2", "--run-dir", folder + "/run", "--quiet",
                           *options], env=env, capture_output=True, timeout=120)
    assert done.returncode == 0, done
    said.append(done.stderr.decode())
    with open(folder + "/run/metrics.csv") as file:
        return list(csv.DictReader(file))


def main():
    with tempfile.TemporaryDirectory() as folder:
        rows = rows_of(folder)
        told = {name: [float(row[name]) for row in rows] for name in rows[0] if name.startswith("env.")}
        assert set(told) == {"env.is_success", "env.step", "env.np", "env.flag", "env.a___b_", "env." + ("long" * 30)[:47]}, told
        assert len(rows) == 12, rows
        for words in ("number \"a , b \" is left out of metrics.csv: its column would be env.a___b_", "info['large'] is left out",
                      "info[''] is left out", "another name begins with the same 47 bytes"):
            assert said[-1].count(words) == 1, said
        assert told["env.is_success"] == [0.5] * 12, told  # two episodes of each instance in an update
        assert told["env.step"] == [10] * 12 and told["env.np"] == [2.5] * 12 and told["env.flag"] == [1] * 12 and told["env.a___b_"] == [7] * 12
    with tempfile.TemporaryDirectory() as folder:
        names = [name for name in rows_of(folder, "--set", "env.many=true")[0] if name.startswith("env.")]
        assert said[-1].count("its infos have more than 24 numbers") == 1, said
        assert len(names) >= 20 and len(names) <= 24, names
    return 0


if __name__ == "__main__":
    sys.exit(main())
