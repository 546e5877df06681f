"""Logs for machines: everything that a run logs, as one JSON document a line.

Dagster makes its loggers from run config, which runs started in the UI do not have; so this hangs on the instance, as a
handler in the ``python_logs`` of dagster.yaml. Daemon and webserver write JSON of their own with ``--log-format json``.
"""

import json
import logging
import sys
from datetime import UTC, datetime

from customer_analytics.settings import Settings

# As Dagster's own log formatters find it on a record; test_logs.py holds it.
METADATA = "dagster_meta"


class JsonLines(logging.Formatter):
    """One line per record: when (UTC), how grave, what; of which run, job and step, and by which event of Dagster's.

    What belongs to nothing is null. Nothing else of a run is told: no configuration, no tags, no environment.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line, without its end."""
        about = getattr(record, METADATA, {})
        event = about.get("dagster_event")
        failure = getattr(event.event_specific_data, "error", None) if event else None
        error = self.formatException(record.exc_info) if record.exc_info else None
        line = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": about.get("orig_message", record.getMessage()),
            "run_id": about.get("run_id"),
            "job": about.get("job_name"),
            "step": about.get("step_key"),
            "event_type": event.event_type.name if event else None,
            "error": failure.to_string() if failure else error,
        }
        return json.dumps(line)


def build_handler() -> logging.Handler:
    """What dagster.yaml names: JSON lines on stdout where the settings want JSON, and else nothing more than usual."""
    if Settings().log_format == "text":
        return logging.NullHandler()
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    return handler
