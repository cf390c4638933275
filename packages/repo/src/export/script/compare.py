"""Runs the model and its export on the same inputs, and measures how far they are apart."""

import torch

from _art_export.inputs import flatten, make_inputs, negated, normal, uniform
from _art_export.problem import Problem, first_line, of_exception

DRAWN = ((0, normal), (0, negated), (1, normal), (2, uniform))


def expected_outputs(model, request):
    """(inputs, outputs) of each draw and, with a dynamic batch, for other sizes of it. Fails where the model itself does not repeat."""
    specs = request["inputs"]
    batch = specs[0]["shape"][0] if request["dynamic_batch"] else None
    batches = [None] * len(DRAWN) if batch is None else [batch, batch, batch + 1, 1]
    cases = []
    for (seed, draw), size in zip(DRAWN, batches):
        inputs = make_inputs(specs, seed, draw, size)
        try:
            outputs = flatten(model(*inputs))
            again = flatten(model(*inputs))
        except BaseException as error:
            shapes = ", ".join(str(list(one.shape)) for one in inputs)
            kind = "training" if training(model) else "input" if size == batch else "fixed-batch"
            raise of_exception(error, kind, "the model does not take the input %s%s" % (shapes, training(model)))
        if not outputs:
            raise Problem("output", "the model returns no tensors")
        if measure(outputs, again)[1] > request["tolerance"]:
            kind = "training" if training(model) else "random"
            raise Problem(kind, "the model gives other outputs for the same input, even after eval()%s" % training(model))
        cases.append((inputs, outputs))
    return cases


def training(model):
    """Who did not follow eval(), as part of a sentence; empty where all did."""
    found = [name or type(model).__name__ for name, module in model.named_modules() if module.training]
    return ", in which %s stays in training mode" % found[0] if found else ""


def compare(cases, runner, request):
    """The largest difference. Fails where one is beyond the tolerance."""
    worst = 0.0
    for inputs, outputs in cases:
        shapes = ", ".join(str(list(one.shape)) for one in inputs)
        try:
            got = runner(inputs)
        except BaseException as error:
            kind = "fixed-batch" if request["dynamic_batch"] else "run"
            raise Problem(kind, "the export does not run on the input %s: %s" % (shapes, first_line(error)))
        if [list(one.shape) for one in got] != [list(one.shape) for one in outputs]:
            raise Problem("differs", "the export gives outputs of other shapes on the input %s" % shapes)
        absolute, relative = measure(outputs, got)
        worst = max(worst, absolute)
        if not relative <= request["tolerance"]:
            raise Problem(
                "differs",
                "the export computes something else: outputs differ by %.3g%s, and %.3g is allowed"
                % (
                    absolute,
                    "" if relative == absolute else ", which is %.3g of the largest" % relative,
                    request["tolerance"],
                ),
            )
    return worst


def measure(expected, got):
    """The largest difference, and the largest in relation to outputs above 1. Infinite where NaN or infinity stand at other places."""
    absolute = relative = 0.0
    if len(expected) != len(got):
        return float("inf"), float("inf")
    for want, have in zip(expected, got):
        want, have = wide(want), wide(have)
        if want.numel() == 0:
            continue
        finite = torch.isfinite(want)
        if not torch.equal(finite, torch.isfinite(have)) or not same_where(~finite, want, have):
            return float("inf"), float("inf")
        difference = torch.where(finite, (want - have).abs(), torch.zeros_like(want))
        scale = torch.where(finite, want.abs(), torch.zeros_like(want)).max().clamp(min=1.0)
        absolute = max(absolute, difference.max().item())
        relative = max(relative, (difference.max() / scale).item())
    return absolute, relative


def same_where(mask, want, have):
    return torch.equal(torch.nan_to_num(want[mask], nan=7.0), torch.nan_to_num(have[mask], nan=7.0))


def wide(tensor):
    if tensor.is_complex():
        tensor = torch.view_as_real(tensor)
    return tensor.to(torch.float64)
