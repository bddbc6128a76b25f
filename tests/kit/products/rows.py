"""The made-up source of both products: hourly counts of three shops for five months.

In:       nothing; a fixed hash gives the same rows on every machine.
Out:      a parquet file with 10,850 rows, two of them bad.

The number of visitors changes slowly, with the hour of the day. After an hour with many visitors, people
queue. So a model that knows the visitors beats "as it is now" and "as it usually is at that hour".
"""

from pathlib import Path

from datadevops.engine.duckdb_engine import DuckDB

READ = 10_850
GOOD = 10_848
NEWEST = "2025-05-31T23:00:00"
BAD = [
    ("market", "2025-05-09 02:00:00", "temperature_spike"),
    ("north", "2025-02-12 08:00:00", "takings:maximum"),
]

SQL = """
with hours as (
    select unnest(['market', 'north', 'station']) as shop, opened_at
    from (select unnest(generate_series(timestamp '2025-01-01', timestamp '2025-05-31 23:00',
        interval 1 hour)) as opened_at)
),
luck as (
    select *, {luck}
    from hours
),
crowd as (
    select *, cast(round(60 - 35 * cos(2 * pi() * hour(opened_at) / 24)
        + 150 * (avg(a) over (partition by shop order by opened_at rows 5 preceding) - 0.5)) as integer)
        as crowd
    from luck
),
before as (
    select *, greatest(crowd, 0) as visitors,
        coalesce(lag(crowd) over (partition by shop order by opened_at), 0) as crowd_before
    from crowd
)
select
    shop,
    opened_at,
    visitors,
    cast(floor(visitors * (0.3 + c / 2)) as integer) as buyers,
    case when shop = 'north' and opened_at = '2025-02-12 08:00' then 99999.0
        when d < 0.1 then null else round(visitors * (2 + 6 * c), 2) end as takings,
    case when shop = 'market' and opened_at = '2025-05-09 02:00' then 44.0
        when e < 0.05 then null
        else round(10 + 3 * sin(2 * pi() * dayofyear(opened_at) / 15) + 4 * d, 1) end as temperature_c,
    dayofyear(opened_at) % 10 = 0 as promotion,
    case when b < 1 / (1 + exp((85 - crowd_before) / 9)) then round(0.5 + 20 * e, 1) else 0.0 end
        as queue_minutes,
    cast(floor(c * 3) as integer) as complaints
from before
where not (shop = 'north' and opened_at between '2025-03-20 03:00' and '2025-03-20 04:00')
    and not (shop = 'station' and opened_at between '2025-04-11 01:00' and '2025-04-11 20:00')
order by opened_at, shop
"""


def write(path: Path) -> Path:
    """The rows, in a parquet file."""
    luck = ", ".join(
        f"md5_number_lower(concat('{name}', shop, opened_at)) / 18446744073709551616.0 as {name}"
        for name in "abcde"
    )
    with DuckDB() as engine:
        engine.write(SQL.format(luck=luck), path)
    return path
