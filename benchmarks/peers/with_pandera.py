# /// script
# requires-python = ">=3.11"
# dependencies = ["pandas", "pandera[pandas]", "pyarrow"]
# ///
"""pandas with pandera."""

import pandas as pd
import pandera.pandas as pa
from in_pandas import features
from timed import BOUNDS, STATIONS, timed

KINDS = {  # type, whether a cell may be null
    "temperature_c": (float, True),
    "humidity_pct": ("Int64", True),
    "wind_speed_ms": (float, True),
    "precipitation_mm": (float, False),
    "visibility_km": (float, False),
}
SCHEMA = pa.DataFrameSchema(
    {"station": pa.Column(str, pa.Check.isin(STATIONS))}
    | {
        name: pa.Column(kind, pa.Check.in_range(*BOUNDS[name]), nullable=null, coerce=kind == "Int64")
        for name, (kind, null) in KINDS.items()
    },
    unique=["station", "observed_at"],
)


def check(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The good rows; the bad ones with the names of the rules that they break."""
    try:
        return SCHEMA.validate(rows, lazy=True), rows.head(0).assign(broken_rules="")
    except pa.errors.SchemaErrors as found:
        cases = found.failure_cases.dropna(subset=["index"])
        rules = cases["column"].astype(str) + ":" + cases["check"].astype(str)
        names = rules.groupby(cases["index"].astype(int)).agg(", ".join)
        return rows.drop(index=names.index), rows.loc[names.index].assign(broken_rules=names)


def work(source: str, target: str) -> None:
    good, bad = check(pd.read_parquet(source))
    bad.to_parquet(target + ".bad")
    good.to_parquet(target + ".good")
    features(good).to_parquet(target)


if __name__ == "__main__":
    timed(work)
