"""Made-up rows keep their contract, are the same everywhere, and have nothing hidden in common."""

import re
from itertools import combinations

import pytest
import yaml

from datadevops.contract import odcs, synthetic
from datadevops.contract.entries import Limits
from datadevops.engine import checks
from datadevops.errors import ContractError
from datadevops.store.versions import sha256
from small_contract import column, contract_of


def file_of(engine, sql, path, threads=1):
    engine.rows(f"set threads = {threads}")
    engine.write(sql, path)
    return sha256(path)


def test_the_same_seed_gives_the_same_bytes_on_any_number_of_threads(engine, contract, tmp_path):
    sql = synthetic.sql(contract, 20_000, seed=7)

    one = file_of(engine, sql, tmp_path / "one.parquet", threads=1)
    two = file_of(engine, sql, tmp_path / "two.parquet", threads=2)

    assert one == two


def test_another_seed_gives_other_rows_under_the_same_keys(engine, orders):
    first, second = (synthetic.sql(orders, 1000, seed) for seed in (1, 2))

    ((same_keys, same_rows),) = engine.rows(
        f"select count(*), count(*) filter (where a.unit_price = b.unit_price)"
        f" from ({first}) as a join ({second}) as b using (shop, ordered_at)"
    )

    assert (same_keys, same_rows) == (1000, 0)


def test_columns_know_nothing_of_each_other(engine, orders):
    """Nor do the nulls: two columns drawn from one hash without mixing had a correlation of 0.9."""
    figures = [
        "quantity",
        "boxes",
        "stars",
        "unit_price",
        "weight_kg",
        "paid::int",
        "(discount is null)::int",
    ]
    pairs = list(combinations([*figures, "(note is null)::int", "(stars is null)::int"], 2))
    corr = ", ".join(f"coalesce(corr({a}, {b}), 0)" for a, b in pairs)

    (found,) = engine.rows(f"select {corr} from ({synthetic.sql(orders, 50_000)})")

    assert {pair: value for pair, value in zip(pairs, found, strict=True) if abs(value) >= 0.02} == {}


@pytest.mark.parametrize("name", ["note", "boxes"])
def test_a_key_beside_a_time_has_rows_of_many_times(engine, orders, name):
    key = {"key": True, "required": True, "limits": Limits()}
    columns = tuple(c.model_copy(update=key) if c.name == name else c for c in orders.columns)
    contract = orders.model_copy(update={"columns": columns})

    counts = f"count(*), count(distinct (shop, {name}, ordered_at)), count(distinct {name})"
    ((rows, distinct, named),) = engine.rows(f"select {counts} from ({synthetic.sql(contract, 5000)})")

    assert rows == distinct == 5000
    assert 1 < named < 50


@pytest.mark.parametrize("low", [2**53 + 1, -(2**63)])
def test_whole_numbers_beyond_those_of_a_double_keep_their_limits(engine, edited, low, tmp_path):
    options = {"minimum": low, "maximum": 2**63 - 1 if low < 0 else low + 1}
    orders = odcs.load(edited(quantity={"logicalTypeOptions": options, "customProperties": []}))
    engine.write(synthetic.sql(orders, 1000), tmp_path / "made.parquet")
    engine.read("orders", tmp_path / "made.parquet")

    assert checks.split(engine, orders, tmp_path).broken == {}


def test_whole_numbers_without_limits_are_many_and_may_be_summed(engine, edited):
    orders = odcs.load(edited(quantity={"logicalTypeOptions": {"minimum": 0}}))

    ((most, many),) = engine.rows(
        f"select max(quantity), count(distinct quantity) > 50 from ({synthetic.sql(orders, 1000)})"
    )

    assert (most <= 100, many) == (True, True)


def test_numbers_as_wide_as_their_type_stay_finite(engine, edited):
    orders = odcs.load(edited(weight_kg={"logicalTypeOptions": {"minimum": -1.7e308, "maximum": 1.7e308}}))

    ((finite,),) = engine.rows(f"select bool_and(isfinite(weight_kg)) from ({synthetic.sql(orders, 1000)})")

    assert finite


def test_a_normal_column_has_the_mean_and_spread_of_its_hint(engine, orders):
    ((mean, spread, below),) = engine.rows(
        f"select avg(unit_price), stddev(unit_price), avg((unit_price < 45)::int)"
        f" from ({synthetic.sql(orders, 50_000)})"
    )

    assert (mean, spread) == pytest.approx((50, 5), rel=0.01)
    assert below == pytest.approx(0.1587, abs=0.01)  # of a normal distribution, one sigma below


def test_nulls_are_as_frequent_as_the_hint_says_and_never_in_a_required_column(engine, orders):
    ((discount, note, quantity),) = engine.rows(
        f"select avg((discount is null)::int), avg((note is null)::int), avg((quantity is null)::int)"
        f" from ({synthetic.sql(orders, 50_000)})"
    )

    assert (discount, note) == pytest.approx((0.3, 0.02), abs=0.005)
    assert quantity == 0


def test_the_rows_of_every_contract_keep_it(engine, contract, tmp_path):
    engine.write(synthetic.sql(contract, 2000), tmp_path / "made.parquet")
    engine.read(contract.name, tmp_path / "made.parquet")

    result = checks.split(engine, contract, tmp_path)

    assert result.broken == {}, "let `synthetic` make the columns that this rule ties together"
    assert (result.read, result.failures) == (2000, [])
    assert engine.types(f"from {contract.name}") == contract.sql_types


@pytest.mark.parametrize("rows", [0, 1, 2, 1_000_000])
def test_there_may_be_any_number_of_rows_and_no_two_share_a_key(engine, contract, rows):
    key = ", ".join(f'"{name}"' for name in contract.keys) or "uuid()"  # without one, any two differ

    found = engine.rows(f"select count(*), count(distinct ({key})) from ({synthetic.sql(contract, rows)})")

    assert found == [(rows, rows)]


def test_several_enums_in_a_key_turn_like_wheels(engine, edited):
    contract = odcs.load(edited(stars={"primaryKey": True, "required": True}))

    found = engine.rows(
        f"select count(distinct (shop, stars)), count(distinct (shop, stars, ordered_at))"
        f" from ({synthetic.sql(contract, 900)})"
    )

    assert found == [(9, 900)]


def test_many_rows_come_closer_together_rather_than_run_past_the_end_of_time(engine, orders):
    hours, million = (synthetic.sql(orders, rows) for rows in (100, 1_000_000))

    assert engine.rows(f"select max(ordered_at) < '2024-01-03' from ({hours})") == [(True,)]
    assert engine.rows(f"select max(ordered_at) between '2024-02-28' and '2024-03-01' from ({million})") == [
        (True,)
    ]


def test_made_up_times_begin_with_2024_hour_by_hour_unless_the_contract_says_otherwise(engine):
    starts = {
        "2024-01-01": {},
        "2025-03-01": {
            "customProperties": [{"property": "synthetic", "value": {"start": "2025-03-01T00:00:00"}}]
        },
    }

    for day, hints in starts.items():
        contract = contract_of(column("opened_at", "timestamp", primaryKey=True, **hints))

        found = engine.rows(synthetic.sql(contract, 3))

        assert [str(time) for (time,) in found] == [f"{day} 0{hour}:00:00" for hour in range(3)]


LIMITS = [("1990-01-01T00:00:00", "1991-01-01T00:00:00"), ("2090-01-01T00:00:00", "2091-01-01T00:00:00")]


@pytest.mark.parametrize("limits", LIMITS, ids=["all in the past", "all in the future"])
def test_the_time_key_keeps_its_limits_wherever_they_are(engine, edited, tmp_path, limits):
    options = dict(zip(("minimum", "maximum"), limits, strict=True))
    contract = odcs.load(edited(ordered_at={"logicalTypeOptions": options, "customProperties": []}))
    engine.keep("orders", synthetic.sql(contract, 1000))

    assert checks.split(engine, contract, tmp_path).broken == {}


UNIQUE = {
    "text in a key": {"logicalType": "string", "primaryKey": True},
    "text in a key that has examples": {"logicalType": "string", "primaryKey": True, "examples": ["a", "b"]},
    "text": {"logicalType": "string", "unique": True},
    "a day": {"logicalType": "date", "unique": True},
    "a day in a key": {"logicalType": "date", "primaryKey": True},
    "a day with hardly room for them": {
        "logicalType": "date",
        "unique": True,
        "logicalTypeOptions": {"minimum": "2023-01-01", "maximum": "2025-12-31"},
    },
    "a whole number": {
        "logicalType": "integer",
        "unique": True,
        "logicalTypeOptions": {"minimum": 1, "maximum": 1500},
    },
    "a number below zero": {
        "logicalType": "integer",
        "unique": True,
        "logicalTypeOptions": {"minimum": -2000, "maximum": -1},
    },
    "a time": {"logicalType": "timestamp", "unique": True},
}


@pytest.mark.parametrize("column", UNIQUE.values(), ids=UNIQUE)
def test_values_that_may_not_come_again_do_not(engine, edited, tmp_path, column):
    contract = odcs.load(edited(orders={"properties": [{"name": "code"} | column], "quality": []}))
    engine.keep("orders", synthetic.sql(contract, 1000))

    result = checks.split(engine, contract, tmp_path)

    assert engine.rows("select count(distinct code) = count(code) from orders") == [(True,)]
    assert result.broken == {}


ID = {"name": "id", "logicalType": "integer", "primaryKey": True}
DAY = {"name": "day", "logicalType": "date", "primaryKey": True}
YEAR = {"logicalTypeOptions": {"minimum": "2023-01-01", "maximum": "2023-12-31"}}
KIND = {"name": "kind", "logicalType": "string", "enum": [{"value": v} for v in "abcd"]}
TEN = {"logicalTypeOptions": {"minimum": -4, "maximum": 5}}
# Columns -> the most rows that differ in them.
FEW = {
    "an enum": ([KIND | {"primaryKey": True}], 4),
    "two enums": ([KIND | {"primaryKey": True}, KIND | {"name": "other", "primaryKey": True}], 16),
    "truths beside an enum": (
        [KIND | {"primaryKey": True}, {"name": "paid", "logicalType": "boolean", "primaryKey": True}],
        8,
    ),
    "whole numbers with limits": ([ID | TEN], 10),
    "days of a year": ([DAY | YEAR], 365),
    "whole numbers, each on every day of a year": ([ID | TEN, DAY | YEAR], 3650),
    "whole numbers and an enum, on every day of a year": (
        [KIND | {"primaryKey": True}, ID | TEN, DAY | YEAR],
        14600,
    ),
    "a unique enum beside the key": ([ID, KIND | {"unique": True, "required": True}], 4),
    "a unique truth beside the key": ([ID, {"name": "paid", "logicalType": "boolean", "unique": True}], 2),
    "a unique number and an enum as the key": (
        [KIND | {"primaryKey": True}, ID | TEN | {"unique": True}],
        10,
    ),
}


@pytest.mark.parametrize(("columns", "most"), FEW.values(), ids=FEW)
@pytest.mark.parametrize("asked", [3, 20_000])
def test_there_are_no_more_rows_than_can_differ(engine, edited, tmp_path, columns, most, asked):
    contract = odcs.load(edited(orders={"properties": columns, "quality": []}))
    engine.keep("orders", synthetic.sql(contract, asked))

    result = checks.split(engine, contract, tmp_path)

    assert (result.read, result.broken) == (min(asked, most), {})


@pytest.mark.parametrize("asked", [50, 1000, 20_000])
def test_a_few_numbers_beside_a_time_have_any_number_of_rows(engine, edited, tmp_path, asked):
    time = {"name": "at", "logicalType": "timestamp", "primaryKey": True}
    contract = odcs.load(edited(orders={"properties": [ID | TEN, time], "quality": []}))
    engine.keep("orders", synthetic.sql(contract, asked))

    result = checks.split(engine, contract, tmp_path)

    assert (result.read, result.broken) == (asked, {})
    assert engine.rows("select count(*) > count(distinct id) from orders") == [(True,)]


def test_a_mean_over_nothing_is_nothing(engine, edited):
    hint = {"customProperties": [{"property": "synthetic", "value": {"mean": "weight_kg", "sd": 1}}]}
    column = {"name": "tare_kg", "logicalType": "number", "logicalTypeOptions": {"minimum": 0}} | hint
    weight = {"name": "weight_kg", "logicalType": "number"}
    contract = odcs.load(edited(orders={"properties": [weight, column], "quality": []}))

    ((unknown, guessed),) = engine.rows(
        f"select count(*), count(tare_kg) from ({synthetic.sql(contract, 10_000)}) where weight_kg is null"
    )

    assert unknown > 100
    assert guessed == 0


@pytest.mark.parametrize(("hint", "mean"), [({"mean": 7}, 7), ({"sd": 0.001}, 0)])
def test_a_mean_without_a_spread_and_a_spread_without_a_mean_will_do(engine, edited, hint, mean):
    custom = [{"property": "synthetic", "value": hint}]
    contract = odcs.load(edited(weight_kg={"customProperties": custom, "required": True}))

    ((low, high),) = engine.rows(
        f"select min(weight_kg), max(weight_kg) from ({synthetic.sql(contract, 1000)})"
    )

    assert (low, high) == pytest.approx((mean, mean), abs=0.01)


ONE_SIDED = [{"minimum": 10}, {"maximum": -5}, {"minimum": 0.5}, {"maximum": 0}, {"maximum": 7}]


@pytest.mark.parametrize("limits", ONE_SIDED, ids=str)
def test_a_number_with_one_limit_keeps_it_and_is_not_always_the_same(engine, edited, tmp_path, limits):
    column = {"name": "level", "logicalType": "number", "logicalTypeOptions": limits}
    contract = odcs.load(edited(orders={"properties": [column], "quality": []}))
    engine.keep("orders", synthetic.sql(contract, 1000))

    result = checks.split(engine, contract, tmp_path)

    assert result.broken == {}
    assert engine.rows("select count(distinct level) > 500 from orders") == [(True,)]


@pytest.mark.parametrize("ratio", [0.01, 0.2, 1.0])
def test_as_many_rows_are_bad_as_asked_for(engine, edited, tmp_path, ratio):
    contract = odcs.load(edited(orders={"quality": []}))  # without rules that a bad neighbour breaks
    engine.write(synthetic.sql(contract, 30_000, bad_ratio=ratio), tmp_path / "made.parquet")
    engine.read("orders", tmp_path / "made.parquet")

    result = checks.split(engine, contract, tmp_path)

    assert result.bad / result.read == pytest.approx(ratio, rel=0.2)


def test_whole_numbers_can_be_bad_too_and_no_key(engine, edited, tmp_path):
    quantity = {"name": "quantity", "logicalType": "integer", "required": True, "primaryKey": True}
    cents = {"name": "cents", "logicalType": "integer", "required": True}
    limits = {"logicalTypeOptions": {"maximum": 100_000}}
    contract = odcs.load(edited(orders={"properties": [quantity | limits, cents | limits], "quality": []}))
    engine.write(synthetic.sql(contract, 1000, bad_ratio=0.1), tmp_path / "made.parquet")
    engine.read("orders", tmp_path / "made.parquet")

    result = checks.split(engine, contract, tmp_path)

    assert list(result.broken) == ["cents:maximum"]
    assert result.bad == pytest.approx(100, rel=0.3)


def test_examples_of_a_text_in_the_key_come_again_beside_a_time(engine, edited):
    key = {"primaryKey": True, "required": True, "examples": ["S001", "S002"]}
    contract = odcs.load(edited(note=key | {"logicalTypeOptions": {"pattern": "S[0-9]+"}}))

    counts = "count(*), count(distinct (shop, note, ordered_at)), list(distinct note order by note)"
    found = engine.rows(f"select {counts} from ({synthetic.sql(contract, 600)})")

    assert found == [(600, 600, ["S001", "S002"])]


def test_bad_rows_that_cannot_be_made_are_not_silently_good(edited):
    flag = {"name": "paid", "logicalType": "boolean"}
    contract = odcs.load(edited(orders={"properties": [flag], "quality": []}))

    with pytest.raises(ContractError, match="CT007"):
        synthetic.sql(contract, 10, bad_ratio=0.5)


KEY = {"primaryKey": True, "required": True}
LENGTHS = [{"maxLength": 3}, {"minLength": 3}, {"minLength": 3, "maxLength": 3}, {"maxLength": 40}]


@pytest.mark.parametrize("limits", LENGTHS)
def test_text_of_a_key_without_a_time_is_numbered_within_its_lengths(engine, edited, tmp_path, limits):
    player = {"name": "player", "logicalType": "string", "logicalTypeOptions": limits, "examples": ["abc"]}
    contract = odcs.load(edited(orders={"properties": [player | KEY], "quality": []}))
    engine.write(synthetic.sql(contract, 1200), tmp_path / "made.parquet")
    engine.read("orders", tmp_path / "made.parquet")

    result = checks.split(engine, contract, tmp_path)

    assert (result.read, result.bad) == (1000 if limits.get("maxLength") == 3 else 1200, 0)


PLAIN = {"name": "code", "logicalType": "string", "logicalTypeOptions": {"pattern": "S[0-9]+"}}
MADE_TEXT = "value: {sql: \"'S' || _row\"}"
GUESSES = {  # column -> cause, what to write
    "text without any hint": (
        {"name": "code", "logicalType": "string"},
        "text with neither an enum nor examples",
        "`examples: [one, two]`",
    ),
    "a time outside the key": (
        {"name": "code", "logicalType": "timestamp"},
        "a timestamp that is not in the key",
        "value: {sql: date '2024-01-01'",
    ),
    "text with a pattern in a key without a time": (
        PLAIN | KEY | {"examples": ["S1"]},
        "no time is in the key, so they would be numbered, and a number does not keep its pattern 'S[0-9]+'",
        MADE_TEXT,
    ),
    "unique text with a pattern": (PLAIN | {"unique": True}, "as it is unique", MADE_TEXT),
}


@pytest.mark.parametrize(("given", "cause", "remedy"), GUESSES.values(), ids=GUESSES)
def test_a_column_whose_values_cannot_be_guessed_is_named_with_cause_and_remedy(edited, given, cause, remedy):
    contract = odcs.load(edited(orders={"properties": [given], "quality": []}))

    with pytest.raises(ContractError) as error:
        synthetic.sql(contract, 1)

    assert error.value.id == "CT007"
    assert "column 'code': its values cannot be guessed: " in error.value.message
    assert cause in error.value.message
    assert remedy in error.value.hint


@pytest.mark.parametrize("name", [*GUESSES][1:])
def test_the_remedy_that_is_named_works(engine, edited, tmp_path, name):
    given = GUESSES[name][0]
    contract = odcs.load(edited(orders={"properties": [given], "quality": []}))
    with pytest.raises(ContractError) as error:
        synthetic.sql(contract, 1)
    (written,) = re.findall(r"customProperties: (\[\{.*\}\])", error.value.hint)

    mended = odcs.load(
        edited(orders={"properties": [given | {"customProperties": yaml.safe_load(written)}], "quality": []})
    )
    engine.write(synthetic.sql(mended, 100), tmp_path / "made.parquet")
    engine.read("orders", tmp_path / "made.parquet")

    result = checks.split(engine, mended, tmp_path)

    assert (result.read, result.bad) == (100, 0)
