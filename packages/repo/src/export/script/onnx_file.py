"""ONNX, by either of torch's exporters, and whatever can run it here."""

import importlib
import inspect
import os
import warnings

import torch

from _art_export.compare import compare
from _art_export.problem import Problem, of_exception

DYNAMO_FROM = 18
LEGACY_MAX = 20


def write(model, cases, request):
    """Tries the exporters that know the opset, the one that torch recommends first. The first whose file computes the same is taken."""
    run_with, name = find_runtime()
    failure = None
    inputs, outputs = cases[0]
    given = request["input_names"], request["output_names"]
    names = name_all(given[0], "input", len(inputs)), name_all(given[1], "output", len(outputs))
    for how in exporters(request["opset"]):
        try:
            how(model, inputs, names, request)
            refuse_several_files(request["product"])
            session = start(run_with, name, request["product"])
            worst = None if session is None else compare(cases, session, request)
            exporter = "dynamo" if how is export_dynamo else "torchscript"
            return {"exporter": exporter, "max_abs_diff": worst, "compared_with": name}
        except BaseException as error:
            told = of_exception(error, "export", "torch.onnx.export")
            failure = worse(failure, told)
            remove_all(request["product"])
    raise failure


def worse(first, second):
    """What the first says counts, unless it only lacks a package that the other does without."""
    return second if first is None or first.kind == "module" else first


def exporters(opset):
    has_dynamo = "dynamo" in inspect.signature(torch.onnx.export).parameters
    found = []
    if has_dynamo and opset >= DYNAMO_FROM and has("onnxscript") and has("onnx"):
        found.append(export_dynamo)
    if opset <= LEGACY_MAX:
        found.append(export_legacy)
    if found:
        return found
    for package in ("onnx", "onnxscript"):
        if not has(package):
            raise Problem("module", "opset %d needs %s" % (opset, package), module=package)
    raise Problem("opset", "torch %s cannot write opset %d" % (torch.__version__, opset))


def has(package):
    try:
        importlib.import_module(package)
        return True
    except ImportError:
        return False


def name_all(given, what, count):
    """The names that were asked for, or `input`, or `input0`, `input1` and so on."""
    if given is None:
        return [what] if count == 1 else ["%s%d" % (what, i) for i in range(count)]
    if len(given) != count:
        raise Problem("names", "the model has %d %ss, and --%s-names names %d" % (count, what, what, len(given)))
    return given


def export_legacy(model, inputs, names, request):
    input_names, output_names = names
    more = {}
    if request["dynamic_batch"]:
        more["dynamic_axes"] = {name: {0: "batch"} for name in [*input_names, *output_names]}
    if "dynamo" in inspect.signature(torch.onnx.export).parameters:
        more["dynamo"] = False
    write_product(model, inputs, names, request, **more)


def export_dynamo(model, inputs, names, request):
    more = {}
    if request["dynamic_batch"]:
        batch = torch.export.Dim("batch")
        more["dynamic_shapes"] = tuple({0: batch} for _ in inputs)
        # A batch of one would be taken for a constant.
        inputs = tuple(one if one.shape[0] > 1 else torch.cat([one, one]) for one in inputs)
    write_product(model, inputs, names, request, dynamo=True, external_data=False, verbose=False, **more)


def write_product(model, inputs, names, request, **more):
    input_names, output_names = names
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            inputs,
            request["product"],
            opset_version=request["opset"],
            input_names=input_names,
            output_names=output_names,
            **more,
        )


def refuse_several_files(product):
    others = [name for name in os.listdir(os.path.dirname(product)) if name != os.path.basename(product)]
    if others:
        raise Problem("too-large", "the model is too large for one ONNX file: 2 GB is what the format can hold")


def remove_all(product):
    folder = os.path.dirname(product)
    for name in os.listdir(folder):
        os.remove(os.path.join(folder, name))


def find_runtime():
    """A function path -> runner, and what it is called; (None, None) where nothing here runs ONNX."""
    try:
        import onnxruntime

        return with_onnxruntime, "onnxruntime %s" % onnxruntime.__version__
    except ImportError:
        pass
    try:
        import onnx
        import onnx.reference

        return with_reference, "onnx %s" % onnx.__version__
    except ImportError:
        return None, None


def start(run_with, name, path):
    if run_with is None:
        return None
    try:
        return run_with(path)
    except BaseException as error:
        raise of_exception(error, "run", "%s does not load the export" % name)


def with_onnxruntime(path):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    wanted = [one.name for one in session.get_inputs()]

    def run(inputs):
        fed = {name: one.numpy() for name, one in zip(wanted, inputs)}
        return [torch.from_numpy(one.copy()) for one in session.run(None, fed)]

    return run


def with_reference(path):
    import numpy
    import onnx.reference

    evaluator = onnx.reference.ReferenceEvaluator(path)

    def run(inputs):
        fed = {name: one.numpy() for name, one in zip(evaluator.input_names, inputs)}
        return [torch.from_numpy(numpy.array(one)) for one in evaluator.run(None, fed)]

    return run
