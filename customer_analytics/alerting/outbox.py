"""Sending what was written, at least once and in order, to each address by itself.

An address gets at most ``AN_HOUR`` messages in any hour, and the more it has had, the longer the next one waits; what
gathers meanwhile goes out as one digest. So nothing is dropped, however much there is or however long an address was
down. One that fails is asked again after waits that double up to ``LONGEST_WAIT``. An attempt is written down before it
is made and counts as failed until it is known to have succeeded: a process that dies between sending and recording
sends again later, never not at all.
"""

import queue
import sqlite3
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from threading import Thread
from threading import enumerate as living_threads

from customer_analytics.alerting.channels import THREAD_PREFIX, Channels, NotSentError, Send
from customer_analytics.alerting.messages import Notice, Text, digest
from customer_analytics.alerting.store import change, from_text, to_text

AN_HOUR = 20
# An hour, and longer than a dispatch takes: what was begun at its start may have arrived at its end.
WINDOW = timedelta(hours=1, minutes=2)
LONGEST_DISPATCH_SECONDS = 60.0
# So many go out without a pause; each one more in an hour waits longer by this.
UNHURRIED = 4
PAUSE = timedelta(seconds=30)
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
# More than these are gathered; so is anything for an address that has failed so often: it may take it in another form.
SINGLES = 3
PATIENCE = 5


@dataclass(frozen=True)
class Dispatched:
    """What a dispatch did: messages that arrived, and why others did not, by address."""

    sent: int
    failures: dict[str, str]


@dataclass(frozen=True)
class Waiting:
    """Messages that an address has not got yet, since when, and how often in a row it has failed and why at last."""

    address: str
    messages: int
    since: datetime
    failures: int
    last_error: str | None


@dataclass(frozen=True)
class _Attempt:
    id: int
    address: str
    last_message: int
    messages: int
    text: Text


# An attempt, and why it failed, if it did.
_Answers = queue.SimpleQueue[tuple[_Attempt, str | None]]


def dispatch(
    store: sqlite3.Connection, channels: Channels, now: datetime, random: Random, seconds: float = 20.0
) -> Dispatched:
    """Send what is due, to all addresses at once; returns after so many seconds at most, plus what SQLite takes.

    What does not answer in time counts as failed; its address is left alone for as long as it hangs. Only one process
    may dispatch at a time. ``now`` is aware.

    Raises:
        sqlite3.Error: the store cannot be written; what was sent and not recorded is sent again.
    """
    seconds = min(seconds, LONGEST_DISPATCH_SECONDS)
    until = time.monotonic() + seconds
    answers: _Answers = queue.SimpleQueue()
    under_way: dict[str, tuple[_Attempt, Thread]] = {}
    sent, failures = 0, {}
    hanging = {thread.name for thread in living_threads()}
    due = [address for address in channels.senders if _thread_name(address) not in hanging]
    while due or under_way:
        for address in due:
            attempt = _begin(store, address, now, random)
            if attempt is not None:
                under_way[address] = attempt, _start(channels.senders[address], attempt, answers)
        due = []
        if not under_way:
            break
        try:
            attempt, error = answers.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            break
        under_way.pop(attempt.address)[1].join()
        _record(store, attempt, error, now)
        if error is not None:
            failures[attempt.address] = error
        else:
            sent += attempt.messages
            # Not what would have to be given up half-way: it would arrive, and be sent again.
            due = [attempt.address] if until - time.monotonic() > seconds / 2 else []
    for address, (attempt, _) in under_way.items():
        failures[address] = "it did not answer in time"
        _record(store, attempt, failures[address], now)
    return Dispatched(sent, failures)


def waiting(store: sqlite3.Connection) -> list[Waiting]:
    """What every address has yet to get, also one that is off now."""
    rows = store.execute(
        """select address, count(*) as messages, min(written_at) as since,
               coalesce((select failures from sends where address = m.address order by id desc limit 1), 0) as failures,
               (select error from sends where address = m.address order by id desc limit 1) as error
           from messages as m where sent_at is null group by address order by address"""
    )
    return [
        Waiting(row["address"], row["messages"], from_text(row["since"]), row["failures"], row["error"]) for row in rows
    ]


def _begin(store: sqlite3.Connection, address: str, now: datetime, random: Random) -> _Attempt | None:
    """Write down an attempt, as failed; None where the address has nothing to get yet."""
    with change(store):
        # A clock that was wrong for a while must not silence an address: what it did in the future does not count.
        state = store.execute(
            """select failures, next_at from sends where address = :address and begun_at <= :now
               order by id desc limit 1""",
            {"address": address, "now": to_text(now)},
        ).fetchone()
        failures = state["failures"] if state else 0
        is_early = state is not None and from_text(state["next_at"]) > now
        if is_early or _sent_within_the_hour(store, address, now) >= AN_HOUR:
            return None
        rows = store.execute(
            """select messages.id, incident_id, purpose, messages.severity, messages.title, link
               from messages inner join incidents on incidents.id = incident_id
               where address = ? and sent_at is null order by messages.id""",
            [address],
        ).fetchall()
        if not rows:
            return None
        gathered = rows if len(rows) > SINGLES or failures >= PATIENCE else rows[:1]
        inserted = store.execute(
            "insert into sends (address, begun_at, messages, failures, next_at) values (?, ?, ?, ?, ?)",
            [address, to_text(now), len(gathered), failures + 1, to_text(now + _wait(failures, random))],
        )
        text = _text(store, gathered)
    return _Attempt(int(inserted.lastrowid or 0), address, gathered[-1]["id"], len(gathered), text)


def _record(store: sqlite3.Connection, attempt: _Attempt, error: str | None, now: datetime) -> None:
    """Write down what became of an attempt; only now what it told counts as sent."""
    with change(store):
        if error is not None:
            store.execute("update sends set error = ? where id = ?", [error, attempt.id])
            return
        pause = PAUSE * max(0, _sent_within_the_hour(store, attempt.address, now) - UNHURRIED)
        store.execute("update sends set failures = 0, next_at = ? where id = ?", [to_text(now + pause), attempt.id])
        store.execute(
            "update messages set sent_at = ?, sent_in = ? where address = ? and sent_at is null and id <= ?",
            [to_text(now), attempt.id, attempt.address, attempt.last_message],
        )


def _sent_within_the_hour(store: sqlite3.Connection, address: str, now: datetime) -> int:
    """How many attempts there were; one that failed, as it seems, may have arrived all the same."""
    since, until = to_text(now - WINDOW), to_text(now)
    row = store.execute(
        "select count(*) from sends where address = ? and begun_at > ? and begun_at <= ?", [address, since, until]
    ).fetchone()
    return int(row[0])


def _text(store: sqlite3.Connection, rows: list[sqlite3.Row]) -> Text:
    """One message as it was written, or the latest where all are about one incident; a digest of several."""
    notices = [Notice(row["incident_id"], row["purpose"], row["severity"], row["title"], row["link"]) for row in rows]
    latest = notices[-1]
    if len({notice.incident_id for notice in notices}) > 1:
        return digest(notices)
    body = store.execute("select body from messages where id = ?", [rows[-1]["id"]]).fetchone()["body"]
    return Text(latest.tone, latest.title, body, f"customer-analytics incident {latest.incident_id}")


def _wait(failures: int, random: Random) -> timedelta:
    """Until the next attempt, after so many in a row that failed before this one."""
    longest = min(LONGEST_WAIT, FIRST_WAIT * (1 << min(failures, 10)))
    return longest * random.uniform(0.5, 1.0)


def _thread_name(address: str) -> str:
    return f"{THREAD_PREFIX}{address}"


def _start(send: Send, attempt: _Attempt, answers: _Answers) -> Thread:
    # Daemons, since one that hangs must not keep the process from ending.
    thread = Thread(target=_send, args=(send, attempt, answers), name=_thread_name(attempt.address), daemon=True)
    thread.start()
    return thread


def _send(send: Send, attempt: _Attempt, answers: _Answers) -> None:
    try:
        send(attempt.text)
    except NotSentError as error:
        answers.put((attempt, str(error)))
    except Exception as error:
        # Its text may show a URL.
        answers.put((attempt, f"sending failed: {type(error).__name__}"))
    else:
        answers.put((attempt, None))
