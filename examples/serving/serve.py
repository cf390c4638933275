"""Serves the ONNX model of a release over HTTP, by onnxruntime: python serve.py --repository URL --release 'resnet#production'

    POST /predict   an image, as it is: JPEG, PNG, anything Pillow reads → {"version", "oid", "top": [{"class", "score"}]}
    GET  /version   which release it is, its oid and commit
    GET  /health    200 once the model is loaded

The model is got with art at start, and its bytes are checked against its oid. Needs numpy, onnxruntime, Pillow, and `art_models.py` beside it.
"""

import argparse
import contextlib
import io
import json
import os
import signal
import socket
import sys
import threading
import time
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy
import onnxruntime
from PIL import Image, UnidentifiedImageError

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import art_models  # noqa: E402

BODY_MAX = 10 << 20
# Of what is refused this much is read over.
READ_OVER_MAX = 100 << 20
TOP = 5
# Pillow knows formats for which it starts other programs, such as PostScript.
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF")
# A request must have come by then, however slowly its client sends: seconds.
PATIENCE = float(os.environ.get("PATIENCE", "30"))
# At once; who comes then is told to come again.
CONNECTIONS_MAX = 100
# An image that is being read takes some hundred megabytes, and the model its share of them.
READING = threading.BoundedSemaphore(os.cpu_count() or 2)
# A small file may be a picture of any size.
Image.MAX_IMAGE_PIXELS = 50_000_000
warnings.simplefilter("error", Image.DecompressionBombWarning)


class Refused(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


def other_format(path):
    """What a file is by its first bytes, where that is not ONNX, which begins with none of these."""
    if os.path.isdir(path):
        return "a folder"
    with open(path, "rb") as file:
        head = file.read(9)
    if head[4:] == b"\0\0\0\0{":
        return "safetensors"
    known = ((b"PK\x03\x04", "pytorch"), (b"\x80", "pytorch"), (b"GGUF", "gguf"), (b"\x93NUMPY", "numpy"))
    return next((name for sign, name in known if head.startswith(sign)), None)


def refuse_others(model, release):
    """A release of what training has saved is the usual mistake."""
    found = other_format(model.path)
    if found is None:
        return
    raise SystemExit(
        "error: %s: this release is %s, not onnx: export it with `art export '%s' --to onnx …`, and release the export under a name of its own\n"
        "hint: models.yaml: `%s_onnx: models/….onnx`; then ART_RELEASE='%s_onnx#production'"
        % (release, found, release, model.model or "model", model.model or "model")
    )


class Classifier:
    """A model of one image input [batch, 3, height, width] whose first output is a score per class."""

    def __init__(self, path, size, mean, std, labels):
        try:
            self.session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime has a kind for each of its codes, and no one above them
            raise SystemExit("error: onnxruntime does not load %s: %s" % (path, str(error).strip().split("\n")[0])) from None
        wanted = self.session.get_inputs()[0]
        if len(wanted.shape) != 4:
            raise SystemExit("error: the model takes %s and not one image" % wanted.shape)
        self.name = wanted.name
        self.height, self.width = (one if isinstance(one, int) else size for one in wanted.shape[2:])
        self.mean = numpy.array(mean, numpy.float32).reshape(-1, 1, 1)
        self.std = numpy.array(std, numpy.float32).reshape(-1, 1, 1)
        self.labels = labels

    def classify(self, body):
        with READING:
            return self.classified(body)

    def classified(self, body):
        try:
            image = Image.open(io.BytesIO(body), formats=FORMATS).convert("RGB").resize((self.width, self.height))
        except UnidentifiedImageError:
            raise Refused(415, "this is no image that can be read: %s are" % ", ".join(FORMATS)) from None
        except Exception as error:  # Pillow has no one kind for what damaged files do to it
            raise Refused(415, "this is no image that can be read: %s" % error) from None
        values = numpy.asarray(image, numpy.float32).transpose(2, 0, 1) / 255
        values = ((values - self.mean) / self.std).astype(numpy.float32)
        scores = self.session.run(None, {self.name: values[None]})[0][0].astype(numpy.float64)
        odds = numpy.exp(scores - scores.max())
        odds /= odds.sum()
        best = numpy.argsort(-odds)[:TOP]
        return [{"class": self.name_of(int(i)), "score": float(odds[i])} for i in best]

    def name_of(self, i):
        return self.labels[i] if self.labels and i < len(self.labels) else i


class Timed(socket.SocketIO):
    """What a client sends, until its time is up: a timeout of the socket begins anew with each byte."""

    def __init__(self, connection, seconds):
        super().__init__(connection, "r")
        self.connection = connection
        self.until = time.monotonic() + seconds

    def readinto(self, buffer):
        left = self.until - time.monotonic()
        if left <= 0:
            raise socket.timeout("the client is too slow")
        self.connection.settimeout(left)
        return super().readinto(buffer)


def handler_for(classifier, about):
    class Handler(BaseHTTPRequestHandler):
        server_version = "art-serving"
        # curl waits a second before it sends a large image to who does not speak this.
        protocol_version = "HTTP/1.1"
        # A client that reads nothing does not keep a thread.
        timeout = PATIENCE

        def setup(self):
            super().setup()
            self.rfile = io.BufferedReader(Timed(self.connection, PATIENCE))

        def do_GET(self):
            pages = {"/version": about, "/health": {"status": "ok"}}
            if self.path in pages:
                self.answer(200, pages[self.path])
            else:
                self.answer(404, {"error": "there is /predict, /version and /health"})

        def do_POST(self):
            try:
                if self.path != "/predict":
                    raise Refused(404, "images go to /predict")
                top = classifier.classify(self.body())
                self.answer(200, {"version": about["version"], "oid": about["oid"], "top": top})
            except Refused as refused:
                self.answer(refused.status, {"error": str(refused)})
                self.read_over()
            except ConnectionError:
                raise
            except Exception as error:
                self.log_error("%s: %s", type(error).__name__, error)
                self.answer(500, {"error": "the model does not run on this image"})

        def body(self):
            length = self.headers.get("Content-Length", "")
            if not (length.isascii() and length.isdigit() and len(length) < 20):
                raise Refused(411, "say Content-Length")
            if int(length) > BODY_MAX:
                raise Refused(413, "an image has at most %d bytes" % BODY_MAX)
            try:
                body = self.rfile.read(int(length))
            except socket.timeout:
                raise Refused(408, "the image did not come within %g s" % PATIENCE) from None
            if len(body) < int(length):
                raise Refused(400, "the image is not whole")
            return body

        def read_over(self):
            """Who still sends does not read yet, and would lose the answer if the connection ended now."""
            left = READ_OVER_MAX
            try:
                self.connection.shutdown(socket.SHUT_WR)
                while left > 0:
                    part = len(self.rfile.read1(1 << 16))
                    left = left - part if part else 0
            except OSError:
                pass

        def answer(self, status, document):
            text = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(text)

    return Handler


class Server(ThreadingHTTPServer):
    # Of connections that wait; of more than five at once, Python's default, some would be reset.
    request_queue_size = 128
    places = threading.BoundedSemaphore(CONNECTIONS_MAX)

    def handle_error(self, request, client_address):
        # Who went away wants no answer.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def process_request(self, request, client_address):
        if self.places.acquire(blocking=False):
            try:
                return super().process_request(request, client_address)
            except RuntimeError:  # no more threads
                self.places.release()
                raise
        request.setblocking(False)
        with contextlib.suppress(OSError):
            request.send(b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        self.shutdown_request(request)

    def process_request_thread(self, request, client_address):
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.places.release()


def figures(text):
    return [float(one) for one in text.split(",")]


def arguments():
    env = os.environ.get
    parser = argparse.ArgumentParser(description="Serves the ONNX model of a release.")
    parser.add_argument("--repository", default=env("ART_REPOSITORY", "."), help="git URL, or a folder")
    parser.add_argument("--release", default=env("ART_RELEASE", "resnet#production"))
    parser.add_argument("--host", default=env("HOST", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=int(env("PORT", "8000")), help="0 for any")
    parser.add_argument("--size", type=int, default=224, help="of images, where the model takes any")
    parser.add_argument("--mean", type=figures, default=figures(env("MEAN", "0,0,0")), help="taken from each channel, after division by 255")
    parser.add_argument("--std", type=figures, default=figures(env("STD", "1,1,1")))
    parser.add_argument("--labels", default=env("LABELS"), help="a text file with a class a line")
    parser.add_argument("--fetch-only", action="store_true", help="get the model and end: for the build of an image")
    parser.add_argument("--offline", action="store_true", default=env("OFFLINE") == "1", help="serve what was got before, and ask nobody")
    return parser.parse_args()


def main():
    given = arguments()
    # The first process of a container has no other end: without this it would be killed, after the 10 s of `docker stop`.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        model = art_models.get(given.release, given.repository, offline=given.offline)
    except art_models.ArtError as error:
        sys.exit("error: %s" % error)
    refuse_others(model, given.release)
    about = {"release": given.release, "model": model.model, "version": model.version, "oid": model.oid, "commit": model.commit}
    print(json.dumps(about), flush=True)
    if given.fetch_only:
        return
    labels = None
    if given.labels:
        with open(given.labels, encoding="utf-8") as file:
            labels = file.read().splitlines()
    classifier = Classifier(model.path, given.size, given.mean, given.std, labels)
    server = Server((given.host, given.port), handler_for(classifier, about))
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print("listening on http://%s:%d" % server.server_address[:2], flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    server.server_close()


if __name__ == "__main__":
    main()
