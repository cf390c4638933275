"""The export, step by step."""

from _art_export.problem import Problem, of_exception


def run(request):
    try:
        import torch
    except ImportError as error:
        if getattr(error, "name", None) == "torch":
            raise Problem("module", "this Python has no torch", module="torch")
        raise of_exception(error, "torch", "importing torch")
    from _art_export import load, weights
    from _art_export.compare import expected_outputs

    torch.manual_seed(0)
    state_dict = weights.read_weights(request["weights"])
    model = load.make_model(request["model"], request["kwargs"])
    load.load_weights(model, state_dict, load.defaults_of(request["model"]), request["kwargs"])
    model = model.to("cpu").eval()
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    with torch.no_grad():
        cases = expected_outputs(model, request)
        if request["format"] == "onnx":
            from _art_export import onnx_file as writer
        else:
            from _art_export import torchscript as writer
        found = writer.write(model, cases, request)
    return {
        "torch": str(torch.__version__),
        "opset": request["opset"] if request["format"] == "onnx" else None,
        "outputs": [list(one.shape) for one in cases[0][1]],
        **found,
    }
