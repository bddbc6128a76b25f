"""Whatever a table holds, each of its rows is in exactly one place as it was, and good rows stay good."""

from collections import Counter
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from datadevops.engine import checks
from datadevops.engine.duckdb_engine import DuckDB
from small_contract import column, contract_of

CONTRACT = contract_of(
    column("id", "integer", primaryKey=True, required=True),
    column("number", "integer", unique=True),
    column("amount", "number", minimum=-1, maximum=1e300),
    column("word", "string", enum=["a", "it's", "Ä", ""]),
    column("code", "string", required=True, pattern="^[a-z]{0,3}$"),
    column("at", "timestamp", maximum="2024-02-29T00:00:00"),
    column("paid", "boolean", required=True),
)
WHOLE = st.integers(0, 4) | st.integers(-(2**63), 2**63 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
CELLS = {  # column -> its type in the file, any value of it
    "id": (pa.int64(), WHOLE),
    "number": (pa.int64(), WHOLE),
    "amount": (pa.float64(), st.floats() | st.sampled_from([-1.0, 0.0, 1e300])),
    "word": (pa.string(), TEXT | st.sampled_from(["a", "it's", "Ä"])),
    "code": (pa.string(), TEXT | st.sampled_from(["", "abc", "abc\n", "abcd"])),
    "at": (pa.timestamp("us"), st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31))),
    "paid": (pa.bool_(), st.booleans()),
}
ROWS = st.lists(
    st.fixed_dictionaries({name: cells | st.none() for name, (_, cells) in CELLS.items()}),
    min_size=1,
    max_size=9,
)


def cells(rows):
    """How often each row is there; NaN is equal to NaN."""
    return Counter(tuple(map(repr, row)) for row in rows)


def test_each_row_is_good_or_in_quarantine_as_it_was_and_good_rows_stay_good(tmp_path):
    names = ", ".join(f'"{name}"' for name in CELLS)
    seen = Counter()

    @settings(
        max_examples=15,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],  # rows are small as they are
        suppress_health_check=list(HealthCheck),
    )
    @given(ROWS)
    def divided(made):
        table = {name: pa.array([row[name] for row in made], kind) for name, (kind, _) in CELLS.items()}
        pq.write_table(pa.table(table), tmp_path / "in.parquet")
        engine.read("t", tmp_path / "in.parquet")
        before = cells(engine.rows(f"select {names} from t"))

        first = checks.split(engine, CONTRACT, tmp_path)

        good, bad = (tmp_path / name for name in ("t.parquet", checks.QUARANTINE))
        halves = [cells(engine.rows(f"select {names} from '{path}'")) for path in (good, bad)]
        assert (first.read, first.good, first.bad) == (len(made), halves[0].total(), halves[1].total())
        assert halves[0] + halves[1] == before
        seen.update(first.broken)
        if first.good:
            engine.read("t", good.rename(tmp_path / "again.parquet"))
            assert checks.split(engine, CONTRACT, tmp_path).bad == 0
            seen["good"] += first.good

    with DuckDB() as engine:
        divided()

    assert seen["good"] > 0
    assert len(seen) > 8, "rules of each column are broken"
