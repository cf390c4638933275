"""Compares a product with the checkpoint it was made of, by code that art has no part in: same.py FOLDER PRODUCT BATCH. Prints the difference."""

import pathlib
import sys

import torch

folder, product, batch = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
sys.path.insert(0, str(folder / "src" / "models"))

from resnet import ResNet  # noqa: E402

model = ResNet(10)
model.load_state_dict(torch.load(folder / "models" / "resnet_best.pth", weights_only=True)["model_state_dict"])
model.eval()
x = torch.rand(batch, 3, 32, 32)
with torch.no_grad():
    expected = model(x)
    if product.endswith(".onnx"):
        import onnxruntime

        session = onnxruntime.InferenceSession(product, providers=["CPUExecutionProvider"])
        assert [one.name for one in session.get_inputs()] == ["image"], session.get_inputs()
        got = torch.from_numpy(session.run(["logits"], {"image": x.numpy()})[0])
    else:
        got = torch.jit.load(product)(x)
assert got.shape == (batch, 10)
print((got - expected).abs().max().item())
