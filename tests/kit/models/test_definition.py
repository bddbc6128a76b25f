"""What model.py defines becomes a definition; each thing that does not fit is named, all of them at once."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from datadevops.contract.target import Target
from datadevops.errors import ContractError
from datadevops.models.definition import define
from datadevops.models.gate import Limits
from small_contract import column, contract_of

SHOP, WEEK = column("shop", "string", primaryKey=True), column("week", "integer", primaryKey=True)
HOUR = column("opened_at", "timestamp", primaryKey=True)
VISITORS = column("visitors", "integer")
TIMED, TIMELESS = contract_of(SHOP, HOUR, VISITORS), contract_of(SHOP, WEEK, VISITORS)
BINARY, NUMBER = Target("binary"), Target("regression")


def usual(past, outcomes, rows):
    return outcomes


def other(past, outcomes, rows):
    return outcomes


def module(**names):
    """A model.py for rows without time, without the names that are given as None."""
    known = {"fit": usual, "BASELINES": [usual, other], "LIMITS": Limits()} | names
    return SimpleNamespace(**{name: each for name, each in known.items() if each is not None})


def faults(features=TIMELESS, target=BINARY, **names):
    """What is said of such a model.py, line by line."""
    with pytest.raises(ContractError, match="ML002") as error:
        define(module(**names), features, target)
    return error.value.message.split("\n  ")[1:]


def test_without_more_each_row_is_a_unit_nothing_is_grouped_and_no_label_looks_ahead():
    found = define(module(), TIMELESS, BINARY)

    assert list(found.baselines.items()) == [("usual", usual), ("other", other)]
    assert (found.group, found.horizon, found.units) == (None, timedelta(0), ("shop", "week"))
    assert (found.loss.name, found.acknowledged) == ("Brier score", {})


def test_what_model_py_says_is_taken():
    names = {"GROUP": "shop", "SPLIT_BY": "shop", "VALUE": "median", "ACKNOWLEDGED": {"visitors": "known"}}

    found = define(module(**names), TIMELESS, NUMBER)

    assert (found.group, found.units, found.loss.name) == ("shop", ("shop",), "absolute error")
    assert found.acknowledged == {"visitors": "known"}
    assert define(module(HORIZON=timedelta(hours=2)), TIMED, BINARY).horizon == timedelta(hours=2)


BASELINES = "list at least one function, each with its own name, not "
WRONG = {
    "no baseline": ({"BASELINES": []}, f"BASELINES are none; {BASELINES}"),
    "one name twice": ({"BASELINES": [usual, other, usual]}, "BASELINES are usual, other, usual; list"),
    "limits of another kind": ({"LIMITS": {"skill": 0.1}}, "LIMITS is not Limits(...)"),
    "a group that is no key": (
        {"GROUP": "visitors"},
        "GROUP is 'visitors', which is not a column of the key",
    ),
    "a unit that is no key": ({"SPLIT_BY": "visitors"}, "SPLIT_BY is 'visitors', which is not a column of"),
    "a horizon without a time": ({"HORIZON": timedelta(0)}, "HORIZON is given, but the key has no time"),
    "an unknown input": (
        {"ACKNOWLEDGED": {"shop": "so it is"}},
        "ACKNOWLEDGED names 'shop', which is neither",
    ),
    "a baseline without a comma": (
        {"BASELINES": usual},
        "BASELINES is not a list of functions; write `BASELINES = (usual,)`, with",
    ),
    "the name of a baseline": ({"BASELINES": ["usual"]}, "BASELINES are functions, which 'usual' is not"),
    "a fit that is no function": ({"fit": 3}, "fit is 3; make it a function"),
    "reasons without a name": ({"ACKNOWLEDGED": ["visitors"]}, "ACKNOWLEDGED is not of the form"),
    "no reason": ({"ACKNOWLEDGED": {"visitors": " "}}, "ACKNOWLEDGED gives no reason for 'visitors'"),
    "a reason that is no text": (
        {"ACKNOWLEDGED": {"duplicates": 1}},
        "ACKNOWLEDGED gives no reason for 'dup",
    ),
    "the value of yes or no": ({"VALUE": "median"}, "VALUE is 'median'; only a number has one"),
    "a name nearly right": ({"GROUPS": "shop"}, "there is no GROUPS, did you mean 'GROUP'"),
}


@pytest.mark.parametrize(("names", "words"), WRONG.values(), ids=WRONG)
def test_what_does_not_fit_is_named(names, words):
    (fault,) = faults(**names)

    assert fault.startswith(words)


BESIDE = ["label", "last_outcome", "candidate", "forecast", "outcome", "shop", "Shop", "WEEK", "Usual"]


@pytest.mark.parametrize("name", BESIDE)
def test_no_baseline_has_the_name_of_a_column_beside_it(name):
    def reserved(past, outcomes, rows):
        return outcomes

    reserved.__name__ = name

    (fault,) = faults(BASELINES=[usual, reserved])

    assert fault.startswith(f"BASELINES are usual, {name}; {BASELINES}")
    assert fault.endswith(" or shop or week")


@pytest.mark.parametrize("horizon", [None, 1])
def test_rows_with_a_time_need_a_horizon_of_time(horizon):
    (fault,) = faults(TIMED, HORIZON=horizon)

    assert fault.startswith("HORIZON says how far ahead the label looks")


def test_no_label_looks_back():
    assert faults(TIMED, HORIZON=timedelta(hours=-1)) == [
        "HORIZON is -3600 seconds; a label looks ahead, so it is 0 or more"
    ]


def test_rows_with_a_time_are_not_split_by_units():
    (fault,) = faults(TIMED, HORIZON=timedelta(0), SPLIT_BY="shop")

    assert fault.startswith("SPLIT_BY is for rows without time")


def test_a_number_has_a_mean_or_a_median():
    (fault,) = faults(target=NUMBER, VALUE="mode")

    assert fault.startswith("VALUE is 'mode'")
    assert define(module(VALUE="mean"), TIMELESS, NUMBER).loss.name == "squared error"


def test_what_is_missing_is_named_before_anything_else():
    assert faults(fit=None, LIMITS=None, GROUP="visitors") == [
        "fit, LIMITS missing; define fit, BASELINES, LIMITS"
    ]


def test_all_that_does_not_fit_is_named_at_once():
    assert len(faults(GROUP="visitors", SPLIT_BY="visitors", VALUE="mean")) == 3
    assert len(faults(LIMITS=1, BASELINES=usual)) == 2


def test_names_of_their_own_and_reasons_that_are_given_are_fine():
    reasons = {"visitors": "counted before", "duplicates": "a shop has twins"}

    assert define(module(PARAMETERS={}, depth=3, ACKNOWLEDGED=reasons), TIMELESS, BINARY).acknowledged
