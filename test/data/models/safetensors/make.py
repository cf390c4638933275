"""Writes the safetensors files of this folder and facts.json: what the library itself says of them.

    pip install numpy==2.4.6 safetensors==0.8.0 ml_dtypes==0.6.0
    python make.py
"""

import hashlib
import json
import struct
from pathlib import Path

import ml_dtypes
import numpy as np
from safetensors import TensorSpec, deserialize, safe_open, serialize
from safetensors.numpy import save_file

HERE = Path(__file__).parent
random = np.random.default_rng(1)

TORCH = {
    "BOOL": "bool", "U8": "uint8", "I8": "int8", "I16": "int16", "U16": "uint16", "F16": "float16", "BF16": "bfloat16",
    "I32": "int32", "U32": "uint32", "F32": "float32", "F64": "float64", "I64": "int64", "U64": "uint64",
    "C64": "complex64", "F8_E5M2": "float8_e5m2", "F8_E4M3": "float8_e4m3fn", "F8_E8M0": "float8_e8m0fnu",
    "F8_E4M3FNUZ": "float8_e4m3fnuz", "F8_E5M2FNUZ": "float8_e5m2fnuz", "F6_E2M3": "float6_e2m3fn",
    "F6_E3M2": "float6_e3m2fn", "F4": "float4_e2m1fn_x2",
}


def facts(path):
    """As `safetensors.deserialize` gives them; torch holds F4 as pairs, so the last dimension is halved."""
    tensors = []
    for name, info in deserialize(path.read_bytes()):
        shape = list(info["shape"])
        if info["dtype"] == "F4":
            shape[-1] //= 2
        data = bytes(info["data"])
        tensors.append({"name": name, "dtype": TORCH[info["dtype"]], "shape": shape, "bytes": len(data),
                        "sha256": hashlib.sha256(data).hexdigest()})
    with safe_open(path, "np") as f:
        metadata = f.metadata() or {}
    return {"tensors": sorted(tensors, key=lambda t: t["name"]), "metadata": metadata}


def array(dtype, shape):
    if np.dtype(dtype) == bool:
        return random.random(shape) < 0.5
    if np.issubdtype(dtype, np.integer):
        low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
        return random.integers(low, high, shape, dtype=dtype, endpoint=True)
    if np.issubdtype(dtype, np.complexfloating):
        return (random.standard_normal(shape) + 1j * random.standard_normal(shape)).astype(dtype)
    return random.standard_normal(shape).astype(dtype)


plain = ["bool", "uint8", "int8", "int16", "uint16", "float16", "int32", "uint32", "float32", "float64", "int64", "uint64",
         "complex64"]
tensors = {f"layer.{dtype}": array(dtype, (3, 5)) for dtype in plain}
tensors |= {
    "scalar": np.array(2.5, "float32"),
    "empty": np.zeros((0, 7), "float32"),
    "one": np.ones((1, 1, 1), "float16"),
    "__proto__": np.arange(4, dtype="int64"),
    "constructor": np.arange(3, dtype="int8"),
    "then": np.arange(2, dtype="int16"),
    "": np.arange(5, dtype="uint8"),
    'quotes " \\ / \n \t é 漢字 🦆': np.arange(6, dtype="float32"),
}
save_file(tensors, HERE / "numpy.safetensors", {"format": "np", "epoch": "12", "__proto__": "x", "": "empty key"})

# Types that NumPy lacks; of float4 two elements share a byte, and the shape given is torch's, of bytes.
small = ["bfloat16", "float8_e5m2", "float8_e4m3fn", "float8_e8m0fnu", "float8_e4m3fnuz", "float8_e5m2fnuz"]
values = np.abs(random.standard_normal((4, 6))) + 0.1
arrays = {f"w.{dtype}": values.astype(getattr(ml_dtypes, dtype)) for dtype in small}
pairs = random.integers(0, 256, (4, 3), dtype="uint8")
specs = {name: TensorSpec(dtype=a.dtype.name, shape=a.shape, data_ptr=a.ctypes.data, data_len=a.nbytes)
         for name, a in arrays.items()}
specs["w.float4"] = TensorSpec(dtype="float4_e2m1fn_x2", shape=pairs.shape, data_ptr=pairs.ctypes.data, data_len=pairs.nbytes)
(HERE / "small-floats.safetensors").write_bytes(serialize(specs, {"format": "pt"}))

# Types of 6 bits have no name in the Python API: the header is written as the library's own tests write it.
parts, header, at = [], {}, 0
for name, dtype, shape, bits in [("a.f4", "F4", [4, 6], 4), ("b.f6_e2m3", "F6_E2M3", [2, 4], 6), ("c.f6_e3m2", "F6_E3M2", [8], 6)]:
    size = int(np.prod(shape)) * bits // 8
    parts.append(random.bytes(size))
    header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + size]}
    at += size
text = json.dumps(header).encode()
(HERE / "sub-byte.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))

save_file({}, HERE / "nothing.safetensors")

# Sharded as transformers does it: sizes in metadata, a map of names to files.
weights = {f"model.layers.{i}.{part}": array("float32", (4, 3)) for i in range(4) for part in ("q", "k")}
weight_map, total = {}, 0
for shard in (1, 2):
    file = f"model-{shard:05}-of-00002.safetensors"
    inside = {name: value for i, (name, value) in enumerate(weights.items()) if i % 2 == shard - 1}
    save_file(inside, HERE / "sharded" / file, {"format": "pt"})
    weight_map |= {name: file for name in inside}
    total += sum(value.nbytes for value in inside.values())
index = {"metadata": {"total_size": total}, "weight_map": {name: weight_map[name] for name in weights}}
(HERE / "sharded" / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")

all_facts = {path.name: facts(path) for path in sorted(HERE.glob("*.safetensors"))}
shards = [facts(path)["tensors"] for path in sorted((HERE / "sharded").glob("*.safetensors"))]
all_facts["sharded/model.safetensors.index.json"] = {
    "tensors": sorted(sum(shards, []), key=lambda t: t["name"]), "metadata": index["metadata"]}
(HERE / "facts.json").write_text(json.dumps(all_facts, indent=1, ensure_ascii=False) + "\n")

# What the library says of headers that are wrong in one thing each; `data` bytes of zeros follow.
F32 = '{"dtype":"F32","shape":[2],"data_offsets":[0,8]}'
HEADERS = [
    ("a good one", '{"a":' + F32 + '}', 8),
    ("spaces around it", '  {"a":' + F32 + '}', 8),
    ("spaces behind it", '{"a":' + F32 + '}   ', 8),
    ("keys that it does not know", '{"a":{"dtype":"F32","shape":[2],"x":[1,{"y":1.5}],"data_offsets":[0,8]}}', 8),
    ("no metadata", '{"__metadata__":null,"a":' + F32 + '}', 8),
    ("a number in metadata", '{"__metadata__":{"x":1},"a":' + F32 + '}', 8),
    ("a list of metadata", '{"__metadata__":[],"a":' + F32 + '}', 8),
    ("trailing bytes", '{"a":' + F32 + '}', 9),
    ("missing bytes", '{"a":' + F32 + '}', 7),
    ("a gap before", '{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}', 12),
    ("an overlap", '{"a":' + F32 + ',"b":' + F32 + '}', 8),
    ("offsets that go back", '{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}', 8),
    ("a shape that does not fit", '{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}', 8),
    ("a shape that overflows", '{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}', 0),
    ("a shape that overflows but for a zero", '{"a":{"dtype":"F32","shape":[0,4294967296,4294967296],"data_offsets":[0,0]}}', 0),
    ("a negative size", '{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}', 8),
    ("a size with a fraction", '{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}', 8),
    ("a size with an exponent", '{"a":{"dtype":"F32","shape":[2e0],"data_offsets":[0,8]}}', 8),
    ("a size with a zero before it", '{"a":{"dtype":"F32","shape":[02],"data_offsets":[0,8]}}', 8),
    ("three offsets", '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}', 8),
    ("no dtype", '{"a":{"shape":[2],"data_offsets":[0,8]}}', 8),
    ("an unknown dtype", '{"a":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}}', 8),
    ("half a byte", '{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}}', 2),
    ("pairs in an odd row", '{"a":{"dtype":"F4","shape":[2,3],"data_offsets":[0,3]}}', 3),
    ("a comma too many", '{"a":' + F32 + ',}', 8),
    ("something behind", '{"a":' + F32 + '}x', 8),
    ("a comment", '{/**/"a":' + F32 + '}', 8),
    ("single quotes", "{'a':" + F32 + "}", 8),
    ("an unknown escape", '{"\\\\x41":' + F32 + '}', 8),
    ("an escape", '{"\\\\u0041\\\\ud83e\\\\udd86":' + F32 + '}', 8),
    ("half a surrogate pair", '{"\\\\ud83e":' + F32 + '}', 8),
    ("a newline in a name", '{"a\nb":' + F32 + '}', 8),
    ("a list", '[]', 0),
    ("nothing", '', 0),
    ("a name twice", '{"a":' + F32 + ',"a":' + F32 + '}', 8),
    ("a key twice", '{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}', 8),
    ("a metadata key twice", '{"__metadata__":{"x":"1","x":"2"},"a":' + F32 + '}', 8),
]


def accepts(data):
    try:
        deserialize(data)
        return True
    except Exception:
        return False


verdicts = []
for what, text, size in HEADERS:
    encoded = text.replace("\\\\", "\\").encode()
    data = struct.pack("<Q", len(encoded)) + encoded + bytes(size)
    verdicts.append({"what": what, "bytes": data.hex(), "accepted": accepts(data)})
for what, data in [("a header of 2^63 bytes", struct.pack("<Q", 2**63) + b"{}"),
                   ("a header longer than the file", struct.pack("<Q", 3) + b"{}"),
                   ("a header above the limit", struct.pack("<Q", 100_000_001) + b"{}"),
                   ("text that is not UTF-8", struct.pack("<Q", 55) + b'{"\xff":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}  ')]:
    verdicts.append({"what": what, "bytes": data.hex(), "accepted": accepts(data)})
(HERE / "verdicts.json").write_text(json.dumps(verdicts, indent=1) + "\n")
