#!/usr/bin/env python3
"""Uphill's worker: instances of one Gymnasium or ALE environment, behind shared memory.

Speaks the protocol of docs/worker-protocol.md; the offsets below are that page's. Uphill starts it with
the control socket as descriptor 3, the batch memory as 4 and the blob memory as 5.
"""
import fcntl
import importlib
import mmap
import os
import struct
import sys
import warnings

MAGIC, VERSION, HEADER, MESSAGE = b"UPWORKER", 4, 8192, 1024
AT_VIEW, AT_EPISODE, AT_ID, AT_OPTIONS, AT_WISHES = 28, 56, 64, 320, 1344
AT_ERROR, AT_FACTS, AT_OFFSETS, AT_MASK, AT_SPACES = 1352, 1356, 1400, 1488, 1496
ERROR_MISSING, ERROR_OPTION, ERROR_FAILED, ERROR_BREACH, ERROR_RESET = 2, 4, 5, 6, 7
AT_ARGUMENT, AT_FRAME, AT_INSTANCE, AT_BLOB_SIZE, AT_MESSAGE, AT_TOLD = 5224, 5228, 5236, 5240, 5248, 6272
TOLD, TOLD_NAME = 24, 48  # numbers of an info, bytes of a name
DISCRETE = 1  # a kind of space
CLEAR = 200  # where descriptors go, out of the way of an environment that uses low ones without asking


def clear_descriptors():
    """Moves what Uphill passed as 3 to 6 to high numbers, which no child inherits."""
    for descriptor in range(3, 7):
        for least in (CLEAR, 20):  # the second where only few descriptors may be open
            try:
                yield fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, least)
                break
            except OSError:
                pass
        os.close(descriptor)


class Fd:
    """The descriptors."""

    control = memory = blob = life = -1


class Batch:
    """The worker's instances and their arrays in the batch memory."""

    def __init__(self, instances, clock):
        self.instances, first = instances, instances[0]
        count, codec = len(instances), first.observation
        self.clock, self.elapsed = clock, [0] * count  # steps until `truncated`, where no wrapper counts them
        self.at, self.resetting = 0, False  # the instance that is at work, for messages
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
        self.told, end = end, end + count * TOLD * (TOLD_NAME + 8)
        os.ftruncate(Fd.memory, end)
        self.memory = mmap.mmap(Fd.memory, end)
        arrays = [np.frombuffer(self.memory, dtype, int(np.prod(shape)), offset).reshape(shape)
                  for (dtype, shape), offset in zip(plan, offsets)]
        (self.action, self.active, self.slot, self.seed, self.seeded, obs, final, self.reward,
         self.terminated, self.truncated, self.mask) = arrays
        self.obs = [[first.place(row) for row in rows] for rows in obs]
        self.final = [first.place(row) for row in final]
        self.numbers = first.action.kind == DISCRETE
        self.layout = struct.pack("<11Q", *offsets)
        self.size = end

    def reset(self):
        for i, instance in enumerate(self.instances):
            if self.active[i]:
                self.at = i
                self.begin(i, instance, int(self.seed[i]) if self.seeded[i] else None)
                self.write(i, instance, self.slot[i])

    def begin(self, i, instance, seed):
        self.resetting = True
        instance.reset(seed)
        self.resetting = False
        self.elapsed[i] = 0

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
            instance, self.at = self.instances[i], i
            reward, terminated, truncated = instance.step(action[i])
            if self.clock:
                self.elapsed[i] += 1
                truncated = truncated or self.elapsed[i] >= self.clock
            self.reward[i], self.terminated[i], self.truncated[i] = reward, terminated, truncated
            if terminated or truncated:
                instance.write(self.final[i])
                self.tell(i, getattr(instance, "info", {}))
                self.begin(i, instance, None)
            self.write(i, instance, slots[i])

    def tell(self, i, info):
        """The numbers of an episode's last info, which become columns of metrics.csv."""
        at, row = self.told + i * TOLD * (TOLD_NAME + 8), {}
        for name, value in info.items():
            if isinstance(name, str) and isinstance(value, (bool, int, float, np.bool_, np.number)) \
                    and not isinstance(value, np.complexfloating):
                if len(row) == TOLD:
                    rules.note(f"its infos have more than {TOLD} numbers: those behind them are left out of metrics.csv")
                    break
                why = self.leave_out(name, value, row)
                if why:
                    rules.note(f"info[{ascii(name)[:60]}] is left out of metrics.csv: {why}")
        data = b"".join(struct.pack(f"<{TOLD_NAME}sd", *pair) for pair in row.items())
        self.memory[at:at + len(data)] = data
        if len(row) < TOLD:
            self.memory[at + len(data)] = 0

    @staticmethod
    def leave_out(name, value, row):
        """Adds a number to a row, or says why not."""
        try:
            short, value = name.encode()[:TOLD_NAME - 1], float(value)
        except UnicodeError:
            return "its name is no text"
        except OverflowError:
            return "no float64 holds it"
        if not short:
            return "it has no name"
        if short in row:
            return f"another name begins with the same {TOLD_NAME - 1} bytes"
        row[short] = value
        return None

    def frame(self):
        self.at, = struct.unpack_from("<I", self.memory, AT_ARGUMENT)
        frame = self.instances[self.at].frame()
        struct.pack_into("<2I", self.memory, AT_FRAME, frame.shape[1], frame.shape[0])
        self.put_blob(frame.tobytes())

    def save(self):
        states = [struct.pack("<q", elapsed) + instance.save()
                  for instance, elapsed in zip(self.instances, self.elapsed)]
        self.put_blob(b"".join(struct.pack("<Q", len(state)) + state for state in states))

    def load(self):
        size, = struct.unpack_from("<Q", self.memory, AT_BLOB_SIZE)
        data, at = os.pread(Fd.blob, size, 0), 0
        for i, instance in enumerate(self.instances):
            length, self.elapsed[i] = struct.unpack_from("<Qq", data, at)
            instance.restore(data[at + 16:at + 8 + length])
            at += 8 + length

    def put_blob(self, data):
        os.ftruncate(Fd.blob, len(data))
        os.pwrite(Fd.blob, data, 0)
        struct.pack_into("<Q", self.memory, AT_BLOB_SIZE, len(data))


def start(memory):
    """Reads the request in the header, makes the instances and writes the answer."""
    magic, version, header, count, number, wanted = struct.unpack_from("<8s5I", memory, 0)
    if (magic, version, header) != (MAGIC, VERSION, HEADER):
        raise RuntimeError(f"this worker speaks version {VERSION} of the protocol")
    pictures, rules.strict = struct.unpack_from("<2I", memory, AT_WISHES)
    if number:  # the first one says it
        rules.quiet = True
        warnings.simplefilter("ignore")
    views = {0: lambda numbers: None, 1: environments.View, 2: environments.Screens}
    view = views[wanted](struct.unpack_from("<7i", memory, AT_VIEW))
    name, options = (memory[at:end].split(b"\0")[0].decode()
                     for at, end in ((AT_ID, AT_OPTIONS), (AT_OPTIONS, AT_WISHES)))
    open_folder(name)
    wanted, = struct.unpack_from("<q", memory, AT_EPISODE)
    instances, spec = environments.make_instances(count, name, options, view, wanted, bool(pictures))
    first, threshold = instances[0], environments.number_of(spec.reward_threshold, "reward_threshold", float("nan"))
    batch = Batch(instances, 0 if first.has_clock else wanted)
    memory = batch.memory
    struct.pack_into("<3IqddQ", memory, AT_FACTS, first.can_save, first.can_render, first.palette,
                     wanted or spec.max_episode_steps or 0, threshold, first.fps, batch.size)
    memory[AT_OFFSETS:AT_OFFSETS + len(batch.layout)] = batch.layout
    struct.pack_into("<Q", memory, AT_TOLD, batch.told)
    struct.pack_into("<q", memory, AT_MASK, batch.mask_size)
    spaces = first.observation.describe() + first.action.describe()
    memory[AT_SPACES:AT_SPACES + len(spaces)] = spaces
    return batch


OURS = {"gymnasium": "gymnasium", "ale_py": "ale-py", "numpy": "numpy", "mujoco": "mujoco",
        "Box2D": "gymnasium[box2d]"}  # what ./dev setup brings


def importer(error):
    """" (pole.py:1 imports it)", where a file of theirs asked for the module that is missing."""
    contract = sys.modules.get("uphill_contract")
    frames = contract and contract.own_frames(contract.traceback.extract_tb(error.__traceback__))
    return f" ({os.path.basename(frames[-1].filename)}:{frames[-1].lineno} imports it)" if frames else ""


def missing(error):
    """What to do about a module that is not there. A package's name is not always its module's, and a stranger may
    have published one that is called like somebody's file: so only our own are named to pip."""
    name = str(error.name)
    if name in OURS:
        return f"Python has no module {name}: run ./dev setup, or pip install {OURS[name]}"
    return (f"Python finds no module {name}{importer(error)}: a file or folder of yours is found where PYTHONPATH names the folder that "
            f"holds it (PYTHONPATH=FOLDER uphill ...), a package where it is installed for {sys.executable}")


def describe(error):
    """An error's code in the protocol, and one line."""
    text, kind = " ".join(str(error).split()), type(error).__name__
    if kind == "Refusal":
        return error.code, text
    if kind == "Breach":
        return ERROR_BREACH, text
    if kind == "DependencyNotInstalled":
        return ERROR_MISSING, text
    if isinstance(error, ModuleNotFoundError):
        return ERROR_MISSING, missing(error)
    if isinstance(error, TypeError) and " was raised from the environment creator" in text:
        return ERROR_OPTION, text.split(" was raised from")[0].split(".__init__() ")[-1]
    if isinstance(error, SyntaxError) and error.filename:
        return ERROR_FAILED, f"{kind}: {error.msg} ({os.path.basename(error.filename)}:{error.lineno})"
    where = sys.modules["uphill_contract"].culprit(error) if "uphill_contract" in sys.modules else "at the start"
    return ERROR_FAILED, f"{kind}: {text} ({where})"


def refuse(memory, error, batch=None):
    """Leaves an error's code and one line in the header."""
    code, text = describe(error)
    if batch and batch.resetting and code == ERROR_FAILED:
        code = ERROR_RESET
    struct.pack_into("<I", memory, AT_ERROR, code)
    struct.pack_into("<I", memory, AT_INSTANCE, batch.at if batch else 0)
    data = text.encode(errors="replace")[:MESSAGE - 1]
    memory[AT_MESSAGE:AT_MESSAGE + len(data) + 1] = data + b"\0"


def answer(what, sequence):
    os.write(Fd.control, struct.pack("<4sI", what, sequence))


def prepare():
    """Before anything of others' runs."""
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # also where Python keeps it out
    for stream in (sys.stdout, sys.stderr):  # what they print shall be seen when it is printed
        stream.reconfigure(line_buffering=True, errors="replace")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # there is a worker for every core
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    warnings.filterwarnings("ignore", "overflow encountered in cast")  # which ends in a Breach
    warnings.filterwarnings("ignore", "overflow encountered in dot", module="uphill_spaces")  # looked at closely then


def load():
    """The worker's own modules and NumPy, before a module of the same name in this folder could come between."""
    for name, module in (("environments", "uphill_environments"), ("np", "numpy")):
        globals()[name] = importlib.import_module(module)
    globals()["rules"] = importlib.import_module("uphill_spaces").Rules


def open_folder(name):
    """Modules of the current folder are for ids that name one, module:Name-v0, alone: a folder from somebody else may
    hold a jax.py that Gymnasium would import for an id of its own."""
    if ":" in name.removeprefix("gym:"):
        sys.path.append(os.getcwd())


def serve(batch):
    commands = {b"R": batch.reset, b"S": batch.step, b"F": batch.frame, b"G": batch.save, b"P": batch.load}
    while message := os.read(Fd.control, 8):
        what, sequence = struct.unpack("<4sI", message)
        try:
            commands[what[:1]]()
            done = b"k"
        except Exception as error:
            refuse(batch.memory, error, batch)
            done = b"e"
        answer(done, sequence)


def close(batch):
    """Nothing is lost where it raises, so that it is told and no more."""
    for instance in batch.instances:
        try:
            instance.close()
        except Exception as error:
            rules.note(f"close: {describe(error)[1]}")


def main():
    prepare()
    if sys.argv[1:2] == ["--list"]:
        try:
            load()
            open_folder(sys.argv[2] + ":")
            return importlib.import_module("uphill_ids").list_ids(sys.argv[2])
        except ModuleNotFoundError as error:
            sys.exit(missing(error))
    Fd.control, Fd.memory, Fd.blob, Fd.life = clear_descriptors()
    memory = mmap.mmap(Fd.memory, HEADER)
    try:
        load()
        batch = start(memory)
    except (Exception, SystemExit) as error:  # a module that ends the program when it is imported
        refuse(memory, error)
        return answer(b"e", 0)
    answer(b"k", 0)
    serve(batch)
    close(batch)


if __name__ == "__main__":
    main()
