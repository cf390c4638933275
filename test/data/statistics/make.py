"""Writes statistics.json: what torch says of tensors of every dtype, and of every pattern of its small floating-point numbers.

    python make.py     # torch 2.15.0, numpy 2.4.6
"""

import base64
import json
import math
import pathlib

import torch

SMALL = ["float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz", "float8_e8m0fnu"]
FLOATS = ["float64", "float32", "float16", "bfloat16", *SMALL[:-1]]
INTEGERS = ["int64", "int32", "int16", "int8", "uint8", "uint16", "uint32", "uint64"]


def number(value):
    value = float(value)
    return value if math.isfinite(value) else str(value).replace("inf", "Infinity").replace("nan", "NaN")


def payload(tensor):
    data = tensor.contiguous().view(torch.uint8) if tensor.numel() else torch.zeros(0, dtype=torch.uint8)
    return base64.b64encode(data.numpy().tobytes()).decode()


def case(name, tensor, wide=None):
    values = (tensor.to(torch.float64) if wide is None else wide).flatten()
    finite = values[torch.isfinite(values)]
    rest = values[~torch.isnan(values)]
    return {
        "name": name,
        "dtype": str(tensor.dtype).removeprefix("torch."),
        "elements": tensor.numel(),
        "payload": payload(tensor.flatten()),
        "mean": number(finite.mean()) if finite.numel() else None,
        "std": number(finite.std()) if finite.numel() > 1 else None,
        "min": number(rest.min()) if rest.numel() else None,
        "max": number(rest.max()) if rest.numel() else None,
        "nan": int(torch.isnan(values).sum()),
        "infinite": int(torch.isinf(values).sum()),
    }


def main():
    torch.manual_seed(41)
    cases = []
    for dtype in FLOATS:
        cases.append(case("weights", (torch.randn(400, dtype=torch.float64) * 0.05).to(getattr(torch, dtype))))
    for dtype in INTEGERS:
        signed = not dtype.startswith("u")
        drawn = torch.randint(-100 if signed else 0, 100, (300,)).to(torch.int64)
        cases.append(case("integers", drawn.to(getattr(torch, dtype)), drawn.to(torch.float64)))
    far = torch.tensor([2**62 + 1, -(2**62), 7, 2**53 + 1], dtype=torch.int64)
    cases.append(case("far", far, far.to(torch.float64)))
    cases.append(case("truth", torch.rand(333) > 0.3))
    for dtype in ["complex64", "complex128"]:
        drawn = torch.randn(500, dtype=getattr(torch, dtype))
        cases.append(case("complex", drawn, drawn.to(torch.complex128).abs()))
    shifted = 1000 + torch.randn(4500) * 1e-3
    cases.append(case("far from zero", shifted))
    broken = torch.randn(2500)
    broken[::7] = math.nan
    broken[1::501] = math.inf
    broken[2::999] = -math.inf
    cases.append(case("broken", broken))
    cases.append(case("broken halves", broken.to(torch.bfloat16)))
    cases.append(case("nothing but NaN", torch.full((5,), math.nan)))
    cases.append(case("one", torch.tensor(2.5)))
    cases.append(case("none", torch.zeros(0)))

    patterns = torch.arange(256, dtype=torch.uint8)
    tables = {dtype: [number(x) for x in patterns.view(getattr(torch, dtype)).to(torch.float64)] for dtype in SMALL}
    wide = torch.arange(65536, dtype=torch.int32).to(torch.int16)
    sums = {}
    for dtype in ["float16", "bfloat16"]:
        values = wide.view(getattr(torch, dtype)).to(torch.float64)
        kept = values[torch.isfinite(values)]
        index = torch.arange(1, kept.numel() + 1, dtype=torch.float64)
        # Tells every wrong or misplaced value, in little room.
        scaled = torch.frexp(kept)
        sums[dtype] = [int((scaled.mantissa * 2048 * index).sum()), int((scaled.exponent * index).sum()), kept.numel()]
    file = pathlib.Path(__file__).with_name("statistics.json")
    file.write_text(json.dumps({"torch": torch.__version__, "cases": cases, "tables": tables, "sums": sums}) + "\n")


main()
