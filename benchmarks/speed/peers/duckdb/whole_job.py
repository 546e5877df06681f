"""The whole job as one DuckDB script: every file read once and typed, then aggregates. The limit of all others here."""

import json
import sys
import time
from pathlib import Path

import duckdb

SQL = Path(__file__).with_name("whole_job.sql")


def main() -> None:
    """Read the landing area given first into a new database in the folder given second."""
    landing, store = Path(sys.argv[1]), Path(sys.argv[2])
    began = time.perf_counter()
    with duckdb.connect(str(store / "peer.duckdb")) as connection:
        connection.execute("set variable landing = $folder", {"folder": str(landing)})
        connection.execute(SQL.read_text(encoding="utf-8"))
        totals = connection.execute("from totals")
        names = [column[0] for column in totals.description]
        (row,) = totals.fetchall()
    print(json.dumps({"seconds": time.perf_counter() - began, "totals": dict(zip(names, row, strict=True))}))


if __name__ == "__main__":
    main()
