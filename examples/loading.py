"""Loads the model of a release: python examples/loading.py 'resnet#production' [REPOSITORY]

In five lines, once this file's neighbour `art_models.py` is in your project:

    import art_models, torch
    from src.models.model import get_model
    model = get_model(num_classes=10)
    with art_models.open("resnet#production") as file:
        model.load_state_dict(torch.load(file, map_location="cpu", weights_only=True)["model_state_dict"])

Without it, `art get . 'resnet#production' -o model.pth` and `torch.load("model.pth", weights_only=True)` do the same.
"""

import pickle
import sys

import art_models
import torch

STATE_DICTS = ("model_state_dict", "state_dict", "model")


def main(name, repository="."):
    with art_models.open(name, repository) as file:
        release = file.model
        try:
            checkpoint = torch.load(file, map_location="cpu", weights_only=True)
        except pickle.UnpicklingError:
            sys.exit("error: %s is nothing that torch.load reads with weights_only" % release.path)
    found = [key for key in STATE_DICTS if isinstance(checkpoint, dict) and isinstance(checkpoint.get(key), dict)]
    state_dict = checkpoint[found[0]] if found else checkpoint
    print("%s %s, sha256 %s" % (release.model or name, release.version or "", release.oid))
    print("%d tensors, %d values" % (len(state_dict), sum(one.numel() for one in state_dict.values())))


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: loading.py NAME [REPOSITORY]")
    try:
        main(*sys.argv[1:])
    except art_models.ArtError as error:
        sys.exit("error: %s" % error)
