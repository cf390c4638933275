"""Writes the NumPy files of this folder and facts.json: what NumPy itself says of them.

    pip install numpy==2.4.6 ml_dtypes==0.6.0
    python make.py
"""

import hashlib
import json
import warnings
from pathlib import Path

import ml_dtypes
import numpy as np
from numpy.lib import format as npy

HERE = Path(__file__).parent
random = np.random.default_rng(2)
warnings.simplefilter("ignore")


def fact(name, array):
    """The payload is contiguous, row-major and little-endian, whatever the file's order is."""
    little = np.ascontiguousarray(array)
    if little.dtype.names is None and little.dtype.kind not in "SUVO":
        little = little.astype(little.dtype.newbyteorder("<"))
    return {"name": name, "dtype": array.dtype.name, "shape": list(array.shape), "bytes": little.nbytes,
            "sha256": hashlib.sha256(little.tobytes()).hexdigest()}


all_facts = {}


def save(file, array, version=None):
    with open(HERE / file, "wb") as f:
        npy.write_array(f, array, version=version)
    # Read back: what counts is what NumPy finds in the file.
    all_facts[file] = {"tensors": [fact("arr_0", np.load(HERE / file))]}


def array(dtype, shape):
    kind = np.dtype(dtype).kind
    if kind == "b":
        return random.random(shape) < 0.5
    if kind in "iu":
        info = np.iinfo(dtype)
        return random.integers(info.min, info.max, shape, dtype=np.dtype(dtype).newbyteorder("="), endpoint=True).astype(dtype)
    if kind == "c":
        return (random.standard_normal(shape) + 1j * random.standard_normal(shape)).astype(dtype)
    return random.standard_normal(shape).astype(dtype)


for version in [(1, 0), (2, 0), (3, 0)]:
    save(f"version-{version[0]}.npy", array("float32", (3, 4)), version)
save("fortran.npy", np.asfortranarray(array("float64", (3, 4, 5))))
save("fortran-vector.npy", np.asfortranarray(array("int16", (7,))))
save("big-endian.npy", array(">f4", (3, 4)))
save("big-endian-fortran.npy", np.asfortranarray(array(">i8", (3, 4))))
save("big-endian-complex.npy", array(">c8", (2, 3)))
save("scalar.npy", np.array(2.5, "float32"))
save("empty.npy", np.zeros((0, 3), "int64"))
save("long-double.npy", array("longdouble", (3,)))
save("dates.npy", np.array(["2020-01-01", "2021-06-01T12:00"], "datetime64[ns]"))
save("durations.npy", np.array([1, 2, 3], "timedelta64[D]"))
save("bytes.npy", np.array([b"a", b"bcd"]))
save("text.npy", np.array(["a", "漢字"]))
save("structured.npy", np.array([(1, 2.5, [1, 2]), (3, 4.5, [3, 4])], [("a", "<i4"), ("b", ">f8"), ("c", "<i2", (2,))]))
save("nested.npy", np.zeros(2, [("a", [("x", "u1"), ("y", "<f4", (2, 3))]), (("title", "b"), "S3"), ("é", "V2")]))
# What ml_dtypes arrays become: bytes without a type.
save("bfloat16.npy", array("float32", (2, 3)).astype(ml_dtypes.bfloat16))

# art counts in characters and bytes where NumPy's name counts bits.
for file, what in all_facts.items():
    [t] = what["tensors"]
    dtype = t["dtype"]
    if file in ("structured.npy", "nested.npy"):
        t["dtype"] = "structured"
    for kind, bits in [("str", 32), ("bytes", 8), ("void", 8)]:
        if dtype.startswith(kind) and t["dtype"] != "structured":
            t["dtype"] = f"{kind}{int(dtype[len(kind):]) // bits}"

# As Python 2 wrote them: integers with an L.
header = b"{'descr': '<i4', 'fortran_order': False, 'shape': (3L, 2L), }"
header += b" " * (-(10 + len(header) + 1) % 64) + b"\n"
values = array("int32", (3, 2))
(HERE / "python2.npy").write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + values.tobytes())
all_facts["python2.npy"] = {"tensors": [fact("arr_0", np.load(HERE / "python2.npy"))]}

# A pickle, which is never read: it would make a dict.
np.save(HERE / "objects.npy", np.array([{"a": 1}, None], dtype=object), allow_pickle=True)

weights = {"conv.weight": array("float32", (4, 3, 3, 3)), "conv.bias": array("float32", (4,)), "epoch": np.array(7),
           "kernel/0": array("float16", (5, 2)), "__proto__": array("uint8", (3,)), "fortran": np.asfortranarray(array("float32", (3, 4))),
           "large": np.tile(array("float32", (64,)), 300)}
for file, write in [("weights.npz", np.savez), ("compressed.npz", np.savez_compressed)]:
    write(HERE / file, **weights)
    with np.load(HERE / file) as f:
        all_facts[file] = {"tensors": [fact(name, f[name]) for name in f.files]}
np.savez(HERE / "unnamed.npz", array("int8", (2,)), array("float64", (1, 2)))
with np.load(HERE / "unnamed.npz") as f:
    all_facts["unnamed.npz"] = {"tensors": [fact(name, f[name]) for name in f.files]}

(HERE / "facts.json").write_text(json.dumps(all_facts, indent=1, ensure_ascii=False) + "\n")
