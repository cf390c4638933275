"""write.py <folder> [--onnx]: model files of many kinds, each with what its own library says of it beside it."""

import sys

import facts_of
import formats
import training

if __name__ == "__main__":
    facts_of.into(sys.argv[1])
    training.main()
    formats.main("--onnx" in sys.argv)
