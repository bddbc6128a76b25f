"""The example row of a contract: its examples, otherwise plain values within the limits of each column."""

import json

import pytest

from datadevops.contract import odcs
from datadevops.errors import ContractError
from datadevops.service import example

INTEGERS = {
    "no limit": ({}, 0),
    "a minimum of 0": ({"minimum": 0}, 0),
    "a maximum of 0": ({"maximum": 0}, 0),
    "a minimum above 0": ({"minimum": 3, "maximum": 9}, 3),
    "a maximum below 0": ({"minimum": -9, "maximum": -3}, -3),
    "limits around 0": ({"minimum": -9, "maximum": 9}, 0),
}
TEXTS = {"no limit": ({}, "x"), "a length": ({"minLength": 3}, "xxx"), "no length": ({"minLength": 0}, "x")}
DAYS = {
    "no limit": ({}, "2024-01-01"),
    "a minimum": ({"minimum": "2030-05-01"}, "2030-05-01"),
    "a maximum": ({"maximum": "1999-12-31"}, "1999-12-31"),
}
COLUMNS = {
    f"{column}, {what}": (column, limits, value)
    for column, each in {"boxes": INTEGERS, "note": TEXTS, "due_on": DAYS}.items()
    for what, (limits, value) in each.items()
}


@pytest.mark.parametrize(("column", "limits", "value"), COLUMNS.values(), ids=COLUMNS)
def test_without_an_example_the_value_is_plain_and_keeps_its_limits(edited, column, limits, value):
    contract = odcs.load(edited(**{column: {"logicalTypeOptions": limits, "examples": []}}))

    (row,) = json.loads(example.body(contract))["rows"]

    assert row[column] == value
    assert type(row[column]) is type(value)


MEANS = {
    "within the limits": ({}, "integer", 3.6, 4),
    "above them": ({"maximum": 2}, "integer", 3.6, 2),
    "below them": ({"minimum": 5.5}, "number", 3.6, 5.5),
    "a number": ({}, "number", 3.6, 3.6),
    "of SQL": ({"minimum": 1}, "number", "boxes + 1", 1),
}


@pytest.mark.parametrize(("limits", "type_", "mean", "value"), MEANS.values(), ids=MEANS)
def test_a_number_is_the_mean_of_made_up_ones(edited, limits, type_, mean, value):
    made = [{"property": "synthetic", "value": {"mean": mean, "sd": 1.0}}]
    changed = {"logicalType": type_, "logicalTypeOptions": limits, "examples": [], "customProperties": made}
    contract = odcs.load(edited(boxes=changed))

    (row,) = json.loads(example.body(contract))["rows"]

    assert row["boxes"] == value


def test_the_first_example_is_taken_else_the_first_of_an_enum(edited):
    contract = odcs.load(edited(boxes={"examples": [7, 8]}, due_on={"examples": ["2001-02-03"]}))

    (row,) = json.loads(example.body(contract))["rows"]

    assert (row["boxes"], row["due_on"], row["stars"], row["paid"]) == (7, "2001-02-03", 1, False)


def test_a_plain_value_that_breaks_a_rule_is_named_with_the_rule(edited):
    contract = odcs.load(edited())
    without_examples = tuple(each.model_copy(update={"examples": ()}) for each in contract.columns)

    with pytest.raises(ContractError, match=r"CT007.*sku has no example, and 'x' breaks its pattern"):
        example.body(contract.model_copy(update={"columns": without_examples}))
