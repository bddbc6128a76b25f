# /// script
# requires-python = ">=3.11"
# dependencies = ["polars"]
# ///
"""polars, without a tool that checks."""

import polars as pl
from timed import BOUNDS, STATIONS, timed

KEY = ["station", "observed_at"]


def work(source: str, target: str) -> None:
    rules = {name: ~pl.col(name).is_between(*bounds) for name, bounds in BOUNDS.items()}
    rules["station"] = ~pl.col("station").is_in(STATIONS)
    rules["key"] = pl.len().over(KEY) > 1
    marks = [pl.when(bad).then(pl.lit(name)) for name, bad in rules.items()]
    marked = pl.concat_str(marks, separator=", ", ignore_nulls=True).alias("broken_rules")
    rows = pl.scan_parquet(source).with_columns(marked).collect()
    rows.filter(pl.col("broken_rules") != "").write_parquet(target + ".bad")
    good = rows.filter(pl.col("broken_rules") == "").drop("broken_rules")
    good.write_parquet(target + ".good")
    features(good.lazy()).collect().write_parquet(target)


def features(rows: pl.LazyFrame) -> pl.LazyFrame:
    rain = pl.col("precipitation_mm")
    rows = rows.sort(KEY).with_columns(
        rain.rolling_sum_by("observed_at", f"{hours}h").over("station").alias(f"rain_mm_sum_{hours}h")
        for hours in (3, 6, 12, 24)
    )
    key = rows.select(*KEY, "precipitation_mm", "pressure_hpa")
    for hours in (1, 3):
        then = key.with_columns(pl.col("observed_at") + pl.duration(hours=hours))
        rows = rows.join(then, KEY, "left", suffix=f"_{hours}h_ago")
    return rows.with_columns(
        (pl.col("temperature_c") - pl.col("dew_point_c")).alias("spread_c"),
        (pl.col("pressure_hpa") - pl.col("pressure_hpa_3h_ago")).alias("pressure_change_3h_hpa"),
    )


timed(work)
