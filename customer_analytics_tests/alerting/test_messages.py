"""Messages say what happened, to what, who is affected and what to do; they are short, and do nothing where shown."""

import re
import unicodedata
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_analytics.alerting.incidents import Incident
from customer_analytics.alerting.messages import Notice, digest, in_ranges, opened, plain, resolved, updated
from customer_analytics.alerting.problem import Problem
from customer_analytics_tests.alerting.scenario import NOON, problem

NOVEMBER = [date(2026, 11, 1) + timedelta(days=each) for each in range(30)]


def ended(of: Problem, lasted: timedelta) -> str:
    return resolved(Incident(1, of, NOON, NOON, False, None, None), NOON + lasted).body


def test_an_opened_message() -> None:
    text = opened(problem(title="orders: 2 days have not landed", days=NOVEMBER[3:5]))
    assert text.title == "[critical] orders: 2 days have not landed"
    assert text.body == (
        "Nothing was delivered by 06:00 UTC.\n"
        "Days: 2026-11-04 to 2026-11-05\n"
        "\n"
        "Affected:\n"
        "- customer_lifetime_value from 2026-11-05 on\n"
        "- team:finance\n"
        "\n"
        "What to do: Ask the shop for the delivery.\n"
        "http://127.0.0.1:3000/assets/orders"
    )


def test_a_recovery_message() -> None:
    incident = Incident(1, problem(severity="warning"), NOON, NOON, False, None, None)
    text = resolved(incident, NOON + timedelta(hours=3, minutes=20))
    assert (text.tone, text.title) == ("resolved", "[resolved] orders: it has not landed")
    assert text.body == (
        "This is over. It lasted 3 h 20 min, from 2026-11-06 12:00 UTC to 2026-11-06 15:20 UTC.\n"
        "Day: 2026-11-05\n"
        "There is nothing left to do.\n"
        "http://127.0.0.1:3000/assets/orders"
    )


@pytest.mark.parametrize(
    ("lasted", "words"),
    [
        (timedelta(seconds=10), "less than a minute"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(days=3, hours=4, minutes=5), "3 d 4 h"),
        (timedelta(days=7), "7 d"),
    ],
)
def test_how_long_it_lasted(lasted: timedelta, words: str) -> None:
    assert f"It lasted {words}, from" in ended(problem(), lasted)


def test_long_lists_end_after_ten() -> None:
    every_other = NOVEMBER[::2]
    body = opened(problem(details=[f"line {each}" for each in range(1, 48)], days=every_other)).body
    assert "line 10\nand 37 more\n" in body
    assert "line 11" not in body
    assert "2026-11-17, 2026-11-19 and 5 more\n" in body


@pytest.mark.parametrize(
    ("days", "ranges"),
    [
        ([], []),
        (NOVEMBER[:1], ["2026-11-01"]),
        (NOVEMBER[:5], ["2026-11-01 to 2026-11-05"]),
        ([*NOVEMBER[7:3:-1], NOVEMBER[0], NOVEMBER[0]], ["2026-11-01", "2026-11-05 to 2026-11-08"]),
    ],
)
def test_days_that_follow_each_other_are_a_range(days: list[date], ranges: list[str]) -> None:
    assert in_ranges(days) == ranges


def test_a_digest_tells_each_incident_once_as_it_stands_the_gravest_first() -> None:
    notices = [
        Notice(1, "opened", "warning", "[warning] a"),
        Notice(2, "opened", "critical", "[critical] b"),
        Notice(3, "opened", "critical", "[critical] c"),
        Notice(2, "resolved", "critical", "[resolved] b"),
        Notice(3, "updated", "critical", "[critical] c, grown", "http://127.0.0.1:3000/runs/1"),
    ]
    text = digest(notices)
    assert (text.tone, text.title) == ("critical", "[critical] 3 incidents: 2 open, 1 resolved")
    assert text.body == (
        "- [critical] c, grown\nhttp://127.0.0.1:3000/runs/1\n- [warning] a\n- [resolved] b\n\n"
        "All of them: customer-analytics incidents"
    )


def test_a_digest_of_ten_thousand_is_short() -> None:
    text = digest([Notice(each, "opened", "critical", f"[critical] {each}") for each in range(10_000)])
    assert text.title == "[critical] 10,000 incidents: 10,000 open"
    assert "and 9,990 more" in text.body
    assert len(text.body) < 1_000


ANYTHING = st.text(max_size=2_000)


@given(ANYTHING, st.lists(ANYTHING, max_size=30), st.lists(st.dates(), max_size=50), ANYTHING, st.booleans())
def test_whatever_a_problem_says_its_message_is_short_and_harmless(
    words: str, lines: list[str], days: list[date], link: str, is_update: bool
) -> None:
    said = replace(problem(title=words or "x", details=lines, days=days), to_do=words, affected=tuple(lines), link=link)
    text = updated(said, NOON) if is_update else opened(said)
    assert len(text.title) <= 170
    assert len(text.body) <= 10_000
    assert "\n" not in text.title
    shown = text.title + text.body.replace("\n", "")
    assert not {unicodedata.category(each) for each in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    (text.title + text.body).encode()


def test_a_text_that_is_cut_says_so() -> None:
    assert plain("a" * 301) == "a" * 299 + "…"
    assert re.fullmatch(r"a{300}", plain("a" * 300))
