"""Reads the file that art wrote of the weights: safetensors, a length, a JSON header, and raw tensors. Nothing in it can be run."""

import json
import mmap
import os
import struct

import torch

from _art_export.problem import Problem

DTYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U64": "uint64",
    "U32": "uint32",
    "U16": "uint16",
    "U8": "uint8",
    "BOOL": "bool",
    "C64": "complex64",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2": "float8_e5m2",
    "F8_E4M3FNUZ": "float8_e4m3fnuz",
    "F8_E5M2FNUZ": "float8_e5m2fnuz",
    "F8_E8M0": "float8_e8m0fnu",
}


def read_weights(path):
    """name -> tensor, in the order of the file. The tensors are views of a private mapping."""
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        mapping = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_COPY)
    (length,) = struct.unpack("<Q", mapping[:8])
    header = json.loads(mapping[8 : 8 + length])
    header.pop("__metadata__", None)
    return {name: tensor_of(mapping, 8 + length, name, entry) for name, entry in header.items()}


def tensor_of(mapping, start, name, entry):
    dtype = getattr(torch, DTYPES.get(entry["dtype"], ""), None)
    if dtype is None:
        raise Problem("dtype", "this torch (%s) has no dtype for %s of %s" % (torch.__version__, entry["dtype"], name))
    begin, end = entry["data_offsets"]
    if begin == end:
        return torch.empty(entry["shape"], dtype=dtype)
    raw = torch.frombuffer(mapping, dtype=torch.uint8, count=end - begin, offset=start + begin)
    return raw.view(dtype).reshape(entry["shape"])
