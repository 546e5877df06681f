"""Channels: the places that messages go to, by way of Apprise.

The URLs have tokens and passwords in them. They come from the environment and go nowhere else: not into the store, a
log, an error or a message. An address is called by its channel and its place there, like ``on_call#1``.
"""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import current_thread

from apprise import Apprise, AppriseAsset, NotifyBase, NotifyFormat, NotifyType
from apprise.common import OverflowMode
from apprise.plugins.pagerduty import NotifyPagerDuty

from customer_analytics.alerting.messages import Text, Tone

# Of the threads that send; what libraries log there may show a URL.
THREAD_PREFIX = "alert to "
SOCKET_SECONDS = 8.0

_TYPES: dict[Tone, NotifyType] = {
    "critical": NotifyType.FAILURE,
    "warning": NotifyType.WARNING,
    "resolved": NotifyType.SUCCESS,
}
_STATUS = re.compile(r"\berror=(\d{3})\b")
# These log what Apprise asks for, tokens in paths and queries included.
_CHATTY = ("urllib3.connectionpool", "urllib3.util.retry")


class NotSentError(Exception):
    """A message did not go out; says why, without the URL."""


Send = Callable[[Text], None]


@dataclass(frozen=True)
class Channels:
    """Addresses and how to send to them; a sender raises ``NotSentError``. ``faults`` say which URLs are wrong."""

    senders: Mapping[str, Send]
    faults: tuple[str, ...] = ()

    def addresses(self, channel: str) -> list[str]:
        """The addresses of a channel; none where it is off."""
        return [address for address in self.senders if address.rpartition("#")[0] == channel]


def read_channels(variables: Mapping[str, str], environment: Mapping[str, str]) -> Channels:
    """Read channels from the environment variables that they are named to; one that is not set is off.

    A URL that is wrong takes nothing from the others: it becomes an address at which every message waits until the
    variable is mended, and one of the ``faults``.
    """
    _keep_secrets_out_of_logs()
    senders: dict[str, Send] = {}
    faults = []
    for channel, variable in variables.items():
        urls = environment.get(variable, "").split()
        for number, url in enumerate(urls, start=1):
            fault = f"{variable}: URL {number} of {len(urls)} is not one that Apprise can use"
            if _service(url) is None:
                faults.append(fault)
            senders[f"{channel}#{number}"] = _Sender(url, fault)
    return Channels(senders, tuple(faults))


@dataclass(frozen=True)
class _Sender:
    url: str = field(repr=False)
    fault: str

    def __call__(self, text: Text) -> None:
        service = _service(self.url)  # A new one each time: Apprise lets one that was just used wait.
        if service is None:
            raise NotSentError(self.fault)
        service.socket_connect_timeout = min(service.socket_connect_timeout, SOCKET_SECONDS)
        service.socket_read_timeout = min(service.socket_read_timeout, SOCKET_SECONDS)
        # One message stays one; what a service has no room for is cut.
        service.overflow_mode = OverflowMode.TRUNCATE
        if isinstance(service, NotifyPagerDuty) and text.subject:
            service.dedup = service.dedup or text.subject  # What is told of one incident is one incident there, too.
        sender = Apprise(asset=service.asset)
        sender.add(service)
        result = sender.notify(
            body=text.body, title=text.title, notify_type=_TYPES[text.tone], body_format=NotifyFormat.TEXT
        )
        if not result:
            statuses = [found[1] for entry in result.logs() if (found := _STATUS.search(entry.message))]
            raise NotSentError(f"it answered {statuses[-1]}" if statuses else "it cannot be reached, or refuses")


def _service(url: str) -> NotifyBase | None:
    asset = AppriseAsset(
        app_id="customer-analytics",
        app_desc="customer-analytics",
        # A POST that is redirected becomes a GET: it would count as sent, and nobody would have it.
        http_redirects=False,
        service_timeout=0,  # Else Apprise sends from a thread of its own that nobody can tell from others.
    )
    return Apprise.instantiate(url, asset=asset)


def _keep_secrets_out_of_logs() -> None:
    """Of what Apprise logs only the status of an answer is kept, of what it lets other libraries log nothing."""
    apprise = logging.getLogger("apprise")
    apprise.propagate = False
    if _only_statuses not in apprise.filters:
        apprise.addFilter(_only_statuses)
    for name in _CHATTY:
        logger = logging.getLogger(name)
        if _not_from_senders not in logger.filters:
            logger.addFilter(_not_from_senders)


def _only_statuses(record: logging.LogRecord) -> bool:
    found = _STATUS.search(record.getMessage())
    record.msg, record.args, record.exc_info = found[0] if found else "", (), None
    return found is not None


def _not_from_senders(_: logging.LogRecord) -> bool:
    return not current_thread().name.startswith(THREAD_PREFIX)
