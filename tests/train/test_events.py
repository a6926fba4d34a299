"""TensorBoard's events of a run that was killed and resumed: each step once, tags of Stable-Baselines3 with
their signs, times in fractions of a second. Read by a small parser, and by TensorBoard where it is."""
import csv
import os
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

UPHILL = os.environ["UPHILL"]


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def fields(data):
    """Number and content of each field of a protocol buffer."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        else:
            size, at = {1: lambda: (8, at), 5: lambda: (4, at), 2: lambda: varint(data, at)}[key & 7]()
            value, at = data[at:at + size], at + size
        yield key >> 3, value


def read(folder):
    """{tag: [(step, wall time, value)]} of all files."""
    scalars = {}
    for path in sorted(Path(folder).glob("events.out.tfevents.*")):
        data, at = path.read_bytes(), 0
        while at + 12 <= len(data):
            size, = struct.unpack_from("<Q", data, at)
            event = dict(fields(data[at + 12:at + 12 + size]))
            at += size + 16
            wall, = struct.unpack("<d", event[1])
            for _, value in fields(event.get(5, b"")):
                value = dict(fields(value))
                if 2 in value:
                    number, = struct.unpack("<f", value[2])
                    scalars.setdefault(value[1].decode(), []).append((event.get(2, 0), wall, number))
    return scalars


def train(*arguments):
    return subprocess.Popen([UPHILL, "train", *arguments, "--quiet"], stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)


def killed_and_resumed(folder, steps):
    """A run that is killed twice behind a checkpoint, with rows behind the last."""
    process = train("CartPole-v1", "--steps", str(steps), "--run-dir", folder, "--set",
                    "train.checkpoint_seconds=0.15", "--set", "rollout.steps=16", "--set", "ppo.minibatch=64")
    for _ in range(2):
        before = len(list(Path(folder, "checkpoints").glob("*.safetensors")))
        deadline = time.time() + 60
        while process.poll() is None and time.time() < deadline:
            if len(list(Path(folder, "checkpoints").glob("*.safetensors"))) > min(before, 1):
                break
            time.sleep(0.005)
        time.sleep(0.1)  # on to rows that the checkpoint does not know
        process.kill()
        assert process.wait() == -9, "the run was over before it was killed"
        process = train("--resume", folder)
    assert process.wait() == 0


def check_peers(scalars):
    """Their tags, as Stable-Baselines3 2.x writes them for PPO and A2C, and what they are of ours."""
    peers = {"rollout/ep_rew_mean": ("episode/return_mean", 1), "rollout/ep_len_mean": ("episode/length_mean", 1),
             "train/approx_kl": ("loss/kl", 1), "train/entropy_loss": ("loss/entropy", -1),
             "train/value_loss": ("loss/value_loss", 2), "train/policy_gradient_loss": ("loss/policy_loss", 1),
             "train/policy_loss": ("loss/policy_loss", 1), "train/loss": ("loss/loss", 1),
             "train/explained_variance": ("loss/explained_variance", 1),
             "train/clip_fraction": ("loss/clip_fraction", 1), "train/learning_rate": ("loss/learning_rate", 1),
             "time/fps": ("time/steps_per_second", 1)}
    for theirs, (ours, factor) in peers.items():
        assert [(step, wall, number * factor) for step, wall, number in scalars[ours]] == scalars[theirs], theirs
    assert all(number < 0 for _, _, number in scalars["train/entropy_loss"])


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.environ["UPHILL_REGISTRY"] = folder + "/runs.db"
        run, steps = folder + "/run", 400000
        killed_and_resumed(run, steps)
        scalars = read(run)
        if not scalars:
            return 77  # built without protobuf-c
        check_peers(scalars)
        for tag, points in scalars.items():
            taken = [step for step, _, _ in points]
            assert len(set(taken)) == len(taken), f"{tag}: a step comes twice"
            assert taken == sorted(taken), tag
            assert taken[-1] == steps, tag
        rows = [int(row["steps"]) for row in csv.DictReader(open(run + "/metrics.csv"))]
        assert rows == sorted(set(rows)), "metrics.csv has a step twice"
        taken = [step for step, _, _ in scalars["loss/entropy"]]
        # one for the first update (128 steps) beyond each 400, and no other: as in a run left alone
        assert taken == [128 * -(-400 * k // 128) for k in range(1, 1000)] + [steps], taken[:20]
        walls = [wall for _, wall, _ in scalars["loss/entropy"]]
        assert any(wall % 1 for wall in walls) and len(set(walls)) > len(walls) // 2
        try:
            from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
        except ImportError:
            return 0
        board = EventAccumulator(run, size_guidance={"scalars": 0})
        board.Reload()
        assert set(board.Tags()["scalars"]) == set(scalars)
        for tag, points in scalars.items():
            assert [(event.step, event.wall_time, event.value) for event in board.Scalars(tag)] == points, tag
        assert b"algo = ppo" in board.Tensors("config/text_summary")[0].tensor_proto.string_val[0]
        assert "_hparams_/session_start_info" in board.PluginTagToContent("hparams")
    return 0


if __name__ == "__main__":
    sys.exit(main())
