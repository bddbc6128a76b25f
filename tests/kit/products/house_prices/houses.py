"""The made-up source: 2,400 houses of 600 owners. A price has a part that only the owner explains."""

from pathlib import Path

from datadevops.engine.duckdb_engine import DuckDB

SQL = """
with houses as (
    select owner, number, {luck}
    from (select unnest(range(600)) as owner), (select unnest(range(4)) as number)
)
select
    owner,
    case when a < 0.5 then 'old' when a < 0.8 then 'new' else 'harbour' end as district,
    number,
    cast(20 + 180 * b as integer) as area_m2,
    cast(1 + floor(b * 5) as integer) as rooms,
    round(90000 + 3000 * (20 + 180 * b) + case when a < 0.8 then 0 else 150000 end
        + 60000 * (c - 0.5) + 80000 * (sin(owner) - 0.2)) as price
from houses
"""


def write(path: Path) -> Path:
    luck = ", ".join(
        f"md5_number_lower(concat('{name}', owner, '-', number)) / 18446744073709551616.0 as {name}"
        for name in "abc"
    )
    with DuckDB() as engine:
        engine.write(SQL.format(luck=luck), path)
    return path
