"""Each fault is found by its own rule and by no other, and no row is ever lost."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from datadevops.contract import odcs
from datadevops.engine import checks
from datadevops.engine.duckdb_engine import DuckDB
from datadevops.errors import DataError

ONE = "shop = 'web' and ordered_at = timestamp '2024-01-03 00:00:00'"  # a row with both neighbours


@pytest.fixture
def quarantine(engine, tmp_path):
    """quarantine(columns): these columns of the rows that were found bad."""
    return lambda columns: engine.rows(f"select {columns} from '{tmp_path / checks.QUARANTINE}' order by all")


def with_one(column, value):
    return f"select * replace (case when {ONE} then {value} else {column} end as {column}) from good"


FAULTS = {
    "a null": ("quantity", "null", "quantity:null"),
    "not a number": ("weight_kg", "'nan'::double", "weight_kg:finite"),
    "infinity": ("weight_kg", "'inf'::double", "weight_kg:finite"),
    "minus infinity": ("weight_kg", "'-inf'::double", "weight_kg:finite"),
    "minus infinity, below a minimum": ("discount", "'-inf'::double", "discount:finite"),
    "below the minimum": ("quantity", "0", "quantity:minimum"),
    "above the maximum": ("quantity", "101", "quantity:maximum"),
    "another pattern": ("sku", "'AB1234'", "sku:pattern"),
    "a pattern and more behind it": ("sku", "'gift!'", "sku:pattern"),
    "a pattern and a newline": ("sku", "'AB123' || chr(10)", "sku:pattern"),
    "none of the enum": ("shop", "'south'", "shop:enum"),
    "another case than the enum": ("shop", "'Web'", "shop:enum"),
    "too short": ("note", "'x'", "note:minLength"),
    "too long": ("note", "repeat('x', 21)", "note:maxLength"),
    "the year 1900": ("ordered_at", "timestamp '1900-01-01'", "ordered_at:minimum"),
    "a time too late": ("ordered_at", "timestamp '2024-03-01 00:00:00.000001'", "ordered_at:maximum"),
    "two columns at odds": ("discount", "unit_price + 0.01", "discount_within_price"),
    "a window at odds": ("unit_price", "999", "price_spike"),
}


@pytest.mark.parametrize(("column", "value", "rule"), FAULTS.values(), ids=FAULTS)
def test_a_fault_breaks_its_own_rule_and_no_other(split, quarantine, column, value, rule):
    result = split(with_one(column, value))

    assert (result.broken, result.good, result.bad, result.read) == ({rule: 1}, 999, 1, 1000)
    assert quarantine("order_id, broken_rules") == [(17042400003, rule)]


def test_a_number_beyond_the_type_in_a_wider_file_is_quarantined_and_overflows_nothing(split):
    result = split(f"select * replace (if({ONE}, 2::ubigint ** 63, 1)::ubigint as boxes) from good")

    assert (result.broken, result.good) == ({"boxes:maximum": 1}, 999)


def test_rows_that_keep_the_contract_are_all_good(split):
    result = split("from good")

    assert (result.good, result.bad, result.broken, result.extra) == (1000, 0, {}, [])
    assert (result.failures, result.warnings) == ([], [])


def test_a_row_that_breaks_two_rules_is_quarantined_once_under_both(split, quarantine):
    result = split(f"select * replace (0 as quantity, 'x' as sku) from good where {ONE} union all from good")

    assert result.broken == {
        "key:duplicate": 2,
        "order_id:unique": 2,
        "quantity:minimum": 1,
        "sku:pattern": 1,
    }
    assert (result.good, result.bad) == (999, 2)
    assert quarantine("count(*)") == [(2,)]


def test_a_key_beyond_its_type_is_quarantined_too(split, edited):
    orders = odcs.load(edited(boxes={"primaryKey": True}))

    result = split(f"select * replace (if({ONE}, 2::ubigint ** 63, 1)::ubigint as boxes) from good", orders)

    assert (result.broken, result.good) == ({"boxes:maximum": 1}, 999)


def test_both_copies_of_a_key_are_bad_because_nobody_knows_which_is_right(split):
    result = split(f"select * replace (1 as order_id) from good where {ONE} union all from good")

    assert (result.broken, result.good, result.bad) == ({"key:duplicate": 2}, 999, 2)


def test_both_rows_that_share_a_unique_value_are_bad(split):
    result = split(with_one("order_id", "order_id + 1"))  # the id of another shop's order

    assert (result.broken, result.good, result.bad) == ({"order_id:unique": 2}, 998, 2)


def test_without_a_key_the_same_row_may_be_there_twice(split, edited):
    no_key = {"primaryKey": False, "unique": False}

    result = split(
        "from good union all from good", odcs.load(edited(shop=no_key, ordered_at=no_key, order_id=no_key))
    )

    assert (result.broken, result.good) == ({}, 2000)


def test_nulls_of_a_unique_column_are_not_copies_of_each_other(split, edited):
    contract = odcs.load(edited(note={"unique": True, "logicalTypeOptions": {}}))

    result = split(
        "select * replace (case when quantity > 50 then shop || order_id end as note) from good", contract
    )

    assert result.broken == {}


WRONG_COLUMNS = {
    "missing": ("select * exclude (paid) from good", "paid: missing, must be boolean"),
    "text for a number": (
        "select * replace (quantity::varchar as quantity) from good",
        "quantity: VARCHAR, must be integer",
    ),
    "fractions for an integer": (
        "select * replace (quantity::double as quantity) from good",
        "quantity: DOUBLE, must be integer",
    ),
    "a day for a time": (
        "select * replace (ordered_at::date as ordered_at) from good",
        "ordered_at: DATE, must be timestamp",
    ),
    "a time with a zone": (
        "select * replace (ordered_at::timestamptz as ordered_at) from good",
        "ordered_at: TIMESTAMP WITH TIME ZONE, must be timestamp",
    ),
}


@pytest.mark.parametrize(("sql", "told"), WRONG_COLUMNS.values(), ids=WRONG_COLUMNS)
def test_columns_that_cannot_carry_the_contract_stop_the_run(split, sql, told):
    with pytest.raises(DataError) as error:
        split(sql)

    assert (error.value.id, error.value.exit_code) == ("DQ004", 2)
    assert told in str(error.value)


NEAR = {"another case": "PAID", "a blank before it": " paid", "a dash within it": "pa-id"}


@pytest.mark.parametrize("name", NEAR.values(), ids=NEAR)
def test_a_missing_column_is_told_with_the_one_that_may_be_meant(split, name):
    with pytest.raises(DataError) as error:
        split(f'select * rename (paid as "{name}") from good')

    assert f"paid: missing (there is {name!r}), must be boolean" in str(error.value)


def test_no_column_that_the_contract_knows_is_taken_for_a_missing_one(split):
    with pytest.raises(DataError, match="order_id: missing, must be integer"):  # ordered_at is near
        split("select * exclude (order_id) from good")


def test_all_wrong_columns_are_told_at_once(split):
    with pytest.raises(DataError, match=r"(?s)DQ004.*boxes: missing.*paid: missing"):
        split("select * exclude (paid, boxes) from good")


def test_a_file_without_any_column_of_the_contract_may_lack_its_header(split):
    with pytest.raises(DataError) as error:
        split("""select 7 as "7", 'web' as "web" """)

    assert "wrong columns: none of the contract is there; it has '7', 'web'\n" in str(error.value)
    assert "line 1 of a CSV file has to name the columns: put such a line in front" in error.value.hint


def test_keys_that_become_one_when_they_are_kept_are_duplicates(split):
    nano = "make_timestamp_ns(epoch_ns(ordered_at) + n)"

    result = split(f"select * replace ({nano} as ordered_at) from (from good limit 50), range(2) as t(n)")

    assert result.broken == {"key:duplicate": 100, "order_id:unique": 100}


def test_an_infinite_time_is_no_time(split):
    result = split("select * replace (timestamp 'infinity' as ordered_at) from (from good limit 1)")

    assert result.broken == {"ordered_at:finite": 1}


@pytest.mark.parametrize("name", ["broken_rules", "Broken_Rules"])
def test_a_column_named_as_ours_hides_no_bad_row(split, name):
    result = split(f"select * replace (-1 as boxes, 0 as quantity), '' as {name} from good")

    assert (result.good, result.bad) == (0, 1000)


@pytest.mark.parametrize("kind", ["timestamp_s", "timestamp_ms", "timestamp_ns"])
def test_a_time_of_another_resolution_is_taken(split, engine, tmp_path, kind):
    result = split(f"select * replace (ordered_at::{kind} as ordered_at) from good")

    assert result.good == 1000
    assert engine.types(f"from '{tmp_path / 'orders.parquet'}'")["ordered_at"] == "TIMESTAMP"


def test_an_extra_column_is_reported_kept_in_quarantine_and_left_out_of_the_good_rows(
    split, quarantine, engine, orders, tmp_path
):
    result = split(with_one("quantity", "0").replace("from good", ", 'red' as colour from good"))

    assert result.extra == ["colour"]
    assert quarantine("colour, quantity") == [("red", 0)]
    assert engine.types(f"from '{tmp_path / 'orders.parquet'}'") == orders.sql_types


@pytest.mark.parametrize("text", ["", "quantity:minimum"])
def test_a_quarantine_file_can_be_split_again(split, text):
    result = split(with_one("quantity", "0").replace("from good", f", '{text}' as broken_rules from good"))

    assert (result.good, result.bad, result.broken) == (999, 1, {"quantity:minimum": 1})


def test_an_empty_table_is_a_fault_of_its_source(split):
    with pytest.raises(DataError, match=r"DQ003.*orders\.yaml v2\.1\.0: there are no rows"):
        split("from good limit 0")


def test_a_table_may_have_nothing_but_bad_rows(split):
    result = split("select * replace (0 as quantity) from good")

    assert (result.read, result.good, result.bad) == (1000, 0, 1000)


NUMBERED = "(select *, row_number() over (order by order_id) - 1 as place from good)"
FAULTY_CELLS = {  # none of them takes part in a rule about other rows
    "quantity": "0",
    "weight_kg": "'nan'::double",
    "sku": "'AB123' || chr(10)",
    "discount": "unit_price + 1",
    "boxes": "null",
}


@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    faults=st.fixed_dictionaries(dict.fromkeys(FAULTY_CELLS, st.sets(st.integers(0, 39), max_size=20))),
    copies=st.sets(st.integers(0, 39), max_size=5),
)
def test_whatever_is_wrong_good_and_quarantined_make_what_was_read_and_good_stays_good(
    orders, good, tmp_path_factory, faults, copies
):
    folder = tmp_path_factory.mktemp("mix")
    cells = (f"if(place in ({rows(faults[c])}), {bad}, {c}) as {c}" for c, bad in FAULTY_CELLS.items())
    with DuckDB() as engine:
        engine.read("good", good)
        engine.write(
            f"select * replace ({', '.join(cells)}) from {NUMBERED} where place < 40"
            f" union all select * from {NUMBERED} where place in ({rows(copies)})",
            folder / "in.parquet",
        )
        engine.read("orders", folder / "in.parquet")

        first = checks.split(engine, orders, folder)

        engine.read("orders", (folder / "orders.parquet").rename(folder / "good.parquet"))
        assert first.read == 40 + len(copies) == first.good + first.bad
        assert first.bad == len(copies.union(*faults.values())) + len(copies)
        assert first.good == 0 or checks.split(engine, orders, folder).bad == 0


def rows(places):
    return ", ".join(map(str, [-1, *places]))
