"""What is predicted follows from labels.yaml; predictions.yaml must match, and every wrong place is named."""

import pytest

import shop_crowds
import shop_forecast
import shop_visitors
from datadevops.contract import odcs, target
from datadevops.errors import ContractError


def test_the_type_of_the_label_decides():
    kinds = [
        target.of(odcs.load_all(each.PRODUCT.contracts))
        for each in (shop_forecast, shop_crowds, shop_visitors)
    ]

    assert kinds == [
        target.Target("binary"),
        target.Target("classes", ("quiet", "busy", "Quite Full")),
        target.Target("regression", (), "people", 0, 2000),
    ]


def changed(product, name, **changes):
    """The contracts of a product, one of them with other columns: a value of None takes the column away."""
    contracts = odcs.load_all(product.contracts)
    contract = contracts[name]
    columns = tuple(
        column.model_copy(update=changes.get(column.name, {}))
        for column in contract.columns
        if changes.get(column.name, {}) is not None
    )
    return contracts | {name: contract.model_copy(update={"columns": columns})}


BINARY, CLASSES, NUMBER = shop_forecast.PRODUCT, shop_crowds.PRODUCT, shop_visitors.PRODUCT
FAULTS = {
    "a time": (BINARY, "labels", {"label": {"type": "timestamp"}}, "label is a timestamp; make it a boolean"),
    "text without classes": (
        CLASSES,
        "labels",
        {"label": {"enum": ()}},
        "label is text; list its classes, at least two, as its enum; or cast it, for a number",
    ),
    "one class": (CLASSES, "labels", {"label": {"enum": ("quiet",)}}, "at least two"),
    "alike classes": (
        CLASSES,
        "labels",
        {"label": {"enum": ("busy", "quite full", "Quite-Full")}},
        "two classes differ only in case or signs: busy, quite full, Quite-Full",
    ),
    "numbers in an enum": (NUMBER, "labels", {"label": {"enum": (1, 2)}}, "make it a string for classes"),
    "a required label": (BINARY, "labels", {"label": {"required": True}}, "label is required"),
    "a reason that is no text": (
        BINARY,
        "labels",
        {"unknown_because": {"type": "boolean"}},
        "make it a string",
    ),
    "no reason": (BINARY, "labels", {"unknown_because": None}, "label and unknown_because, not label"),
    "another key": (BINARY, "labels", {"shop": None}, "its key must be that of the features: shop"),
    "a reserved name": (
        BINARY,
        "features",
        {"buyers": {"name": "last_outcome"}},
        "'last_outcome' is a reserved",
    ),
    "no key": (
        BINARY,
        "features",
        {"shop": {"key": False}, "opened_at": {"key": False}},
        "it has no key",
    ),
    "two times in the key": (
        BINARY,
        "features",
        {"shop": {"type": "timestamp"}},
        "its key has several times, shop, opened_at",
    ),
    "no input": (
        BINARY,
        "features",
        dict.fromkeys((each.name for each in odcs.load_all(BINARY.contracts)["features"].measures), None),
        "it has no input",
    ),
    "another key of predictions": (BINARY, "predictions", {"shop": None}, "its key must be"),
    "no threshold": (
        BINARY,
        "predictions",
        {"threshold": None},
        "threshold is missing; .*binary have it, a num",
    ),
    "another type": (
        BINARY,
        "predictions",
        {"decision": {"type": "string"}},
        "decision is string; make it bool",
    ),
    "may be null": (BINARY, "predictions", {"probability": {"required": False}}, "`required: true`"),
    "an unknown column": (BINARY, "predictions", {"threshold": {"name": "limit"}}, "limit is unknown"),
    "another kind": (NUMBER, "predictions", {"low": {"name": "probability"}}, "low is missing; .*regression"),
    "other classes": (
        CLASSES,
        "predictions",
        {"value": {"enum": ("busy", "quiet")}},
        "must be that of label: quiet, busy, Quite Full",
    ),
    "a class without a column": (
        CLASSES,
        "predictions",
        {"probability_quite_full": None},
        "probability_quite_full is missing",
    ),
}


@pytest.mark.parametrize(("product", "name", "changes", "message"), FAULTS.values(), ids=FAULTS)
def test_contracts_that_do_not_agree_are_refused_with_the_place(product, name, changes, message):
    with pytest.raises(ContractError, match=rf"(?s)ML010.*{name}\.yaml: .*{message}") as refused:
        target.of(changed(product, name, **changes))

    assert refused.value.exit_code == 2


def test_a_contract_that_is_missing_is_named():
    contracts = odcs.load_all(BINARY.contracts)
    del contracts["labels"]

    with pytest.raises(ContractError, match=r"CT001.*labels\.yaml is missing"):
        target.of(contracts)


@pytest.mark.parametrize("query", ["", "SELECT COUNT(*) FROM ${object} WHERE label IS NULL"])
def test_labels_need_the_rule_that_a_row_has_a_label_or_a_reason(query):
    contracts = odcs.load_all(BINARY.contracts)
    rules = tuple(rule.model_copy(update={"query": query}) for rule in contracts["labels"].quality if query)

    with pytest.raises(ContractError, match=r"(?s)ML010.*add the rule .name: label_or_reason"):
        target.of(contracts | {"labels": contracts["labels"].model_copy(update={"quality": rules})})


def test_a_column_beside_the_key_is_an_input_without_saying_so(edited):
    path = edited(quantity={"customProperties": [{"property": "modelInput", "value": True}]})

    with pytest.raises(ContractError, match=r"(?s)CT003.*quantity: modelInput is for columns of the key"):
        odcs.load(path)
