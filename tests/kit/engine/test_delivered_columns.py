"""A delivered file is read under the names and in the forms of its contract, by either engine."""

from datetime import date, datetime

import pyarrow as pa
import pytest
from pyarrow import parquet as pq

from datadevops.contract import odcs
from datadevops.engine import checks
from datadevops.errors import DataError

DAYS = {"name": "day", "logicalType": "date", "logicalTypeOptions": {"minimum": "2024-01-01"}}
AMOUNT = {"name": "amount", "logicalType": "number", "physicalName": 'total "EUR"'}


def limited(**limits):
    return {"logicalTypeOptions": limits}


@pytest.fixture
def checked(judging, engine, edited, tmp_path):
    """checked(what, *columns): the result, and the good rows, of a CSV text or of rows in SQL."""

    def check(what, *columns):
        contract = odcs.load(edited(orders={"properties": list(columns), "quality": []}))
        if what.startswith("select"):
            file = tmp_path / "in.parquet"
            engine.write(what, file)
        else:
            file = tmp_path / "in.csv"
            file.write_text(what, encoding="utf-8")
        judging.read("orders", file, *contract.reading)
        result = checks.split(judging, contract, tmp_path)
        engine.read("good", tmp_path / "orders.parquet")
        return result, engine.rows("from good order by all")

    return check


MISSING = {"customProperties": [{"property": "missingValues", "value": ["NA", "", -999]}]}
GAPS = {
    "numbers of CSV": ("n\n1\nNA\n-999\n2\n", "integer", [(1,), (2,), (None,), (None,)]),
    "texts of CSV": ("n\na\nNA\nNAN\n-999\n", "string", [("NAN",), ("a",), (None,), (None,)]),
    "texts of parquet": ("select unnest(['a', 'NA', '']) as n", "string", [("a",), (None,), (None,)]),
    "numbers of parquet": ("select unnest([1, -999]) as n", "integer", [(-999,), (1,)]),
}


@pytest.mark.parametrize(("what", "kind", "rows"), GAPS.values(), ids=GAPS)
def test_a_text_that_stands_for_a_missing_value_is_null(checked, what, kind, rows):
    result, good = checked(what, {"name": "n", "logicalType": kind, **MISSING})

    assert (result.broken, good) == ({}, rows)


def test_a_missing_value_breaks_the_rule_that_one_is_required(checked):
    result, good = checked("n\n1\nNA\n", {"name": "n", "logicalType": "integer", "required": True, **MISSING})

    assert (result.broken, good) == ({"n:null": 1}, [(1,)])


def test_a_missing_value_is_found_under_the_name_that_the_file_has(checked):
    column = {"name": "n", "physicalName": "N (mm)", "logicalType": "integer", **MISSING}

    assert checked("N (mm)\n1\nNA\n", column)[1] == [(1,), (None,)]


FORMS = {
    "days": "select unnest([date '2024-02-29', null]) as day",
    "times at midnight": "select unnest([timestamp '2024-02-29', null]) as day",
    "nanoseconds at midnight": "select cast(unnest([timestamp '2024-02-29', null]) as timestamp_ns) as day",
    "text of CSV": 'day\n2024-02-29\n""\n',
}


@pytest.mark.parametrize("what", FORMS.values(), ids=FORMS)
def test_a_day_is_kept_as_a_day_in_whatever_form_it_comes(checked, engine, what):
    result, good = checked(what.replace('""', ""), DAYS | {"description": "a day"})

    assert (result.broken, engine.types("from good")) == ({}, {"day": "DATE"})
    assert good == [(date(2024, 2, 29),), (None,)] or good == [(date(2024, 2, 29),)]


BAD_DAYS = {
    "a time": "timestamp '2024-02-29 00:00:00.000001'",
    "a time before 1970": "timestamp '1969-12-31 23:59:59'",
    "the year 20000": "date '20000-01-01'",
    "a day before the first": "date '0001-01-01' - 1",
}


@pytest.mark.parametrize("value", BAD_DAYS.values(), ids=BAD_DAYS)
def test_what_is_no_day_goes_to_quarantine_as_it_was_delivered(checked, engine, tmp_path, value):
    result, good = checked(f"select unnest([{value}, date '2024-03-01']) as day", DAYS)

    engine.read("bad", tmp_path / checks.QUARANTINE)
    assert (result.broken, good) == ({"day:day": 1}, [(date(2024, 3, 1),)])
    assert engine.rows(f"select count(*) from bad where day = {value}") == [(1,)]


def test_no_time_of_numpy_and_infinity_are_no_days(judging, edited, tmp_path):
    times = pa.array([-(2**63), 2**63 - 1, 0], pa.timestamp("us"))
    pq.write_table(pa.table({"day": times}), tmp_path / "in.parquet")
    contract = odcs.load(edited(orders={"properties": [DAYS | limited()], "quality": []}))

    judging.read("orders", tmp_path / "in.parquet", contract.sql_types)
    result = checks.split(judging, contract, tmp_path)

    assert (result.good, result.broken) == (1, {"day:day": 2})
    assert "day:day: 2 rows" in checks.describe(judging, contract, result, tmp_path / checks.QUARANTINE)


def test_a_day_keeps_its_limits(checked):
    result, _ = checked("select unnest([date '2023-12-31', date '2024-01-01']) as day", DAYS)

    assert result.broken == {"day:minimum": 1}


@pytest.mark.parametrize("cell", ["2024-02-30", "29.02.2024", "2024-02-29 12:00:00", "20240229"])
def test_a_cell_of_csv_that_is_no_day_is_named(checked, cell):
    with pytest.raises(DataError, match=r"(?s)DQ004.*in\.csv.*" + cell.replace(".", r"\.")):
        checked(f"day,a\n{cell},1\n", DAYS)


NAMED = {
    "parquet": 'select 1.5 as "total ""EUR""", 7 as other',
    "CSV": '"total ""EUR""",other\n1.5,7\n',
    "its own name": "select 1.5 as amount, 7 as other",
    "its own name in CSV": "amount,other\n1.5,7\n",
}


@pytest.mark.parametrize("what", NAMED.values(), ids=NAMED)
def test_a_column_is_found_by_its_physical_name_and_kept_under_its_own(checked, engine, what):
    result, good = checked(what, AMOUNT)

    assert (result.good, result.extra) == (1, ["other"])
    assert (list(engine.types("from good")), good) == (["amount"], [(1.5,)])


def test_quarantine_has_the_names_that_can_be_delivered_again(checked, engine, tmp_path):
    checked(
        'select unnest([1, 2]) as "total ""EUR""", 7 as other',
        AMOUNT | {"unique": True, **limited(maximum=1)},
    )

    engine.read("bad", tmp_path / checks.QUARANTINE)
    assert engine.rows("select amount, other, broken_rules from bad") == [(2, 7, "amount:maximum")]


def test_a_time_under_a_physical_name_has_the_form_of_the_contract(checked):
    at = {"name": "at", "logicalType": "timestamp", "physicalName": "AT_TS"}

    _, good = checked("select timestamptz '2024-01-01 12:00:00+02' as \"AT_TS\"", at)

    assert good == [(datetime(2024, 1, 1, 10),)]


def test_a_column_under_both_of_its_names_is_refused(checked):
    with pytest.raises(DataError, match=r'DQ004.*in\.parquet has a column twice.*amount and total "EUR"'):
        checked('select 1.5 as "total ""EUR""", 1.5 as amount', AMOUNT)


def test_a_column_that_is_missing_is_named_with_its_physical_name(checked):
    with pytest.raises(
        DataError, match=r"amount: missing, also as its physicalName 'total \"EUR\"' \(there is"
    ):
        checked('select 1.5 as "Total EUR"', AMOUNT)


def test_whole_numbers_are_taken_from_decimals_without_a_scale(checked, engine):
    given = "select unnest([cast(7 as decimal(38, 0)), 9223372036854775808]) as boxes"

    result, good = checked(given, {"name": "boxes", "logicalType": "integer"})

    assert (result.broken, good, engine.types("from good")) == (
        {"boxes:maximum": 1},
        [(7,)],
        {"boxes": "BIGINT"},
    )
