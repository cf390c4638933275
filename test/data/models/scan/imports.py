"""Writes imports.json: random programs of opcodes, and which imports Python's own unpickler asks for while it follows them.

    python3 test/data/models/scan/imports.py

All modules and names are made up, and `find_class` hands out a class that does nothing: nothing real is imported or called.
"""

import io
import json
import pathlib
import pickle
import random

from assemble import *

MODULES = ["m0", "m1", "m2.sub", "é", "m3"]
NAMES = ["n0", "n1", "n2.inner", "Ü", "n3"]


class Stub:
    """Takes whatever an opcode can do to an object."""

    def __new__(cls, *args, **kwargs):
        return object.__new__(cls)

    def __init__(self, *args, **kwargs):
        pass

    def __call__(self, *args, **kwargs):
        return Stub()

    def __setitem__(self, key, value):
        pass

    def __hash__(self):
        return 1

    def nothing(self, *args):
        pass

    append = extend = add = __setstate__ = nothing


class Recorder(pickle.Unpickler):
    def __init__(self, data):
        super().__init__(io.BytesIO(data))
        self.seen = []

    def find_class(self, module, name):
        self.seen.append(f"{module} {name}")
        return Stub

    def persistent_load(self, pid):
        return Stub()


def word(rng):
    return rng.choice(MODULES + NAMES)


def names_as_text(rng, value):
    data = value.encode()
    forms = [text(value), text2(value), b"\x8d" + struct.pack("<Q", len(data)) + data, b"V" + value.encode("raw_unicode_escape") + b"\n"]
    if value.isascii():
        forms += [string(value), b"S'" + data + b"'\n", b"T" + struct.pack("<i", len(data)) + data]
    return rng.choice(forms)


def opcode(rng):
    """Names and memo games often, all else now and then."""
    module, name = rng.choice(MODULES), rng.choice(NAMES)
    index = rng.randrange(4)
    often = [
        names_as_text(rng, word(rng)), names_as_text(rng, module) + names_as_text(rng, name), STACK_GLOBAL, MEMOIZE, put(index), get(index),
        b"p%d\n" % index, b"g%d\n" % index, DUP, POP, b"r" + struct.pack("<I", index), b"j" + struct.pack("<I", index),
    ]
    seldom = [
        global_(module, name), MARK, MARK + b"K\x01", b"1", b"t", b"l", b"d", b"\x91", EMPTY_TUPLE, b"]", EMPTY_DICT, b"\x8f", NONE, b"\x88", b"K\x07",
        b"J\x01\x00\x00\x00", b"I01\n", b"F1.5\n", b"L7L\n", b"\x8a\x01\x07", b"C\x01a", b"B\x01\x00\x00\x00a", TUPLE1, TUPLE2, TUPLE3, EMPTY_TUPLE + REDUCE,
        EMPTY_TUPLE + NEWOBJ, EMPTY_TUPLE + EMPTY_DICT + NEWOBJ_EX, MARK + global_(module, name) + OBJ, MARK + inst("m0", "n1"), b"Q", b"P7\n",
        NONE + BUILD, NONE + b"a", MARK + NONE + b"e", NONE + NONE + b"s", MARK + NONE + NONE + b"u", MARK + NONE + b"\x90", proto(rng.randrange(2, 6)),
    ]
    return rng.choice(often if rng.random() < 0.6 else seldom)


def program(rng):
    body = b"".join(opcode(rng) for _ in range(rng.randrange(3, 25)))
    return (proto(rng.choice([2, 3, 4, 5])) if rng.random() < 0.8 else b"") + body + STOP


def follow(data):
    recorder = Recorder(data)
    try:
        recorder.load()
    except Exception as error:
        return recorder.seen, type(error).__name__
    return recorder.seen, None


if __name__ == "__main__":
    rng = random.Random(7)
    cases = []
    while len(cases) < 500:
        data = program(rng)
        seen, error = follow(data)
        # Most random programs end at once in an error; half of those kept are to come to their end.
        if seen and (error is None or len(cases) % 2 == 0):
            cases.append([data.hex(), seen, error])
    lines = ",\n".join(json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in cases)
    pathlib.Path(__file__).with_suffix(".json").write_text(f"[\n{lines}\n]\n")
