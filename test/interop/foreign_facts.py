"""Prints what onnx, safetensors, gguf and NumPy say of the files below the given folders, one JSON line a file: for foreign-models.mjs.

    pip install numpy==2.4.6 onnx==1.23.2 safetensors==0.8.0 gguf==0.19.0 ml_dtypes==0.6.0
    python test/interop/foreign_facts.py <folder>… > facts.jsonl
    node test/interop/foreign-models.mjs --facts facts.jsonl <folder>…
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import onnx
from gguf import GGUFReader
from onnx import TensorProto, numpy_helper
from safetensors import deserialize


def fact(name, data):
    return {"name": name, "sha256": hashlib.sha256(data).hexdigest()}


def of_onnx(path):
    model = onnx.load(path, load_external_data=False)
    todo = [model.graph, *(g for t in model.training_info for g in (t.initialization, t.algorithm))]
    tensors = []
    while todo:
        graph = todo.pop(0)
        tensors += [(t.name, t) for t in graph.initializer]
        for sparse in graph.sparse_initializer:
            tensors += [(f"{sparse.values.name}.values", sparse.values), (f"{sparse.values.name}.indices", sparse.indices)]
        todo.extend(g for n in graph.node for a in n.attribute for g in ([a.g] if a.HasField("g") else []) + list(a.graphs))
    return [fact(name, numpy_helper.from_array(numpy_helper.to_array(t, str(path.parent))).raw_data)
            for name, t in tensors if t.data_type != TensorProto.STRING]


def of_safetensors(path):
    return [fact(name, bytes(info["data"])) for name, info in deserialize(path.read_bytes())]


def of_gguf(path):
    return [fact(t.name, np.ascontiguousarray(t.data).tobytes()) for t in GGUFReader(path).tensors]


def of_array(name, array):
    array = np.ascontiguousarray(array)
    if array.dtype.kind == "O":
        return []
    if array.dtype.names is None and array.dtype.kind not in "SUV":
        array = array.astype(array.dtype.newbyteorder("<"))
    return [fact(name, array.tobytes())]


def of_npy(path):
    try:
        return of_array("arr_0", np.load(path))
    except ValueError:
        return []


def of_npz(path):
    tensors = []
    with np.load(path) as f:
        for name in f.files:
            try:
                tensors += of_array(name, f[name])
            except ValueError:
                pass
    return tensors


READERS = {".onnx": of_onnx, ".safetensors": of_safetensors, ".gguf": of_gguf, ".npy": of_npy, ".npz": of_npz}

for root in sys.argv[1:]:
    for path in sorted(Path(root).rglob("*")):
        if path.suffix in READERS and path.is_file():
            try:
                print(json.dumps({"file": str(path), "tensors": READERS[path.suffix](path)}))
            except Exception as error:
                print(f"{path}: {type(error).__name__} {str(error)[:200]}", file=sys.stderr)
