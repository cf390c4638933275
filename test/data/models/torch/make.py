"""Writes the model files beside it with real PyTorch, and for each `<file>.facts.json`: what torch reports of it after loading it again.

    python3 -m venv /opt/torch-venv && /opt/torch-venv/bin/pip install torch==2.15.* numpy omegaconf
    /opt/torch-venv/bin/python test/data/models/torch/make.py

torch stamps a random serialization id into zip files, so running this again gives files of other bytes and the same weights.
"""

import argparse
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import io
import json
import pathlib
import pickle
import platform
import random
import struct
import sys
import tarfile
import types
import uuid
import warnings
import zipfile

import numpy as np
import torch
from omegaconf import OmegaConf
from torch import nn

from facts import Storages, plain, tensor_facts, tensors_of

warnings.filterwarnings("ignore")
HERE = pathlib.Path(__file__).parent
made = []


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3)
        self.bn1 = nn.BatchNorm2d(4)
        self.fc = nn.Linear(4, 5)
        self.register_buffer("scratch", torch.arange(3.0), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.bn1(self.conv1(x))).mean((2, 3))
        return self.fc(x) * torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0])


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(6, 4)
        self.layers = nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 4)])
        self.head = nn.Linear(4, 6, bias=False)
        self.head.weight = self.embed.weight
        self.again = self.layers[0]


@dataclasses.dataclass
class Settings:
    width: int = 64
    rate: float = 0.1
    name: str = "resnet"


@dataclasses.dataclass
class Slots:
    __slots__ = ("depth", "mean")
    depth: int
    mean: torch.Tensor


class Color(enum.Enum):
    RED = "red"
    BLUE = 2


class Tagged(torch.Tensor):
    pass


Score = collections.namedtuple("Score", ["top1", "top5"])


def module(name, **members):
    """A module of another library, as far as pickles name it."""
    found = types.ModuleType(name)
    for key, member in members.items():
        member.__module__ = name
        member.__qualname__ = key
        setattr(found, key, member)
    parts = name.split(".")
    for i in range(1, len(parts)):
        sys.modules.setdefault(".".join(parts[:i]), types.ModuleType(".".join(parts[:i])))
    sys.modules[name] = found


class AttributeDict(dict):
    pass


class IntervalStrategy(str, enum.Enum):
    NO = "no"
    EPOCH = "epoch"


@dataclasses.dataclass
class TrainingArguments:
    output_dir: str = "out"
    learning_rate: float = 5e-5
    num_train_epochs: float = 3.0
    eval_strategy: IntervalStrategy = IntervalStrategy.EPOCH
    seed: int = 42
    device: torch.device = dataclasses.field(default_factory=lambda: torch.device("cuda", 0))


module("lightning.fabric.utilities.data", AttributeDict=AttributeDict)
module("transformers.trainer_utils", IntervalStrategy=IntervalStrategy)
module("transformers.training_args", TrainingArguments=TrainingArguments)


def seeded():
    torch.manual_seed(0)
    np.random.seed(0)


def trained():
    """A network after one step, so that Adam has its state."""
    seeded()
    net = Net()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-4)
    net(torch.randn(2, 3, 8, 8)).sum().backward()
    optimizer.step()
    optimizer.zero_grad()
    return net, optimizer


def seed_layout():
    net, optimizer = trained()
    return {
        "epoch": 41,
        "model_state_dict": net.state_dict(),
        "optimizer_state_dict": optimizer.state_dict(),
        "val_acc": 0.915,
        "config": {"lr": 1e-3, "batch_size": 64, "epochs": 100, "optimizer": "Adam", "milestones": [30, 60], "amp": False, "resume": None},
    }


def state_dict():
    return trained()[0].state_dict()


def lightning():
    net, optimizer = trained()
    return {
        "epoch": 3,
        "global_step": 1200,
        "pytorch-lightning_version": "2.5.1",
        "state_dict": collections.OrderedDict((f"model.{key}", value) for key, value in net.state_dict().items()),
        "loops": {"fit_loop": {"state_dict": {}, "epoch_progress": {"total": {"ready": 4}, "current": {"ready": 4}}}},
        "callbacks": {
            "ModelCheckpoint{'monitor': 'val_loss'}": {
                "best_model_score": torch.tensor(0.25),
                "best_k_models": {"a.ckpt": torch.tensor(0.25)},
                "kth_value": torch.tensor(float("inf")),
            }
        },
        "optimizer_states": [optimizer.state_dict()],
        "lr_schedulers": [{"last_epoch": 3, "_last_lr": [1e-3]}],
        "hparams_name": "kwargs",
        "hyper_parameters": AttributeDict(lr=1e-3, hidden=64),
    }


def timm():
    net, optimizer = trained()
    args = argparse.Namespace(model="resnet18", lr=0.05, opt="sgd", mean=(0.485, 0.456), output=pathlib.PurePosixPath("/data/out"))
    return {
        "epoch": 9,
        "arch": "resnet18",
        "state_dict": net.state_dict(),
        "optimizer": optimizer.state_dict(),
        "version": 2,
        "args": args,
        "metric": np.float64(76.5),
        "state_dict_ema": {key: value.clone() for key, value in net.state_dict().items()},
    }


def yolo():
    net = trained()[0].half()
    return {
        "epoch": -1,
        "best_fitness": np.array([0.5]),
        "model": net,
        "ema": None,
        "updates": 12,
        "train_args": {"imgsz": 640, "data": "coco.yaml"},
        "date": datetime.datetime(2024, 5, 17, 12, 30, 1, 250000, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
    }


def hugging_face():
    seeded()
    return Tied().state_dict()


def dtypes():
    seeded()
    base = torch.randn(3, 4)
    names = "float64 float32 float16 bfloat16 float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz float8_e8m0fnu complex64 complex128"
    out = {name: base.abs().to(getattr(torch, name)) for name in names.split()}
    for name in "int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool".split():
        out[name] = torch.arange(12).reshape(3, 4).to(getattr(torch, name))
    out["complex32"] = base.to(torch.complex64).to(torch.complex32)
    out["float4"] = torch.arange(8, dtype=torch.uint8).view(torch.float4_e2m1fn_x2)
    out["bits8"] = torch.arange(4, dtype=torch.uint8).view(torch.bits8)
    return out


def old_dtypes():
    """Torch writes the others in the legacy format too, and then cannot read them."""
    return {key: value for key, value in dtypes().items() if value.dtype not in torch.storage._new_dtypes()}


def shapes():
    seeded()
    base = torch.randn(6, 4)
    return {
        "scalar": torch.tensor(3.5),
        "empty": torch.zeros(0, 3),
        "none": torch.zeros(0),
        "base": base,
        "row": base[2],
        "column": base[:, 1],
        "transposed": base.t(),
        "steps": base[::2, 1:],
        "permuted": torch.randn(2, 3, 4).permute(2, 0, 1),
        "channels_last": torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last),
        "expanded": torch.randn(1, 3).expand(4, 3),
        "view": base.view(2, 12),
        "one": torch.randn(1, 5, 1).transpose(0, 2),
        "meta": torch.empty(2, 3, device="meta", dtype=torch.bfloat16),
        "conjugated": torch.randn(2, 2, dtype=torch.complex64).conj(),
        "negated": torch.randn(3, dtype=torch.complex64).conj().imag,
    }


def sharing():
    seeded()
    flat = torch.randn(20)
    tied = nn.Parameter(torch.randn(3, 3))
    shared = {"w": flat[:5], "b": flat[5:8]}
    return {"flat": flat, "parts": [flat[0:10].view(2, 5), flat[10:20]], "tied": (tied, tied), "one": shared, "two": shared}


def parameters():
    seeded()
    frozen = nn.Parameter(torch.randn(2), requires_grad=False)
    named = nn.Parameter(torch.randn(2))
    named.tag = "kept"
    leaf = torch.randn(3, requires_grad=True)
    return {"frozen": frozen, "named": named, "leaf": leaf, "tagged": torch.randn(2).as_subclass(Tagged)}


def quantized():
    seeded()
    base = torch.randn(3, 4)
    scales, zeros = torch.tensor([0.1, 0.2, 0.3]), torch.tensor([0, 1, 2])
    return {
        "qint8": torch.quantize_per_tensor(base, 0.05, 3, torch.qint8),
        "quint8": torch.quantize_per_tensor(base, 0.05, 128, torch.quint8),
        "qint32": torch.quantize_per_tensor(base, 0.001, 0, torch.qint32),
        "channels": torch.quantize_per_channel(base, scales, zeros, 0, torch.qint8),
        "packed": torch.quantize_per_channel(base, scales, zeros.float(), 0, torch.quint4x2),
    }


def sparse():
    seeded()
    base = torch.randn(4, 6) * (torch.rand(4, 6) > 0.6)
    nested = torch.nested.nested_tensor([torch.randn(2, 3), torch.randn(4, 3)])
    return {
        "coo": base.to_sparse(),
        "csr": base.to_sparse_csr(),
        "csc": base.to_sparse_csc(),
        "bsr": base.to_sparse_bsr((2, 2)),
        "bsc": base.to_sparse_bsc((2, 2)),
        "nested": nested,
    }


def python_values():
    config = OmegaConf.create({"model": {"width": 64, "act": "relu"}, "steps": [1, 2], "size": "${model.width}", "missing": "???", "none": None})
    return {
        "integers": [0, -1, 255, 65536, 2**31, 2**53 - 1, 2**53 + 1, -(2**70), 10**40],
        "floats": [0.1, -0.0, float("inf"), float("-inf"), float("nan"), 1e300],
        "text": ["", "äöü", "日本", "\U0001f600", "\ud800", "a\nb\0c", "x" * 300],
        "bytes": [b"", b"\x00\xff\x80", bytearray(b"abc")],
        "complex": [1 + 2j, complex(0, -1.5)],
        "containers": {"tuple": (), "one": (1,), "nest": ((1, 2), [3, {4: 5}]), "set": {1, 2, 3}, "frozen": frozenset("ab"), "deque": collections.deque([1, 2])},
        "keys": {1: "int", 1.5: "float", None: "none", True: "bool", (1, "a"): "tuple", b"k": "bytes", "": "empty", "__proto__": 1, "then": 2, "toJSON": 3, "constructor": {}},
        "dicts": {
            "ordered": collections.OrderedDict([("b", 1), ("a", 2)]),
            "default": collections.defaultdict(list, {"x": [1]}),
            "counter": collections.Counter("aab"),
            "nested": collections.defaultdict(dict, {1: {2: 3}}),
        },
        "numpy": {
            "scalars": [np.float32(0.5), np.float64(0.25), np.float16(1.5), np.int64(-7), np.uint8(200), np.bool_(True), np.int64(2**60), np.complex64(1 + 2j), np.str_("abc")],
            "times": [np.datetime64("2024-05-17"), np.datetime64("2024-05-17T12:30:01.250"), np.timedelta64(5, "s")],
            "list": np.array([1.5, 2.5]),
            "matrix": np.arange(6).reshape(2, 3),
            "fortran": np.asfortranarray(np.arange(6).reshape(2, 3)),
            "big": np.array([1, 2], dtype=">i4"),
            "texts": np.array(["a", "bcd"]),
            "objects": np.array([1, "a", None], dtype=object),
            "zero": np.array(4),
            "large": np.arange(100, dtype=np.float32),
            "dtype": np.dtype("float32"),
            "empty": np.zeros((0, 3)),
        },
        "times": [
            datetime.datetime(2024, 2, 29, 23, 59, 59),
            datetime.datetime(2024, 2, 29, 23, 59, 59, 5, tzinfo=datetime.timezone.utc),
            datetime.date(1999, 12, 31),
            datetime.time(1, 2, 3),
            datetime.timedelta(days=-2, seconds=5),
            datetime.timedelta(hours=30),
        ],
        "paths": [pathlib.PurePosixPath("/a/b"), pathlib.PurePosixPath("c"), pathlib.PureWindowsPath("C:\\x\\y")],
        "torch": [torch.float16, torch.device("cpu"), torch.device("cuda", 1), torch.Size([2, 3])],
        "classes": [nn.Linear, Settings, argparse.Namespace(a=1, b=argparse.Namespace(c=2)), Settings(), Slots(2, torch.ones(2)), Color.RED, Color.BLUE, Score(0.5, 0.9)],
        "omegaconf": config,
        "numbers": [decimal.Decimal("1.10"), fractions.Fraction(1, 3), uuid.UUID(int=5)],
    }


def save(name, value, **options):
    torch.save(value, HERE / name, **options)
    note(name)


def note(name, loaded=None, tensors=None, **more):
    """Facts of what torch loads from the file."""
    path = HERE / name
    if loaded is None and tensors is None:
        loaded = torch.load(path, weights_only=False, map_location=more.pop("map_location", None))
    storages = Storages()
    facts = {"torch": torch.__version__, "python": platform.python_version(), "numpy": np.__version__, **more}
    if tensors is None:
        facts["tensors"] = tensors_of(loaded, storages)
        facts["plain"] = plain(loaded)
    else:
        facts["tensors"] = [entry for key, tensor in tensors for entry in tensor_facts(key, tensor, storages)]
    (HERE / f"{name}.facts.json").write_text(json.dumps(facts, indent=1) + "\n")
    made.append(path)


def rewritten(name, source, change):
    """Another archive with the records of one, each passed through `change(name, bytes)`, by torch's own writer."""
    path = HERE / name
    writer = torch._C.PyTorchFileWriter(str(path))
    with zipfile.ZipFile(HERE / source) as archive:
        for member in archive.infolist():
            record = member.filename.split("/", 1)[1]
            if record in ("version", ".data/serialization_id"):
                continue
            data = change(record, archive.read(member))
            writer.write_record(record, data, len(data))
    writer.write_end_of_file()


def big_endian():
    """As torch writes it on IBM Z: numbers in the machine's order, marked as such."""
    seeded()
    value = {
        "f32": torch.randn(3, 4),
        "f64": torch.randn(2, dtype=torch.float64),
        "f16": torch.randn(5).half(),
        "i64": torch.arange(4),
        "c64": torch.randn(2, dtype=torch.complex64),
        "u8": torch.arange(3, dtype=torch.uint8),
        "t": torch.randn(3, 2).t(),
    }
    torch.save(value, HERE / "big_endian_source.pth")
    widths = {str(i): 4 if tensor.is_complex() else tensor.element_size() for i, tensor in enumerate(value.values())}

    def change(record, data):
        if record == "byteorder":
            return b"big"
        if not record.startswith("data/"):
            return data
        return np.frombuffer(data, dtype=f"<u{widths[record[5:]]}").byteswap().tobytes()

    rewritten("big_endian.pth", "big_endian_source.pth", change)
    (HERE / "big_endian_source.pth").unlink()
    note("big_endian.pth")


def zip_tricks():
    """Archives that torch reads though it would not write them."""
    torch.save(seed_layout(), HERE / "source.pth")
    with zipfile.ZipFile(HERE / "source.pth") as archive:
        members = [(member.filename, archive.read(member)) for member in archive.infolist()]
    (HERE / "source.pth").unlink()
    with zipfile.ZipFile(HERE / "deflated.pth", "w", zipfile.ZIP_DEFLATED) as out:
        for member, data in members:
            out.writestr(member, data)
    note("deflated.pth")
    with zipfile.ZipFile(HERE / "upper_case.pth", "w") as out:
        for member, data in members:
            folder, record = member.split("/", 1)
            out.writestr(f"{folder}/{record.upper()}", data)
    note("upper_case.pth")
    with zipfile.ZipFile(HERE / "two_pickles.pth", "w") as out:
        for member, data in members:
            out.writestr(member, data)
        other = next(data for member, data in members if member.endswith("data.pkl"))
        out.writestr("source/data.pkl", other.replace(b"epoch", b"EPOCH"))
    note("two_pickles.pth")
    with torch.serialization.skip_data():
        torch.save(state_dict(), HERE / "skip_data.pth")
    note("skip_data.pth")


def doubles():
    """Which of several members of one name torch opens."""
    generator = random.Random(1)
    pickles = []
    for i in range(4):
        buffer = io.BytesIO()
        torch.save({i: None}, buffer)
        with zipfile.ZipFile(buffer) as archive:
            pickles.append(next(archive.read(name) for name in archive.namelist() if name.endswith("data.pkl")))
    cases = []
    for _ in range(60):
        members = [("version", b"3\n"), ("byteorder", b"little"), *((f"data/{i}", b"") for i in range(generator.randrange(40)))]
        members += [(generator.choice(["data.pkl", "DATA.pkl", "Data.Pkl"]), pickles[i]) for i in range(generator.randrange(2, 5))]
        generator.shuffle(members)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as out:
            for member, data in members:
                out.writestr(f"x/{member}", data)
        buffer.seek(0)
        (found,) = torch.load(buffer, weights_only=False)
        cases.append({"names": " ".join(member for member, _ in members), "opened": [data for _, data in members].index(pickles[found])})
    (HERE / "doubles.json").write_text(json.dumps({"torch": torch.__version__, "cases": cases}, indent=1) + "\n")


def devices():
    """The tags of a machine with two GPUs."""
    tags = iter(["cuda:0", "cuda:1", "cpu", "mps"])
    original = torch.serialization.location_tag
    torch.serialization.location_tag = lambda storage: next(tags)
    try:
        torch.save({name: torch.ones(2) for name in ("first", "second", "third", "fourth")}, HERE / "devices.pth")
    finally:
        torch.serialization.location_tag = original
    note("devices.pth", map_location="cpu", devices=["cuda:0", "cuda:1", "cpu", "mps"])


class Pickled:
    """Is saved as Python's own pickle saves a tensor: its storage as the bytes of a file within the file."""

    def __init__(self, tensor: torch.Tensor) -> None:
        self.tensor = tensor

    def __reduce__(self):
        storage = call(*self.tensor.storage().__reduce__())
        size, stride = tuple(self.tensor.shape), self.tensor.stride()
        return torch._utils._rebuild_tensor_v2, (storage, self.tensor.storage_offset(), size, stride, False, collections.OrderedDict())


def call(function, args):
    """What is saved as that call."""
    return type("Call", (), {"__reduce__": lambda _: (function, args)})()


def nested():
    seeded()
    value = {"weight": Pickled(torch.randn(2, 3)), "half": Pickled(torch.randn(6).half()[2:4]), "plain": torch.ones(2)}
    save("nested.pth", value)
    save("nested.p4.pth", value, pickle_protocol=4)
    save("nested.legacy.pth", value, _use_new_zipfile_serialization=False)


def legacy_views():
    """Storages that are views of others, as torch before 0.4 saved them: six fields in the persistent id."""
    root = torch.arange(10, dtype=torch.float32)

    class View:
        def __init__(self, key, first, size):
            self.id = ("storage", torch.FloatStorage, "root", "cpu", 10, (key, first, size) if key else None)

    class Rebuild:
        def __init__(self, view, *numbers):
            self.args = (view, *numbers, False, collections.OrderedDict())

        def __reduce__(self):
            return torch._utils._rebuild_tensor_v2, self.args

    class Pickler(pickle.Pickler):
        def persistent_id(self, value):
            return value.id if isinstance(value, View) else None

    part = View("part", 4, 5)
    value = {"whole": Rebuild(View(None, 0, 0), 0, (10,), (1,)), "part": Rebuild(part, 1, (2, 2), (2, 1)), "same": Rebuild(part, 0, (5,), (1,))}
    with open(HERE / "views.legacy.pth", "wb") as out:
        for head in (torch.serialization.MAGIC_NUMBER, 1001, {"protocol_version": 1001, "little_endian": True}):
            pickle.dump(head, out, protocol=2)
        Pickler(out, protocol=2).dump(value)
        pickle.dump(["root"], out, protocol=2)
        out.write(struct.pack("<q", 10) + root.numpy().tobytes())
    note("views.legacy.pth", views=True)


def tar():
    """What torch before 0.1.10 wrote: no later version can, all can read it."""
    seeded()
    weight, bias = torch.randn(3, 4), torch.randn(3)
    storages, tensors, objects = io.BytesIO(), io.BytesIO(), io.BytesIO()

    class Number:
        def __init__(self, number):
            self.number = number

    class Pickler(pickle.Pickler):
        def persistent_id(self, value):
            return str(value.number) if isinstance(value, Number) else None

    pickle.dump(2, storages, protocol=2)
    for key, tensor in ((11, weight), (12, bias)):
        pickle.dump((key, "cpu", torch.FloatStorage), storages, protocol=2)
        storages.write(struct.pack("<q", tensor.numel()) + tensor.numpy().tobytes())
    pickle.dump([(13, 11, 4, 4)], storages, protocol=2)
    pickle.dump(3, tensors, protocol=2)
    for key, storage, size, stride in ((21, 11, (3, 4), (4, 1)), (22, 12, (3,), (1,)), (23, 13, (2, 2), (1, 2))):
        pickle.dump((key, storage, torch.FloatTensor), tensors, protocol=2)
        tensors.write(struct.pack("<ii", len(size), 0))
        tensors.write(struct.pack(f"<{2 * len(size)}q", *size, *stride) + struct.pack("<q", 0))
    value = collections.OrderedDict([("fc.weight", Number(21)), ("fc.bias", Number(22)), ("view", Number(23))])
    Pickler(objects, protocol=2).dump({"epoch": 5, "state_dict": value})
    with tarfile.open(HERE / "oldest.tar.pth", "w", format=tarfile.PAX_FORMAT) as out:
        for name, data in (("sys_info", pickle.dumps({}, 2)), ("pickle", objects.getvalue()), ("tensors", tensors.getvalue()), ("storages", storages.getvalue())):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            out.addfile(info, io.BytesIO(data))
    note("oldest.tar.pth", views=True)


class Attributes(nn.Module):
    """With everything that TorchScript keeps as an attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = Net()
        self.names = ["a", "b"]
        self.sizes = [1, 2]
        self.table = {"k": 1.5}

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.inner(x) * self.table["k"]


def scripts():
    seeded()
    net = Attributes().eval()
    scripted = torch.jit.script(net)
    torch.jit.save(scripted, HERE / "scripted.pt")
    state = torch.jit.load(HERE / "scripted.pt").state_dict(keep_vars=True)
    note("scripted.pt", tensors=state.items(), subset=True)
    torch.jit.save(torch.jit.trace(net, torch.zeros(1, 3, 8, 8)), HERE / "traced.pt")
    note("traced.pt", tensors=torch.jit.load(HERE / "traced.pt").state_dict(keep_vars=True).items(), subset=True)
    frozen = torch.jit.freeze(scripted)
    torch.jit.save(frozen, HERE / "frozen.pt")
    loaded = torch.jit.load(HERE / "frozen.pt")
    graph = loaded.graph
    values = [node.output().toIValue() for node in graph.findAllNodes("prim::Constant")]
    tensors = [value for value in values if isinstance(value, torch.Tensor)]
    note("frozen.pt", tensors=[(f"constants.{i}", tensor) for i, tensor in enumerate(tensors)], unnamed=True)


def libraries():
    """Objects of torch's own classes, pickled whole: names as `state_dict()` gives them, or the way that leads to them."""
    (HERE / "objects").mkdir(exist_ok=True)
    seeded()
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    optimizer = torch.optim.AdamW(net.parameters())
    net(torch.randn(1, 3)).sum().backward()
    optimizer.step()
    torch.save(optimizer, HERE / "objects/optimizer.pth")
    loaded = torch.load(HERE / "objects/optimizer.pth", weights_only=False)
    states = [(f"state.{i}.{key}", value) for i, state in enumerate(loaded.state.values()) for key, value in state.items()]
    groups = [(f"param_groups.0.params.{i}", value) for i, value in enumerate(loaded.param_groups[0]["params"])]
    note("objects/optimizer.pth", tensors=[*states, *groups])

    torch.save(torch.ao.quantization.quantize_dynamic(net, {nn.Linear}), HERE / "objects/quantized_module.pth")
    loaded = torch.load(HERE / "objects/quantized_module.pth", weights_only=False)
    parts = [(i, loaded[i]._packed_params._packed_params.__getstate__()[0]) for i in (0, 2)]
    note("objects/quantized_module.pth", tensors=[(f"{i}._packed_params._packed_params.0.{j}", part[j]) for i, part in parts for j in (0, 1)])

    jagged = torch.nested.nested_tensor([torch.randn(2, 3), torch.randn(4, 3)], layout=torch.jagged)
    torch.save({"ragged": jagged}, HERE / "objects/jagged.pth")
    loaded = torch.load(HERE / "objects/jagged.pth", weights_only=False)["ragged"]
    note("objects/jagged.pth", tensors=[("ragged._values", loaded._values), ("ragged._offsets", loaded._offsets)], subset=True)

    torch.save({"numpy": np.random.get_state(), "torch": torch.get_rng_state()[:40].clone()}, HERE / "objects/random.pth")
    note("objects/random.pth")


def exports():
    seeded()
    net = Net().eval()
    batch = torch.export.Dim("batch")
    program = torch.export.export(net, (torch.zeros(2, 3, 8, 8),), dynamic_shapes={"x": {0: batch}})
    torch.export.save(program, HERE / "exported.pt2")
    loaded = torch.export.load(HERE / "exported.pt2")
    constants = [(f"constants.{key}", value) for key, value in loaded.constants.items() if isinstance(value, torch.Tensor)]
    nodes = [str(node.target) for node in loaded.graph.nodes if node.op == "call_function"]
    note("exported.pt2", tensors=[*loaded.state_dict.items(), *constants], anyOrder=True, operators=dict(collections.Counter(nodes)))

    from torch._export.serde.schema import SCHEMA_VERSION
    from torch._export.serde.serialize import serialize

    artifact = serialize(program)
    with zipfile.ZipFile(HERE / "exported_old.pt2", "w") as out:
        out.writestr("serialized_exported_program.json", artifact.exported_program)
        out.writestr("serialized_state_dict.pt", artifact.state_dict)
        out.writestr("serialized_constants.pt", artifact.constants)
        out.writestr("serialized_example_inputs.pt", artifact.example_inputs)
        out.writestr("version", ".".join(map(str, SCHEMA_VERSION)))
    loaded = torch.export.load(HERE / "exported_old.pt2")
    constants = [(f"constants.{key}", value) for key, value in loaded.constants.items() if isinstance(value, torch.Tensor)]
    note("exported_old.pt2", tensors=[*loaded.state_dict.items(), *constants], anyOrder=True)


def protocol_0():
    """Torch writes it and cannot read it, since it has room for persistent ids in text only: the facts are of what was saved."""
    for name, options in (("seed.p0.pth", {}), ("seed.p0.legacy.pth", {"_use_new_zipfile_serialization": False})):
        value = seed_layout()
        torch.save(value, HERE / name, pickle_protocol=0, **options)
        note(name, loaded=value)


def main():
    layouts = {
        "seed": seed_layout, "state_dict": state_dict, "lightning": lightning, "timm": timm, "yolo": yolo, "hugging_face": hugging_face,
        "dtypes": dtypes, "shapes": shapes, "sharing": sharing, "parameters": parameters, "quantized": quantized, "sparse": sparse,
        "values": python_values,
    }
    for name, make in layouts.items():
        save(f"{name}.pth", make())
    layouts["dtypes"] = old_dtypes
    for name in ("seed", "state_dict", "timm", "yolo", "dtypes", "shapes", "sharing", "quantized", "values"):
        save(f"{name}.legacy.pth", layouts[name](), _use_new_zipfile_serialization=False)
    for protocol in (1, 3, 4, 5):
        save(f"seed.p{protocol}.pth", seed_layout(), pickle_protocol=protocol)
    protocol_0()
    for protocol in (4, 5):
        save(f"values.p{protocol}.pth", python_values(), pickle_protocol=protocol)
    old = python_values()
    old["classes"] = [value for value in old["classes"] if not isinstance(value, Slots)]
    save("values.p1.pth", old, pickle_protocol=1)
    save("seed.p4.legacy.pth", seed_layout(), pickle_protocol=4, _use_new_zipfile_serialization=False)
    plain_only = {key: value for key, value in python_values().items() if key not in ("classes", "omegaconf")}
    save("values.p0.pth", plain_only, pickle_protocol=0)
    save("module.pth", trained()[0])
    save("module.legacy.pth", trained()[0], _use_new_zipfile_serialization=False)
    seeded()
    save("tied.pth", {"epoch": 2, "model": Tied()})
    seeded()
    save("tensor.pth", torch.randn(2, 3))
    save("training_args.bin", TrainingArguments())
    big_endian()
    zip_tricks()
    doubles()
    devices()
    nested()
    legacy_views()
    tar()
    libraries()
    scripts()
    exports()
    size = sum(path.stat().st_size for path in made)
    for path in made:
        if path.stat().st_size > 60_000:
            print(f"{path.name} has {path.stat().st_size} bytes")
    print(f"{len(made)} files, {size} bytes")


if __name__ == "__main__":
    main()
