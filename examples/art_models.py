"""Model files of releases, by name: copy this file into your project. It needs Python 3.8 and `art` on PATH, nothing else.

    import art_models, torch

    with art_models.open("resnet#production") as file:
        checkpoint = torch.load(file, weights_only=True)

    model = art_models.get("resnet@v1.2.0", repository="https://host/team/models.git")
    print(model.path, model.version, model.oid)

A name is `resnet@v1.2.0`, `resnet@latest`, `resnet#production`, or the path of an artifact. Files are kept below `~/.cache/art-models`, or what
ART_MODELS names, each in a folder of its own oid: what a path names never changes. With `offline=True` a name is what it was when it was got last.
"""

import builtins
import contextlib
import hashlib
import io
import json
import os
import shutil
import subprocess
from collections import namedtuple

Model = namedtuple("Model", "path oid model version tag commit")
Model.__doc__ = """One file, or one folder, of a release. `oid`: sha256 of the file, 64 hex digits. What is not known is None, as the version of what is no release."""


class ArtError(RuntimeError):
    """art said no: `code`, `hint` and the message are its own."""

    def __init__(self, message, code=None, hint=None):
        super().__init__(message if hint is None else "%s\nhint: %s" % (message, hint))
        self.code = code
        self.hint = hint


class ModelFile(io.BufferedReader):
    """An open file that knows which it is: `model`, and `path` for libraries that open files themselves."""

    def __init__(self, model):
        super().__init__(io.FileIO(model.path))
        self.model = model
        self.path = model.path


def open(name, repository=".", offline=False):  # noqa: A001
    """The file of a release, opened for reading bytes."""
    return ModelFile(get(name, repository, offline=offline))


def get(name, repository=".", cache=None, offline=False):
    """Brings what `name` stands for to this machine, unless it is here, and returns which it is. Its bytes are checked against the oid.
    `offline`: neither repository nor remote is asked, nor is art needed."""
    root = os.path.abspath(cache or os.environ.get("ART_MODELS") or os.path.join(os.path.expanduser("~"), ".cache", "art-models"))
    source = repository if "://" in repository or "@" in repository else os.path.abspath(repository)
    key = hashlib.sha256(("%s\n%s" % (source, name)).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    current = os.path.join(root, "names", key)
    if offline:
        return recall(current + ".json", name)
    os.makedirs(current, exist_ok=True)
    # Of one name art replaces the file as the name moves on; the same content is not fetched again.
    got = run("get", "--json", "--quiet", "--force", "--output", current, "--", source, name)
    release = got.get("release") or {}
    found = os.path.join(current, os.path.basename(got["path"]))
    model = Model(
        keep(found, got["oid"], root) if os.path.isfile(found) else found,
        got["oid"],
        release.get("model"),
        release.get("version"),
        release.get("tag"),
        release.get("commit") or got.get("commit"),
    )
    with replacing(current + ".json") as part:
        with builtins.open(part, "w") as file:
            json.dump(model._asdict(), file)
    return model


def recall(record, name):
    """What `get` wrote down of this name when it was got last."""
    try:
        with builtins.open(record) as file:
            model = Model(**json.load(file))
    except (OSError, ValueError, TypeError):
        raise ArtError("%s was not got before" % name, "NOT_FOUND", "Get it once from its repository.") from None
    if not os.path.exists(model.path) or os.path.isfile(model.path) and digest(model.path) != model.oid:
        raise ArtError("%s is no longer what was got" % model.path, "CORRUPT", "Get it again from its repository.")
    return model


def keep(found, oid, root):
    """The file under a path of its own, if its bytes are those of the oid. They are looked at every time: a disk is no friend."""
    path = os.path.join(root, "files", oid, os.path.basename(found))
    if os.path.exists(path) and digest(path) == oid:
        return path
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with replacing(path) as part:
        try:
            # art puts another file in its place, and does not write into this one.
            os.link(found, part)
        except OSError:
            shutil.copyfile(found, part)
        if digest(part) != oid:
            raise ArtError("%s is not the file that art named, %s" % (found, oid), "CORRUPT")
    return path


@contextlib.contextmanager
def replacing(path):
    """A name to write under: the file gets its own once it is whole, and is gone where that fails."""
    part = "%s.%d.part" % (path, os.getpid())
    try:
        yield part
        os.replace(part, path)
    finally:
        if os.path.exists(part):
            os.remove(part)


def digest(path):
    sha256 = hashlib.sha256()
    with builtins.open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            sha256.update(block)
    return sha256.hexdigest()


def run(*args):
    """What `art --json` prints, a map. Raises ArtError with art's own words."""
    art = os.environ.get("ART") or shutil.which("art")
    hint = "Install it, or name it in the variable ART."
    if art is None:
        raise ArtError("art is not on PATH", "NOT_FOUND", hint)
    try:
        done = subprocess.run([art, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except OSError as error:
        raise ArtError("art does not start: %s" % error, "NOT_FOUND", hint) from None
    said = done.stderr.decode("utf-8", "replace").strip()
    error = parse(said).get("error")
    if done.returncode != 0 and isinstance(error, dict):
        message = "%s: %s" % (error.get("message"), error["path"]) if error.get("path") else error.get("message")
        raise ArtError(message, error.get("code"), error.get("hint"))
    answer = parse(done.stdout)
    if done.returncode != 0 or "oid" not in answer or "path" not in answer:
        what = "ended with %d" % done.returncode if done.returncode else "gave no answer"
        raise ArtError("art %s: %s" % (what, said[-1000:]), None, "Look whether %s is art." % art)
    return answer


def parse(text):
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
