"""Real sinks on the loopback interface: they take what is sent, and can be down, refuse or hang."""

import asyncio
import email
import email.policy
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class Arrived:
    """A message as a sink has it."""

    title: str
    body: str
    tone: str = ""


@dataclass
class Sink:
    """What has arrived, and how the sink behaves: ``status`` is its answer; one that ``hangs`` gives none."""

    arrived: list[Arrived] = field(default_factory=list)
    status: int = 200
    hangs: bool = False
    asked: int = 0
    url: str = ""
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def titles(self) -> list[str]:
        return [each.title for each in self.arrived]


class _Handler(BaseHTTPRequestHandler):
    sink: Sink

    def do_POST(self) -> None:
        sink = self.sink
        sink.asked += 1
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if sink.hangs:
            sink.released.wait(30)
            return
        if sink.status < 300:
            payload = json.loads(content)
            sink.arrived.append(Arrived(payload["title"], payload["message"], payload["type"]))
        self.send_response(sink.status)
        if 300 <= sink.status < 400:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def http_sink(sink: Sink | None = None) -> Iterator[Sink]:
    """An HTTP server that takes what Apprise's ``json://`` sends."""
    sink = sink or Sink()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"sink": sink}))
    server.daemon_threads = True
    sink.url = f"json://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        sink.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _AnyPort(Controller):
    """Finds out which port it was given before it tries whether that answers."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def smtp_sink() -> Iterator[Sink]:
    """An SMTP server."""
    sink = Sink()

    class Handler:
        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
            sink.asked += 1
            if sink.status >= 300:
                return "451 not now"
            message = email.message_from_bytes(envelope.content, policy=email.policy.default)
            body = message.get_body(("plain", "html"))
            assert body is not None
            sink.arrived.append(Arrived(str(message["Subject"]), body.get_content().replace("\r\n", "\n").strip()))
            return "250 OK"

    controller = _AnyPort(Handler(), hostname="127.0.0.1", port=0)
    controller.start()
    sink.url = f"mailto://127.0.0.1:{controller.port}?from=alerts@example.com&to=team@example.com&format=text"
    try:
        yield sink
    finally:
        controller.stop()
