"""What training leaves in checkpoints: every optimizer and scheduler of torch, the scaler of mixed precision, wrappers, averages."""

import inspect
import json
import warnings

import torch
from torch import nn
from torch.optim import lr_scheduler

import facts_of
from facts_of import save
from models import made, trained


def optimizers():
    """Each that torch exports, after three real steps; what kind it is goes into the facts."""
    kinds = {}
    for name in sorted(torch.optim.__all__):
        kind = getattr(torch.optim, name)
        if not inspect.isclass(kind) or not issubclass(kind, torch.optim.Optimizer) or kind is torch.optim.Optimizer:
            continue
        torch.manual_seed(5)
        sparse = name == "SparseAdam"
        net = nn.Embedding(9, 4, sparse=sparse) if sparse or name == "Muon" else nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 2))
        fill = torch.tensor([1, 4, 4]) if isinstance(net, nn.Embedding) else torch.randn(5, 4)
        options = {"momentum": 0.9} if name == "SGD" else {}
        optimizer = kind(net.parameters(), lr=0.01, **options)

        def closure():
            optimizer.zero_grad()
            loss = net(fill).square().mean()
            loss.backward()
            return loss

        for _ in range(3):
            optimizer.step(closure)
        file = f"optimizer.{name}.pth"
        save(file, {"epoch": 2, "model_state_dict": net.state_dict(), "optimizer_state_dict": optimizer.state_dict()}, net.state_dict())
        kinds[file] = name
    (facts_of.FOLDER / "optimizers.json").write_text(json.dumps({"kinds": kinds}))


SCHEDULERS = {
    "LambdaLR": {"lr_lambda": lambda epoch: 0.9**epoch},
    "MultiplicativeLR": {"lr_lambda": lambda epoch: 0.9},
    "StepLR": {"step_size": 2},
    "MultiStepLR": {"milestones": [1, 3]},
    "ConstantLR": {},
    "LinearLR": {},
    "ExponentialLR": {"gamma": 0.9},
    "PolynomialLR": {},
    "CosineAnnealingLR": {"T_max": 4},
    "CosineAnnealingWarmRestarts": {"T_0": 2},
    "CyclicLR": {"base_lr": 0.01, "max_lr": 0.1},
    "OneCycleLR": {"max_lr": 0.1, "total_steps": 9},
    "ReduceLROnPlateau": {},
}


def schedulers():
    net = nn.Linear(3, 2)
    states = {}
    for name, options in SCHEDULERS.items():
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
        scheduler = getattr(lr_scheduler, name)(optimizer, **options)
        for _ in range(3):
            optimizer.step()
            scheduler.step(*([0.5] if name == "ReduceLROnPlateau" else []))
        states[name] = scheduler.state_dict()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    parts = [lr_scheduler.ConstantLR(optimizer), lr_scheduler.StepLR(optimizer, 2)]
    states["SequentialLR"] = lr_scheduler.SequentialLR(optimizer, parts, milestones=[2]).state_dict()
    states["ChainedScheduler"] = lr_scheduler.ChainedScheduler(parts).state_dict()
    save("schedulers.pth", {"epoch": 3, "state_dict": net.state_dict(), "schedulers": states}, net.state_dict())


def precision():
    """A step under autocast, with a scaler; the same weights in the dtypes that people deploy."""
    net = made("residual")
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cpu", init_scale=256.0)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = net(net.example()).square().mean()
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()
    save("amp.pth", {"model": net.state_dict(), "optimizer": optimizer.state_dict(), "scaler": scaler.state_dict(), "epoch": 0}, net.state_dict())
    dtypes = "float16 bfloat16 float64 float8_e4m3fn float8_e5m2 complex64 complex128".split()
    for dtype in dtypes:
        state = {name: tensor.to(getattr(torch, dtype)) if tensor.is_floating_point() else tensor for name, tensor in net.state_dict().items()}
        save(f"dtype.{dtype}.pth", state, state)


def wrappers():
    """Their names differ and their weights do not."""
    net, optimizer = trained("residual")
    state = net.state_dict()
    torch.distributed.init_process_group("gloo", store=torch.distributed.HashStore(), rank=0, world_size=1)
    parallel = nn.parallel.DistributedDataParallel(net)
    compiled = torch.compile(net)
    both = nn.parallel.DistributedDataParallel(torch.compile(net))
    averaged = torch.optim.swa_utils.AveragedModel(net)
    layout = {
        "plain": state,
        "data_parallel": nn.DataParallel(net).state_dict(),
        "distributed": parallel.state_dict(),
        "compiled": compiled.state_dict(),
        "both": both.state_dict(),
        "averaged": averaged.state_dict(),
    }
    for name, value in layout.items():
        save(f"wrapper.{name}.pth", {"epoch": 1, "model_state_dict": value, "optimizer_state_dict": optimizer.state_dict()}, state)
    save("wrapper.bare.pth", parallel.state_dict(), state)
    moving = torch.optim.swa_utils.AveragedModel(net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.9), use_buffers=True)
    for tensor in net.parameters():
        tensor.data.mul_(1.5)
    moving.update_parameters(net)
    save("wrapper.average_beside.pth", {"model": net.state_dict(), "ema": moving.state_dict()}, net.state_dict())
    torch.distributed.destroy_process_group()


def main():
    warnings.simplefilter("ignore")
    optimizers()
    schedulers()
    precision()
    wrappers()
