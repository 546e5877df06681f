"""The whole job as a dbt project on dbt-duckdb: `dbt run`, with a run of its own for every contender's turn."""

import json
import os
import sys
import time
from pathlib import Path

import duckdb
from dbt.cli.main import dbtRunner

PROJECT = Path(__file__).with_name("project")


def main() -> None:
    """Read the landing area given first into a new database in the folder given second."""
    landing, store = sys.argv[1], Path(sys.argv[2])
    os.environ |= {
        "PEER_STORE": str(store),
        "DBT_TARGET_PATH": str(store / "target"),
        "DBT_LOG_PATH": str(store / "logs"),
    }
    os.environ |= {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DBT_QUIET": "true"}
    variables = json.dumps({"landing": landing})
    began = time.perf_counter()
    done = dbtRunner().invoke(
        ["run", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--vars", variables]
    )
    if not done.success:
        raise SystemExit(str(done.exception or [each.message for each in done.result if each.status != "success"]))
    seconds = time.perf_counter() - began
    with duckdb.connect(str(store / "peer.duckdb")) as connection:
        row = connection.execute("select to_json(totals)::varchar from totals").fetchone()
    print(json.dumps({"seconds": seconds, "totals": json.loads(row[0])}))


if __name__ == "__main__":
    main()
