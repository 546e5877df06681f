"""The limit of loading: DuckDB reads the same files, types given, into a table of a file; nothing is judged."""

import sys
import time
from pathlib import Path

import duckdb

from benchmarks.speed.measuring import say

_TYPES = """{'order_id': 'varchar', 'customer_id': 'varchar', 'order_date': 'timestamp',
  'total_amount': 'decimal(18, 2)', 'status': 'varchar'}"""
_DAY_AND_COLUMNS = "select parse_path(filename)[-2]::date as delivery_day, * exclude (filename)"
_READERS = {
    "csv": f"read_csv($files, header = true, auto_detect = false, filename = true, columns = {_TYPES})",
    "jsonl": f"read_json($files, format = 'newline_delimited', filename = true, columns = {_TYPES})",
    "parquet": "read_parquet($files, filename = true)",
}


def main() -> None:
    """Read the orders of the landing area given first into the folder given second, with DuckDB's memory third."""
    files = sorted(path for path in Path(sys.argv[1], "orders").glob("*/*") if path.suffix[1:] in _READERS)
    began = time.perf_counter()
    with duckdb.connect(f"{sys.argv[2]}/bare.duckdb", config={"memory_limit": sys.argv[3]}) as connection:
        connection.execute(
            f"create table orders as {_DAY_AND_COLUMNS} from {_READERS[files[0].suffix[1:]]}",
            {"files": [str(path) for path in files]},
        )
    say(time.perf_counter() - began)


if __name__ == "__main__":
    main()
