"""A system downstream: a real HTTP server on the loopback, which answers as a test says."""

import socket
import ssl
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from customer_analytics.alerting.webhook import Sending, Webhook

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
OTHER_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass(frozen=True)
class Request:
    """What has arrived."""

    path: str
    headers: dict[str, str]
    body: str


class Handler(BaseHTTPRequestHandler):
    """Reads the request, and then does as the test says."""

    protocol_version = "HTTP/1.1"
    consumer: "Consumer"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._take(Request(self.path, headers, body))

    def do_GET(self) -> None:
        self._take(Request(self.path, {}, "a GET"))

    def _take(self, request: Request) -> None:
        self.consumer.requests.append(request)
        self.close_connection = True
        try:
            self.consumer.answer(self)
        except OSError:
            return  # Whoever called has hung up, as in most of these tests.

    def log_message(self, *_: Any) -> None:
        """Keep silent."""


Answer = Callable[[Handler], None]


def answer(status: int, **headers: str) -> Answer:
    """An answer with this status, these headers (underscores are hyphens) and no body."""

    def give(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("content-length", "0")
        handler.end_headers()

    return give


def raw(content: bytes, *, then_reset: bool = False, then_wait: float = 0) -> Answer:
    """These bytes, and then the end of the connection, in order or by a reset."""

    def give(handler: Handler) -> None:
        handler.wfile.write(content)
        handler.wfile.flush()
        time.sleep(then_wait)
        if then_reset:
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()

    return give


def drip(start: bytes, piece: bytes, pause: float = 0.02) -> Answer:
    """A little more every now and then, for ever."""

    def give(handler: Handler) -> None:
        handler.wfile.write(start)
        while True:
            handler.wfile.write(piece)
            handler.wfile.flush()
            time.sleep(pause)

    return give


@dataclass
class Consumer:
    """The server, what it has got, and how it answers; ``answer`` may be changed at any time."""

    port: int = 0
    answer: Answer = field(default_factory=lambda: answer(204))
    requests: list[Request] = field(default_factory=list)

    def webhook(self, name: str = "consumer", host: str = "127.0.0.1", scheme: str = "http") -> Webhook:
        return Webhook(name, f"{scheme}://{host}:{self.port}/hook?token=hidden", SECRET)


@contextmanager
def consuming(certificate: Path | None = None) -> Iterator[Consumer]:
    """A consumer at work, over TLS where it has a certificate."""
    consumer = Consumer()
    handler = type("ThisHandler", (Handler,), {"consumer": consumer})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        consumer.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield consumer
        finally:
            server.shutdown()
            thread.join()


def impatient(**options: Any) -> Sending:
    """In-house addresses allowed, and soon out of patience."""
    patience = {"connect_seconds": 4, "read_seconds": 1, "total_seconds": 4}
    return Sending(**({"allow_private": True} | patience | options))


def make_certificate(folder: Path, host: str) -> Path:
    """A certificate for the host that vouches for itself, with its key, in one file."""
    file = folder / f"{host}.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
    names = ["-days", "2", "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}"]
    files = ["-keyout", str(file), "-out", str(file.with_suffix(".crt"))]
    subprocess.run([*command.split(), *names, *files], check=True, capture_output=True)
    with file.open("a") as both:
        both.write(file.with_suffix(".crt").read_text())
    return file


def now() -> datetime:
    return datetime.now(UTC)
