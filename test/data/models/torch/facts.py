"""What torch itself reports of a file that it wrote: names, dtypes, shapes and payloads of all tensors, who shares a storage, and the rest of
the object as plain data."""

import collections
import datetime
import decimal
import enum
import fractions
import hashlib
import math
import pathlib
import types
import uuid

import numpy as np
import torch
from omegaconf import OmegaConf

SMALL_ARRAY = 64


class Storages:
    """Numbers storages in the order in which they are met."""

    def __init__(self):
        self.numbers = {}
        self.keep = []

    def number(self, tensor):
        storage = tensor.untyped_storage()
        self.keep.append(storage)
        key = storage.data_ptr() or ("empty", storage._cdata)
        return self.numbers.setdefault(key, len(self.numbers))


def payload(tensor):
    """Contiguous, row-major, little-endian bytes of the values."""
    if tensor.is_quantized:
        packed = {torch.quint4x2: 2, torch.quint2x4: 4}.get(tensor.dtype)
        if packed is not None:
            raw = torch.empty(0, dtype=torch.uint8)
            size = math.ceil(tensor.numel() / packed)
            return bytes(raw.set_(tensor.untyped_storage(), 0, (size,), (1,)).numpy())
        tensor = tensor.int_repr()
    tensor = tensor.detach().resolve_conj().resolve_neg().contiguous()
    size = tensor.numel() * tensor.element_size()
    raw = torch.empty(0, dtype=torch.uint8)
    first = tensor.storage_offset() * tensor.element_size()
    return bytes(raw.set_(tensor.untyped_storage(), first, (size,), (1,)).numpy())


def fact(name, tensor, storages, layout=None):
    meta = tensor.device.type == "meta"
    entry = {"name": name, "dtype": str(tensor.dtype).removeprefix("torch."), "shape": list(tensor.shape)}
    if not meta:
        entry["sha256"] = hashlib.sha256(payload(tensor)).hexdigest()
        entry["storage"] = storages.number(tensor)
    if tensor.requires_grad:
        entry["requiresGrad"] = True
    if isinstance(tensor, torch.nn.Parameter):
        entry["parameter"] = True
    if layout:
        entry["layout"] = layout
    return entry


PARTS = {
    torch.sparse_csr: ("crow_indices", "col_indices"),
    torch.sparse_csc: ("ccol_indices", "row_indices"),
    torch.sparse_bsr: ("crow_indices", "col_indices"),
    torch.sparse_bsc: ("ccol_indices", "row_indices"),
}


def tensor_facts(name, tensor, storages):
    if tensor.layout == torch.sparse_coo:
        parts = [("indices", tensor._indices()), ("values", tensor._values())]
    elif tensor.layout in PARTS:
        parts = [(part, getattr(tensor, part)()) for part in (*PARTS[tensor.layout], "values")]
    elif tensor.is_nested:
        parts = [
            ("values", tensor.values()),
            ("sizes", tensor._nested_tensor_size()),
            ("strides", tensor._nested_tensor_strides()),
            ("storage_offsets", tensor._nested_tensor_storage_offsets()),
        ]
        return [fact(f"{name}.{part}", value, storages, "nested") for part, value in parts]
    elif tensor.is_quantized:
        entry = fact(name, tensor, storages, "quantized")
        if tensor.qscheme() == torch.per_tensor_affine:
            entry["quantization"] = {
                "scheme": "per_tensor_affine",
                "scale": tensor.q_scale(),
                "zeroPoint": tensor.q_zero_point(),
            }
            return [entry]
        return [
            entry,
            fact(f"{name}.scales", tensor.q_per_channel_scales(), storages, "quantized"),
            fact(f"{name}.zero_points", tensor.q_per_channel_zero_points(), storages, "quantized"),
        ]
    else:
        return [fact(name, tensor, storages)]
    layout = str(tensor.layout).removeprefix("torch.")
    return [fact(f"{name}.{part}", value, storages, layout) for part, value in parts]


def attributes(value):
    """Of an instance of a class that no reader knows."""
    if isinstance(value, dict):
        return [*value.items(), *vars(value).items()]
    if hasattr(value, "__dict__"):
        return list(vars(value).items())
    return [(name, getattr(value, name)) for name in getattr(value, "__slots__", ()) if hasattr(value, name)]


def is_opaque(value):
    plain = (str, bytes, bytearray, int, float, complex, type(None), np.generic, np.ndarray, np.dtype, torch.dtype)
    times = (datetime.date, datetime.time, datetime.timedelta, datetime.tzinfo, pathlib.PurePath, enum.Enum, torch.device)
    return isinstance(value, plain + times) or isinstance(value, (type, types.FunctionType)) or OmegaConf.is_config(value)


def key_name(key):
    return key if isinstance(key, str) else str(key)


def tensors_of(value, storages, name="", out=None):
    """In the order and by the names that art promises; arrays of NumPy are left to `plain`."""
    out = [] if out is None else out

    def below(step, item):
        tensors_of(item, storages, step if name == "" else f"{name}.{step}", out)

    if isinstance(value, torch.Tensor):
        out.extend(tensor_facts(name, value, storages))
    elif isinstance(value, np.ndarray) and value.size > SMALL_ARRAY:
        out.append(fact(name, torch.from_numpy(value), storages))
    elif isinstance(value, torch.nn.Module):
        for module_name, module in value.named_modules(remove_duplicate=False):
            prefix = f"{module_name}." if module_name else ""
            for parts, left_out in ((module._parameters, set()), (module._buffers, module._non_persistent_buffers_set)):
                for part, tensor in parts.items():
                    if tensor is not None and part not in left_out:
                        below(prefix + part, tensor)
    elif is_opaque(value):
        pass
    elif isinstance(value, dict) and type(value).__name__ not in ("AttributeDict",):
        for key, item in value.items():
            below(key_name(key), item)
    elif isinstance(value, (list, tuple, set, frozenset)) and not hasattr(value, "_fields"):
        for i, item in enumerate(value):
            below(str(i), item)
    else:
        for key, item in attributes(value):
            below(key_name(key), item)
    return out


def number(value):
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else {"integer": str(value)}
    if math.isnan(value) or math.isinf(value):
        return {"float": str(value)}
    return value


def plain(value):
    """As JSON, with what JSON cannot say in objects of one key."""
    if value is None or isinstance(value, (str, bool)) and not isinstance(value, enum.Enum):
        return value
    if isinstance(value, enum.Enum):
        return {"enum": [class_name(value), value.value]}
    if isinstance(value, np.generic):
        return str(value) if isinstance(value, (np.datetime64, np.timedelta64)) else plain(value.item())
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, complex):
        return str(value)
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": bytes(value).hex()}
    if isinstance(value, torch.Tensor):
        return {"tensor": str(value.dtype)}
    if isinstance(value, np.ndarray):
        return {"array": str(value.dtype)} if value.size > SMALL_ARRAY else plain(value.tolist())
    if isinstance(value, np.dtype):
        return value.name
    text = (torch.dtype, torch.device, pathlib.PurePath, datetime.timedelta, decimal.Decimal, fractions.Fraction, uuid.UUID)
    if isinstance(value, text):
        return str(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if OmegaConf.is_config(value):
        return plain(OmegaConf.to_container(value, resolve=False))
    if isinstance(value, torch.Size) or type(value) is tuple:
        return {"tuple": [plain(item) for item in value]}
    if isinstance(value, (set, frozenset)):
        return {"set": sorted((plain(item) for item in value), key=repr)}
    if isinstance(value, (list, collections.deque)):
        return [plain(item) for item in value]
    if isinstance(value, type) or isinstance(value, types.FunctionType):
        return {"global": f"{value.__module__}.{value.__qualname__}"}
    if isinstance(value, torch.nn.Module):
        return {"module": class_name(value)}
    if isinstance(value, dict) and type(value).__name__ not in ("AttributeDict",):
        return {"dict": [[plain(key), plain(item)] for key, item in value.items()]}
    return {"object": class_name(value), "attributes": [[key, plain(item)] for key, item in attributes(value)]}


def class_name(value):
    return f"{type(value).__module__}.{type(value).__qualname__}"


