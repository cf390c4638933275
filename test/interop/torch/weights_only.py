"""Reads paths from standard input; prints what `torch.load(weights_only=True)` says of each: null, or the first telling line of its error."""

import json
import pathlib
import sys
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "data/models/scan"))
from weights_only import verdict  # noqa: E402

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(json.dumps({path: verdict(path) for path in sys.stdin.read().split("\n") if path}))
