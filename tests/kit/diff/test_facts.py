"""Each change has two verdicts: what it means for consumers, and what for the stored rows."""

import pytest

from datadevops.contract import odcs
from datadevops.contract.compatibility import Comparison
from datadevops.diff import compared
from datadevops.diff.effects import Effect
from datadevops.diff.facts import facts

TIGHTER = {"unit_price": {"logicalTypeOptions": {"minimum": 0, "maximum": 99}}}
RULE = "unit_price:maximum"
EFFECT = Effect(version="abc", rows=1000, bad=7, by_rule={RULE: 7}, examples={RULE: ["web (101)"]})


@pytest.fixture
def told(edited):
    """told(effect, folder="datasets", **changes): the facts about that table with these changes."""

    def of(effect=EFFECT, folder="datasets", name="orders", **changes):
        old = odcs.load(edited(folder)).model_copy(update={"name": name})
        new = odcs.load(edited(folder, **changes)).model_copy(update={"name": name})
        (found,) = facts("v1.0.0", [Comparison(new, old, new)], [], {name: effect})["tables"]
        return found

    return of


def limit(found):
    """The change of the limit."""
    (change,) = (each for each in found["changes"] if each["change"].startswith("unit_price: maximum"))
    return change


NOBODY = ["no declared consumer reads unit_price"]
PLACES = {  # folder, table -> for whom it is, the verdict on a tighter limit, whom it breaks
    "a dataset": ("datasets", "orders", "promised to consumers", "breaking", NOBODY),
    "predictions": ("contracts", "predictions", "promised to consumers", "breaking", NOBODY),
    "features": ("contracts", "features", "sent by callers", "breaking", []),
    "a source": ("sources", "orders", "delivered to this product", "internal", []),
    "a step": ("contracts", "orders", "used in this product only", "internal", []),
}


@pytest.mark.parametrize(("folder", "name", "role", "verdict", "whom"), PLACES.values(), ids=PLACES)
def test_a_change_breaks_only_who_gets_or_sends_the_table(told, folder, name, role, verdict, whom):
    found = told(folder=folder, name=name, **TIGHTER)

    assert (found["role"], limit(found)["verdict"]) == (role, verdict)
    assert limit(found)["consumers"] == whom


@pytest.mark.parametrize(("version", "count"), [("2.1.0", 1), ("3.0.0", 0)])
def test_the_gate_counts_what_breaks_without_a_new_major_version(told, version, count):
    found = {"tables": [told(contract={"version": version}, quantity={"description": "pieces"}, **TIGHTER)]}

    assert len(compared.broken(found)) == count
    assert [line for each in compared.broken(found) for line in each.splitlines()[1:]] == [
        f"    {NOBODY[0]}"
    ] * count


def test_a_new_major_version_may_break_and_what_breaks_nobody_is_safe(told):
    found = told(contract={"version": "3.0.0"}, **TIGHTER)
    harmless = told(quantity={"description": "pieces"})
    (pieces,) = harmless["changes"]

    assert limit(found)["verdict"] == "new major version"
    assert (pieces["verdict"], pieces["consumers"]) == ("safe", [])


def test_a_change_names_its_column_and_one_of_the_table_none(told):
    found = told(quantity={"description": "pieces"}, contract={"version": "2.0.9"}, **TIGHTER)

    assert {each["change"].split()[0]: each["column"] for each in found["changes"]} == {
        "quantity:": "quantity",
        "unit_price:": "unit_price",
        "the": None,
    }


def test_a_limit_says_how_many_rows_it_costs_and_a_change_without_a_rule_that_it_costs_none(told):
    found = told(quantity={"description": "pieces"}, **TIGHTER)
    (other,) = (each for each in found["changes"] if each is not limit(found))

    assert (limit(found)["bad_rows"], limit(found)["examples"]) == (7, ["web (101)"])
    assert limit(found)["data"] == "7 of 1,000 rows would newly go to quarantine"
    assert (other["bad_rows"], other["data"]) == (None, "no row is judged otherwise")


UNKNOWN = {
    "nothing stored": (Effect("no version of it is stored here"), "not measured: no version of it is stored"),
    "another column": (Effect(left_out=["unit_price"]), "not measured: the stored rows are from before"),
    "another rule": (Effect(left_out=[RULE]), "not measured: the stored rows are from before this"),
}


@pytest.mark.parametrize(("effect", "said"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_could_not_be_measured_is_not_called_no_rows(told, effect, said):
    change = limit(told(effect, **TIGHTER))

    assert change["bad_rows"] is None
    assert change["data"].startswith(said)


LOOSER = {"unit_price": {"logicalTypeOptions": {"minimum": 0, "maximum": 2000}}}
WAITING = Effect(version="abc", rows=1000, in_quarantine={RULE: 3})
HOPE = "; 3 rows in quarantine for this rule may become good"


@pytest.mark.parametrize(("changes", "hope"), [(LOOSER, HOPE), (TIGHTER, "")], ids=["looser", "tighter"])
def test_rows_in_quarantine_may_become_good_by_a_looser_limit_alone(told, changes, hope):
    change = limit(told(WAITING, **changes))

    assert change["data"] == f"0 of 1,000 rows would newly go to quarantine{hope}"
    assert change["bad_rows"] == 0


REFUSED = "a run would refuse them: at most 1.00% of the rows may be bad"
STAYS = "a partition that has too many of them would stay as it was: at most 1.00% of the rows may be bad"
NEW = "that version was made by the contract as it is now: rows that it refuses are no longer in it"
TOGETHER = {
    "few": ({}, []),
    "too many": ({"is_refused": True}, [REFUSED]),
    "in partitions": ({"partitions": 2}, [STAYS]),
    "too many in partitions": ({"partitions": 2, "is_refused": True}, [REFUSED]),
    "a rule of the table": ({"failures": ["too few rows"]}, ["a run would refuse them: too few rows"]),
    "of the new contract": ({"is_new": True}, [NEW]),
    "a rule of the table, no row bad": (
        {"failures": ["too few rows"], "bad": 0},
        ["a run would refuse them: too few rows"],
    ),
    "of the new contract, none bad": ({"is_new": True, "bad": 0}, [NEW]),
}


@pytest.mark.parametrize(("about", "more"), TOGETHER.values(), ids=TOGETHER)
def test_what_a_run_would_do_with_all_rows_is_told(told, about, more):
    found = told(Effect(**{"version": "abc", "rows": 1000, "bad": 7} | about), **TIGHTER)

    first, *rest = found["data"]
    assert first == f"{about.get('bad', 7)} of 1,000 rows of version abc would newly go to quarantine"
    assert rest == more


NOTHING = {
    "not measured": Effect("no version of it is stored here"),
    "measured": Effect(version="abc", rows=1000),
    "in partitions": Effect(version="abc", rows=1000, partitions=2),
}


@pytest.mark.parametrize("effect", NOTHING.values(), ids=NOTHING)
def test_where_no_row_is_known_to_be_bad_nothing_is_said_of_all_rows(told, effect):
    assert told(effect, **TIGHTER)["data"] == []


def test_without_an_allowance_no_row_may_be_bad(told):
    found = told(Effect(rows=9, bad=1, is_refused=True), orders={"customProperties": []}, **TIGHTER)

    assert found["data"][1] == "a run would refuse them: no row may be bad"


def test_a_table_that_is_new_and_one_that_is_gone_have_one_version(orders):
    found = facts(
        "v1.0.0",
        [Comparison(orders, None, orders), Comparison(orders, orders, None)],
        [],
        {"orders": Effect("the contract is new")},
    )["tables"]

    assert [(each["was"], each["is"]) for each in found] == [(None, "2.1.0"), ("2.1.0", None)]
