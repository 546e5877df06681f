"""A process that takes a look is killed at a named point; the next look is another process's."""

import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from multiprocessing.connection import Connection

from customer_analytics.alerting import outbox
from customer_analytics.components import watch
from customer_analytics_tests.faults.cases import Case, Outcome
from customer_analytics_tests.faults.desk import DUE, OTHER_SINK, TITLE, Desk


def in_a_child(action: Callable[[], object], *, is_killed: bool = False) -> str:
    """What a process of its own does; gives the error that it ends with, empty where there is none."""
    here, there = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=_tell, args=(action, there))
    child.start()
    there.close()
    try:
        words = str(here.recv())
    except EOFError:
        words = "killed"
    child.join(20)
    assert (child.exitcode == -signal.SIGKILL) == is_killed, words
    return words


def _tell(action: Callable[[], object], there: Connection) -> None:
    try:
        action()
        there.send("")
    except BaseException:
        there.send(traceback.format_exc())


def _killed(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _dies(desk: Desk, place: object, name: str, *, after: bool) -> None:
    """From now on whoever calls it is killed, before or after it is done."""
    done = getattr(place, name)

    def then_die(*arguments: object, **options: object) -> None:
        done(*arguments, **options)
        _killed()

    desk.monkeypatch.setattr(place, name, then_die if after else _killed)


def _only_one_is_told(desk: Desk, outcome: Outcome) -> None:
    """Where it counts what was sent already: of two, whose answer comes first is anybody's guess."""
    if outcome == "told_again":
        desk.set(**{OTHER_SINK: ""})


def _killed_at(desk: Desk, outcome: Outcome, place: object, name: str, *, after: bool) -> None:
    _only_one_is_told(desk, outcome)
    desk.begin()
    with desk.monkeypatch.context() as patched:
        mortal = Desk(desk.data, desk.instance, desk.definitions, desk.sink, desk.other, patched)
        _dies(mortal, place, name, after=after)
        assert in_a_child(lambda: mortal.look(DUE), is_killed=True) == "killed"
    expected = 2 if outcome == "told_again" else 1
    desk.look_until_told(times=expected)
    assert desk.told() == expected
    assert desk.told_other() == (outcome == "told_once")


def _killed_at_the_end(desk: Desk, outcome: Outcome, place: object, name: str, *, after: bool) -> None:
    """As before, but when it is over and that is to be told."""
    _only_one_is_told(desk, outcome)
    desk.begin()
    desk.look(DUE)
    (desk.data / "landing/orders/2026-11-01").mkdir(parents=True)
    flag = desk.data / "landing/orders/2026-11-01/processing_complete.flag"
    flag.touch()
    os.utime(flag, (DUE.timestamp(), DUE.timestamp()))
    desk.look(DUE + timedelta(minutes=1))
    over = TITLE.replace("[critical]", "[resolved]")
    with desk.monkeypatch.context() as patched:
        mortal = Desk(desk.data, desk.instance, desk.definitions, desk.sink, desk.other, patched)
        _dies(mortal, place, name, after=after)
        in_a_child(lambda: mortal.look(DUE + timedelta(minutes=12)), is_killed=True)
    expected = 2 if outcome == "told_again" else 1
    desk.now = DUE + timedelta(minutes=12)
    for _ in range(12):
        desk.look(desk.now + timedelta(seconds=75))
    assert (desk.told(), desk.told(over)) == (1, expected)


POINTS: tuple[tuple[str, Outcome, object, str, bool], ...] = (
    ("before the store is opened", "told_once", watch, "open_store", False),
    ("before the data is looked at", "told_once", watch, "_look_at_data", False),
    ("after the data was looked at", "told_once", watch, "_look_at_data", True),
    ("after the runs were looked at", "told_once", watch, "_look_at_dagster", True),
    ("before incidents are reconciled", "told_once", watch, "reconcile", False),
    ("after incidents were reconciled", "told_once", watch, "reconcile", True),
    ("when an attempt is to be written down", "told_once", outbox, "_begin", False),
    ("when an attempt was written down", "told_once", outbox, "_begin", True),
    ("after sending, before recording", "told_again", outbox, "_record", False),
    ("after everything was sent", "told_once", watch, "dispatch", True),
    ("before downstream systems are called", "told_once", watch, "deliver_due", False),
    ("after downstream systems were called", "told_once", watch, "deliver_due", True),
    ("before the metrics are written", "told_once", watch, "write_figures", False),
    ("after the metrics were written", "told_once", watch, "write_figures", True),
)
KILLS = [
    *(
        Case("look", f"killed {point}", outcome, partial(_killed_at, place=place, name=name, after=after))
        for point, outcome, place, name, after in POINTS
    ),
    *(
        Case(
            "look at what is over",
            f"killed {point}",
            outcome,
            partial(_killed_at_the_end, place=place, name=name, after=after),
        )
        for point, outcome, place, name, after in POINTS
    ),
]
