"""The whole job as a SQLMesh project: one plan, applied to a new environment."""

import json
import os
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).with_name("project")


def main() -> None:
    """Read the landing area given first into a new database in the folder given second."""
    store = sys.argv[2]
    os.environ |= {"PEER_LANDING": sys.argv[1], "PEER_STORE": store, "SQLMESH__DISABLE_ANONYMIZED_ANALYTICS": "true"}
    os.environ |= {"SQLMESH__CACHE_DIR": f"{store}/cache", "MAX_FORK_WORKERS": "1"}
    from sqlmesh import Context  # noqa: PLC0415 - it reads the environment when it is imported

    began = time.perf_counter()
    context = Context(paths=PROJECT)
    context.plan(auto_apply=True, no_prompts=True)
    seconds = time.perf_counter() - began
    (totals,) = context.engine_adapter.fetchone("select to_json(totals)::varchar from whole_job.totals")
    context.close()
    print(json.dumps({"seconds": seconds, "totals": json.loads(totals)}))


if __name__ == "__main__":
    main()
