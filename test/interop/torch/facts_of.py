"""Saves a file, and beside it what its own library says of it: `<file>.facts.json`, as test/data/models/torch/make.py writes it, with the
weights digest of docs/formats.md beside that."""

import hashlib
import json
import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "data/models/torch"))
from facts import Storages, payload, plain, tensor_facts, tensors_of  # noqa: E402

FOLDER = pathlib.Path()


def into(folder):
    global FOLDER
    FOLDER = pathlib.Path(folder)
    FOLDER.mkdir(parents=True, exist_ok=True)


def digest(state):
    """Of a dict of dense tensors whose names need no escape."""
    lines = []
    for name in sorted(state, key=str.encode):
        tensor = state[name]
        shape = ",".join(map(str, tensor.shape))
        dtype = str(tensor.dtype).removeprefix("torch.")
        lines.append(f"{name} {dtype} [{shape}] {hashlib.sha256(payload(tensor)).hexdigest()}\n")
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def note(name, **facts):
    (FOLDER / f"{name}.facts.json").write_text(json.dumps(facts))


def note_tensors(name, tensors, **more):
    storages = Storages()
    note(name, tensors=[entry for key, tensor in tensors for entry in tensor_facts(key, tensor, storages)], **more)


def save(name, value, state=None, **options):
    """With `state`, the weights that the file holds, as the plain module has them."""
    torch.save(value, FOLDER / name, **options)
    note_loaded(name, state)


def note_loaded(name, state=None, **more):
    loaded = torch.load(FOLDER / name, weights_only=False, map_location="cpu")
    facts = {"tensors": tensors_of(loaded, Storages()), "plain": plain(loaded), **more}
    note(name, **facts, **({} if state is None else {"weights": digest(state)}))
