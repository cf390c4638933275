"""Spreads seed.pth's state dict over two files of torch.save, with the index that Hugging Face's libraries write.

    python shard.py     # torch 2.15.0
"""

import json
import pathlib

import torch

HERE = pathlib.Path(__file__).parent
FOLDER = HERE / "sharded-bin"
FILES = ["pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"]

state = torch.load(HERE / "seed.pth", weights_only=False)["model_state_dict"]
places = {name: FILES[0 if name.startswith("conv1") else 1] for name in state}
FOLDER.mkdir(exist_ok=True)
for file in FILES:
    torch.save({name: tensor for name, tensor in state.items() if places[name] == file}, FOLDER / file)
size = sum(tensor.numel() * tensor.element_size() for tensor in state.values())
(FOLDER / "pytorch_model.bin.index.json").write_text(
    json.dumps({"metadata": {"total_size": size}, "weight_map": places}, indent=2, sort_keys=True) + "\n"
)
