"""A version of a model fits the contracts, or says what of it does not."""

import pytest

from datadevops.contract.target import Target
from datadevops.errors import ContractError
from datadevops.models import matching
from small_contract import column, contract_of

FACTS = {
    "inputs": {"visitors": [], "weather": ["dry", "wet"]},
    "nullable": ["visitors"],
    "output": {"kind": "classes", "classes": ["few", "many"]},
}
TARGET = Target("classes", ("few", "many"))
SHOP = column("shop", "string", primaryKey=True)
VISITORS, BUYERS = column("visitors", "integer"), column("buyers", "integer", required=True)
WEATHER = column("weather", "string", enum=["dry", "wet"], required=True)


@pytest.fixture
def version(store):
    """version(**facts): one with these facts instead."""
    return lambda **facts: store.make({"a": len(store.versions())}, lambda folder: FACTS | facts)


CHANGED = {  # columns of the features, the target -> what does not fit
    "nothing": ([VISITORS, WEATHER], TARGET, []),
    "a column more, which the model does not read": ([VISITORS, WEATHER, BUYERS], TARGET, []),
    "a column less": ([WEATHER], TARGET, ["visitors is gone"]),
    "another enum": (
        [VISITORS, {**WEATHER, "enum": [{"value": "dry"}]}],
        TARGET,
        ["weather has other enum values"],
    ),
    "another order of it": (
        [VISITORS, {**WEATHER, "enum": [{"value": "wet"}, {"value": "dry"}]}],
        TARGET,
        ["weather has other enum values"],
    ),
    "nulls that were never tried": (
        [VISITORS, {**WEATHER, "required": False}],
        TARGET,
        ["weather may be null now, the model does not take nulls"],
    ),
    "no nulls any more": ([{**VISITORS, "required": True}, WEATHER], TARGET, []),
    "another kind": ([VISITORS, WEATHER], Target("binary"), ["label is of another kind"]),
    "other classes": ([VISITORS, WEATHER], Target("classes", ("many", "few")), ["label has other classes"]),
    "all of it": (
        [],
        Target("regression"),
        ["visitors is gone", "weather is gone", "label is of another kind"],
    ),
}


@pytest.mark.parametrize(("columns", "target", "odd"), CHANGED.values(), ids=CHANGED)
def test_what_does_not_fit_is_named(version, columns, target, odd):
    features = contract_of(SHOP, *columns)

    assert matching.mismatches(version(), features, target) == odd
    assert matching.fits(version(), features, target) is (odd == [])
    if odd:
        with pytest.raises(ContractError, match=f"ML008.*does not fit t.yaml: {', '.join(odd)}"):
            matching.require(version(), features, target)
    else:
        matching.require(version(), features, target)


def test_a_version_of_yes_or_no_has_no_classes(version):
    features, binary = contract_of(SHOP, VISITORS, WEATHER), Target("binary")

    assert matching.fits(version(output={"kind": "binary", "threshold": 0.3}), features, binary)
