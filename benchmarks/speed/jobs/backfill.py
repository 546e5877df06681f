"""A backfill of every asset over the days given, launched as the page does it: from the request until all is done."""

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from benchmarks.speed.measuring import say

_LAUNCH = """
mutation Launch($backfill: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $backfill) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on PythonError { message }
  }
}"""
_STATUS = (
    "query Status($id: String!) { partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill { status } } }"
)
_STARTED = """{
  instance { daemonHealth { allDaemonStatuses { healthy required } } }
  workspaceOrError { ... on Workspace { locationEntries { loadStatus } } }
}"""
_DONE = ("COMPLETED", "COMPLETED_SUCCESS")
_UNDER_WAY = ("REQUESTED", "CANCELING", "FAILING")


def main() -> None:
    """Backfill from the first day to the last, both as YYYY-MM-DD, the assets named after them."""
    first, last = (date.fromisoformat(each) for each in sys.argv[1:3])
    days = [(first + timedelta(days=number)).isoformat() for number in range((last - first).days + 1)]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "dagster", "dev", "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(  # noqa: S603 - this Python's own Dagster
        [*command, "-m", "benchmarks.speed.jobs.assets_alone"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            _wait_until_it_is_up(port)
            say(_backfill(port, sys.argv[3:], days))
        finally:
            server.terminate()


def _wait_until_it_is_up(port: int) -> None:
    for _ in range(600):
        if _is_up(port):
            return
        time.sleep(0.2)
    raise TimeoutError(port)


def _is_up(port: int) -> bool:
    """Whether the page answers, has loaded the code, and its daemons are at work."""
    try:
        found = _ask(port, _STARTED)
    except (urllib.error.URLError, ConnectionError):
        return False
    daemons = found["instance"]["daemonHealth"]["allDaemonStatuses"]
    locations = found["workspaceOrError"].get("locationEntries") or [{"loadStatus": "LOADING"}]
    return all(each["loadStatus"] == "LOADED" for each in locations) and all(
        each["healthy"] for each in daemons if each["required"]
    )


def _backfill(port: int, assets: Sequence[str], days: Sequence[str]) -> float:
    began = time.perf_counter()
    asked = {"assetSelection": [{"path": [asset]} for asset in assets], "partitionNames": days}
    launched = _ask(port, _LAUNCH, backfill=asked)["launchPartitionBackfill"]
    if "backfillId" not in launched:
        raise RuntimeError(launched)
    while (status := _status(port, launched["backfillId"])) in _UNDER_WAY:
        time.sleep(0.2)
    if status not in _DONE:
        raise RuntimeError(status)
    return time.perf_counter() - began


def _status(port: int, backfill: str) -> str:
    return str(_ask(port, _STATUS, id=backfill)["partitionBackfillOrError"]["status"])


def _ask(port: int, query: str, **variables: object) -> Mapping[str, Any]:
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/graphql", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - this machine's own page
        data: dict[str, Any] = json.load(answer)["data"]
    return data


if __name__ == "__main__":
    main()
