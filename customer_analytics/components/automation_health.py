"""Problems with the automation itself: a daemon or a sensor that does not do its work."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import dagster as dg
from dagster._core.definitions.run_request import InstigatorType  # not exported; test_dagster_behaviour.py holds these
from dagster._core.scheduler.instigation import InstigatorState, InstigatorStatus, TickStatus

from customer_analytics.alerting.problem import Problem
from customer_analytics.alerting.surroundings import Surroundings
from customer_analytics.components.watched import Automation

DAEMON = "dagster-daemon"


@dataclass(frozen=True)
class Silence:
    """From when on silence counts at the earliest, for daemons and for sensors (aware, UTC).

    Whoever looks first after a break of everything must not blame the others, nor sensors whose daemon is just back.
    """

    of_daemons: datetime
    of_sensors: datetime


def stopped_problems(
    instance: dg.DagsterInstance, automation: Automation, surroundings: Surroundings, silence: Silence, now: datetime
) -> list[Problem]:
    """Daemons without a heartbeat, and sensors without a good look, for longer than ``automation.patience``."""

    def is_silent(seen: datetime | None, since: datetime) -> bool:
        return now - max(seen or since, since) > automation.patience

    seen_by_daemon = _heartbeats(instance)
    silent = {daemon for daemon, seen in seen_by_daemon.items() if is_silent(seen, silence.of_daemons)}
    if silent:  # Their sensors are silent with them.
        return [_silent_daemons(silent, seen_by_daemon, surroundings)]
    states = instance.all_instigator_state(instigator_type=InstigatorType.SENSOR)
    switched_off, seen_by_sensor = [], {}
    for sensor in automation.sensors:
        of_sensor = [state for state in states if state.instigator_name == sensor]
        if of_sensor and all(state.status is InstigatorStatus.STOPPED for state in of_sensor):
            switched_off.append(sensor)
        else:
            looks = (_last_good_look(instance, state) for state in of_sensor)
            seen_by_sensor[sensor] = max(filter(None, looks), default=None)
    silent_sensors = [sensor for sensor, seen in seen_by_sensor.items() if is_silent(seen, silence.of_sensors)]
    return [_switched_off(sensor, surroundings) for sensor in switched_off] + (
        [_no_sensor_looks(seen_by_sensor, surroundings)]
        if len(silent_sensors) == len(seen_by_sensor) > 1
        else [_silent_sensor(sensor, seen_by_sensor[sensor], surroundings) for sensor in silent_sensors]
    )


def blind_problem(what: str) -> Problem:
    """Alerting itself cannot see something."""
    return _stopped(
        f"alerting: {what}",
        f"Alerting cannot look at {what}",
        "Why is in the log of the sensor watch.",
        "Say customer-analytics watch and mend what it names. Until then take silence for nothing.",
        "",
    )


def _heartbeats(instance: dg.DagsterInstance) -> dict[str, datetime | None]:
    """When each daemon that must run gave its last sign of life."""
    return {
        daemon: datetime.fromtimestamp(status.last_heartbeat.timestamp, UTC) if status.last_heartbeat else None
        for daemon, status in instance.get_daemon_statuses().items()
        if status.required
    }


def _last_good_look(instance: dg.DagsterInstance, state: InstigatorState) -> datetime | None:
    good = [TickStatus.SUCCESS, TickStatus.SKIPPED]
    ticks = instance.get_ticks(state.instigator_origin_id, state.selector_id, limit=1, statuses=good)
    return datetime.fromtimestamp(ticks[0].timestamp, UTC) if ticks else None


def _silent_daemons(
    silent: Collection[str], seen: Mapping[str, datetime | None], surroundings: Surroundings
) -> Problem:
    return _stopped(
        DAEMON,
        "dagster-daemon does not run" if len(silent) == len(seen) else "A part of dagster-daemon does not run",
        f"Silent: {', '.join(sorted(silent))}. {_last_sign('sign of life', map(seen.get, silent))}",
        "Start dagster-daemon again and see what it says. Until then nothing is loaded by itself.",
        surroundings.links.daemons,
    )


def _switched_off(sensor: str, surroundings: Surroundings) -> Problem:
    return _stopped(
        sensor,
        f"The sensor {sensor} is switched off",
        "Somebody switched it off in the UI or on the command line.",
        "Switch it on again when that is over.",
        surroundings.links.automation,
    )


def _silent_sensor(sensor: str, seen: datetime | None, surroundings: Surroundings) -> Problem:
    return _stopped(
        sensor,
        f"The sensor {sensor} does not look any more",
        _last_sign("look that succeeded", [seen]),
        "Its page has its latest looks and what they say; see whether dagster-daemon runs.",
        surroundings.links.automation,
    )


def _no_sensor_looks(seen: Mapping[str, datetime | None], surroundings: Surroundings) -> Problem:
    return _stopped(
        "sensors",
        "No sensor looks any more",
        f"Silent: {', '.join(sorted(seen))}. {_last_sign('look that succeeded', seen.values())}",
        "Most likely the code location does not load or answer: its page says why, and so does `dg check defs`.",
        surroundings.links.locations,
    )


def _stopped(subject: str, title: str, detail: str, to_do: str, link: str) -> Problem:
    return Problem(
        kind="stopped",
        subject=subject,
        severity="critical",
        title=title,
        details=(detail,),
        to_do=to_do,
        affected=("everything that should run by itself",),
        link=link,
    )


def _last_sign(what: str, seen: Iterable[datetime | None]) -> str:
    last = max(filter(None, seen), default=None)
    return f"The last {what}: {f'{last:%Y-%m-%d %H:%M} UTC' if last else 'none ever'}."
