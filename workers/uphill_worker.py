#!/usr/bin/env python3
"""Uphill's worker: instances of one Gymnasium or ALE environment, behind shared memory.

Speaks the protocol of docs/worker-protocol.md; the offsets below are that page's. Uphill starts it with
the control socket as descriptor 3, the batch memory as 4 and the blob memory as 5.
"""
import importlib
import mmap
import os
import struct
import sys
import traceback

CONTROL, MEMORY, BLOB, LIFE = 3, 4, 5, 6
MAGIC, VERSION, HEADER, MESSAGE = b"UPWORKER", 3, 8192, 1024
AT_VIEW, AT_EPISODE, AT_ID, AT_OPTIONS = 28, 56, 64, 320
AT_ERROR, AT_FACTS, AT_OFFSETS, AT_MASK, AT_SPACES = 576, 580, 624, 712, 720
ERROR_MISSING, ERROR_OPTION, ERROR_FAILED = 2, 4, 5
AT_ARGUMENT, AT_FRAME, AT_BLOB_SIZE, AT_MESSAGE = 4448, 4452, 4464, 4472


class Batch:
    """The worker's instances and their arrays in the batch memory."""

    def __init__(self, instances, clock):
        self.instances, first = instances, instances[0]
        count, codec = len(instances), first.observation
        self.clock, self.elapsed = clock, [0] * count  # steps until `truncated`, where no wrapper counts them
        self.mask_size = first.mask_size
        size, obs = first.row_size(), np.uint8 if codec.bytes else np.float32
        plan = ((np.float32, (count, first.action.size)), (np.uint8, (count,)), (np.uint8, (count,)),
                (np.uint64, (count,)), (np.uint8, (count,)), (obs, (2, count, size)),
                (obs, (count, size)), (np.float64, (count,)), (np.uint8, (count,)), (np.uint8, (count,)),
                (np.uint8, (count, self.mask_size)))
        offsets, end = [], HEADER
        for dtype, shape in plan:
            offsets.append(end)
            end += -(-int(np.prod(shape)) * np.dtype(dtype).itemsize // 64) * 64
        os.ftruncate(MEMORY, end)
        self.memory = mmap.mmap(MEMORY, end)
        arrays = [np.frombuffer(self.memory, dtype, int(np.prod(shape)), offset).reshape(shape)
                  for (dtype, shape), offset in zip(plan, offsets)]
        (self.action, self.active, self.slot, self.seed, self.seeded, obs, final, self.reward,
         self.terminated, self.truncated, self.mask) = arrays
        self.obs = [[first.place(row) for row in rows] for rows in obs]
        self.final = [first.place(row) for row in final]
        self.numbers = first.action.kind == environments.DISCRETE
        self.layout = struct.pack("<11Q", *offsets)
        self.size = end

    def reset(self):
        for i, instance in enumerate(self.instances):
            if self.active[i]:
                instance.reset(int(self.seed[i]) if self.seeded[i] else None)
                self.elapsed[i] = 0
                self.write(i, instance, self.slot[i])

    def write(self, i, instance, slot):
        instance.write(self.obs[slot][i])
        if self.mask_size:
            self.mask[i] = instance.mask

    def step(self):
        slots = self.slot.tolist()  # lists are faster, number by number
        action = self.action.tolist() if self.numbers else self.action
        for i, active in enumerate(self.active.tolist()):
            if not active:
                continue
            instance = self.instances[i]
            reward, terminated, truncated = instance.step(action[i])
            if self.clock:
                self.elapsed[i] += 1
                truncated = truncated or self.elapsed[i] >= self.clock
            self.reward[i], self.terminated[i], self.truncated[i] = reward, terminated, truncated
            if terminated or truncated:
                instance.write(self.final[i])
                instance.reset(None)
                self.elapsed[i] = 0
            self.write(i, instance, slots[i])

    def frame(self):
        index, = struct.unpack_from("<I", self.memory, AT_ARGUMENT)
        frame = self.instances[index].frame()
        struct.pack_into("<2I", self.memory, AT_FRAME, frame.shape[1], frame.shape[0])
        self.put_blob(frame.tobytes())

    def save(self):
        states = [struct.pack("<q", elapsed) + instance.save()
                  for instance, elapsed in zip(self.instances, self.elapsed)]
        self.put_blob(b"".join(struct.pack("<Q", len(state)) + state for state in states))

    def load(self):
        size, = struct.unpack_from("<Q", self.memory, AT_BLOB_SIZE)
        data, at = os.pread(BLOB, size, 0), 0
        for i, instance in enumerate(self.instances):
            length, self.elapsed[i] = struct.unpack_from("<Qq", data, at)
            instance.restore(data[at + 16:at + 8 + length])
            at += 8 + length

    def put_blob(self, data):
        os.ftruncate(BLOB, len(data))
        os.pwrite(BLOB, data, 0)
        struct.pack_into("<Q", self.memory, AT_BLOB_SIZE, len(data))


def start(memory):
    """Reads the request in the header, makes the instances and writes the answer."""
    magic, version, header, count, _, wanted = struct.unpack_from("<8s5I", memory, 0)
    if (magic, version, header) != (MAGIC, VERSION, HEADER):
        raise RuntimeError(f"this worker speaks version {VERSION} of the protocol")
    views = {0: lambda numbers: None, 1: environments.View, 2: environments.Screens}
    view = views[wanted](struct.unpack_from("<7i", memory, AT_VIEW))
    name, options = (memory[at:at + 256].split(b"\0")[0].decode() for at in (AT_ID, AT_OPTIONS))
    wanted, = struct.unpack_from("<q", memory, AT_EPISODE)
    instances, spec = environments.make_instances(count, name, options, view, wanted)
    first, threshold = instances[0], spec.reward_threshold
    batch = Batch(instances, 0 if first.has_clock else wanted)
    memory = batch.memory
    struct.pack_into("<3IqddQ", memory, AT_FACTS, first.can_save, first.can_render, first.palette,
                     wanted or spec.max_episode_steps or 0,
                     float("nan") if threshold is None else threshold, first.fps, batch.size)
    memory[AT_OFFSETS:AT_OFFSETS + len(batch.layout)] = batch.layout
    struct.pack_into("<q", memory, AT_MASK, batch.mask_size)
    spaces = first.observation.describe() + first.action.describe()
    memory[AT_SPACES:AT_SPACES + len(spaces)] = spaces
    return batch


def refuse(memory, error):
    """Leaves an error's code and one line in the header, and answers."""
    text, kind, code = str(error).split("\n")[0], type(error).__name__, ERROR_FAILED
    if kind == "Refusal":
        code = error.code
    elif kind == "DependencyNotInstalled":
        code = ERROR_MISSING
    elif isinstance(error, ModuleNotFoundError):
        name = "ale-py" if error.name == "ale_py" else str(error.name)
        ours = name in ("gymnasium", "ale-py", "numpy", "mujoco", "Box2D")  # what ./dev setup brings
        code, text = ERROR_MISSING, (f"Python has no module {error.name}: " +
                                     ("run ./dev setup, or " if ours else "") + f"pip install {name}")
    elif isinstance(error, TypeError) and " was raised from the environment creator" in text:
        code, text = ERROR_OPTION, text.split(" was raised from")[0].split(".__init__() ")[-1]
    else:
        place = traceback.extract_tb(error.__traceback__)[-1]
        text = " ".join(str(error).split())
        text = f"{kind}: {text} ({os.path.basename(place.filename)}:{place.lineno})"
    struct.pack_into("<I", memory, AT_ERROR, code)
    data = text.encode()[:MESSAGE - 1]
    memory[AT_MESSAGE:AT_MESSAGE + len(data) + 1] = data + b"\0"
    os.write(CONTROL, b"e")


def main():
    sys.path.append(os.getcwd())  # for environments of the user's own, as in gym:module:Name-v0
    if sys.argv[1:2] == ["--list"]:
        return importlib.import_module("uphill_environments").list_ids(sys.argv[2])
    for descriptor in (CONTROL, MEMORY, BLOB, LIFE):
        os.set_inheritable(descriptor, False)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # there is a worker for every core
    memory = mmap.mmap(MEMORY, HEADER)
    try:
        globals()["environments"] = importlib.import_module("uphill_environments")
        globals()["np"] = importlib.import_module("numpy")
        batch = start(memory)
    except Exception as error:
        return refuse(memory, error)
    os.write(CONTROL, b"k")
    commands = {b"R": batch.reset, b"S": batch.step, b"F": batch.frame, b"G": batch.save, b"P": batch.load}
    while command := os.read(CONTROL, 1):
        try:
            commands[command]()
            os.write(CONTROL, b"k")
        except Exception as error:
            refuse(memory, error)
    for instance in batch.instances:
        instance.close()


if __name__ == "__main__":
    main()
