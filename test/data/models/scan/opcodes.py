"""Writes opcodes.json: pickles of all protocols, and how Python's own pickletools reads them.

    python3 test/data/models/scan/opcodes.py
"""

import collections
import datetime
import json
import pathlib
import pickle
import pickletools

VALUES = {
    "numbers": [0, 255, 256, 70_000, -5, 2**40, 2**53 - 1, 2**53, -(2**70), 2**300, 1.5, -0.0, float("inf"), 1e-300],
    "constants": [True, False, None],
    "text": ["", "é", "\u2028\\x\n'\"", "\ud800z", "😀", "x" * 300],
    "bytes": [b"", b"\x00\xff", b"y" * 300, bytearray(b"zz")],
    "containers": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [], {}, {"a": 1, "b": 2}, {1, 2}, frozenset([3])],
    "objects": [datetime.datetime(2020, 1, 1), collections.OrderedDict(a=1), pathlib.PurePosixPath("a/b")],
}

# What Python 3 does not write: protocol 0 and 1 of Python 2, and extension codes.
BY_HAND = [
    b"S'a\\x41\\n\\'\\101\\q'\n.",
    b'S"plain"\n.',
    b"T\x03\x00\x00\x00abc.",
    b"U\x03abc.",
    b"(I1\nI01\nL-12L\nF-1.5\nicollections\nOrderedDict\n.",
    b"(ccollections\nOrderedDict\nK\x01o.",
    b"Pid\n.",
    b"Kap1\n0g1\n.",
    b"\x80\x02\x82\x01\x83\x01\x01\x84\x01\x01\x00\x00t.",
    b"N\x94j\x00\x00\x00\x00r\x00\x01\x00\x00.",
    b"\x80\x05\x97\x98.",
    b"V\\u00e9\\U0001f600\\\\u0041\\n\n.",
    b"\x8d\x03\x00\x00\x00\x00\x00\x00\x00abc\x8e\x02\x00\x00\x00\x00\x00\x00\x00\xff\xfe.",
    b"(1N2Qb\x81\x92.",
    b"\x8b\x02\x00\x00\x00\xff\x7f.",
]


def plain(value):
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": bytes(value).hex()}
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    return {"number": repr(value)}


def read(data):
    opcodes = [[position, opcode.name, plain(argument)] for opcode, argument, position in pickletools.genops(data)]
    return {"pickle": data.hex(), "opcodes": opcodes}


if __name__ == "__main__":
    pickles = [pickle.dumps(value, protocol) for value in VALUES.values() for protocol in range(6)]
    out = pathlib.Path(__file__).with_suffix(".json")
    out.write_text(json.dumps([read(data) for data in [*pickles, *BY_HAND]], separators=(",", ":")) + "\n")
