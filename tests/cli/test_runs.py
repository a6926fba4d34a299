"""`uphill runs` of a list that somebody else wrote to: dates that no calendar has, control characters, a lock."""
import glob
import os
import sqlite3
import subprocess
import sys
import tempfile
import time

UPHILL = os.environ["UPHILL"]
DATES = (0, 1, -1, 1796137327, 1796137327000, 2**62, -2**62, 2**63 - 1, -2**63, 253402300800)


def uphill(*arguments):
    return subprocess.run([UPHILL, *arguments], capture_output=True, timeout=120)


def main():
    with tempfile.TemporaryDirectory() as folder:
        registry = os.environ["UPHILL_REGISTRY"] = folder + "/runs.db"
        train = ("train", "CartPole-v1", "--steps", "300", "--quiet", "--run-dir")
        assert uphill(*train, folder + "/a").returncode == 0
        if b"no runs yet" in uphill("runs").stdout:
            return 77  # built without SQLite
        with sqlite3.connect(registry) as database:
            for number, date in enumerate(DATES):
                database.execute("INSERT INTO runs VALUES (?,?,?,?,?,?,?,?,?,?)",
                                 (f"/tmp/{number}", "env\x1b[2J\nid", "a\x07lgo", None, "st\x9bop", 1, 2, date, "x", None))
        shown = uphill("runs")
        assert shown.returncode == 0 and not shown.stderr, shown
        lines = shown.stdout.decode().splitlines()
        assert len(lines) == 2 + len(DATES), lines
        assert not [c for c in shown.stdout.decode() if ord(c) < 32 and c != "\n" or 127 <= ord(c) < 160], lines
        by_folder = {line.split()[-1]: line for line in lines[1:]}
        assert by_folder["/tmp/3"].startswith("2026-12-0"), by_folder["/tmp/3"]
        for number in (0, 4, 5, 6, 7, 8):
            assert by_folder[f"/tmp/{number}"].startswith("-  "), by_folder[f"/tmp/{number}"]

        # A run that was killed: where its checkpoint is.
        process = subprocess.Popen([UPHILL, "train", "CartPole-v1", "--steps", "100000000", "--quiet", "--run-dir",
                                    folder + "/killed", "--set", "train.checkpoint_seconds=0.05"])
        while not glob.glob(folder + "/killed/checkpoints/0*.safetensors"):
            time.sleep(0.02)
        words = next(line for line in uphill("runs").stdout.decode().splitlines() if line.endswith("/killed")).split()
        assert "running" in words, words
        process.kill()
        process.wait()
        saved = int(sorted(glob.glob(folder + "/killed/checkpoints/0*"))[-1].split("/")[-1].split(".")[0])
        line = next(line for line in uphill("runs").stdout.decode().splitlines() if line.endswith("/killed"))
        assert "broken off" in line and str(saved) in line.split() and saved > 0, (line, saved)

        # Somebody holds the list: one warning, no long wait, and the run is as any other.
        database = sqlite3.connect(registry, isolation_level=None)
        database.execute("BEGIN EXCLUSIVE")
        begin = time.monotonic()
        held = uphill(*train, folder + "/b")
        took = time.monotonic() - begin
        assert held.returncode == 0, held
        assert held.stderr.count(b"warning") == 1 and b"locked" in held.stderr, held.stderr
        assert took < 3, took
        assert uphill("runs").returncode == 1
        database.execute("ROLLBACK")
        assert os.path.exists(folder + "/b/result.json")
        assert uphill("train", "--resume", folder + "/b", "--steps", "400", "--quiet").returncode == 0
        assert f"{folder}/b".encode() in uphill("runs").stdout
    return 0


if __name__ == "__main__":
    sys.exit(main())
