"""The calls that webhooks are owed: written down first, then tried until they are delivered, or for about a day.

At least once: a call counts as delivered only after the consumer has said so, and every attempt has the same id, by
which the consumer tells that it has it already. Calls are not kept in order; each says when it was written.
"""

import sqlite3
import time
import uuid
from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from customer_analytics.alerting.store import change, from_text, to_text
from customer_analytics.alerting.webhook import Outcome, Sending, Webhook, post

# Waits double from half a minute to four hours, and with full jitter take half of that on average: about a day in all.
MAX_ATTEMPTS = 21
FIRST_WAIT_SECONDS = 30.0
LONGEST_WAIT_SECONDS = 4 * 60 * 60.0
OVERDUE_AFTER = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(days=90)
# With less than this left nothing new is begun.
SHORTEST_CALL_SECONDS = 1.0


@dataclass(frozen=True)
class Call:
    """A call that is due; ``attempts`` were made before."""

    id: str
    webhook: str
    body: str
    attempts: int


@dataclass(frozen=True)
class Overdue:
    """A webhook whose consumer has not been told for too long: how many calls wait or were given up, and why."""

    webhook: str
    waiting: int
    given_up: int
    since: datetime
    last_error: str


def write_calls(store: sqlite3.Connection, webhooks: Iterable[str], body: str, now: datetime) -> None:
    """Owe ``body`` to each of the webhooks, by name; runs in the caller's transaction. ``now`` is aware."""
    moment = to_text(now)
    store.executemany(
        "insert into calls (id, webhook, body, written_at, next_attempt_at) values (?, ?, ?, ?, ?)",
        [(f"msg_{uuid.uuid4().hex}", webhook, body, moment, moment) for webhook in webhooks],
    )


def deliver_due(
    store: sqlite3.Connection,
    webhooks: Sequence[Webhook],
    now: datetime,
    random: Random,
    sending: Sending | None = None,
    seconds: float = 20,
) -> int:
    """Try the calls that are due, the longest due first, within ``seconds``; gives how many were delivered.

    Webhooks are called side by side, each of them one call at a time and none further once a call has failed, so that
    one that is down keeps nobody waiting. What there was no time for is due at the next tick. Calls that ended long ago
    are forgotten. ``now`` is aware.

    Raises:
        sqlite3.Error: the store cannot be read or written; what was delivered and not recorded is delivered again.
    """
    sending = sending or Sending()
    begun = time.monotonic()
    store.execute("delete from calls where coalesce(delivered_at, given_up_at) < ?", [to_text(now - FORGOTTEN_AFTER)])
    queues = {webhook.name: _due(store, webhook.name, now) for webhook in webhooks}
    by_name = {webhook.name: webhook for webhook in webhooks if queues[webhook.name]}
    delivered = 0
    with ThreadPoolExecutor(max_workers=max(1, len(by_name)), thread_name_prefix="webhook") as threads:
        under_way: dict[Future[Outcome], Call] = {}

        def begin(name: str) -> None:
            left = seconds - (time.monotonic() - begun)
            if not queues[name] or left < SHORTEST_CALL_SECONDS:
                return
            call = queues[name].pop(0)
            bounded = replace(sending, total_seconds=min(sending.total_seconds, left))
            moment = now + timedelta(seconds=time.monotonic() - begun)
            under_way[threads.submit(post, by_name[name], call.id, call.body, moment, bounded)] = call

        for name in by_name:
            begin(name)
        while under_way:
            for done in wait(under_way, return_when=FIRST_COMPLETED).done:
                call, outcome = under_way.pop(done), _outcome(done)
                _record(store, call, outcome, now + timedelta(seconds=time.monotonic() - begun), random)
                if outcome.state == "delivered":
                    delivered += 1
                    begin(call.webhook)
    return delivered


def overdue(store: sqlite3.Connection, webhooks: Sequence[str], now: datetime) -> list[Overdue]:
    """Those of the webhooks that have not been told something for more than an hour, or will not be told it at all.

    A call that was given up counts until the webhook gets a call again; ``since`` and ``last_error`` are the oldest
    call's. ``now`` is aware.
    """
    # With one min() in it, SQLite takes the other columns of a group from the row that has the minimum.
    rows = store.execute(
        """select webhook, count(*) - count(given_up_at) as waiting, count(given_up_at) as given_up,
             min(written_at) as since, last_error
           from calls
           where delivered_at is null
             and case when given_up_at is null then written_at < :overdue else given_up_at > coalesce(
               (select max(delivered_at) from calls as later where later.webhook = calls.webhook), '') end
           group by webhook order by webhook""",
        {"overdue": to_text(now - OVERDUE_AFTER)},
    ).fetchall()
    return [
        Overdue(row["webhook"], row["waiting"], row["given_up"], from_text(row["since"]), row["last_error"] or "")
        for row in rows
        if row["webhook"] in webhooks
    ]


def _due(store: sqlite3.Connection, webhook: str, now: datetime) -> list[Call]:
    rows = store.execute(
        """select id, webhook, body, attempts from calls
           where webhook = ? and delivered_at is null and given_up_at is null and next_attempt_at <= ?
           order by next_attempt_at, written_at, id limit 100""",
        [webhook, to_text(now)],
    ).fetchall()
    return [Call(**row) for row in rows]


def _outcome(done: Future[Outcome]) -> Outcome:
    """What came of a call; one that cannot even be made must not keep the others waiting."""
    error = done.exception()
    return Outcome("transient", f"the call could not be made: {type(error).__name__}") if error else done.result()


def _record(store: sqlite3.Connection, call: Call, outcome: Outcome, now: datetime, random: Random) -> None:
    attempts, moment = call.attempts + 1, to_text(now)
    with change(store):
        if outcome.state == "delivered":
            store.execute(
                "update calls set attempts = ?, delivered_at = ?, last_error = null where id = ?",
                [attempts, moment, call.id],
            )
            return
        is_over = outcome.state == "permanent" or attempts >= MAX_ATTEMPTS
        wait_seconds = max(_wait_seconds(attempts, random), outcome.retry_after_seconds or 0.0)
        store.execute(
            "update calls set attempts = ?, last_error = ?, next_attempt_at = ?, given_up_at = ? where id = ?",
            [
                attempts,
                outcome.words,
                to_text(now + timedelta(seconds=wait_seconds)),
                moment if is_over else None,
                call.id,
            ],
        )


def _wait_seconds(attempts: int, random: Random) -> float:
    """Full jitter: anything up to a bound that doubles with each attempt."""
    return random.uniform(0, min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** (attempts - 1)))
