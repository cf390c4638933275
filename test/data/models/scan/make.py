"""Writes the files of safe/, unknown/ and unsafe/, each a verdict.

    /opt/torch-venv/bin/python test/data/models/scan/make.py torch       # torch 2.15, omegaconf: safe/ and unknown/ of real writers
    /opt/scanners/bin/python test/data/models/scan/make.py joblib        # joblib, numpy
    python3 test/data/models/scan/make.py hand                           # no library

Payloads are harmless (`os.system("true")`, `eval("1")`), and nothing runs them: pickles are put together from opcodes, or by `__reduce__`
while dumping. Never load a file of unsafe/ or unknown/ anyway.
"""

import gzip
import io
import lzma
import pathlib
import pickle
import sys
import tarfile

from assemble import *

HERE = pathlib.Path(__file__).parent


def write(name, data):
    path = HERE / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)


# ---- opcodes that import and call ----


def opcodes():
    write("unsafe/reduce-protocol0.pkl", b"cos\nsystem\n(V" + b"true\ntR.")
    write("unsafe/reduce-protocol2.pkl", EVIL)
    write("unsafe/reduce-protocol4.pkl", pickled(frame(text("posix") + MEMOIZE + text("system") + MEMOIZE + STACK_GLOBAL + text("true") + TUPLE1 + REDUCE + STOP)[:-1], 4))
    write("unsafe/inst.pkl", MARK + text2("true") + inst("os", "system") + STOP)
    write("unsafe/obj.pkl", pickled(MARK + global_("os", "system") + text2("true") + OBJ))
    write("unsafe/newobj.pkl", pickled(global_("subprocess", "Popen") + text2("true") + TUPLE1 + NEWOBJ))
    write("unsafe/newobj-ex.pkl", pickled(global_("subprocess", "Popen") + text2("true") + TUPLE1 + EMPTY_DICT + NEWOBJ_EX, 4))
    instance = global_("torch.nn.modules.linear", "Identity") + EMPTY_TUPLE + NEWOBJ
    setstate = EMPTY_DICT + text2("__setstate__") + global_("os", "system") + b"s" + BUILD
    write("unsafe/build-setstate.pkl", pickled(instance + setstate + text2("true") + BUILD))
    write("unsafe/import-only.pkl", pickled(global_("os", "system")))
    write("unknown/extension-code.pkl", pickled(b"\x82\x07" + EMPTY_TUPLE + REDUCE))
    write("unknown/build-on-class.pkl", pickled(global_("torch.nn.parameter", "Parameter") + NONE + EMPTY_DICT + text2("__setstate__") + global_("builtins", "list") + b"s" + TUPLE2 + BUILD))
    write("unknown/calls-result.pkl", pickled(call("collections", "OrderedDict") + EMPTY_TUPLE + REDUCE))
    write("unknown/partial.pkl", pickled(call("functools", "partial", global_("builtins", "list"))))


# ---- names that only an interpreter finds ----


def names():
    os, system, decoy = text("os"), text("system"), text("collections")
    run = STACK_GLOBAL + text("true") + TUPLE1 + REDUCE
    write("unsafe/name-from-memo.pkl", pickled(system + put(0) + POP + os + put(1) + POP + decoy + POP + get(1) + get(0) + run, 4))
    write("unsafe/name-memo-overwritten.pkl", pickled(decoy + put(0) + POP + os + put(0) + POP + text("OrderedDict") + put(1) + POP + system + put(1) + POP + get(0) + get(1) + run, 4))
    write("unsafe/name-behind-opcodes.pkl", pickled(os + system + text("x") + POP + NONE + b"0" + MARK + b"K\x01K\x02" + b"1" + run, 4))
    write("unsafe/name-from-tuple-memo.pkl", pickled(os + MEMOIZE + system + MEMOIZE + TUPLE2 + MEMOIZE + POP + get(0) + get(1) + run, 4))
    write("unsafe/name-dup.pkl", pickled(text("eval") + POP + text("pty") + DUP + POP + text("spawn") + run, 4))
    write("unsafe/name-as-string.pkl", pickled(string("os") + string("system") + run, 4))
    write("unsafe/name-escaped.pkl", b"\x80\x04V\\u006f\\u0073\nV\\u0073ystem\n" + run + STOP)
    write("unsafe/name-quoted.pkl", b"\x80\x04S'\\x6fs'\nS'sys\\164em'\n" + run + STOP)
    write("unsafe/name-long-memo.pkl", pickled(os + b"r\xff\xff\xff\x7f" + POP + system + b"r\xfe\xff\xff\x7f" + POP + b"j\xff\xff\xff\x7fj\xfe\xff\xff\x7f" + run, 4))
    write("unsafe/name-dotted.pkl", pickled(text("torch") + text("serialization.os.system") + run, 4))
    write("unsafe/name-dunder.pkl", pickled(text("collections") + text("OrderedDict.__init__.__globals__") + STACK_GLOBAL, 4))
    write("unsafe/python2-commands.pkl", pickled(call("commands", "getoutput", text2("true"))))
    write("unsafe/python2-builtin.pkl", pickled(call("__builtin__", "eval", text2("1"))))
    write("unsafe/python2-cpickle.pkl", pickled(call("cPickle", "loads", string("N."))))
    write("unsafe/getattr.pkl", pickled(call("builtins", "getattr", global_("torch", "serialization"), text2("os"))))
    computed = call("builtins", "str", text("x"), protocol=4)
    write("unknown/name-computed.pkl", pickled(computed + computed + STACK_GLOBAL, 4))
    write("unsafe/name-half-computed.pkl", pickled(os + computed + STACK_GLOBAL, 4))


# ---- what other modules run ----

CALLS = {
    "aiohttp": ("aiohttp.client", "ClientSession"),
    "asyncio": ("asyncio.unix_events", "_UnixSubprocessTransport._start"),
    "bdb": ("bdb", "Bdb.run"),
    "cloudpickle": ("cloudpickle.cloudpickle", "_make_function"),
    "code": ("code", "InteractiveInterpreter.runcode"),
    "cprofile": ("cProfile", "run"),
    "ctypes": ("ctypes", "CDLL"),
    "dill": ("dill._dill", "_create_function"),
    "fickling": ("fickling.hook", "deactivate_safe_ml_environment"),
    "fx": ("torch.fx.graph_module", "reduce_graph_module"),
    "hub": ("torch.hub", "load"),
    "idlelib": ("idlelib.pyshell", "ModifiedInterpreter.runcode"),
    "importlib": ("importlib", "import_module"),
    "inductor": ("torch._inductor.codecache", "compile_file"),
    "jit": ("torch.jit.unsupported_tensor_ops", "execWrapper"),
    "joblib": ("joblib", "load"),
    "lib2to3": ("lib2to3.pgen2.grammar", "Grammar.loads"),
    "linecache": ("linecache", "getlines"),
    "logging": ("logging", "FileHandler"),
    "marshal": ("marshal", "loads"),
    "numpy-f2py": ("numpy.f2py.crackfortran", "myeval"),
    "numpy-load": ("numpy", "load"),
    "numpy-testing": ("numpy.testing._private.utils", "runstring"),
    "operator": ("operator", "attrgetter"),
    "pandas": ("pandas", "read_pickle"),
    "pip": ("pip", "main"),
    "pkgutil": ("pkgutil", "resolve_name"),
    "pydoc": ("pydoc", "pipepager"),
    "runpy": ("runpy", "run_path"),
    "shutil": ("shutil", "rmtree"),
    "socket": ("socket", "create_connection"),
    "sqlite": ("sqlite3", "connect"),
    "sympy": ("sympy", "sympify"),
    "sys": ("sys", "setrecursionlimit"),
    "tempfile": ("tempfile", "NamedTemporaryFile"),
    "timeit": ("timeit", "timeit"),
    "torch-config": ("torch.utils._config_module", "ConfigModule.load_config"),
    "torch-load": ("torch", "load"),
    "types": ("types", "CodeType"),
    "urllib": ("urllib.request", "urlopen"),
    "uuid": ("uuid", "_get_command_stdout"),
    "webbrowser": ("webbrowser", "open"),
    "yaml": ("yaml", "unsafe_load"),
    "zipimport": ("zipimport", "zipimporter"),
}


def modules():
    for name, (module, attribute) in CALLS.items():
        write(f"unsafe/call-{name}.pkl", pickled(call(module, attribute, text2("x"), protocol=4 if "." in attribute else 2), 4 if "." in attribute else 2))


# ---- where a pickle can hide ----


def places():
    safe = pickled(EMPTY_DICT)
    write("unsafe/stacked.pkl", safe + safe + EVIL)
    write("unsafe/before-corruption.pkl", EVIL[:-1] + b"\xff\xff\xff.")
    write("unsafe/before-cut.pkl", EVIL[:-1] + b"X\xff\x00\x00\x00cut")
    write("unsafe/stack-underflow.pkl", pickled(SYSTEM + POP + POP + POP))
    write("unknown/cut.pkl", pickled(call("collections", "OrderedDict"))[:-1])
    write("unknown/corrupt.pkl", pickled(call("collections", "OrderedDict"))[:-1] + b"\xff.")
    write("unknown/trailing-bytes.pkl", safe + b"\x00\x01\x02 not a pickle")
    write("unknown/protocol-6.pkl", b"\x80\x06}.")
    write("unsafe/legacy-system-info.pth", legacy(system=EVIL))
    write("unsafe/legacy-root.pth", legacy(root=EVIL))
    write("unsafe/legacy-keys.pth", legacy(keys=EVIL))
    write("unsafe/legacy-magic.pth", pickled(SYSTEM + POP + MAGIC[2:-1]) + PROTOCOL + SYSTEM_INFO + safe + b"\x80\x02].")
    write("unsafe/legacy-sixth.pth", legacy(tail=EVIL))
    # A file of the right kind for each reader: tarfile takes the first bytes for a name, the unpickler for opcodes.
    first = pickled(EMPTY_DICT)
    entry = tarfile.TarInfo("pickle")
    entry.size = len(EVIL)
    header = bytearray(entry.tobuf(tarfile.USTAR_FORMAT))
    header[:100] = first.ljust(100, b"\x00")
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\x00 " % sum(header)
    write("unsafe/tar-and-pickle.pth", bytes(header) + EVIL.ljust(512, b"\x00") + bytes(1024))
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in (("sys_info", safe), ("pickle", EVIL), ("tensors", pickled(b"K\x00")), ("storages", pickled(b"K\x00"))):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    write("unsafe/tar.pth", out.getvalue())
    write("unsafe/safetensors-and-pickle.bin", safetensors_and_pickle(b"c__builtin__\neval\n(V1\ntR."))
    write("unsafe/gzip.pkl", gzip.compress(EVIL, mtime=0))
    write("unknown/xz.pkl", lzma.compress(EVIL))


def safetensors_and_pickle(payload):
    """Valid for both: the length of the header is a BINUNICODE for the unpickler, which lands in the header's metadata, where short strings
    lead it to the tensor's bytes."""
    before = b'{"__metadata__":{"x":"'
    after = b'"},"t":{"dtype":"U8","shape":[%d],"data_offsets":[0,%d]}}' % (len(payload), len(payload))
    skipped = len(before) + 3
    length = 0x58 + (skipped << 8)
    left = length - len(before)
    body = b""
    while left - len(body) > 128:
        size = 126 if left - len(body) >= 128 + 37 else 60
        body += b"U" + bytes([size]) + b"." * size
    last = left - len(body) - 2
    body += b"U" + bytes([last]) + b"." * (last - len(after)) + after
    return length.to_bytes(8, "little") + before + body + payload


def nested():
    bytes_of = lambda data: call("_codecs", "encode", text2(data.decode("latin1")), text2("latin1"))
    loads = lambda data: call("torch.storage", "_load_from_bytes", data)
    write("unsafe/nested-bytes.pkl", pickled(loads(raw(EVIL)), 3))
    write("unsafe/nested-legacy.pkl", pickled(loads(raw(legacy(root=EVIL))), 3))
    write("unsafe/nested-zip.pkl", pickled(loads(raw(torch_archive(EVIL))), 3))
    write("unsafe/nested-text.pkl", pickled(loads(bytes_of(EVIL))))
    write("unsafe/nested-text-protocol0.pkl", pickled(loads(bytes_of(b"cos\nsystem\n(Vtrue\ntR."))))
    write("unsafe/nested-twice.pkl", pickled(loads(raw(pickled(loads(raw(EVIL)), 3))), 3))
    write("unsafe/nested-pickle-loads.pkl", pickled(call("pickle", "loads", raw(EVIL)), 3))
    write("unsafe/nested-bytesio.pkl", pickled(call("pandas", "read_pickle", call("_io", "BytesIO", raw(EVIL))), 3))
    write("unsafe/nested-unread.pkl", pickled(raw(EVIL), 3))
    write("unknown/nested-computed.pkl", pickled(loads(call("builtins", "bytes", call("builtins", "list"))), 3))
    write("safe/nested.pkl", pickled(loads(raw(legacy())), 3))


def archives():
    extra = Member("archive/extra.pkl", EVIL)
    write("unsafe/zip-data.pth", torch_archive(EVIL))
    write("unsafe/zip-deflated.pth", archive([Member("archive/data.pkl", EVIL, deflate=True), Member("archive/version", b"3\n")]))
    write("unsafe/zip-extra-member.pth", torch_archive(b"\x80\x02}.", extra))
    write("unsafe/zip-extra-no-extension.pth", torch_archive(b"\x80\x02}.", Member("archive/extra/notes", b"cos\nsystem\n(Vtrue\ntR.")))
    write("unsafe/zip-second-data.pth", torch_archive(b"\x80\x02}.", Member("archive/data.pkl", EVIL)))
    write("unsafe/zip-first-data.pth", archive([Member("archive/data.pkl", EVIL), Member("archive/data.pkl", b"\x80\x02}."), Member("archive/version", b"3\n")]))
    write("unsafe/zip-other-case.pth", archive([Member("archive/DATA.PKL", EVIL), Member("archive/data.pkl", b"\x80\x02}."), Member("archive/version", b"3\n")]))
    write("unsafe/zip-wrong-crc.pth", archive([Member("archive/data.pkl", EVIL, crc=1), Member("archive/version", b"3\n")]))
    write("unsafe/zip-local-name.pth", archive([Member("archive/data.pkl", EVIL, local_name="archive/data/0__"), Member("archive/version", b"3\n")]))
    write("unsafe/zip-hidden-member.pth", torch_archive(b"\x80\x02}.", Member("archive/data.pkl", EVIL, hidden=True)))
    write("unsafe/zip-local-method.pth", archive([Member("archive/data.pkl", EVIL, local_method=8), Member("archive/version", b"3\n")]))
    write("unsafe/zip-behind-pickle.pth", torch_archive(EVIL, prefix=pickled(EMPTY_DICT)))
    write("unsafe/pickle-before-zip.pth", torch_archive(b"\x80\x02}.", prefix=EVIL))
    write("unsafe/zip-in-zip.pth", torch_archive(b"\x80\x02}.", Member("archive/inner.zip", torch_archive(EVIL))))
    write("unsafe/zip-after-stop.pth", torch_archive(pickled(EMPTY_DICT) + EVIL))
    write("unsafe/zip-gap.pth", torch_archive(b"\x80\x02}.", between=EVIL))
    write("unknown/zip-encrypted-flag.pth", archive([Member("archive/data.pkl", b"\x80\x02}.", flags=1), Member("archive/version", b"3\n")]))
    write("unknown/zip-two-data.pth", torch_archive(b"\x80\x02}.", Member("archive/data.pkl", b"\x80\x02].")))
    write("unknown/zip-cut.pth", torch_archive()[:-30])
    write("unknown/zip-python-source.pth", torch_archive(b"\x80\x02}.", Member("archive/model.py", b"import os\n")))
    write("unknown/zip-library.pth", torch_archive(b"\x80\x02}.", Member("archive/model.so", b"\x7fELF")))
    write("unknown/torchscript-file.pt", archive([
        Member("archive/data.pkl", pickled(global_("__torch__", "Net") + EMPTY_TUPLE + NEWOBJ)),
        Member("archive/constants.pkl", pickled(EMPTY_TUPLE)),
        Member("archive/code/__torch__.py", b'class Net(Module):\n  def forward(self, x: Tensor) -> Tensor:\n    y = torch.from_file("/etc/hosts", False, 16, dtype=0)\n    return y\n'),
        Member("archive/version", b"3\n"),
    ]))
    write("unknown/exported-target.pt2", archive([
        Member("model/archive_format", b"pt2"),
        Member("model/models/model.json", b'{"graph_module": {"graph": {"nodes": [{"target": "torch.serialization.os.system", "inputs": []}]}}}'),
    ]))
    write("unknown/exported-expression.pt2", archive([
        Member("model/archive_format", b"pt2"),
        Member("model/models/model.json", b'{"graph_module": {"sizes": [{"as_expr": {"expr_str": "__import__(\'os\').getpid()"}}]}}'),
    ]))


def arrays():
    write("unsafe/objects.npy", npy("|O", (1,), EVIL))
    write("unsafe/objects-in-field.npy", npy([("a", "<f4"), ("b", "|O")], (1,), EVIL))
    write("unsafe/objects.npz", archive([Member("weights.npy", npy("<f4", (1,), bytes(4))), Member("names.npy", npy("|O", (1,), EVIL))]))
    write("safe/object-is-a-field-name.npy", npy([("O", "<f4"), ("b", "<i4")], (1,), bytes(8)))
    write("safe/floats.npz", archive([Member("weights.npy", npy("<f4", (1,), bytes(4)))]))


def joblib_tricks():
    """What joblib takes for the bytes of an array, and other unpicklers for opcodes; or the other way round."""
    dtype = lambda code, state: call("numpy", "dtype", text2(code), b"\x89", b"\x88") + (MARK + state + b"t" + BUILD if state else b"")
    plain = number(3) + text2("<") + NONE * 3 + number(-1) + number(-1) + number(0)
    objects = plain[:-5] + number(1)

    def wrapper(side, kind, more=b"", before=b""):
        fields = before + text2("shape") + number(side) + TUPLE1 + text2("dtype") + kind + text2("order") + text2("C") + more
        return global_("joblib.numpy_pickle", "NumpyArrayWrapper") + EMPTY_TUPLE + NEWOBJ + EMPTY_DICT + MARK + fields + b"u" + BUILD

    run = SYSTEM + POP
    honest = wrapper(2, dtype("f8", plain)) + bytes(16)
    write("safe/array-by-hand.joblib", pickled(honest))
    # The array's bytes are opcodes: joblib skips them, pickle.load follows them.
    body = run + b"N." + b"\x00" * 8
    write("unsafe/array-of-opcodes.joblib", pickled(wrapper(len(body), dtype("u1", plain)) + body))
    named = text2("os") + put(9) + POP + text2("system") + put(8) + POP
    body = get(9) + get(8) + STACK_GLOBAL + text2("true") + TUPLE1 + REDUCE + STOP
    write("unsafe/array-of-opcodes-and-memo.joblib", pickled(named + wrapper(len(body), dtype("u1", plain)) + body))
    # By its state a dtype of floats has objects: joblib reads a pickle and goes on behind it, and what it says of its size is no matter.
    body = pickled(NONE) + run
    write("unsafe/array-of-hidden-objects.joblib", pickled(wrapper(len(body) // 8 + 1, dtype("f8", objects)) + body + bytes(7)[: -len(body) % 8]))
    # By its state a dtype of one byte is larger, so joblib skips more than its name says, and goes on where a constant hides it.
    hidden = b"B\x64\x00\x00\x00" + bytes(51) + run + STOP
    state = number(3) + text2("|") + NONE * 3 + number(56) + number(1) + number(0)
    write("unsafe/array-of-larger-items.joblib", pickled(wrapper(1, dtype("V1", state)) + hidden.ljust(105, b"\x00")))
    # Of nine keys the last one counts.
    shapes = (text2("x") + NONE) * 6
    write("unknown/array-with-many-keys.joblib", pickled(wrapper(2, dtype("f8", plain), more=shapes + text2("shape") + number(1) + TUPLE1) + bytes(16)))
    # Amid a frame joblib reads the array behind it.
    write("unknown/array-in-frame.joblib", pickled(frame(honest + bytes(16) + NONE), 4))
    changed = call("builtins", "bytearray", raw(b"N.")) + NONE + b"a"
    write("unknown/nested-changed.pkl", pickled(call("torch.storage", "_load_from_bytes", changed), 3))


# ---- real writers ----


class Payload:
    def __reduce__(self):
        return (eval, ("1",))


def with_torch():
    import argparse
    import collections
    import datetime

    import numpy as np
    import torch
    from omegaconf import OmegaConf
    from torch import nn

    torch.manual_seed(1)
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(), nn.LazyLinear(2))
    optimizer_model = nn.Linear(2, 1)
    optimizer = torch.optim.Adam(optimizer_model.parameters())
    optimizer_model(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    checkpoint = {"epoch": 3, "model_state_dict": optimizer_model.state_dict(), "optimizer_state_dict": optimizer.state_dict(), "val_acc": np.float64(0.9), "config": OmegaConf.create({"lr": 0.1, "tags": ["a"]}), "args": argparse.Namespace(lr=1), "at": datetime.datetime(2026, 1, 2), "from": pathlib.PurePosixPath("a/b"), "counts": collections.defaultdict(list, a=[1]), "random": np.random.RandomState(1)}
    save = lambda name, value, **options: torch.save(value, HERE / name, **options)
    (HERE / "safe").mkdir(exist_ok=True)
    (HERE / "unknown").mkdir(exist_ok=True)
    save("safe/checkpoint.pth", checkpoint)
    save("safe/checkpoint.protocol5.pth", checkpoint, pickle_protocol=5)
    save("safe/checkpoint.legacy.pth", checkpoint, _use_new_zipfile_serialization=False)
    save("safe/optimizer.pth", optimizer)
    model(torch.ones(1, 1, 4, 4))
    save("safe/module.pth", model)
    write("safe/tensor.protocol2.pkl", pickle.dumps({"weight": torch.ones(2)}, 2))
    write("safe/tensor.protocol5.pkl", pickle.dumps({"weight": torch.ones(2)}, 5))
    distributed(optimizer_model, optimizer)
    save("unsafe/torch-eval.pth", {"weight": torch.ones(2), "evil": Payload()})
    save("unsafe/torch-eval.legacy.pth", {"weight": torch.ones(2), "evil": Payload()}, _use_new_zipfile_serialization=False)


def distributed(model, optimizer):
    """The pickle in the folder of a distributed checkpoint."""
    import tempfile

    import torch.distributed.checkpoint as checkpoint

    with tempfile.TemporaryDirectory() as folder:
        checkpoint.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3}, checkpoint_id=folder)
        write("safe/distributed.metadata", (pathlib.Path(folder) / ".metadata").read_bytes())


def with_joblib():
    import joblib
    import numpy as np

    (HERE / "safe").mkdir(exist_ok=True)
    floats, objects = np.arange(6.0).reshape(2, 3), np.array([1, "a", None], dtype=object)
    joblib.dump({"a": floats, "b": objects, "c": floats.astype("f4"), "d": np.array("text")}, HERE / "safe/arrays.joblib")
    joblib.dump({"a": floats, "b": objects}, HERE / "safe/arrays.zlib.joblib", compress=("zlib", 3))
    joblib.dump({"a": floats, "b": objects}, HERE / "unknown/arrays.xz.joblib", compress=("xz", 3))
    joblib.dump([floats, Payload()], HERE / "unsafe/behind-array.joblib")
    joblib.dump([floats, np.array([Payload()], dtype=object), floats], HERE / "unsafe/in-object-array.joblib")
    write("safe/pickle.protocol0.pkl", pickle.dumps({"a": [1, 2.5, None, True, "x"]}, 0))


if __name__ == "__main__":
    for part in sys.argv[1:]:
        if part == "torch":
            with_torch()
        elif part == "joblib":
            with_joblib()
        else:
            for function in (opcodes, names, modules, places, nested, archives, arrays, joblib_tricks):
                function()
