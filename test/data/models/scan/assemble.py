"""Puts pickles and archives together byte by byte. Nothing here, or in what it writes, is ever run: files are only scanned."""

import struct
import zlib

STOP = b"."
MARK = b"("
TUPLE1, TUPLE2, TUPLE3 = b"\x85", b"\x86", b"\x87"
REDUCE, BUILD, OBJ, NEWOBJ, NEWOBJ_EX, POP, DUP = b"R", b"b", b"o", b"\x81", b"\x92", b"0", b"2"
STACK_GLOBAL, MEMOIZE, EMPTY_DICT, EMPTY_TUPLE, NONE = b"\x93", b"\x94", b"}", b")", b"N"


def proto(version):
    return b"\x80" + bytes([version])


def global_(module, name):
    return f"c{module}\n{name}\n".encode()


def inst(module, name):
    return f"i{module}\n{name}\n".encode()


def text(value):
    data = value.encode("utf-8", "surrogatepass")
    return b"\x8c" + bytes([len(data)]) + data if len(data) < 256 else b"X" + struct.pack("<I", len(data)) + data


def text2(value):
    """As protocol 2 writes it."""
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def string(value):
    """Python 2's str."""
    return b"U" + bytes([len(value)]) + value.encode()


def raw(value):
    return b"B" + struct.pack("<I", len(value)) + value


def number(value):
    return b"J" + struct.pack("<i", value)


def put(index):
    return b"q" + bytes([index])


def get(index):
    return b"h" + bytes([index])


def frame(body):
    return b"\x95" + struct.pack("<Q", len(body)) + body


def call(module, name, *args, protocol=2):
    """The opcodes that call an import with arguments, which are opcodes themselves."""
    what = global_(module, name) if protocol < 4 else text(module) + text(name) + STACK_GLOBAL
    return what + MARK + b"".join(args) + b"t" + REDUCE


def pickled(body, protocol=2):
    return (proto(protocol) if protocol >= 2 else b"") + body + STOP


SYSTEM = call("os", "system", text2("true"))
EVAL = call("builtins", "eval", text2("1"))
EVIL = pickled(SYSTEM)
"""What a payload here would do: run the program `true`."""


class Member:
    """A zip member that can say of itself, in either header, what is not so."""

    def __init__(self, name, data, *, deflate=False, crc=None, local_name=None, local_method=None, local_size=None, flags=0, hidden=False):
        self.name, self.data = name.encode(), data
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        self.packed = packer.compress(data) + packer.flush() if deflate else data
        self.method = 8 if deflate else 0
        self.crc = zlib.crc32(data) if crc is None else crc
        self.local_name = self.name if local_name is None else local_name.encode()
        self.local_method = self.method if local_method is None else local_method
        self.local_size = len(data) if local_size is None else local_size
        self.flags, self.hidden = flags, hidden

    def local(self):
        packed = len(self.packed) if self.local_size == len(self.data) else self.local_size
        return struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, self.flags, self.local_method, 0, 0x21, self.crc, packed, self.local_size, len(self.local_name), 0) + self.local_name + self.packed

    def central(self, offset):
        return struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, self.flags, self.method, 0, 0x21, self.crc, len(self.packed), len(self.data), len(self.name), 0, 0, 0, 0, 0, offset) + self.name


def archive(members, prefix=b"", between=b""):
    out, central, count = bytearray(prefix), b"", 0
    for member in members:
        if not member.hidden:
            central += member.central(len(out))
            count += 1
        out += member.local()
        out += between
    at = len(out)
    return bytes(out) + central + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, len(central), at, 0)


def torch_archive(data_pkl=b"\x80\x02}.", *more, **options):
    """What torch.load takes: data.pkl and what belongs to it, in one folder."""
    return archive([Member("archive/data.pkl", data_pkl), Member("archive/version", b"3\n"), Member("archive/byteorder", b"little"), *more], **options)


MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
PROTOCOL = b"\x80\x02M\xe9\x03."
SYSTEM_INFO = b"\x80\x02}q\x00X\x10\x00\x00\x00protocol_versionq\x01M\xe9\x03s."


def legacy(system=SYSTEM_INFO, root=b"\x80\x02}.", keys=b"\x80\x02].", tail=b""):
    return MAGIC + PROTOCOL + system + root + keys + tail


def npy(descr, shape, data):
    header = repr({"descr": descr, "fortran_order": False, "shape": shape}).encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data
