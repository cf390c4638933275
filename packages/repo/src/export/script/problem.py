"""What can go wrong, as art tells it."""

import re
import traceback

DETAILS_MAX = 500
TEXT_MAX = 2000


class Problem(Exception):
    """kind: what art makes a hint of. details: (name, message) pairs."""

    def __init__(self, kind, message, details=(), **more):
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.details = list(details)
        self.more = more

    def told(self):
        details = [[short(name, 300), short(text, 300)] for name, text in self.details[:DETAILS_MAX]]
        if len(self.details) > DETAILS_MAX:
            details.append(["…", "%d more" % (len(self.details) - DETAILS_MAX)])
        return {"kind": self.kind, "message": short(self.message, TEXT_MAX), "details": details, **self.more}


def short(text, most):
    text = str(text)
    return text if len(text) <= most else text[: most - 1] + "…"


CUDA = (
    "found no nvidia driver",
    "not compiled with cuda",
    "cuda error",
    "no cuda gpus are available",
    "cuda driver",
    "cudart",
    "expected all tensors to be on the same device",
    "mps backend",
)


def of_exception(error, kind, what):
    """`what` says what was being done. A missing module and a device are told as such wherever they show."""
    if isinstance(error, Problem):
        return error
    # torch.onnx.export tells its steps, and only the cause what is wrong where.
    if any(one.__name__ == "OnnxExporterError" for one in type(error).__mro__) and error.__cause__ is not None:
        return of_exception(error.__cause__, kind, what)
    text = first_line(error)
    if isinstance(error, ModuleNotFoundError) and error.name:
        return Problem("module", "%s: there is no module %s" % (what, error.name), module=error.name, where=place(error))
    if any(sign in str(error).lower() for sign in CUDA):
        return Problem("device", "%s: %s" % (what, text), where=place(error))
    if "data-dependent" in text:
        return Problem("branch", "%s: %s" % (what, text), where=place(error))
    if isinstance(error, MemoryError):
        return Problem("memory", "%s: not enough memory" % what)
    return Problem(kind, "%s: %s" % (what, text), where=place(error))


def first_line(error):
    lines = [line.strip() for line in re.sub("\x1b\\[[0-9;]*m", "", str(error)).splitlines() if line.strip()]
    name = type(error).__name__
    return "%s: %s" % (name, lines[0]) if lines else name


def place(error):
    """`file:line` of the innermost frame, for who writes the model; frames of libraries are passed over where there are others."""
    frames = [one for one in traceback.extract_tb(error.__traceback__) if "_art_export" not in one.filename]
    own = [one for one in frames if "site-packages" not in one.filename and "<frozen" not in one.filename]
    if not frames:
        return None
    last = (own or frames)[-1]
    return "%s:%s" % (last.filename, last.lineno)
