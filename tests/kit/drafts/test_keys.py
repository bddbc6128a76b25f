"""Which columns identify a row."""

import pytest

ROWS = 40
SHOPS = [f"shop {row % 4}" for row in range(ROWS)]
HOURS = [f"2024-01-01T{row // 4:02}:00:00" for row in range(ROWS)]
FEW = [str(row % 3) for row in range(ROWS)]


def test_one_column_that_never_repeats_is_the_key(csv):
    found = csv(shop=SHOPS, order=[str(row) for row in range(ROWS)])

    assert found.contract.keys == ["order"]
    assert found.comment("primaryKey: true") == "guess: order identifies each of 40 rows"


def test_else_the_smallest_set_is(csv):
    found = csv(few=FEW, price=[f"{row}.5" for row in range(ROWS)], shop=SHOPS, at=HOURS)

    assert found.contract.keys == ["shop", "at"]
    assert found.text.count("primaryKeyPosition") == 2
    assert "Key: what is one row one of? Guess: shop with at" in found.decisions
    assert (
        "Known when? If rows come an hour after their time: custom property availableAfter" in found.decisions
    )


def test_a_name_that_says_key_comes_before_a_measure_that_never_repeats(csv):
    found = csv(measured=[str(7 * row) for row in range(ROWS)], customer_id=[str(row) for row in range(ROWS)])

    assert found.contract.keys == ["customer_id"]
    assert "Guess: customer_id, or measured." in found.decisions


def test_a_column_with_nulls_is_in_no_key(csv):
    found = csv(order=[*map(str, range(ROWS - 1)), ""], shop=SHOPS, at=HOURS)

    assert found.contract.keys == ["shop", "at"]


def test_rows_that_repeat_whole_have_no_key_and_are_counted(csv):
    found = csv(shop=[*SHOPS, *SHOPS[:3]], at=[*HOURS, *HOURS[:3]])

    assert found.contract.keys == []
    assert "Key: there is none, as 3 rows repeated another one whole." in found.decisions


def test_measures_that_differ_make_no_key(csv):
    found = csv(shop=SHOPS, price=[f"{row}.5" for row in range(ROWS)])

    assert found.contract.keys == []
    assert "Key: no 4 or fewer of the 1 likeliest columns identify a row." in found.decisions


def test_where_no_column_can_be_in_a_key_this_is_said(csv):
    found = csv(price=[f"{row}.5" for row in range(ROWS)], shop=[*SHOPS[1:], ""], always=["x"] * ROWS)

    assert found.contract.keys == []
    assert (
        "Key: there is none, as each column is a measure, or null somewhere, or constant." in found.decisions
    )


@pytest.mark.parametrize("repeated", [0, 1])
def test_rows_beyond_the_first_are_looked_at_too(csv, monkeypatch, repeated):
    monkeypatch.setattr("datadevops.drafts.keys.FEW", 5)
    codes = [f"{row:03}" for row in range(ROWS - repeated)] + ["000"] * repeated

    found = csv(code=codes, shop=SHOPS, at=HOURS)

    assert (found.contract.keys == ["code"]) is not bool(repeated)
    assert len(found.contract.keys) == 1 + repeated


def test_a_set_of_three(csv):
    cube = [(a, b, c) for a in "pqr" for b in "stu" for c in "vwx"]
    one, two, three = zip(*cube, strict=True)

    assert csv(one=one, two=two, three=three).contract.keys == ["one", "two", "three"]


def test_a_time_beside_the_key_is_asked_when_rows_become_known(csv):
    found = csv(customer_id=[str(row) for row in range(ROWS)], at=HOURS)

    assert found.contract.keys == ["customer_id"]
    told = "No time is in the key: give the one that says it the custom property availableAfter, PT0S."
    assert told in found.decisions
