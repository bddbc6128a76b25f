"""What is drafted from the types and values of a parquet file."""

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datadevops.errors import DataError
from datadevops.testing import made_up

NOON = datetime(2024, 1, 2, 12)


@pytest.fixture
def parquet(drafted, tmp_path):
    """parquet(a=array, ...): what is drafted from a parquet file of these columns."""

    def make(**columns):
        pq.write_table(pa.table(columns), tmp_path / "t.parquet")
        return drafted(tmp_path / "t.parquet")

    return make


TYPES = {
    "text": (pa.array(["a", None]), "string"),
    "categories": (pa.array(["a", "b"]).dictionary_encode(), "string"),
    "text that looks like numbers": (pa.array(["1", "2"]), "string"),
    "whole numbers": (pa.array([1, None], pa.int8()), "integer"),
    "whole numbers without a sign": (pa.array([1, 2**63 - 1], pa.uint64()), "integer"),
    "decimals without fractions": (pa.array([Decimal(1)], pa.decimal128(9, 0)), "integer"),
    "decimals": (pa.array([Decimal("1.50")], pa.decimal128(9, 2)), "number"),
    "32 bits": (pa.array([16.09], pa.float32()), "number"),
    "truths": (pa.array([True, None]), "boolean"),
    "days": (pa.array([date(2024, 1, 2)]), "date"),
    "times": (pa.array([NOON]), "timestamp"),
    "nanoseconds": (pa.array([NOON], pa.timestamp("ns")), "timestamp"),
    "times with a zone": (pa.array([NOON.replace(tzinfo=UTC)]), "timestamp"),
    "nothing": (pa.nulls(2), "string"),
}


@pytest.mark.parametrize(("cells", "kind"), TYPES.values(), ids=TYPES)
def test_the_file_says_the_type(parquet, cells, kind):
    found = parquet(x=cells)

    assert found.column("x")["logicalType"] == kind
    assert "format: parquet" in found.text


def test_a_time_with_a_zone_becomes_utc_and_one_without_is_a_question(parquet):
    found = parquet(
        zoned=pa.array([NOON.replace(tzinfo=UTC)]), bare=pa.array([NOON]), day=pa.array([NOON.date()])
    )

    assert "guess: times with a zone in the file: they become UTC" in found.text
    assert "The file says no zone for bare: are they UTC?" in found.decisions
    assert "Days: day. If one says when a row was true, make it a timestamp" in found.decisions


def test_whole_numbers_that_are_kept_with_a_point_stay_numbers_and_are_named(parquet):
    found = parquet(x=pa.array([1.0, None, 3.0]))

    assert found.column("x")["logicalType"] == "number"
    said = found.comment("logicalType: number")
    assert "only whole numbers" in said
    assert "a sum in SQL: cast(... as bigint) makes it an integer" in said


LEFT_OUT = {
    "bytes": (pa.array([b"a"]), "BLOB is no type of a contract"),
    "lists": (pa.array([["a"]]), r"VARCHAR\[\] is no type of a contract"),
    "times of day": (pa.array([time(12)]), "TIME is no type of a contract"),
    "not a number": (pa.array([1.0, float("nan")]), "1 row is infinite or NaN; have that null"),
    "infinity": (pa.array([1.0, float("inf"), float("nan")]), "2 rows are infinite or NaN; have those null"),
    "more than 64 bits": (pa.array([2**64 - 1], pa.uint64()), "1 row is beyond whole numbers of 64 bits"),
    "a year of five digits": (pa.array([2_932_897], pa.date32()), "1 row is outside the years 1 to 9999"),
}


@pytest.mark.parametrize(("cells", "reason"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_a_column_that_a_contract_cannot_hold_is_left_out_and_named(parquet, cells, reason):
    found = parquet(x=cells, y=pa.array([1] * len(cells)))

    assert list(found.contract.sql_types) == ["y"]
    assert re.search(f"# left out: x: {reason}", found.text)
    assert "Left out: x (" in found.decisions


def test_a_file_without_a_column_that_a_contract_can_hold_is_refused(parquet):
    with pytest.raises(DataError, match=r"DQ004(?s:.*)no column has a type that a contract has"):
        parquet(x=pa.array([b"a"]))


def test_a_file_without_rows_is_refused(parquet):
    with pytest.raises(DataError, match=r"DQ003(?s:.*)there are no rows to draft from"):
        parquet(x=pa.array([], pa.int64()))


def test_rows_can_be_made_up_where_no_time_is_known_and_where_numbers_are_large(parquet, tmp_path):
    found = parquet(
        at=pa.nulls(3, pa.timestamp("us")), day=pa.nulls(3, pa.date32()), x=pa.array([2**63 - 1, -(2**62), 0])
    )

    assert list(made_up.broken_rules({"t": found.contract}, "t", tmp_path)) == []
