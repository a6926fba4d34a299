#!/usr/bin/env python3
"""Uphill's worker: instances of one Gymnasium or ALE environment, behind shared memory.

Speaks the protocol of docs/worker-protocol.md; offsets and codes below are that page's. Uphill starts
it with the control socket as descriptor 3, the batch memory as 4 and the blob memory as 5.
"""
import importlib
import json
import mmap
import os
import re
import struct
import traceback

CONTROL, MEMORY, BLOB = 3, 4, 5
MAGIC, VERSION, HEADER = b"UPWORKER", 1, 4096
ERROR_NOT_FOUND, ERROR_MISSING, ERROR_UNSUPPORTED, ERROR_OPTION, ERROR_FAILED = 1, 2, 3, 4, 5
AT_ERROR, AT_FACTS, AT_OFFSETS, AT_SPACES = 576, 580, 624, 704
AT_ARGUMENT, AT_FRAME, AT_BLOB_SIZE, AT_MESSAGE = 2880, 2884, 2896, 2904
SPACE, MESSAGE, BOUNDS = 1088, 1024, 64
BOX, DISCRETE, MULTI_DISCRETE, MULTI_BINARY = 0, 1, 2, 3
F32, U8 = 0, 1
UNKNOWN = 255  # stands in AtariInstance.levels for a colour that was not seen yet


class Refusal(Exception):
    """An error at the start that has a code of its own."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class Codec:
    """How one Gymnasium space travels: its description in the header, rows in and out."""

    def __init__(self, space, what):
        names = {"Box": BOX, "Discrete": DISCRETE, "MultiDiscrete": MULTI_DISCRETE,
                 "MultiBinary": MULTI_BINARY}
        if type(space).__name__ not in names:
            raise Refusal(ERROR_UNSUPPORTED, f"its {what} space {space} is not Box, Discrete, "
                          "MultiDiscrete or MultiBinary; flatten it with a wrapper")
        self.space, self.kind = space, names[type(space).__name__]
        self.shape = tuple(space.shape)
        self.size = int(np.prod(self.shape, dtype=np.int64))
        self.bytes = self.kind == BOX and space.dtype == np.uint8
        self.start = getattr(space, "start", 0)

    def describe(self):
        n, low, high, choices = 0, np.zeros(0, "<f4"), np.zeros(0, "<f4"), []
        if self.kind == DISCRETE:
            n = int(self.space.n)
        elif self.kind == MULTI_DISCRETE:
            choices = self.space.nvec.reshape(-1)
            if self.size > BOUNDS:
                raise Refusal(ERROR_UNSUPPORTED, f"{self.space} has more than {BOUNDS} components")
        elif self.kind == BOX:
            low, high = (np.asarray(v, "<f4").reshape(-1) for v in (self.space.low, self.space.high))
            alike = (low == low[0]).all() and (high == high[0]).all()
            low, high = low[:1 if alike else BOUNDS], high[:1 if alike else BOUNDS]
        shape = self.shape if 1 <= len(self.shape) <= 4 else (self.size,)
        head = struct.pack("<4I2q4q", self.kind, U8 if self.bytes else F32, len(shape), len(low), n,
                           self.size, *(shape + (0,) * (4 - len(shape))))
        return (head + low.tobytes().ljust(4 * BOUNDS, b"\0") + high.tobytes().ljust(4 * BOUNDS, b"\0")
                + np.asarray(choices, "<i8").tobytes().ljust(8 * BOUNDS, b"\0"))

    def decode(self, row):
        """A row of float32 from Uphill as what env.step takes; never a view of the row."""
        if self.kind == DISCRETE:
            return int(row[0]) + int(self.start)
        if self.kind == BOX:
            return np.clip(row.reshape(self.shape).astype(self.space.dtype), self.space.low,
                           self.space.high)
        return (row.astype(self.space.dtype).reshape(self.shape) + self.start).astype(self.space.dtype)

    def encode(self, value, row):
        if self.kind in (BOX, MULTI_BINARY):
            row[:] = np.reshape(value, -1)
        else:
            row[:] = np.reshape(value - self.start, -1)


class GymInstance:
    """Any environment, through gymnasium.make."""

    can_save = False

    def __init__(self, spec, kwargs, view):
        creator = spec.entry_point
        if not callable(creator):
            creator = gymnasium.envs.registration.load_env_creator(creator)
        metadata = getattr(creator, "metadata", None)
        if isinstance(metadata, dict) and "rgb_array" in metadata.get("render_modes", ()):
            kwargs = {"render_mode": "rgb_array", **kwargs}
        self.env = gymnasium.make(spec, disable_env_checker=True, **kwargs)
        self.can_render = self.env.render_mode == "rgb_array"
        self.fps = float(self.env.metadata.get("render_fps") or 30)
        self.observation = Codec(self.env.observation_space, "observation")
        self.action = Codec(self.env.action_space, "action")
        self.view, self.last = view, None

    def reset(self, seed):
        self.last = self.env.reset(seed=seed)[0]

    def step(self, action):
        self.last, reward, terminated, truncated, _ = self.env.step(self.action.decode(action))
        return reward, terminated, truncated

    def write(self, row):
        if self.view:
            self.view.copy(self.last, row)
        else:
            self.observation.encode(self.last, row)

    def frame(self):
        return np.ascontiguousarray(self.env.render(), np.uint8)

    def close(self):
        self.env.close()


class AtariInstance:
    """ALE without the wrapper between: same seeds, same games, and a step is one call."""

    can_save, can_render = True, True
    KEYS = {"game", "mode", "difficulty", "obs_type", "frameskip", "repeat_action_probability",
            "full_action_space", "max_num_frames_per_episode"}
    levels = bytearray([UNKNOWN]) * 256  # palette entry → level of the view's channel, as they appear

    def __init__(self, kwargs, view):
        self.kwargs, self.view, self.loaded = kwargs, view, False
        self.kind = kwargs.get("obs_type", "rgb")
        self.rom = roms.get_rom_path(kwargs["game"])
        if self.rom is None or not os.path.exists(self.rom):
            raise Refusal(ERROR_MISSING, f"the ROM of {kwargs['game']} is missing: pip install "
                          "--force-reinstall ale-py, or set ALE_ROMS_DIR to a folder that has it")
        self.skip = kwargs["frameskip"]
        self.skip = self.skip if isinstance(self.skip, int) else tuple(self.skip)
        self.ale = ale_py.ALEInterface()
        self.ale.setFloat("repeat_action_probability", kwargs["repeat_action_probability"])
        self.ale.setInt("frame_skip", self.skip if isinstance(self.skip, int) else 1)
        if kwargs.get("max_num_frames_per_episode") is not None:
            self.ale.setInt("max_num_frames_per_episode", kwargs["max_num_frames_per_episode"])

    def load(self, seed):
        """As AtariEnv does when it is seeded."""
        np_seed, ale_seed = np.random.SeedSequence(seed).generate_state(n_words=2)
        self.random = np.random.default_rng(int(np_seed))
        self.ale.setInt("random_seed", np.int32(ale_seed.astype(np.int32)))
        self.ale.loadROM(self.rom)
        for key, setter in (("mode", self.ale.setMode), ("difficulty", self.ale.setDifficulty)):
            if self.kwargs.get(key) is not None:
                setter(self.kwargs[key])
        self.loaded, ale = True, self.ale
        full = self.kwargs.get("full_action_space", False)
        self.actions = ale.getLegalActionSet() if full else ale.getMinimalActionSet()
        self.screen = np.zeros(ale.getScreenDims(), np.uint8)
        self.part = self.screen[self.view.rows, self.view.columns] if self.view else None

    def spaces(self):
        box, shape = gymnasium.spaces.Box, self.screen.shape
        shape = {"ram": (self.ale.getRAMSize(),), "rgb": (*shape, 3), "grayscale": shape}[self.kind]
        self.observation = Codec(box(0, 255, shape, np.uint8), "observation")
        self.action = Codec(gymnasium.spaces.Discrete(len(self.actions)), "action")
        self.fps = 60.0 / (self.skip if isinstance(self.skip, int) else sum(self.skip) / 2)

    def reset(self, seed):
        if seed is not None or not self.loaded:
            self.load(seed)
        self.ale.reset_game()

    def step(self, action):
        ale, key = self.ale, self.actions[int(action[0])]
        if isinstance(self.skip, int):
            reward = ale.act(key)
        else:
            reward = sum(ale.act(key) for _ in range(self.random.integers(*self.skip)))
        return reward, ale.game_over(with_truncation=False), ale.game_truncated()

    def write(self, row):
        if self.view:
            self.ale.getScreen(self.screen)
            part = self.part.tobytes().translate(self.levels)
            if UNKNOWN in part:
                part = self.learn()
            row.data[:] = part
        elif self.kind == "rgb":
            self.ale.getScreenRGB(row.reshape(*self.screen.shape, 3))
        elif self.kind == "grayscale":
            self.ale.getScreenGrayscale(row.reshape(self.screen.shape))
        else:
            row[:] = self.ale.getRAM()

    def learn(self):
        """Adds the colours of this screen to the palette."""
        for index, level in zip(self.screen.flat, self.ale.getScreenRGB()[:, :, self.view.channel].flat):
            self.levels[index] = level
        return self.part.tobytes().translate(self.levels)

    def frame(self):
        return self.ale.getScreenRGB()

    def save(self):
        random = json.dumps(self.random.bit_generator.state).encode()
        return struct.pack("<I", len(random)) + random + self.ale.cloneState(include_rng=True).serialize()

    def restore(self, data):
        if not self.loaded:
            self.load(None)
        size, = struct.unpack_from("<I", data)
        self.random.bit_generator.state = json.loads(data[4:4 + size])
        self.ale.restoreState(ale_py.ALEState(data[4 + size:]))

    def close(self):
        pass


class View:
    """The part of an image observation that Uphill wants: rows, columns, one channel."""

    def __init__(self, numbers):
        self.rows, self.columns = slice(*numbers[0:3]), slice(*numbers[3:6])
        self.channel = numbers[6]

    def size(self, codec):
        if not codec.bytes or len(codec.shape) != 3 or not self.channel < codec.shape[2]:
            raise Refusal(ERROR_UNSUPPORTED, f"its observation {codec.space} is no colour image")
        return len(range(*self.rows.indices(codec.shape[0]))) * len(
            range(*self.columns.indices(codec.shape[1])))

    def copy(self, image, row):
        part = image[self.rows, self.columns, self.channel]
        row.reshape(part.shape)[...] = part


class Batch:
    """The worker's instances and their arrays in the batch memory."""

    def __init__(self, instances, view):
        self.instances, first = instances, instances[0]
        count, codec = len(instances), first.observation
        size = view.size(codec) if view else codec.size
        obs = np.uint8 if codec.bytes else np.float32
        plan = ((np.float32, (count, first.action.size)), (np.uint8, (count,)), (np.uint8, (count,)),
                (np.uint64, (count,)), (np.uint8, (count,)), (obs, (2, count, size)),
                (obs, (count, size)), (np.float64, (count,)), (np.uint8, (count,)), (np.uint8, (count,)))
        offsets, end = [], HEADER
        for dtype, shape in plan:
            offsets.append(end)
            end += -(-int(np.prod(shape)) * np.dtype(dtype).itemsize // 64) * 64
        os.ftruncate(MEMORY, end)
        self.memory = mmap.mmap(MEMORY, end)
        arrays = [np.frombuffer(self.memory, dtype, int(np.prod(shape)), offset).reshape(shape)
                  for (dtype, shape), offset in zip(plan, offsets)]
        (self.action, self.active, self.slot, self.seed, self.seeded, obs, final, self.reward,
         self.terminated, self.truncated) = arrays
        self.obs = [[obs[slot, i] for i in range(count)] for slot in (0, 1)]
        self.final = list(final)
        self.layout = struct.pack("<10Q", *offsets)
        self.size = end

    def reset(self):
        for i, instance in enumerate(self.instances):
            if self.active[i]:
                instance.reset(int(self.seed[i]) if self.seeded[i] else None)
                instance.write(self.obs[self.slot[i]][i])

    def step(self):
        for i, instance in enumerate(self.instances):
            if not self.active[i]:
                continue
            reward, terminated, truncated = instance.step(self.action[i])
            self.reward[i], self.terminated[i], self.truncated[i] = reward, terminated, truncated
            if terminated or truncated:
                instance.write(self.final[i])
                instance.reset(None)
            instance.write(self.obs[self.slot[i]][i])

    def frame(self):
        index, = struct.unpack_from("<I", self.memory, AT_ARGUMENT)
        frame = self.instances[index].frame()
        struct.pack_into("<2I", self.memory, AT_FRAME, frame.shape[1], frame.shape[0])
        self.put_blob(frame.tobytes())

    def save(self):
        states = [instance.save() for instance in self.instances]
        self.put_blob(b"".join(struct.pack("<Q", len(state)) + state for state in states))

    def load(self):
        size, = struct.unpack_from("<Q", self.memory, AT_BLOB_SIZE)
        data, at = os.pread(BLOB, size, 0), 0
        for instance in self.instances:
            length, = struct.unpack_from("<Q", data, at)
            instance.restore(data[at + 8:at + 8 + length])
            at += 8 + length

    def put_blob(self, data):
        os.ftruncate(BLOB, len(data))
        os.pwrite(BLOB, data, 0)
        struct.pack_into("<Q", self.memory, AT_BLOB_SIZE, len(data))


def parse_options(text):
    """"a=1;b=text" → {"a": 1, "b": "text"}: each value is JSON, or else a string."""
    options = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not key.isidentifier():
            raise Refusal(ERROR_OPTION, f"option '{part}' is not key=value")
        try:
            options[key] = json.loads(value)
        except ValueError:
            options[key] = value
    return options


def find_spec(name):
    """Gymnasium's spec of an id, and the keywords that an alias of ours adds to it."""
    keywords, alias = {}, re.fullmatch(r"(\w+)Deterministic-(v[04])", name)
    if alias:  # the ids that ale-py dropped in 0.11.1
        keywords = {"frameskip": 3 if alias[1] == "SpaceInvaders" else 4}
        name = f"{alias[1]}NoFrameskip-{alias[2]}"
    missing = None
    if name not in gymnasium.registry:
        try:
            globals()["ale_py"] = importlib.import_module("ale_py")
            globals()["roms"] = importlib.import_module("ale_py.roms")
            gymnasium.register_envs(ale_py)
        except ImportError as error:
            missing = error
    try:
        return gymnasium.spec(name) if ":" not in name else find_in_module(name), keywords
    except (gymnasium.error.UnregisteredEnv, gymnasium.error.DeprecatedEnv) as error:
        if missing and (alias or name.startswith("ALE/") or "NoFrameskip" in name):
            raise Refusal(ERROR_MISSING, "it needs ale-py: pip install ale-py") from missing
        raise Refusal(ERROR_NOT_FOUND, str(error).split("\n")[0]) from error


def find_in_module(name):
    module, name = name.split(":", 1)
    importlib.import_module(module)
    return gymnasium.spec(name)


def make_instances(count, name, options, view):
    forced, name = name.startswith("gym:"), name.removeprefix("gym:")
    spec, keywords = find_spec(name)
    keywords.update(parse_options(options))
    merged = {**spec.kwargs, **keywords}
    if not forced and spec.entry_point == "ale_py.env:AtariEnv" and set(merged) <= AtariInstance.KEYS \
            and (merged.get("obs_type", "rgb") == "rgb" if view else True):
        instances = [AtariInstance(merged, view) for _ in range(count)]
        instances[0].load(0)  # the others when they are reset: it takes 70 ms each
        instances[0].spaces()
        instances[0].loaded = False
    else:
        instances = [GymInstance(spec, keywords, view) for _ in range(count)]
        spec = instances[0].env.spec or spec
    return instances, spec


def start(memory):
    """Reads the request in the header, makes the instances and writes the answer."""
    for name in ("gymnasium", "numpy"):
        try:
            globals()[name] = importlib.import_module(name)
        except ImportError as error:
            raise Refusal(ERROR_MISSING, f"Python has no {name}: pip install {name}") from error
    globals()["np"] = numpy
    magic, version, header, count, _, wanted = struct.unpack_from("<8s5I", memory, 0)
    if (magic, version, header) != (MAGIC, VERSION, HEADER):
        raise Refusal(ERROR_FAILED, f"this worker speaks version {VERSION} of the protocol")
    view = View(struct.unpack_from("<7i", memory, 28)) if wanted else None
    name, options = (memory[at:at + 256].split(b"\0")[0].decode() for at in (64, 320))
    instances, spec = make_instances(count, name, options, view)
    batch, first = Batch(instances, view), instances[0]
    memory, threshold = batch.memory, spec.reward_threshold
    struct.pack_into("<3IqddQ", memory, AT_FACTS, first.can_save, first.can_render, 0,
                     spec.max_episode_steps or 0, float("nan") if threshold is None else threshold,
                     first.fps, batch.size)
    memory[AT_OFFSETS:AT_OFFSETS + len(batch.layout)] = batch.layout
    spaces = first.observation.describe() + first.action.describe()
    memory[AT_SPACES:AT_SPACES + len(spaces)] = spaces
    return batch


def refuse(memory, error):
    """Leaves an error's code and one line in the header, and answers."""
    codes = ((ImportError, ERROR_MISSING), (FileNotFoundError, ERROR_MISSING), (TypeError, ERROR_OPTION))
    code = getattr(error, "code", None) or next((c for t, c in codes if isinstance(error, t)), ERROR_FAILED)
    text = str(error).split("\n")[0]
    if type(error).__name__ == "DependencyNotInstalled":
        code = ERROR_MISSING
    elif not isinstance(error, Refusal):
        place = traceback.extract_tb(error.__traceback__)[-1]
        text = f"{type(error).__name__}: {text} ({os.path.basename(place.filename)}:{place.lineno})"
    struct.pack_into("<I", memory, AT_ERROR, code)
    data = text.encode()[:MESSAGE - 1]
    memory[AT_MESSAGE:AT_MESSAGE + len(data) + 1] = data + b"\0"
    os.write(CONTROL, b"e")


def main():
    memory = mmap.mmap(MEMORY, HEADER)
    try:
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
