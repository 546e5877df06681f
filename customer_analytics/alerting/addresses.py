"""Which addresses a webhook may be posted to, and connecting to exactly the address that was checked.

A host's name can be answered with any address, and with another one a moment later. So the name is resolved once, every
answer is checked, and the connection goes to a checked answer; TLS still asks for a certificate of the name.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpcore

Resolve = Callable[[str, int], Sequence[str]]

# In this order; the first network that an address is in says what it is. In-house ones may be allowed, others never.
_IN_HOUSE = "an in-house address"
_METADATA = "an address at which clouds give a machine its credentials"
_RULES = [
    (ip_network(network), rule)
    for rule, networks in {
        _METADATA: (
            "169.254.169.254/32",
            "169.254.170.2/32",
            "100.100.100.200/32",
            "168.63.129.16/32",
            "192.0.0.192/32",
            "fd00:ec2::254/128",
            "fd20:ce::254/128",
        ),
        _IN_HOUSE: (
            "127.0.0.0/8",
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "100.64.0.0/10",
            "::1/128",
            "fc00::/7",
        ),
        "a link-local address": ("169.254.0.0/16", "fe80::/10"),
        "a multicast address": ("224.0.0.0/4", "ff00::/8"),
        "an unspecified address": ("0.0.0.0/8", "::/128"),
        # Left out of Python's own list of what is not global, or only in it from some version on.
        "a reserved address": ("192.0.0.0/24", "192.88.99.0/24", "240.0.0.0/4", "fec0::/10", "3fff::/20", "5f00::/16"),
    }.items()
    for network in networks
]

# IPv6 networks whose addresses stand for an IPv4 address, and by how many bits that is shifted.
_EMBEDDING = [
    (ip_network("::ffff:0:0/96"), 0),  # mapped
    (ip_network("::ffff:0:0:0/96"), 0),  # translated
    (ip_network("64:ff9b::/96"), 0),  # NAT64
    (ip_network("2002::/16"), 80),  # 6to4
]
_GLOBAL_UNICAST = ip_network("2000::/3")


class AddressRefusedError(httpcore.ConnectError):
    """A host is not called, for an address that its name stands for; the message names host and rule."""


def refusal(address: str, *, allow_private: bool = False) -> str:
    """Why an IP address is not called, by rule; empty where it may be.

    Only globally routable unicast addresses may be; ``allow_private`` adds loopback, private, carrier-grade NAT's and
    unique local ones. IPv6 addresses that stand for an IPv4 address are judged as that one.
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return "something that is no IP address"
    judged = _embedded(parsed) or parsed
    for network, rule in _RULES:
        if judged.version == network.version and judged in network:
            return "" if rule == _IN_HOUSE and allow_private else rule
    is_unicast = isinstance(judged, IPv4Address) or judged in _GLOBAL_UNICAST
    return "" if judged.is_global and is_unicast else "an address that is not globally routable"


def _embedded(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    for network, shift in _EMBEDDING:
        if address in network:
            return IPv4Address(int(address) >> shift & 0xFFFFFFFF)
    return None


def resolve(host: str, port: int) -> list[str]:
    """Every address that a host's name stands for, in the system's order of preference.

    Raises:
        OSError: there is no such host, or nobody can be asked.
    """
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in answers))


class CheckedBackend(httpcore.NetworkBackend):
    """Connects to addresses that were checked, and ends everything after a number of seconds from its making on."""

    def __init__(self, *, allow_private: bool, seconds: float, resolve: Resolve = resolve) -> None:
        self._allow_private = allow_private
        self._deadline = time.monotonic() + seconds
        self._resolve = resolve

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first checked address that takes it.

        Raises:
            AddressRefusedError: one of the host's addresses must not be called.
            httpcore.ConnectError: nobody answers, or there is no such host.
            httpcore.ConnectTimeout: it took too long.
        """
        error: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in self._checked(host, port, timeout):
            seconds = _remaining(self._deadline, timeout, httpcore.ConnectTimeout)
            try:
                stream = httpcore.SyncBackend().connect_tcp(address, port, seconds, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                error = failed
            else:
                return _BoundedStream(stream, self._deadline)
        raise error

    def _checked(self, host: str, port: int, timeout: float | None) -> Sequence[str]:
        seconds = _remaining(self._deadline, timeout, httpcore.ConnectTimeout)
        addresses = _within(seconds, lambda: self._resolve(host, port), host)
        for address in addresses:
            rule = refusal(address, allow_private=self._allow_private)
            if rule:
                message = f"{host} is not called: its name stands for {rule}"
                raise AddressRefusedError(message)
        return addresses


class _BoundedStream(httpcore.NetworkStream):
    """A stream that ends at a deadline, however often a little of something arrives."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _remaining(self._deadline, timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _remaining(self._deadline, timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = _remaining(self._deadline, timeout, httpcore.ConnectTimeout)
        return _BoundedStream(self._stream.start_tls(ssl_context, server_hostname, seconds), self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def _remaining(deadline: float, timeout: float | None, error: type[Exception]) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        message = "the time for the whole call is over"
        raise error(message)
    return seconds if timeout is None else min(seconds, timeout)


def _within(seconds: float, look_up: Callable[[], Sequence[str]], host: str) -> Sequence[str]:
    """What a look-up finds; the system's own has no timeout, so it runs beside, and is left alone when it is late."""
    found: list[Sequence[str]] = []

    def run() -> None:
        try:
            found.append(look_up())
        except (OSError, UnicodeError):
            found.append(())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if not found:
        message = f"the name {host} was not resolved in time"
        raise httpcore.ConnectTimeout(message)
    if not found[0]:
        message = f"there is no address for the name {host}"
        raise httpcore.ConnectError(message)
    return found[0]
