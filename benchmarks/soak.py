# /// script
# requires-python = ">=3.11"
# dependencies = ["duckdb>=2.0,<3"]
# ///
"""The service under mixed load at half capacity, while two versions take turns as champion.

    uv run benchmarks/soak.py [MINUTES]

Ten minutes if none are said. Needs Linux and wrk. Aims: no error, memory grows by at most 5 %; exit code 1
if either is missed.
"""

import json
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import baked
import duckdb
import http_load
import served
from http_load import Server

TURN_SECONDS, CONNECTIONS = 10, 16


def another(product: Path) -> list[str]:
    """Two versions of the model: the champion, and one trained on fewer rows."""
    sample, shorter = product / "data" / "weather.parquet", product / "shorter.parquet"
    newest = "(select max(observed_at) - interval 8 day from rows)"
    fewer = f"with rows as (from '{sample}') from rows where observed_at < {newest}"
    duckdb.sql(f"copy ({fewer}) to '{shorter}' (format parquet)")
    again = [baked.program(product), "run", "--source", str(shorter)]
    subprocess.run(again, cwd=product, capture_output=True)  # it may not pass its gate, and is kept then
    return sorted(path.parent.name for path in product.glob("store/models/*/manifest.json"))


def main() -> int:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    http_load.require_wrk()
    with tempfile.TemporaryDirectory() as temporary:
        product = baked.bake(baked.template(Path(temporary) / "template"), Path(temporary) / "product")
        baked.run(["uv", "sync", "-q"], product)
        baked.run([baked.program(product), "run"], product)
        rows = served.rows(product, 100)
        bodies = [json.dumps({"rows": rows[:1]})] * 9 + [json.dumps({"rows": rows})]
        turns = another(product)
        with closing(Server(served.side(product))) as running:
            capacity = http_load.load(running.url, bodies, TURN_SECONDS, CONNECTIONS)["rate"]
            pause_ms = CONNECTIONS / (capacity / 2) * 1000
            requests = errors = reloads = early = 0.0
            end = time.monotonic() + minutes * 60
            while time.monotonic() < end:
                turns.reverse()
                baked.run([baked.program(product), "models", "promote", turns[0]], product)
                reloads += 1
                counted = http_load.load(running.url, bodies, TURN_SECONDS, CONNECTIONS, pause_ms)
                requests, errors = requests + counted["requests"], errors + counted["errors"]
                early = early or (running.megabytes() if reloads >= 6 else 0.0)
            late = running.megabytes()
    early = early or late
    growth = late / early - 1
    print(
        f"{minutes:g} min: {requests:,.0f} requests, {errors:.0f} errors, {reloads:.0f} reloads, memory"
        f" {early:.0f} to {late:.0f} MB ({growth:+.1%}; aim: at most 5 %)"
    )
    return int(errors > 0 or growth > 0.05)


if __name__ == "__main__":
    sys.exit(main())
