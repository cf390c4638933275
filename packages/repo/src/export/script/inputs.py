"""Inputs that both the model and its export are run on: the same for the same seed."""

import torch


def make_inputs(specs, seed, draw, batch=None):
    """One tensor per spec `{shape, dtype, below}`; `batch` replaces the first dimension. Whole numbers are drawn from 0 to below - 1."""
    generator = torch.Generator().manual_seed(seed)
    return tuple(one_input(spec, generator, draw, batch) for spec in specs)


def normal(shape, generator):
    return torch.randn(shape, generator=generator)


def negated(shape, generator):
    """A branch on a sign goes the other way for one of these two, whatever it is the sign of."""
    return -normal(shape, generator)


def uniform(shape, generator):
    """From 0 to 1, as pixels are."""
    return torch.rand(shape, generator=generator)


def one_input(spec, generator, draw, batch):
    shape = list(spec["shape"])
    if batch is not None:
        shape[0] = batch
    dtype = getattr(torch, spec["dtype"])
    if dtype.is_floating_point:
        return draw(shape, generator).to(dtype)
    return torch.randint(0, spec["below"], shape, generator=generator).to(dtype)


def flatten(output):
    """Tensors of an output in order; of a dict in the order of its entries."""
    if isinstance(output, torch.Tensor):
        return [output.detach().cpu()]
    if isinstance(output, dict):
        output = list(output.values())
    if isinstance(output, (list, tuple)):
        return [tensor for one in output for tensor in flatten(one)]
    if hasattr(output, "__dataclass_fields__"):
        return [tensor for name in output.__dataclass_fields__ for tensor in flatten(getattr(output, name))]
    return []
