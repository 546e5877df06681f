"""The loading part with dlt: every file into DuckDB tables, as Arrow where the format allows it. Nothing is judged."""

import json
import os
import sys
import time
from pathlib import Path

import dlt
import duckdb
from dlt.sources.filesystem import filesystem, read_csv_duckdb, read_jsonl, read_parquet

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

# The readers' own defaults are 1,000 to 5,000 rows at a time, which is far slower.
ROWS = 100_000
TABLES = ("orders", "support_tickets", "marketing_events")
COUNT = """
select (select count(*) from whole_job.orders)
  + (select count(*) from whole_job.support_tickets)
  + (select count(*) from whole_job.marketing_events)"""


def main() -> None:
    """Read the landing area given first into a new database in the folder given second."""
    landing, store = Path(sys.argv[1]).resolve().as_uri(), Path(sys.argv[2])
    began = time.perf_counter()
    pipeline = dlt.pipeline(
        "whole_job",
        pipelines_dir=str(store / "pipelines"),
        destination=dlt.destinations.duckdb(str(store / "peer.duckdb")),
        dataset_name="whole_job",
    )
    orders = filesystem(landing, file_glob="orders/*/*.csv") | read_csv_duckdb(
        chunk_size=ROWS, use_pyarrow=True, all_varchar=True
    )
    tickets = filesystem(landing, file_glob="support_tickets/*/*.jsonl") | read_jsonl(chunksize=ROWS)
    events = filesystem(landing, file_glob="marketing_events/*/*.parquet") | read_parquet(
        chunksize=ROWS, use_pyarrow=True
    )
    resources = [part.with_name(name) for name, part in zip(TABLES, (orders, tickets, events), strict=True)]
    pipeline.run(resources, loader_file_format="parquet").raise_on_failed_jobs()
    seconds = time.perf_counter() - began
    with duckdb.connect(str(store / "peer.duckdb")) as connection:
        (records,) = connection.execute(COUNT).fetchone()
    print(json.dumps({"seconds": seconds, "totals": {"records": records}}))


if __name__ == "__main__":
    main()
