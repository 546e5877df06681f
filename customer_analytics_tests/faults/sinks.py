"""Faults of those that are told: over HTTP and by mail."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial

from customer_analytics.alerting import channels
from customer_analytics.components import watch
from customer_analytics_tests.alerting.sinks import smtp_sink
from customer_analytics_tests.faults.cases import Case, Outcome
from customer_analytics_tests.faults.desk import DUE, SINK, Desk

Talk = Callable[[socket.socket], None]


@contextmanager
def talking(talk: Talk) -> Iterator[int]:
    """A server on the loopback that says what a test wants to whoever connects; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_serve, args=(server, talk), daemon=True).start()
        yield server.getsockname()[1]
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)


def _serve(server: socket.socket, talk: Talk) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        connection.settimeout(3)
        with connection, suppress(OSError):
            talk(connection)


def says(content: bytes, *, then_waits: bool = False, then_resets: bool = False) -> Talk:
    """Takes what is sent, says this, and hangs up, resets, or waits until the other one does."""

    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(content)
        if then_waits:
            while connection.recv(65536):
                pass
        if then_resets:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return talk


def _hurry(desk: Desk) -> None:
    desk.monkeypatch.setattr(channels, "SOCKET_SECONDS", 0.6)
    desk.monkeypatch.setattr(watch, "SENDING_SECONDS", 2.0)


def _assert_told(desk: Desk, outcome: Outcome, cured: str) -> None:
    """The other one is told at once in any case; whoever is at fault, when the fault is over."""
    desk.begin()
    found = desk.look(DUE)
    assert found.opened == ["not_landed:orders"]
    assert desk.told_other() == 1
    assert desk.told() == (outcome == "told_once")
    if outcome == "told_later":
        assert any(note.startswith("data_team#1: ") for note in found.notes)
        desk.set(**{SINK: cured})
    desk.look_until_told()
    assert (desk.told(), desk.told_other()) == (1, 1)


def _status(desk: Desk, outcome: Outcome, status: int) -> None:
    cured = desk.sink.url
    desk.sink.status = status
    desk.begin()
    desk.look(DUE)
    assert (desk.told(), desk.told_other()) == (outcome == "told_once", 1)
    desk.sink.status = 200
    assert desk.sink.url == cured
    desk.look_until_told()
    assert (desk.told(), desk.told_other()) == (1, 1)


def _url(desk: Desk, outcome: Outcome, url: str) -> None:
    _hurry(desk)
    cured = desk.sink.url
    desk.set(**{SINK: url})
    _assert_told(desk, outcome, cured)


def _talk(desk: Desk, outcome: Outcome, talk: Talk, scheme: str = "json") -> None:
    with talking(talk) as port:
        _url(desk, outcome, f"{scheme}://127.0.0.1:{port}/")


STATUSES = (300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 408, 409, 410, 413, 415, 422, 425, 429, 451)
STATUSES_OF_SERVERS = (500, 501, 502, 503, 504, 507, 511, 599)
OK = b"HTTP/1.1 200 OK\r\n"
TALKS: Mapping[str, Talk] = {
    "hangs up": says(b""),
    "resets": says(b"", then_resets=True),
    "says nothing": says(b"", then_waits=True),
    "half a status line": says(b"HTTP/1.1 2", then_waits=True),
    "garbage": says(b"\x00\xff\x16\x03 nonsense\r\n\r\n"),
    "speaks another protocol": says(b"220 mail.example ESMTP\r\n", then_waits=True),
    "no status": says(b"HTTP/1.1 abc OK\r\n\r\n"),
    "body cut short": says(OK + b"content-length: 9\r\n\r\nabc"),
}
HTTP = [
    *(
        Case("HTTP sink", f"answers {status}", "told_once", partial(_status, status=status))
        for status in (200, 201, 204)
    ),
    *(
        Case("HTTP sink", f"answers {status}", "told_later", partial(_status, status=status))
        for status in (*STATUSES, *STATUSES_OF_SERVERS)
    ),
    *(Case("HTTP sink", fault, "told_later", partial(_talk, talk=talk)) for fault, talk in TALKS.items()),
    Case("HTTP sink", "TLS is not spoken", "told_later", partial(_talk, talk=says(b"no"), scheme="jsons")),
    Case(
        "HTTP sink",
        "TLS is never answered",
        "told_later",
        partial(_talk, talk=says(b"", then_waits=True), scheme="jsons"),
    ),
    Case("HTTP sink", "nobody listens", "told_later", partial(_url, url="json://127.0.0.1:9/")),
    Case("HTTP sink", "the name has no address", "told_later", partial(_url, url="json://sink.invalid/")),
    Case("HTTP sink", "the URL is none", "told_later", partial(_url, url="nonsense")),
    Case("HTTP sink", "the scheme is unknown", "told_later", partial(_url, url="carrier-pigeon://hill/")),
]


# --- By mail. ---

GREETINGS = {
    "connect": b"220 mail.example ESMTP",
    "EHLO": b"250 mail.example",
    "MAIL": b"250 fine",
    "RCPT": b"250 fine",
    "DATA": b"354 go on",
    "content": b"250 taken",
    "QUIT": b"221 bye",
}


def mail_server(stage: str, reply: bytes | None) -> Talk:
    """A mail server that does its work, but at one stage says something else; None hangs up."""

    def talk(connection: socket.socket) -> None:
        def answer(to: str) -> bool:
            line = reply if to == stage else GREETINGS.get(to, b"502 what?")
            if line is not None:
                connection.sendall(line + b"\r\n")
            return line is not None and not line.startswith(b"421")

        lines = connection.makefile("rb")
        goes_on = answer("connect")
        while goes_on and (line := lines.readline()):
            command = line[:4].decode("latin-1").upper()
            goes_on = answer(command)
            if command == "DATA" and goes_on and (reply if stage == "DATA" else b"354").startswith(b"354"):  # type: ignore[union-attr]
                while lines.readline() not in (b".\r\n", b""):
                    pass
                goes_on = answer("content")

    return talk


def _mail(desk: Desk, outcome: Outcome, stage: str, reply: bytes | None) -> None:
    _hurry(desk)
    with smtp_sink() as cured, talking(mail_server(stage, reply)) as port:
        broken = f"mailto://127.0.0.1:{port}?from=alerts@example.com&to=team@example.com&format=text"
        desk.set(**{SINK: broken})
        desk.begin()
        found = desk.look(DUE)
        assert desk.told_other() == 1
        is_refused = any(note.startswith("data_team#1: ") for note in found.notes)
        assert is_refused == (outcome == "told_later")
        desk.set(**{SINK: cured.url})
        desk.sink = cured
        desk.look_until_told(times=int(is_refused))
        assert (desk.told(), desk.told_other()) == (int(is_refused), 1)


REFUSALS: Mapping[str, tuple[int, ...]] = {
    "connect": (421, 454, 554),
    "MAIL": (421, 450, 451, 452, 501, 530, 550, 552),
    "RCPT": (421, 450, 451, 452, 550, 551, 553, 554),
    "DATA": (421, 451, 503, 554),
    "content": (421, 450, 451, 452, 552, 554),
}
MAIL = [
    *(
        Case("mail", f"{code} at {stage}", "told_later", partial(_mail, stage=stage, reply=f"{code} no".encode()))
        for stage, codes in REFUSALS.items()
        for code in codes
    ),
    *(
        Case("mail", f"hangs up at {stage}", "told_later", partial(_mail, stage=stage, reply=None))
        for stage in ("connect", "EHLO", "MAIL", "RCPT", "DATA", "content")
    ),
    Case("mail", "garbage at connect", "told_later", partial(_mail, stage="connect", reply=b"\xff\x00\x01")),
    Case("mail", "hangs up at QUIT", "told_once", partial(_mail, stage="QUIT", reply=None)),
    Case("mail", "421 at QUIT", "told_once", partial(_mail, stage="QUIT", reply=b"421 no")),
]
SINKS = [*HTTP, *MAIL]
