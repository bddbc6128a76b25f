"""Drift is found in a column that moved, and not in one that was only drawn again."""

import json

import numpy as np
import pytest

from datadevops.contract import odcs, synthetic
from datadevops.models import drift

ROWS, LIMIT = 20_000, 0.25
SURE = {"forecast": drift.of_forecast(np.ones(9), ())}


@pytest.fixture
def moved(engine, orders):
    """moved(change): the PSI of each column, for newly made-up rows with this change."""
    engine.keep("before", synthetic.sql(orders, ROWS, seed=1))
    engine.keep("now", synthetic.sql(orders, ROWS, seed=2))
    base = json.loads(json.dumps(drift.baseline(engine, orders, "before")))  # as it lies in the store

    return lambda change: drift.compare(engine, f"(select * replace ({change}) from now)", base)


def test_a_table_has_not_moved_from_itself(engine, contract):
    engine.keep("before", synthetic.sql(contract, 1000))

    found = drift.compare(engine, "before", drift.baseline(engine, contract, "before"))

    assert set(found.values()) <= {0.0}


def test_every_column_outside_the_key_is_watched_except_days_and_times(moved, orders):
    watched = [column.name for column in orders.measures if column.type not in ("date", "timestamp")]

    assert list(moved("paid as paid")) == watched


def test_rows_drawn_again_have_not_moved(moved):
    found = moved("paid as paid")

    assert {name: value for name, value in found.items() if value > 0.01} == {}


CHANGES = {
    "a shifted mean": ("unit_price", "unit_price + 5"),
    "a wider spread": ("unit_price", "50 + 2 * (unit_price - 50)"),
    "another unit": ("weight_kg", "weight_kg * 1000"),
    "a stuck sensor": ("weight_kg", "0.5"),
    "more nulls": ("discount", "if(quantity > 40, null, discount)"),
    "nothing but nulls": ("weight_kg", "null::double"),
    "a value that vanished": ("stars", "nullif(stars, 2)"),
    "a value never seen": ("note", "if(quantity > 50, 'call first', note)"),
    "truth that flipped": ("paid", "paid and quantity > 50"),
}


@pytest.mark.parametrize(("column", "value"), CHANGES.values(), ids=CHANGES)
def test_a_column_that_moved_is_above_the_limit_and_the_others_are_not(moved, column, value):
    found = moved(f"{value} as {column}")

    assert [name for name, psi in found.items() if psi > LIMIT] == [column]


def test_a_column_that_was_all_null_moves_when_it_gets_values(engine, orders):
    engine.keep(
        "before", f"select * replace (null::double as weight_kg) from ({synthetic.sql(orders, 1000)})"
    )
    engine.keep("now", synthetic.sql(orders, 1000))

    found = drift.compare(engine, "now", drift.baseline(engine, orders, "before"))

    assert found["weight_kg"] > LIMIT


def test_each_bin_of_a_number_has_a_tenth_of_the_rows(engine, orders):
    engine.keep(
        "before",
        f"select * replace (i / 10.0 as weight_kg) from ({synthetic.sql(orders, 1000)}) "
        "positional join (select i from range(1000) as t(i))",
    )

    found = drift.baseline(engine, orders, "before")["weight_kg"]

    assert found["edges"] == pytest.approx([9.9, 19.9, 29.9, 39.9, 49.9, 59.9, 69.9, 79.9, 89.9])
    assert found["shares"] == {str(place): 0.1 for place in range(10)}


def test_features_without_a_number_have_a_baseline_too(engine, orders):
    words = [column for column in orders.columns if column.type not in ("number", "integer")]
    engine.keep("before", synthetic.sql(orders, 1000))

    base = drift.baseline(engine, orders.model_copy(update={"columns": tuple(words)}), "before")

    assert "note" in base
    assert {each["edges"] for each in base.values()} == {None}


def test_the_text_null_is_not_counted_as_null(engine, orders):
    note = "if(quantity > 50, 'null', null) as note"
    engine.keep("before", f"select * replace ({note}) from ({synthetic.sql(orders, 99)})")
    base = drift.baseline(engine, orders, "before")
    half = base["note"]["shares"]["null"]

    window = drift.Window(base | SURE, {"note": ("null",), "forecast": ()}, rows=100)
    window.add(np.where(np.arange(100) < 100 * half, np.nan, 0.0)[:, np.newaxis], np.ones(100))

    assert 0 < half < 1
    assert window.psi()["note"] < 0.01
    assert drift.compare(engine, "(select * replace ('null' as note) from before)", base)["note"] > LIMIT


def test_booleans_in_an_enum_are_counted_as_sql_counts_them(engine, edited):
    orders = odcs.load(edited(paid={"enum": [{"value": True}, {"value": False}]}))
    engine.keep("before", f"select * replace (paid is true as paid) from ({synthetic.sql(orders, 100)})")
    base = drift.baseline(engine, orders, "before")
    truths = engine.columns("select paid from before")["paid"]

    window = drift.Window(base | SURE, {"paid": (True, False), "forecast": ()}, rows=100)
    window.add(np.where(truths, 0.0, 1.0)[:, np.newaxis], np.ones(100))

    assert window.psi()["paid"] < 0.01


def test_a_table_without_rows_does_not_crash(engine, orders):
    engine.keep("before", synthetic.sql(orders, 1000))
    base = drift.baseline(engine, orders, "before")

    found = drift.compare(engine, "(from before limit 0)", base)

    assert min(found.values()) > LIMIT


FORECASTS = {
    "probabilities": (np.random.default_rng(0).random(5000), (), lambda forecast: forecast / 3),
    "classes": (np.eye(3)[np.arange(5000) % 3], tuple("abc"), lambda forecast: forecast[:, [0, 0, 1]] + 1e-9),
}


@pytest.mark.parametrize(("forecast", "classes", "change"), FORECASTS.values(), ids=FORECASTS)
def test_answers_that_moved_are_seen_and_the_same_ones_are_not(forecast, classes, change):
    base, enums = {"forecast": drift.of_forecast(forecast, classes)}, {"forecast": classes}

    found = []
    for answers in (forecast, change(forecast)):
        window = drift.Window(json.loads(json.dumps(base)), enums, rows=1000)
        window.add(np.empty((1000, 0)), answers[-1000:])
        found.append(window.psi()["forecast"])

    assert found[0] < 0.05
    assert found[1] > LIMIT


def window_of(*answers):
    """The drift of a window of 100 rows that gets these answers, block by block; the baseline is even."""
    base = {"forecast": drift.of_forecast(np.linspace(0, 1, 1000), ())}
    window = drift.Window(base, {"forecast": ()}, rows=100)
    for each in answers:
        window.add(np.empty((len(each), 0)), each)
    return window.psi()


def test_a_service_knows_nothing_of_drift_before_it_has_seen_enough_rows():
    even = np.linspace(0, 1, 100)

    assert window_of(even[:99]) == {}
    assert window_of(even)["forecast"] < 0.05
    assert window_of(even[:50], even[50:])["forecast"] < 0.05


def test_only_the_newest_rows_of_a_service_count():
    even, high = np.linspace(0, 1, 100), np.full(100, 0.99)

    assert window_of(high, even)["forecast"] < 0.05
    assert window_of(even, high)["forecast"] > LIMIT


def test_the_last_bits_of_answers_are_no_drift():
    few = np.random.default_rng(0).integers(0, 5, 5000) / 5
    base = {"forecast": drift.of_forecast(few, ())}
    window = drift.Window(base, {"forecast": ()}, rows=1000)

    window.add(np.empty((1000, 0)), few[:1000] + np.random.default_rng(1).normal(0, 1e-8, 1000))

    assert window.psi()["forecast"] < 0.05
