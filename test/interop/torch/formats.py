"""One model in every format that torch, safetensors and onnx write."""

import hashlib
import json
import os
import warnings

import torch
from safetensors.torch import load_file, save_file, save_model

import facts_of
from facts_of import digest, note, note_tensors, save
from models import MODELS, trained


def checkpoints(kind, net, optimizer):
    state = net.state_dict()
    seed = {"epoch": 4, "model_state_dict": state, "optimizer_state_dict": optimizer.state_dict(), "val_acc": 0.75, "config": {"lr": 1e-2}}
    save(f"{kind}.pth", seed, state)
    save(f"{kind}.legacy.pth", seed, state, _use_new_zipfile_serialization=False)
    save(f"{kind}.protocol4.pth", seed, state, pickle_protocol=4)
    save(f"{kind}.module.pth", net, state)
    save(f"{kind}.module.legacy.pth", net, state, _use_new_zipfile_serialization=False)
    save(f"{kind}.channels_last.pth", {n: t.to(memory_format=torch.channels_last) if t.dim() == 4 else t for n, t in state.items()}, state)


def safetensors(kind, net):
    state = net.state_dict()
    separate = {name: tensor.clone().contiguous() for name, tensor in state.items()}
    save_file(separate, facts_of.FOLDER / f"{kind}.safetensors", {"format": "pt"})
    save_model(net, str(facts_of.FOLDER / f"{kind}.tied.safetensors"))
    for name in (f"{kind}.safetensors", f"{kind}.tied.safetensors"):
        loaded = load_file(facts_of.FOLDER / name)
        note_tensors(name, loaded.items(), anyOrder=True, weights=digest(state))
    folder = facts_of.FOLDER / f"{kind}.sharded"
    folder.mkdir()
    names = sorted(separate)
    shard = {name: f"model-0000{1 + i % 3}-of-00003.safetensors" for i, name in enumerate(names)}
    for file in set(shard.values()):
        save_file({name: separate[name] for name in names if shard[name] == file}, folder / file, {"format": "pt"})
    index = {"metadata": {"total_size": sum(t.nbytes for t in separate.values())}, "weight_map": shard}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    note_tensors(f"{kind}.sharded/model.safetensors.index.json", separate.items(), anyOrder=True, weights=digest(state))


def dtypes():
    """Every dtype that both libraries know."""
    torch.manual_seed(0)
    base, written = torch.randn(3, 4), {}
    for name in dir(torch):
        dtype = getattr(torch, name)
        if not isinstance(dtype, torch.dtype) or str(dtype) != f"torch.{name}":
            continue
        try:
            tensor = (base.abs() * 9).to(dtype)
            save_file({"x": tensor}, facts_of.FOLDER / "try.safetensors")
            again = load_file(facts_of.FOLDER / "try.safetensors")["x"]
        except Exception:
            continue
        if again.dtype == dtype:
            written[name] = tensor
    os.remove(facts_of.FOLDER / "try.safetensors")
    written |= {"none": torch.zeros(0), "no_row": torch.zeros(0, 3), "number": torch.tensor(2.5)}
    save_file(written, facts_of.FOLDER / "dtypes.safetensors")
    note_tensors("dtypes.safetensors", load_file(facts_of.FOLDER / "dtypes.safetensors").items(), anyOrder=True, weights=digest(written))


def programs(kind, net):
    """TorchScript and torch.export: their state dicts, as torch shows them once they are loaded again."""
    example, state = net.example(), net.state_dict()
    path = facts_of.FOLDER / f"{kind}.traced.pt"
    torch.jit.save(torch.jit.trace(net, example), path)
    # TorchScript knows no buffer that is not saved, so this may be more than the module's own state.
    loaded = torch.jit.load(path).state_dict(keep_vars=True)
    note_tensors(path.name, loaded.items(), subset=True, anyOrder=True, weights=digest(loaded))
    path = facts_of.FOLDER / f"{kind}.pt2"
    torch.export.save(torch.export.export(net, (example,)), path)
    note_tensors(path.name, torch.export.load(path).state_dict.items(), subset=True, anyOrder=True, weights=digest(state))


# The lowest that the old exporter has the operators for.
OLD_OPSET = {"residual": 11, "recurrent": 11, "language": 14}


def onnx(kind, net):
    """By the exporter of old, and by today's at opset 18, also with the weights beside the model."""
    import onnx as library
    from onnx.external_data_helper import load_external_data_for_model

    def facts(name):
        path = facts_of.FOLDER / name
        model = library.load(path, load_external_data=False)
        load_external_data_for_model(model, str(path.parent))
        tensors = []
        for tensor in model.graph.initializer:
            array = library.numpy_helper.to_array(tensor)
            tensors.append({"name": tensor.name, "dtype": str(array.dtype), "shape": list(array.shape), "sha256": hashlib.sha256(array.tobytes()).hexdigest()})
        opset = next(entry.version for entry in model.opset_import if entry.domain == "")
        nodes = [node.op_type for node in model.graph.node]
        note(name, tensors=tensors, subset=True, anyOrder=True, opset=opset, operators={op: nodes.count(op) for op in nodes})

    old = OLD_OPSET[kind]
    torch.onnx.export(net, (net.example(),), facts_of.FOLDER / f"{kind}.opset{old}.onnx", dynamo=False, opset_version=old)
    facts(f"{kind}.opset{old}.onnx")
    for name, external in (("opset18", False), ("opset18.external", True)):
        torch.onnx.export(net, (net.example(),), facts_of.FOLDER / f"{kind}.{name}.onnx", dynamo=True, opset_version=18, external_data=external, verbose=False)
        facts(f"{kind}.{name}.onnx")


def main(with_onnx):
    warnings.simplefilter("ignore")
    # It is another graph while gradients are off, which tracing takes for a mistake.
    torch.backends.mha.set_fastpath_enabled(False)
    dtypes()
    for kind in MODELS:
        net, optimizer = trained(kind)
        checkpoints(kind, net, optimizer)
        safetensors(kind, net)
        programs(kind, net)
        if with_onnx:
            onnx(kind, net)
