"""The edges of a column are the values at its limits, those just beside them, and values of other types."""

import math
from datetime import UTC, date, datetime, timedelta

import pytest

from datadevops.testing import edges
from small_contract import column, contract_of

NOON, DAY = datetime(2024, 1, 2, 12), date(2024, 1, 2)
MOMENT = timedelta(microseconds=1)


def values(kind, **rules):
    limits = {"logicalTypeOptions": rules.pop("options")} if "options" in rules else {}
    contract = contract_of(column("id", "integer", primaryKey=True), column("x", kind, **rules) | limits)
    return list(edges.values(contract.columns[1]))


EDGES = {  # type, its rules -> values that show where two answers differ
    "numbers": (
        ("number", {"minimum": 0, "maximum": 10}),
        [-1, 0, 1, 9, 10, 11, math.nextafter(0, -1), math.nextafter(10, 11), math.nextafter(10, 9)],
    ),
    "whole numbers": (("integer", {"minimum": -5}), [-6, -5, -4, 2**31, 2**63, -(2**100), 0.5]),
    "times": (
        ("timestamp", {"minimum": NOON.isoformat()}),
        [NOON - MOMENT, NOON, NOON + MOMENT, datetime.min, datetime.max, datetime(2024, 1, 1, tzinfo=UTC)],
    ),
    "days": (("date", {"maximum": DAY.isoformat()}), [DAY - timedelta(1), DAY, DAY + timedelta(1)]),
    "lengths": (
        ("string", {"options": {"minLength": 2, "maxLength": 5}}),
        ["x", "xx", "xxx", "xxxx", "xxxxx", "xxxxxx", "éé", "ééééé", ""],
    ),
    "lists": (("string", {"enum": ["A1", "b"]}), ["A1", "a1", "A1\n", " A1", "A1x", "A\u0661", "b", "B"]),
    "examples": (("string", {"examples": ["007"]}), ["007", "007x", "\u0660\u0660\u0667"]),
}


@pytest.mark.parametrize(("made", "wanted"), EDGES.values(), ids=EDGES)
def test_values_at_each_limit_and_beside_it_are_tried(made, wanted):
    kind, rules = made

    found = [(type(value), value) for value in values(kind, **rules)]

    assert [value for value in wanted if (type(value), value) not in found] == []


@pytest.mark.parametrize("kind", ["string", "integer", "number", "boolean", "date", "timestamp"])
def test_values_of_every_type_are_tried_in_a_column_of_each(kind):
    found = values(kind)

    assert {type(value) for value in found} >= {type(None), bool, int, float, str}
    assert any(isinstance(value, float) and math.isnan(value) for value in found)
    assert {math.inf, -math.inf} <= {value for value in found if isinstance(value, float)}


def test_a_time_is_tried_where_a_file_and_a_request_say_the_same_of_it():
    """A time is text in a request, and midnight is a day in a file."""
    assert not any(isinstance(value, date) for value in values("string"))
    assert not any(isinstance(value, datetime) for value in values("date"))
    assert any(isinstance(value, datetime) and value.tzinfo for value in values("timestamp"))
    assert date(2024, 1, 1) in values("integer")
