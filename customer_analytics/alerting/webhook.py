"""One signed POST to a system downstream, after the Standard Webhooks specification, and what came of it."""

import base64
import binascii
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal
from urllib.parse import SplitResult, urlsplit

import httpcore
from standardwebhooks import Webhook as Signer

from customer_analytics.alerting.addresses import CheckedBackend, Resolve, resolve

# The specification asks for 24 to 64 bytes.
SHORTEST_SECRET, LONGEST_SECRET = 24, 64
# A consumer may ask for patience, but not for silence.
LONGEST_RETRY_AFTER_SECONDS = 6 * 60 * 60.0


@dataclass(frozen=True)
class Webhook:
    """A system downstream: its name, where it listens, and what calls to it are signed with.

    ``secret`` is ``whsec_`` and base64, as the specification has it; two of them, separated by a space, while one
    replaces the other: then both sign.
    """

    name: str
    url: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Sending:
    """How calls are sent. ``total_seconds`` bounds a call as a whole, name resolution included.

    ``allow_private`` permits in-house addresses, and http beside https. ``tls`` None trusts the usual authorities.
    """

    allow_private: bool = False
    connect_seconds: float = 5
    read_seconds: float = 15
    total_seconds: float = 15
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    resolve: Resolve = resolve


@dataclass(frozen=True)
class Outcome:
    """What came of a call. ``words`` name the host at most, never the rest of the URL or anything the host has said.

    ``delivered``: the answer was 2xx. ``permanent``: it was 410 Gone, the consumer wants no more of this.
    ``transient``: anything else, as the specification has it; what a person may mend within the day (a wrong URL, a
    certificate, a signature that is refused) must not cost a call. ``retry_after_seconds`` is what the host has asked
    for, if it has, within bounds.
    """

    state: Literal["delivered", "transient", "permanent"]
    words: str
    retry_after_seconds: float | None = None


def post(webhook: Webhook, call_id: str, body: str, now: datetime, sending: Sending | None = None) -> Outcome:
    """Post ``body``, a JSON document, once; ``call_id`` is the same for every attempt. ``now`` is aware.

    Redirects are not followed, proxies of the environment not asked. The status decides: nothing after it is read.
    """
    sending = sending or Sending()
    wrong = misconfigured(webhook, allow_private=sending.allow_private)
    if wrong:
        return Outcome("transient", wrong)
    url = urlsplit(webhook.url)
    host = str(url.hostname)
    backend = CheckedBackend(
        allow_private=sending.allow_private, seconds=sending.total_seconds, resolve=sending.resolve
    )
    timeouts = {"connect": sending.connect_seconds, "read": sending.read_seconds, "write": sending.read_seconds}
    try:
        with (
            httpcore.ConnectionPool(ssl_context=sending.tls, network_backend=backend) as pool,
            pool.stream(
                "POST",
                _target(url),
                headers=_headers(webhook, call_id, body, now),
                content=body.encode(),
                extensions={"timeout": timeouts},
            ) as response,
        ):
            return _judge(host, response.status, response.headers, now)
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
        return Outcome("transient", _why(host, error))


def misconfigured(webhook: Webhook, *, allow_private: bool) -> str:
    """What is wrong with a webhook's URL or secret, before anybody is called; empty where nothing is."""
    about = f"the URL of {webhook.name}"
    if not webhook.url.isascii() or not webhook.url.isprintable() or " " in webhook.url:
        return f"{about} has characters that must be percent-encoded"
    try:
        url = urlsplit(webhook.url)
        is_place = bool(url.hostname) and url.port != 0
    except ValueError:
        is_place = False
    if not is_place:
        return f"{about} names no host, or no port that there is"
    if url.scheme != "https" and not (url.scheme == "http" and allow_private):
        return f"{about} does not begin with https://"
    if url.username is not None or url.password is not None:
        return f"{about} has a user or a password in it, which nobody would send"
    secrets = webhook.secret.split()
    if not secrets or not all(_is_secret(secret) for secret in secrets):
        return f"the secret of {webhook.name} is not whsec_ and {SHORTEST_SECRET} to {LONGEST_SECRET} bytes in base64"
    return ""


def _is_secret(secret: str) -> bool:
    encoded = secret.removeprefix("whsec_").rstrip("=")
    try:
        decoded = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except binascii.Error:
        return False
    return SHORTEST_SECRET <= len(decoded) <= LONGEST_SECRET


def _target(url: SplitResult) -> httpcore.URL:
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    return httpcore.URL(scheme=url.scheme, host=str(url.hostname), port=url.port, target=path)


def _headers(webhook: Webhook, call_id: str, body: str, now: datetime) -> dict[bytes | str, bytes | str]:
    moment = now.astimezone(UTC)
    signatures = [Signer(secret).sign(call_id, moment, body) for secret in webhook.secret.split()]
    return {
        "host": urlsplit(webhook.url).netloc,
        "content-type": "application/json",
        "user-agent": "customer-analytics",
        "webhook-id": call_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _judge(host: str, status: int, headers: list[tuple[bytes, bytes]], now: datetime) -> Outcome:
    if 200 <= status < 300:
        return Outcome("delivered", f"{host} answered {status}")
    if status == 410:
        return Outcome("permanent", f"{host} answered 410: it wants no more of these calls")
    what = ", a redirect, which is not followed: set the URL it leads to" if 300 <= status < 400 else ""
    return Outcome("transient", f"{host} answered {status}{what}", _retry_after(headers, now))


def _retry_after(headers: list[tuple[bytes, bytes]], now: datetime) -> float | None:
    """The seconds that an answer asks to wait, given as such or as a date; None where it does not, or not clearly."""
    value = next((value for name, value in headers if name.lower() == b"retry-after"), b"").decode("latin-1").strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), LONGEST_RETRY_AFTER_SECONDS)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((aware - now).total_seconds(), 0.0), LONGEST_RETRY_AFTER_SECONDS)


def _why(host: str, error: Exception) -> str:
    """Why there was no answer; what the host itself has said stays out."""
    cause = error.args[0] if error.args else None  # Words where it is CheckedBackend's own, else what httpcore met.
    if isinstance(error, httpcore.ConnectError | httpcore.ConnectTimeout) and isinstance(cause, str):
        return cause
    if isinstance(error, httpcore.TimeoutException):
        return f"{host} did not answer in time"
    if isinstance(error, httpcore.ProtocolError):
        return f"{host} answered with something that is not HTTP, or ended too early"
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"{host} has no certificate that can be trusted: {cause.verify_message}"
    is_tls = isinstance(cause, ssl.SSLError)
    reason = cause.strerror if isinstance(cause, OSError) and not is_tls else None
    return f"{host} does not speak TLS as it should" if is_tls else f"{host} cannot be called: {reason or 'it hung up'}"
