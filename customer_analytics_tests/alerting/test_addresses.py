"""Webhooks go to addresses out in the world only, and to those that were checked; whatever a name stands for."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import httpcore
import pytest

from customer_analytics.alerting.addresses import AddressRefusedError, CheckedBackend, refusal, resolve

IN_HOUSE = "an in-house address"
METADATA = "an address at which clouds give a machine its credentials"
LINK_LOCAL = "a link-local address"
MULTICAST = "a multicast address"
UNSPECIFIED = "an unspecified address"
RESERVED = "a reserved address"
NOT_ROUTABLE = "an address that is not globally routable"

REFUSED = {
    "127.0.0.1": IN_HOUSE,
    "127.255.255.254": IN_HOUSE,
    "10.0.0.1": IN_HOUSE,
    "172.16.0.1": IN_HOUSE,
    "172.31.255.255": IN_HOUSE,
    "192.168.1.1": IN_HOUSE,
    "100.64.0.1": IN_HOUSE,
    "100.127.255.255": IN_HOUSE,
    "169.254.169.254": METADATA,
    "169.254.170.2": METADATA,
    "100.100.100.200": METADATA,
    "168.63.129.16": METADATA,
    "192.0.0.192": METADATA,
    "169.254.0.1": LINK_LOCAL,
    "0.0.0.0": UNSPECIFIED,
    "0.1.2.3": UNSPECIFIED,
    "224.0.0.1": MULTICAST,
    "239.255.255.255": MULTICAST,
    "240.0.0.1": RESERVED,
    "255.255.255.255": RESERVED,
    "192.0.0.8": RESERVED,
    "192.88.99.1": RESERVED,
    "192.0.2.1": NOT_ROUTABLE,
    "198.51.100.1": NOT_ROUTABLE,
    "203.0.113.1": NOT_ROUTABLE,
    "198.18.0.1": NOT_ROUTABLE,
    "::1": IN_HOUSE,
    "fc00::1": IN_HOUSE,
    "fd12:3456::1": IN_HOUSE,
    "fd00:ec2::254": METADATA,
    "fd20:ce::254": METADATA,
    "::": UNSPECIFIED,
    "fe80::1": LINK_LOCAL,
    "fe80::1%eth0": LINK_LOCAL,
    "fe80::1%lo": LINK_LOCAL,
    "ff02::1": MULTICAST,
    "ff0e::1": MULTICAST,
    "fec0::1": RESERVED,
    "3fff::1": RESERVED,
    "5f00::1": RESERVED,
    "2001:db8::1": NOT_ROUTABLE,
    "2001:0:4136:e378:8000:63bf:3fff:fdd2": NOT_ROUTABLE,  # Teredo
    "100::1": NOT_ROUTABLE,
    "::127.0.0.1": NOT_ROUTABLE,  # IPv4-compatible
    "4000::1": NOT_ROUTABLE,
    "64:ff9b:1::a00:1": NOT_ROUTABLE,  # an operator's own NAT64
    "::ffff:127.0.0.1": IN_HOUSE,
    "::ffff:a9fe:a9fe": METADATA,
    "::ffff:0:10.0.0.1": IN_HOUSE,  # translated
    "64:ff9b::10.0.0.1": IN_HOUSE,
    "64:ff9b::a9fe:a9fe": METADATA,
    "2002:7f00:1::": IN_HOUSE,
    "2002:a9fe:a9fe::1": METADATA,
    "2002:c0a8:101::1": IN_HOUSE,
    "no address": "something that is no IP address",
    "1.2.3": "something that is no IP address",
    "127.1": "something that is no IP address",
    "": "something that is no IP address",
}
WELCOME = [
    "1.1.1.1",
    "93.184.216.34",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001:831::200e",
    "::ffff:1.1.1.1",
    "64:ff9b::1.1.1.1",
    "2002:101:101::1",
]


@pytest.mark.parametrize(("address", "rule"), REFUSED.items())
def test_an_address_is_refused_by_its_rule(address: str, rule: str) -> None:
    assert refusal(address) == rule


@pytest.mark.parametrize("address", WELCOME)
def test_an_address_out_in_the_world_is_welcome(address: str) -> None:
    assert refusal(address) == ""
    assert refusal(address, allow_private=True) == ""


@pytest.mark.parametrize(("address", "rule"), REFUSED.items())
def test_when_in_house_addresses_are_allowed_the_others_are_still_refused(address: str, rule: str) -> None:
    assert refusal(address, allow_private=True) == ("" if rule == IN_HOUSE else rule)


def connect(host: str, resolve: Callable[[str, int], Sequence[str]] = resolve) -> httpcore.NetworkStream:
    backend = CheckedBackend(allow_private=False, seconds=2, resolve=resolve)
    return backend.connect_tcp(host, 9, timeout=1)


# The system itself reads all of these as 127.0.0.1 or ::1, or as nothing; no name server is asked.
@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST",
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "017700000001",
        "0177.0.0.1",
        "0",
        "0.0.0.0",
        "::1",
        "0:0:0:0:0:0:0:1",
        "::ffff:127.0.0.1",
        "::ffff:7f00:1",
        "fe80::1%lo",
        "2852039166",
        "0xa9fea9fe",
        "0251.0376.0251.0376",
        "169.254.43518",
    ],
)
def test_whatever_way_a_host_is_written_its_address_is_what_counts(host: str) -> None:
    with pytest.raises(AddressRefusedError, match=f"^{host} is not called: its name stands for an? "):
        connect(host)


def test_a_name_with_one_public_and_one_private_address_is_refused() -> None:
    with pytest.raises(
        AddressRefusedError, match=r"mixed\.example is not called: its name stands for an in-house address"
    ):
        connect("mixed.example", lambda host, port: ["93.184.216.34", "10.0.0.7"])


def test_a_name_is_resolved_once_and_the_checked_address_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the first answer is public, every later one is the machine itself."""
    asked: list[str] = []
    connected: list[tuple[str, int]] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["93.184.216.34"] if len(asked) == 1 else ["127.0.0.1"]

    def create_connection(address: tuple[str, int], *arguments: object, **options: object) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", create_connection)
    with pytest.raises(httpcore.ConnectError):
        connect("rebinding.example", rebinding)
    assert asked == ["rebinding.example"]
    assert connected == [("93.184.216.34", 9)]


def test_a_name_without_an_address_is_told() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(httpcore.ConnectError, match=r"^there is no address for the name gone\.example$"):
        connect("gone.example", unknown)


def test_a_name_server_that_does_not_answer_is_not_waited_for() -> None:
    answered = threading.Event()

    def silent(host: str, port: int) -> list[str]:
        answered.wait(30)
        return ["93.184.216.34"]

    begun = time.monotonic()
    with pytest.raises(httpcore.ConnectTimeout, match="not resolved in time"):
        connect("silent.example", silent)
    answered.set()
    assert time.monotonic() - begun < 10


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_an_address_that_does_not_answer_is_passed_over_for_the_next_one(listening: int) -> None:
    backend = CheckedBackend(allow_private=True, seconds=2, resolve=lambda host, port: ["::1", "127.0.0.1"])
    stream = backend.connect_tcp("two.example", listening, timeout=1)
    assert stream.get_extra_info("server_addr") == ("127.0.0.1", listening)
    stream.close()


def test_nothing_is_read_or_written_after_the_deadline(listening: int) -> None:
    backend = CheckedBackend(allow_private=True, seconds=0.2, resolve=lambda host, port: ["127.0.0.1"])
    stream = backend.connect_tcp("slow.example", listening, timeout=10)
    with pytest.raises(httpcore.ReadTimeout):
        stream.read(1, timeout=10)
    with pytest.raises(httpcore.WriteTimeout):
        stream.write(b"late", timeout=10)
    with pytest.raises(httpcore.ConnectTimeout):
        backend.connect_tcp("slow.example", listening, timeout=10)
    stream.close()
