# /// script
# requires-python = ">=3.11"
# dependencies = ["duckdb>=2.0,<3"]
# ///
"""DuckDB by hand, without contract, errors or counts: what our engine can do at best."""

from pathlib import Path

import duckdb
from timed import BOUNDS, STATIONS, timed

SQL = Path(__file__).with_name("features.sql").read_text(encoding="utf-8")
RULES = {name: f"{name} not between {low} and {high}" for name, (low, high) in BOUNDS.items()}
RULES["station"] = f"station not in {tuple(STATIONS)}"
MARKS = ", ".join(f"case when {bad} then '{name}' end" for name, bad in RULES.items())
PACKED = "(format parquet, compression zstd, compression_level 1, dictionary_size_limit 5000)"


def work(source: str, target: str) -> None:
    con = duckdb.connect()
    twice = "group by station, observed_at having count(*) > 1"
    con.execute(f"select 1 from '{source}' {twice}").fetchall()
    marked = f"select *, concat_ws(', ', {MARKS}) as broken from '{source}'"
    con.execute(f"create temp table marked as {marked}")
    good = "select * exclude (broken) from marked where broken = ''"
    con.execute(f"copy ({good}) to '{target}.good' {PACKED}")
    con.execute(f"copy (from marked where broken <> '') to '{target}.bad' {PACKED}")
    con.execute(f"create view source as from read_parquet('{target}.good')")
    con.execute(f"copy ({SQL}) to '{target}' {PACKED}")


timed(work)
