"""Writes the GGUF files of this folder and facts.json: what the gguf package itself says of them.

    pip install numpy==2.4.6 gguf==0.19.0
    python make.py
"""

import hashlib
import json
import struct
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf import GGUFEndian, GGUFReader, GGUFValueType, GGUFWriter, quantize
from gguf.constants import GGML_QUANT_SIZES

HERE = Path(__file__).parent
random = np.random.default_rng(3)
TORCH = {"F32": "float32", "F16": "float16", "F64": "float64", "BF16": "bfloat16", "I8": "int8", "I16": "int16",
         "I32": "int32", "I64": "int64"}


def facts(path):
    """Shapes as torch has them: the reader gives ggml's, the other way round. Payloads are little-endian."""
    reader = GGUFReader(path)
    tensors = []
    for t in reader.tensors:
        name = t.tensor_type.name
        # The reader swaps what it gives, not what the file has.
        data = np.ascontiguousarray(t.data)
        if data.dtype.byteorder == ">":
            data = data.astype(data.dtype.newbyteorder("<"))
        tensors.append({"name": t.name, "dtype": TORCH.get(name, name.lower()), "shape": [int(d) for d in t.shape][::-1],
                        "bytes": int(t.n_bytes), "sha256": hashlib.sha256(data.tobytes()).hexdigest()})
    metadata = {}
    for key, field in reader.fields.items():
        if not key.startswith("GGUF."):
            metadata[key] = plain(field.contents())
    return {"tensors": tensors, "metadata": metadata}


def plain(value):
    """As JSON holds it: integers beyond 2^53 and numbers that are none as text."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, bool) or isinstance(value, str):
        return value
    if isinstance(value, float):
        return value if np.isfinite(value) else str(value)
    return str(value) if abs(int(value)) > 2**53 - 1 else int(value)


def write(file, endianess=GGUFEndian.LITTLE, alignment=None, kinds=True, types=True):
    writer = GGUFWriter(HERE / file, "llama", endianess=endianess)
    if alignment is not None:
        writer.add_custom_alignment(alignment)
    writer.add_name("tiny 漢字")
    writer.add_context_length(128)
    if kinds:
        for kind, value in [("uint8", 200), ("int8", -100), ("uint16", 60000), ("int16", -30000), ("uint32", 4000000000),
                            ("int32", -2000000000), ("uint64", 2**64 - 1), ("int64", -2**62), ("float32", 0.5),
                            ("float64", 0.1), ("bool", True)]:
            getattr(writer, f"add_{kind}")(f"test.{kind}", value)
        writer.add_uint64("test.small", 7)
        writer.add_string("test.string", "")
        writer.add_array("test.numbers", [1, 2, 3])
        writer.add_array("test.floats", [0.5, -1.5, float("inf")])
        writer.add_array("test.flags", [True, False])
        writer.add_token_list([f"token {i}" for i in range(300)])
        writer.add_chat_template("{{ messages }}\n")
        writer.add_string("__proto__", "x")
    writer.add_tensor("token_embd.weight", random.standard_normal((6, 4)).astype("float32"))
    writer.add_tensor("blk.0.attn_q.weight", random.standard_normal((2, 3, 4)).astype("float16"))
    writer.add_tensor("blk.0.norm.weight", random.standard_normal(5).astype("float32"))
    for dtype in ("int8", "int16", "int32", "int64", "float64"):
        writer.add_tensor(f"plain.{dtype}", np.arange(-3, 4).astype(dtype))
    if types:
        values = random.standard_normal((2, 512)).astype("float32")
        for kind in (Type.BF16, Type.Q4_0, Type.Q4_1, Type.Q5_0, Type.Q5_1, Type.Q8_0, Type.TQ1_0, Type.TQ2_0):
            writer.add_tensor(f"quantized.{kind.name}", quantize(values, kind), raw_dtype=kind)
        # The package does not quantize to the others: blocks of any bytes have the same table.
        for kind, (elements, size) in GGML_QUANT_SIZES.items():
            if kind.name in TORCH or kind.name in ("Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "TQ1_0", "TQ2_0"):
                continue
            blocks = random.integers(0, 256, (3, 2 * size), dtype="uint8")
            writer.add_tensor(f"blocks.{kind.name}", blocks, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


write("little.gguf")
write("big.gguf", endianess=GGUFEndian.BIG, types=False)
write("aligned.gguf", alignment=256, kinds=False, types=False)
# Version 2 differs from 3 in nothing but that it knows no big-endian files.
data = bytearray((HERE / "aligned.gguf").read_bytes())
data[4:8] = struct.pack("<I", 2)
(HERE / "version-2.gguf").write_bytes(data)

all_facts = {path.name: facts(path) for path in sorted(HERE.glob("*.gguf"))}
(HERE / "facts.json").write_text(json.dumps(all_facts, indent=1, ensure_ascii=False) + "\n")

# Version 1 had counts of 32 bits; nothing reads it any more.
(HERE / "version-1.gguf").write_bytes(b"GGUF" + struct.pack("<III", 1, 0, 0) + bytes(32))
