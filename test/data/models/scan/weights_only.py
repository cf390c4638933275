"""Writes weights_only.json: whether the real `torch.load(weights_only=True)` takes a value, saved in the legacy format, and the files of
safe/ and ../torch.

    /opt/torch-venv/bin/python test/data/models/scan/weights_only.py

Files of unsafe/ and unknown/ are not loaded, not even so.
"""

import argparse
import base64
import collections
import datetime
import io
import json
import pathlib
import warnings

import numpy as np
import torch
from torch import nn

HERE = pathlib.Path(__file__).parent

VALUES = {
    "tensor": torch.ones(2),
    "bfloat16": torch.ones(2, dtype=torch.bfloat16),
    "float8": torch.ones(2).to(torch.float8_e4m3fn),
    "uint16": torch.ones(2, dtype=torch.uint16),
    "complex": torch.ones(2, dtype=torch.complex64),
    "parameter": nn.Parameter(torch.ones(2)),
    "parameter with attributes": None,
    "sparse": torch.sparse_coo_tensor([[0]], [1.0], (2,)),
    "quantized": torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.quint8),
    "meta": torch.ones(2, device="meta"),
    "storage": torch.ones(2).storage(),
    "dtype": torch.float16,
    "size": torch.Size([1, 2]),
    "device": torch.device("cuda:1"),
    "state dict": nn.Linear(2, 1).state_dict(),
    "optimizer state": torch.optim.Adam(nn.Linear(2, 1).parameters()).state_dict(),
    "numbers": [1, -1, 300, 70_000, 2**40, 2**80, 1.5, True, None],
    "large number": 2**3000,
    "text": "a" * 300,
    "bytes": b"a" * 300,
    "bytearray": bytearray(b"abc"),
    "complex number": 1j,
    "tuple": (1, 2, 3, 4),
    "set": {1, 2},
    "frozenset": frozenset([1]),
    "dict": {"a": {"b": [1]}},
    "counter": collections.Counter("aab"),
    "ordered dict": collections.OrderedDict(a=1),
    "default dict": collections.defaultdict(list),
    "deque": collections.deque([1]),
    "slice": slice(1, 2),
    "range": range(3),
    "type": int,
    "namespace": argparse.Namespace(a=1),
    "datetime": datetime.datetime(2026, 1, 2),
    "path": pathlib.PurePosixPath("a/b"),
    "numpy number": np.float64(1.5),
    "numpy array": np.arange(3),
    "module": nn.Linear(2, 1),
    "optimizer": torch.optim.SGD([torch.zeros(1)], lr=0.1),
    "strided": torch.strided,
    "memory format": torch.contiguous_format,
}
VALUES["parameter with attributes"] = nn.Parameter(torch.ones(2))
VALUES["parameter with attributes"].tag = "x"


def verdict(file):
    try:
        torch.load(file, weights_only=True, map_location="cpu")
    except Exception as error:
        lines = [line for line in str(error).splitlines() if "GLOBAL" in line or "operand" in line]
        return (lines or str(error).splitlines() or [type(error).__name__])[0].strip()[:110]
    return None


def cases():
    for name, value in VALUES.items():
        for protocol in (0, 2, 3, 4):
            out = io.BytesIO()
            try:
                torch.save(value, out, _use_new_zipfile_serialization=False, pickle_protocol=protocol)
            except Exception:
                continue
            data = out.getvalue()
            if protocol == 2 or len(data) < 1000:
                yield [f"{name}, protocol {protocol}", base64.b64encode(data).decode(), verdict(io.BytesIO(data))]


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    torch.manual_seed(1)
    folders = [HERE / "safe", HERE.parent / "torch"]
    names = [path for folder in folders for path in sorted(folder.iterdir()) if path.suffix in (".pth", ".pt", ".pt2", ".bin")]
    files = {path.relative_to(HERE.parent).as_posix(): verdict(path) for path in names}
    values = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases())
    out = f'{{"torch":"{torch.__version__.split("+")[0]}","files":{json.dumps(files, indent=0)},\n"values":[\n{values}\n]}}\n'
    (HERE / "weights_only.json").write_text(out)
