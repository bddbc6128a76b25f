"""Whatever a file holds and whoever wrote it, it keeps its drafted contract; so do made-up rows."""

from datetime import UTC, date, datetime
from decimal import Decimal

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datadevops.testing import made_up

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
TIMES = st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1))
CELLS = {
    pa.string(): st.one_of(
        TEXT, st.sampled_from(["a", "A", "007", "1.5", "NA", "yes", "2024-01-31", "x@y.zz"])
    ),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.int8(): st.integers(-128, 127),
    pa.uint64(): st.integers(0, 2**64 - 1),
    pa.float64(): st.floats(),
    pa.float32(): st.floats(width=32),
    pa.decimal128(20, 3): st.decimals(-(10**9), 10**9, places=3).map(lambda each: Decimal(each)),
    pa.bool_(): st.booleans(),
    pa.date32(): st.dates(date(1, 1, 1), date(9999, 12, 31)),
    pa.timestamp("us"): TIMES,
    pa.timestamp("ns"): TIMES,
    pa.timestamp("ms", "UTC"): TIMES.map(lambda each: each.replace(microsecond=0, tzinfo=UTC)),
}
NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=';|"'), min_size=1, max_size=8
).filter(lambda name: name.lower() != "row")


@st.composite
def tables(draw):
    """A few columns of any types, under any names; some hold few different values, and some nulls."""
    rows = draw(st.integers(1, 40))
    columns = {}
    for name in draw(st.lists(NAMES, min_size=1, max_size=6, unique_by=str.lower)):
        kind = draw(st.sampled_from(list(CELLS)))
        values = draw(
            st.lists(CELLS[kind] | st.none() if draw(st.booleans()) else CELLS[kind], min_size=1, max_size=30)
        )
        columns[name] = pa.array([values[(row * row) % len(values)] for row in range(rows)], kind)
    columns["row"] = pa.array(range(rows))
    return pa.table(columns)


def by_duckdb(table, path):
    duckdb.from_arrow(table).write_parquet(str(path))


WRITERS = {
    "pyarrow": ("t.parquet", pq.write_table),
    "polars": ("t.parquet", lambda table, path: pl.from_arrow(table).write_parquet(path)),
    "DuckDB": ("t.parquet", by_duckdb),
    "pandas": ("t.parquet", lambda table, path: table.to_pandas().to_parquet(path)),
    "CSV by pyarrow": ("t.csv", pa.csv.write_csv),
    "CSV by polars": ("t.csv", lambda table, path: pl.from_arrow(table).write_csv(path)),
    "CSV by pandas": ("t.csv", lambda table, path: table.to_pandas().to_csv(path, index=False)),
}


@pytest.mark.parametrize(("name", "write"), WRITERS.values(), ids=WRITERS)
def test_every_row_of_the_file_keeps_its_draft(drafted, tmp_path, name, write):
    @settings(
        max_examples=6,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(tables())
    def keeps(table):
        write(table, tmp_path / name)
        found = drafted(tmp_path / name)  # raises where a row does not keep it
        assert "row" in found.contract.sql_types
        assert list(made_up.broken_rules({"t": found.contract}, "t", tmp_path)) == []

    keeps()
