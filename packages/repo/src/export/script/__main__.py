"""What `art export --to torchscript|onnx` runs in the user's Python: `python _art_export REQUEST.json`.

Reads the request, and answers in a file beside it, never on stdout, which belongs to the user's code. Dies when art does.
Works from Python 3.8 and torch 1.13 on.
"""

import json
import os
import signal
import sys
import threading


def hold_on_to(fd):
    """Ends this process and what it started once the other end of its stdin is closed: however art ended."""
    own = os.dup(fd)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, fd)
    os.close(nothing)

    def watch():
        try:
            while os.read(own, 4096):
                pass
        except OSError:
            pass
        if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
            os.killpg(os.getpid(), signal.SIGKILL)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def answer(path, document):
    """Whole or not at all: art may look at any time."""
    with open(path + ".part", "w", encoding="utf-8") as file:
        json.dump(document, file)
    os.replace(path + ".part", path)


def main():
    if sys.version_info < (3, 8):
        sys.exit("Python 3.8 or newer is needed, and this is " + sys.version.split()[0])
    hold_on_to(0)
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[0] = os.path.dirname(here)
    from _art_export import run
    from _art_export.problem import Problem, of_exception

    # The user's code finds its own modules, and none of ours by accident.
    del sys.path[0]
    with open(sys.argv[1], encoding="utf-8") as file:
        request = json.load(file)
    sys.path[:0] = request["import_from"]
    del sys.argv[1:]
    try:
        document = {"ok": True, "result": run.run(request)}
    except Problem as problem:
        document = {"ok": False, "problem": problem.told()}
    except BaseException as error:  # sys.exit() in a module of the user's, too
        document = {"ok": False, "problem": of_exception(error, "export", "the export failed").told()}
    answer(request["answer"], document)
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads of the user's code, and destructors of libraries, must not keep it.
    os._exit(0)


main()
