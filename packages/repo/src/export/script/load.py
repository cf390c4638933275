"""Makes the user's model and gives it the weights."""

import importlib
import inspect
import math

import torch

from _art_export.problem import Problem, of_exception


def make_model(name, kwargs):
    """`package.module:attribute`, called with `kwargs` unless it is a model already."""
    module_name, _, attribute = name.partition(":")
    module = import_module(module_name)
    made = module
    for part in attribute.split("."):
        if not hasattr(made, part):
            public = [one for one in dir(made) if callable(getattr(made, one, None)) and not one.startswith("_")]
            raise Problem("attribute", "%s has no %s" % (module_name, attribute), found=public[:50], wanted=attribute)
        made = getattr(made, part)
    if isinstance(made, torch.nn.Module):
        return made
    if not callable(made):
        raise Problem("build", "%s is neither a function nor a class of a model, but %s" % (name, type(made).__name__))
    check_kwargs(made, name, kwargs)
    try:
        model = made(**kwargs)
    except BaseException as error:
        raise of_exception(error, "build", "%s(%s)" % (name, ", ".join("%s=%r" % one for one in kwargs.items())))
    if isinstance(model, torch.nn.Module):
        return model
    raise Problem("build", "%s returned %s, which is no torch.nn.Module" % (name, type(model).__name__))


def import_module(name):
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(error.name + ".")):
            raise Problem("own-module", "there is no module %s" % error.name, module=error.name)
        raise of_exception(error, "import", "importing %s" % name)
    except BaseException as error:
        raise of_exception(error, "import", "importing %s" % name)


def check_kwargs(made, name, kwargs):
    """A name that is not taken, or one that is missing, is told with those that are."""
    try:
        signature = inspect.signature(made)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(**kwargs)
    except TypeError as error:
        raise Problem("kwargs", "%s%s: %s" % (name, signature, error), found=list(signature.parameters))


def load_weights(model, state_dict, defaults, kwargs):
    """Strictly. Names that share a tensor with one that was loaded are not missing."""
    own = model.state_dict()
    mismatched = [(name, own[name], tensor) for name, tensor in state_dict.items() if is_other_shape(own.get(name), tensor)]
    missing = [name for name in own if name not in state_dict]
    unexpected = [name for name in state_dict if name not in own]
    missing = [name for name in missing if not is_shared(name, own, state_dict)]
    if missing or unexpected or mismatched:
        raise key_problem(own, state_dict, missing, unexpected, mismatched, defaults, kwargs)
    try:
        model.load_state_dict(state_dict, strict=False)
    except BaseException as error:
        raise of_exception(error, "load", "loading the weights")


def is_other_shape(own, tensor):
    return isinstance(own, torch.Tensor) and own.shape != tensor.shape


def is_shared(name, own, state_dict):
    tensor = own[name]
    if not isinstance(tensor, torch.Tensor) or tensor.numel() == 0:
        return False
    return any(
        other in own and isinstance(own[other], torch.Tensor) and own[other].data_ptr() == tensor.data_ptr()
        for other in state_dict
    )


def key_problem(own, state_dict, missing, unexpected, mismatched, defaults, kwargs):
    details = [(name, "the model has it, the weights do not") for name in missing]
    details += [(name, "the weights have it, the model does not") for name in unexpected]
    details += [(name, "%s in the weights, %s in the model" % (list(b.shape), list(a.shape))) for name, a, b in mismatched]
    counts = [(len(missing), "missing"), (len(unexpected), "unexpected"), (len(mismatched), "of another shape")]
    said = ", ".join("%d %s" % one for one in counts if one[0])
    return Problem(
        "keys",
        "the weights do not fit the model: of %d tensors %s" % (len(state_dict), said),
        details,
        prefix=prefix_between(own, state_dict),
        kwargs=likely_kwargs(mismatched, {**defaults, **kwargs}),
        left_to_default={name: plain(one) for name, one in defaults.items() if name not in kwargs},
    )


def prefix_between(own, state_dict):
    """`["model", "backbone."]` where the model's names are those of the weights behind a prefix, `["weights", …]` the other way round."""
    for side, longer, shorter in (("model", own, state_dict), ("weights", state_dict, own)):
        names = set(shorter)
        for long in longer:
            for short in names:
                prefix = long[: len(long) - len(short)]
                if prefix and prefix.endswith(".") and long == prefix + short:
                    if {prefix + name for name in names} == set(longer):
                        return [side, prefix]
            break
    return None


def likely_kwargs(mismatched, made_of):
    """`{"num_classes": 10}` where an argument has the figure that the model has and the weights have another."""
    figures = {}
    for _, own, tensor in mismatched:
        if own.dim() != tensor.dim():
            continue
        for mine, theirs in zip(own.shape, tensor.shape):
            if mine != theirs:
                figures.setdefault(mine, set()).add(theirs)
    found = {}
    for name, value in made_of.items():
        wanted = figures.get(value) if isinstance(value, int) and not isinstance(value, bool) else None
        if wanted is not None and len(wanted) == 1:
            found[name] = next(iter(wanted))
    return found


def defaults_of(name):
    """Of the arguments that what makes the model can do without, as far as they can be told."""
    module_name, _, attribute = name.partition(":")
    try:
        made = importlib.import_module(module_name)
        for part in attribute.split("."):
            made = getattr(made, part)
        parameters = inspect.signature(made).parameters.values()
    except Exception:
        return {}
    return {one.name: one.default for one in parameters if one.default is not inspect.Parameter.empty}


def plain(value):
    """As JSON has it; None for all that it has not."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, (bool, int, float, str)) else None
