"""Records tests/io/data/python.safetensors and python-bare.safetensors with the safetensors package.

The values are those of tests/io/test_tensors.c. Run it from the repository's root with the Python of
.venv; the result needs recording again only if the values change.
"""

import numpy as np
from safetensors.numpy import save_file

TENSORS = {
    "bytes": np.array([0, 1, 2, 254, 255], np.uint8),
    "trunk.0.weight": np.array([[1, -2, 3.5], [1e-30, 0, -0.0]], np.float32),
    "obs.mean": np.array([0.1, -1e300], np.float64),
    "entries": np.array([[[1], [2], [65535]]], np.uint16),
    "signs": np.array([-1, 2147483647], np.int32),
    "steps": np.array(-9007199254740993, np.int64),
    "random": np.array([[1, 2], [3, 2**64 - 1]], np.uint64),
    "empty": np.zeros((0, 7), np.float32),
}
# Metadata that a file of ours had before another program wrote it anew: its checksum is stale.
METADATA = {"crc32": "01234567", "algo": "ppo", "config": '[train]\nenv = "α"\n'}

save_file(TENSORS, "tests/io/data/python.safetensors", metadata=METADATA)
save_file(TENSORS, "tests/io/data/python-bare.safetensors")
