"""Writes one model in many files, and weights.json: what torch says of it, and its weights digest as docs/formats.md defines it.

    python make.py     # torch 2.15.0, safetensors 0.8.0
"""

import copy
import hashlib
import json
import pathlib

import torch
from safetensors.torch import save_file, save_model

HERE = pathlib.Path(__file__).parent


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(3, 4, 3)
        self.bn1 = torch.nn.BatchNorm2d(4)
        self.wte = torch.nn.Embedding(6, 4)
        self.head = torch.nn.Linear(4, 6, bias=False)
        self.head.weight = self.wte.weight

    def forward(self, image, words):
        return self.head(self.bn1(self.conv1(image)).mean((2, 3)) + self.wte(words))


def digest(state):
    lines = []
    for name in sorted(state, key=lambda name: name.encode()):
        tensor = state[name].contiguous()
        payload = hashlib.sha256(tensor.flatten().view(torch.uint8).numpy().tobytes()).hexdigest()
        shape = ",".join(str(size) for size in tensor.shape)
        lines.append(f"{name} {str(tensor.dtype).removeprefix('torch.')} [{shape}] {payload}\n")
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def statistics(tensor):
    values = tensor.to(torch.float64)
    return {"mean": float(values.mean()), "std": float(values.std()) if values.numel() > 1 else None,
            "min": float(values.min()), "max": float(values.max())}


torch.manual_seed(41)
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
for _ in range(2):
    optimizer.zero_grad()
    net(torch.randn(8, 3, 5, 5), torch.randint(6, (8,))).square().mean().backward()
    optimizer.step()
state = net.state_dict()
separate = {name: tensor.clone() for name, tensor in state.items()}


def save(name, value, **options):
    torch.save(value, HERE / name, **options)


save("seed.pth", {"epoch": 3, "model_state_dict": state, "optimizer_state_dict": optimizer.state_dict(), "val_acc": 0.915,
                  "config": {"lr": 1e-3, "epochs": 5}})
save("bare.legacy.pth", state, _use_new_zipfile_serialization=False)
save("parallel.pth", {"state_dict": {f"module.{name}": tensor for name, tensor in state.items()}, "best": torch.tensor(0.9)})
save("compiled.pth", {"model": {f"_orig_mod.{name}": tensor for name, tensor in state.items()}})
save("averaged.pth", torch.optim.swa_utils.AveragedModel(net).state_dict())
save("channels_last.pth", copy.deepcopy(net).to(memory_format=torch.channels_last).state_dict())
save("whole.pth", net)
save_file(separate, HERE / "copies.safetensors", {"format": "pt"})
save_file(separate, HERE / "shared.safetensors", {"wte.weight": "head.weight"})
save_model(net, HERE / "tied.safetensors")
shards = HERE / "sharded"
shards.mkdir(exist_ok=True)
names = sorted(separate)
files = {name: f"model-0000{1 + (i >= 4)}-of-00002.safetensors" for i, name in enumerate(names)}
for file in sorted(set(files.values())):
    save_file({name: separate[name] for name in names if files[name] == file}, shards / file, {"format": "pt"})
size = sum(tensor.nbytes for tensor in separate.values())
index = {"metadata": {"total_size": size}, "weight_map": files}
(shards / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")

flipped = {name: tensor.clone() for name, tensor in state.items()}
flipped["conv1.weight"].view(torch.int32).flatten()[50] ^= 1
save("one_bit.pth", flipped)

facts = {
    "torch": torch.__version__,
    "weights": digest(state),
    "oneBit": digest(flipped),
    "parameters": sum(p.numel() for p in net.parameters()),
    "tensors": {name: statistics(tensor) for name, tensor in state.items()},
}
(HERE / "weights.json").write_text(json.dumps(facts, indent=1) + "\n")
