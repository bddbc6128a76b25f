"""Files of other writers are read right, and judged as their values will be kept."""

import re
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datadevops.engine import checks
from datadevops.errors import DataError
from small_contract import column, contract_of

FLOATS = [pa.float32(), pa.float64()]  # Spark has no pa.float16()


NUMBER = contract_of(column("x", "number", maximum=9))


@pytest.fixture
def judge(judging, tmp_path):
    """judge(table of pyarrow, contract): the result of the checks of its file, as pyarrow writes one."""

    def run(table, contract):
        pq.write_table(table, tmp_path / "in.parquet")
        judging.read("t", tmp_path / "in.parquet", contract.sql_types)
        return checks.split(judging, contract, tmp_path)

    return run


def numbers(width, *cells):
    """An array that has NaN where a cell is NaN, and null where it is None."""
    values = np.array([0 if cell is None else cell for cell in cells], width.to_pandas_dtype())
    return pa.array(values, width, mask=np.array([cell is None for cell in cells]), from_pandas=False)


@pytest.mark.parametrize("width", FLOATS, ids=str)
def test_a_number_that_is_none_is_quarantined_whatever_the_statistics_of_its_file_say(judge, width):
    result = judge(pa.table({"x": numbers(width, 1, 2, np.nan, None, 3)}), NUMBER)

    assert (result.broken, result.good, result.bad) == ({"x:finite": 1}, 4, 1)


def test_a_number_that_is_none_is_quarantined_in_16_bits_too(engine, tmp_path):
    pq.write_table(pa.table({"x": numbers(pa.float16(), 1, np.nan, 3)}), tmp_path / "in.parquet")
    engine.read("t", tmp_path / "in.parquet", NUMBER.sql_types)

    assert checks.split(engine, NUMBER, tmp_path).broken == {"x:finite": 1}


@pytest.mark.parametrize("width", FLOATS, ids=str)
def test_a_filter_finds_the_numbers_that_the_statistics_of_a_file_leave_out(judging, tmp_path, width):
    pq.write_table(pa.table({"x": numbers(width, 1, 2, np.nan, 3)}), tmp_path / "in.parquet")

    judging.read("t", tmp_path / "in.parquet")

    assert judging.rows("select count(*) from t where x > 3") == [(1,)]  # NaN is above all others


def decimals(precision, scale, *cells):
    return pa.array([Decimal(cell) for cell in cells], pa.decimal128(precision, scale))


def times(unit, zone, *cells):
    """An array of times by their number of units since 1970."""
    raw = pa.py_buffer(np.array(cells, np.int64).tobytes())
    return pa.Array.from_buffers(pa.timestamp(unit, zone), len(cells), [None, raw])


ABOVE = 2**53 + 1  # the first whole number that 64 bits of a float do not have
NEAR = [np.nextafter(np.float32(16.09), np.float32(to)) for to in (0, 99)]
NANO = 1_700_000_000_000_000_000
JUDGED = {  # cells, what the contract says of a column of that type, places of bad rows
    "32 bits, a maximum": (numbers(FLOATS[0], *NEAR, 16.09), "number", {"maximum": 16.09}, [1, 2]),
    "32 bits, a minimum": (numbers(FLOATS[0], *NEAR, 16.09), "number", {"minimum": 16.09}, [0]),
    "32 bits, an enum": (numbers(FLOATS[0], 16.09, 0.5), "number", {"enum": [16.09, 0.5]}, [0]),
    "64 bits, an enum": (numbers(FLOATS[1], 16.09, 0.5, 0.1), "number", {"enum": [16.09, 0.5]}, [2]),
    "an enum of many digits": (
        numbers(FLOATS[1], 0.12345678901234568, 16.123456789012345, 2),
        "number",
        {"enum": [0.12345678901234568, 16.123456789012345]},
        [2],
    ),
    "a decimal, unique": (
        decimals(38, 20, "0.10000000000000000001", "0.10000000000000000002", "0.2"),
        "number",
        {"unique": True},
        [0, 1],
    ),
    "a decimal, a maximum": (
        decimals(38, 20, "0.10000000000000000001", "0.11"),
        "number",
        {"maximum": 0.1},
        [1],
    ),
    "a decimal, the key": (
        decimals(38, 0, "1" * 38, "1" * 37 + "2", "5"),
        "number",
        {"primaryKey": True},
        [0, 1],
    ),
    "whole numbers, unique": (pa.array([ABOVE, ABOVE - 1, 5]), "number", {"unique": True}, [0, 1]),
    "whole numbers, an enum": (pa.array([ABOVE, ABOVE - 1, 5]), "number", {"enum": [ABOVE - 1]}, [2]),
    "whole numbers beyond": (
        pa.array([2**63, 2**63 - 1], pa.uint64()),
        "integer",
        {"primaryKey": True},
        [0],
    ),
    "8 bits": (pa.array([1, 2, -3], pa.int8()), "integer", {"enum": [1, 2]}, [2]),
    "nanoseconds, unique": (times("ns", None, NANO, NANO + 999, 0), "timestamp", {"unique": True}, [0, 1]),
    "nanoseconds, a maximum": (
        times("ns", "UTC", 999, 1000),
        "timestamp",
        {"maximum": "1970-01-01T00:00:00"},
        [1],
    ),
    "words of a dictionary": (
        pa.array(["a", "bb"]).dictionary_encode(),
        "string",
        {"pattern": "[a-z]{2}"},
        [0],
    ),
}


@pytest.mark.parametrize(("cells", "kind", "rules", "bad"), JUDGED.values(), ids=JUDGED)
def test_a_row_is_judged_by_the_value_that_will_be_kept(judging, judge, tmp_path, cells, kind, rules, bad):
    contract = contract_of(column("x", kind, **rules), column("place", "integer"))

    judge(pa.table({"x": cells, "place": range(len(cells))}), contract)

    quarantined = pq.read_table(tmp_path / checks.QUARANTINE).sort_by("place")
    assert quarantined["place"].to_pylist() == bad
    if kind != "timestamp":  # Spark has no nanoseconds
        assert quarantined["x"].to_pylist() == cells.take(bad).to_pylist()  # as delivered
    judging.read("t", (tmp_path / "t.parquet").rename(tmp_path / "good.parquet"))
    assert checks.split(judging, contract, tmp_path).bad == 0


WIDTHS = [*FLOATS, pa.decimal128(9, 2), pa.decimal128(38, 20), pa.int16(), pa.uint64()]


@pytest.mark.parametrize("width", WIDTHS, ids=str)
def test_good_rows_are_good_again(judging, judge, tmp_path, width):
    hundredths = np.random.default_rng(7).integers(0, 3200, 300)
    cells = pa.array(hundredths / 100).cast(width, safe=False)
    limits = column("x", "number", minimum=3.07, maximum=16.09)
    listed = column("y", "number", enum=(hundredths[:200] / 100).tolist())
    contract = contract_of(limits, listed, column("z", "number", unique=True), column("place", "integer"))
    table = pa.table({"x": cells, "y": cells, "z": cells, "place": range(300)})

    first = judge(table, contract)

    judging.read("t", (tmp_path / "t.parquet").rename(tmp_path / "good.parquet"))
    assert (first.good + first.bad, len(first.broken)) == (300, 4)
    assert first.good == 0 or checks.split(judging, contract, tmp_path).broken == {}


LATE, NOT_A_TIME = 40_000 * 31_556_952, -(2**63)
UNITS = {"ms": 10**3, "us": 10**6, "ns": 10**9}


@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin"])
@pytest.mark.parametrize(("unit", "cell"), [("ms", LATE * 1000), ("us", NOT_A_TIME), ("ns", NOT_A_TIME)])
def test_a_time_that_is_none_is_quarantined(judge, tmp_path, unit, cell, zone):
    seen = column("seen", "timestamp", required=True, minimum="1600-01-01T00:00:00")
    bad = "date_trunc('month', seen) = seen + interval 1 day"  # the first month cannot be computed
    query = f"SELECT COUNT(*) FROM ${{object}} WHERE {bad}"
    contract = contract_of(seen, quality=[{"name": "r", "type": "sql", "query": query, "mustBe": 0}])

    result = judge(pa.table({"seen": times(unit, zone, 0, cell, -1)}), contract)

    assert (result.broken, result.good, result.bad) == ({"seen:finite": 1}, 2, 1)
    before = datetime(1970, 1, 1) - timedelta(microseconds=max(1, 10**6 // UNITS[unit]))
    assert pq.read_table(tmp_path / "t.parquet")["seen"].to_pylist() == [datetime(1970, 1, 1), before]


@pytest.mark.parametrize("days", [2**31 - 1, -(2**31), 2_932_897, -719_163, 200_000_000])
def test_a_day_that_no_calendar_has_is_quarantined(judge, tmp_path, days):
    contract = contract_of(column("seen", "timestamp"))

    result = judge(
        pa.table({"seen": pa.array([0, None, days, 19_000], pa.int32()).cast(pa.date32())}), contract
    )

    assert (result.broken, result.good, result.bad) == ({"seen:finite": 1}, 3, 1)
    kept = [datetime(1970, 1, 1), None, datetime(2022, 1, 8)]
    assert pq.read_table(tmp_path / "t.parquet")["seen"].to_pylist() == kept


TWINS = {
    "twice the same": (["a", "b", "a"], "'a', 'a'"),
    "in another case": (["PRESSURE", "pressure"], "'PRESSURE', 'pressure'"),
    "the known one first": (["pressure", "Pressure", "x"], "'pressure', 'Pressure'"),
}


@pytest.mark.parametrize(("names", "told"), TWINS.values(), ids=TWINS)
def test_columns_that_have_one_name_are_refused_by_both_names(judging, tmp_path, names, told):
    cells = [pa.array([{"a": 1, "A": 2}])] * len(names)  # of what is within a column, names may be alike
    pq.write_table(pa.Table.from_arrays(cells, names), tmp_path / "in.parquet")

    with pytest.raises(DataError, match=rf"DQ004.*in\.parquet: the columns {told} have one name"):
        judging.read("t", tmp_path / "in.parquet", {"pressure": "DOUBLE"})


def test_names_within_a_column_are_no_columns(engine, tmp_path):
    table = pa.table({"s": [{"s": 1, "t": [{"A": 2, "a": 1}]}], "t": [1], "a": [2]})
    pq.write_table(table, tmp_path / "in.parquet")

    engine.read("t", tmp_path / "in.parquet")

    assert list(engine.types("from t")) == ["s", "t", "a"]


NAMES = ['of "a" `b`', "select", "x.y", "two\nlines", "it's", "*", "delivered x", "Delivered x "]


def test_a_column_that_the_contract_does_not_know_may_have_any_name(judge, tmp_path):
    cells = {"x": pa.array([10.5], pa.float32())} | {name: [place] for place, name in enumerate(NAMES)}

    result = judge(pa.table(cells), NUMBER)

    assert len(result.extra) == len(NAMES)
    assert pq.read_table(tmp_path / checks.QUARANTINE).to_pydict() == {
        "x": [10.5],
        **{name: [place] for place, name in enumerate(NAMES)},
        "broken_rules": ["x:maximum"],
    }


def test_a_file_that_is_gone_while_it_is_used_is_an_error_of_the_file_whatever_else_is_said(
    judging, tmp_path
):
    path = tmp_path / "in.parquet"
    pq.write_table(pa.table({"x": [1.5]}), path)
    judging.read("t", path)
    path.unlink()

    with (
        pytest.raises(DataError, match=rf"DQ009.*{re.escape(str(path))} was replaced"),
        judging.unchanged("t"),
    ):
        path.read_bytes()
