"""TorchScript: by tracing, and by compiling where a trace fails or computes something else."""

import warnings

import torch

from _art_export.compare import compare
from _art_export.inputs import flatten
from _art_export.problem import of_exception


def write(model, cases, request):
    failure = None
    for how in (trace, script):
        try:
            how(model, cases[0][0], request["product"])
            worst = compare(cases, runner_of(request["product"]), request)
            return {"exporter": how.__name__, "max_abs_diff": worst, "compared_with": "torch %s" % torch.__version__}
        except BaseException as error:
            told = of_exception(error, "export", "torch.jit.%s" % how.__name__)
            # What the trace says is what there is to know; the compiler knows less Python.
            failure = failure or told
    raise failure


def trace(model, inputs, path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        traced = torch.jit.trace(model, inputs, strict=False, check_trace=False)
    torch.jit.save(traced, path)


def script(model, inputs, path):
    torch.jit.save(torch.jit.script(model), path)


def runner_of(path):
    loaded = torch.jit.load(path, map_location="cpu").eval()

    def run(inputs):
        with torch.no_grad():
            return flatten(loaded(*inputs))

    return run
