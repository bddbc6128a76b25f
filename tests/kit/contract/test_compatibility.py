"""A change of a contract that breaks consumers is seen; one that does not is let through."""

import pytest

from datadevops.contract import compatibility, odcs

KNOWN = {"name": "discount_known", "metric": "nullValues", "unit": "percent", "mustBeLessThan": 50}
BREAKING = {
    "another type": ({"quantity": {"logicalType": "number"}}, "quantity: was integer, is number"),
    "new nulls": ({"quantity": {"required": False}}, "quantity: may be null now"),
    "a higher minimum": (
        {"discount": {"logicalTypeOptions": {"minimum": 1}}},
        "discount: minimum was 0, is 1",
    ),
    "a lower maximum": (
        {"quantity": {"logicalTypeOptions": {"minimum": 1, "maximum": 99}}},
        "quantity: maximum was 100, is 99",
    ),
    "a higher maximum": (
        {"quantity": {"logicalTypeOptions": {"minimum": 1, "maximum": 101}}},
        "quantity: maximum was 100, is 101",
    ),
    "no limit": ({"discount": {"logicalTypeOptions": {}}}, "discount: minimum was 0, is none"),
    "no limit of a whole number": (
        {"quantity": {"logicalTypeOptions": {"minimum": 1}}},
        "quantity: maximum was 100, is none",
    ),
    "another pattern": (
        {"sku": {"logicalTypeOptions": {"pattern": "[A-Z]{2}[0-9]{3}|gift|none"}}},
        "sku: pattern was [A-Z]{2}[0-9]{3}|gift, is [A-Z]{2}[0-9]{3}|gift|none",
    ),
    "a new value": (
        {"stars": {"enum": [{"value": n} for n in (1, 2, 3, 4)]}},
        "stars: values were 1, 2, 3, are 1, 2, 3, 4",
    ),
    "a list of values": ({"paid": {"enum": [{"value": True}]}}, "paid: values were any, are True"),
    "no longer unique": ({"order_id": {"unique": False}}, "order_id: is no longer unique"),
    "another key": (
        {"quantity": {"primaryKey": True}},
        "the key was shop, ordered_at, is shop, ordered_at, quantity",
    ),
    "a column less": ({"note": {"name": "remark"}}, "note: removed"),
    "another rule": (
        {"discount": {"quality": [KNOWN | {"mustBeLessThan": 60}]}},
        "discount: rule discount_known: asks otherwise",
    ),
    "a rule less": ({"discount": {"quality": []}}, "discount: rule discount_known: removed"),
}
HARMLESS = {
    "a description": {"quantity": {"description": "How many."}},
    "an example": {"quantity": {"examples": [3]}},
    "fewer nulls": {"note": {"required": True}},
    "unique now": {"boxes": {"unique": True}},
    "a new rule": {"paid": {"quality": [{"metric": "nullValues", "mustBe": 0}]}},
    "more versions": {"orders": {"customProperties": [{"property": "keepVersions", "value": 50}]}},
    "a minor version": {"contract": {"version": "2.2.0"}},
}


@pytest.mark.parametrize(("changes", "told"), BREAKING.values(), ids=BREAKING)
def test_a_breaking_change_is_told(orders, edited, changes, told):
    new = odcs.load(edited(**changes))

    assert [str(change) for change in compatibility.breaks(orders, new)] == [told]


@pytest.mark.parametrize("changes", HARMLESS.values(), ids=HARMLESS)
def test_a_harmless_change_is_let_through(orders, edited, changes):
    new = odcs.load(edited(**changes))

    assert compatibility.breaks(orders, new) == []


PROMISED = {
    "servers": [{"server": "all", "type": "s3", "location": "s3://a/orders"}],
    "slaProperties": [
        {"property": "freshness", "value": 3, "unit": "h"},
        {"property": "retention", "value": 10, "unit": "d"},
    ],
}
FRESH, RETAINED = PROMISED["slaProperties"]
PROMISES = {
    "an older newest row": ([FRESH | {"value": 1, "unit": "d"}, RETAINED], ["freshness was 3 h, is 1 d"]),
    "fewer rows": ([FRESH, RETAINED | {"value": 9}], ["retention was 10 d, is 9 d"]),
    "an unknown unit": ([FRESH, RETAINED | {"unit": "y"}], ["retention was 10 d, is 10 y"]),
    "a promise less": ([FRESH], ["retention of 10 d is no longer promised"]),
    "a newer newest row": ([FRESH | {"value": 60, "unit": "m"}, RETAINED], []),
    "more rows": ([FRESH, RETAINED | {"value": 11}], []),
    "a new promise": ([FRESH, RETAINED, {"property": "latency", "value": 1, "unit": "s"}], []),
}


@pytest.mark.parametrize(("promises", "told"), PROMISES.values(), ids=PROMISES)
def test_a_promise_may_become_better_and_not_worse(edited, promises, told):
    old = odcs.load(edited("datasets", contract=PROMISED))

    new = odcs.load(edited("datasets", contract=PROMISED | {"slaProperties": promises}))

    assert [str(change) for change in compatibility.breaks(old, new)] == told


def test_readers_of_a_dataset_are_not_left_at_its_old_address(edited):
    old = odcs.load(edited("datasets", contract=PROMISED))

    elsewhere = [PROMISED["servers"][0] | {"location": "s3://b/orders"}]
    new = odcs.load(edited("datasets", contract=PROMISED | {"servers": elsewhere}))

    (change,) = compatibility.breaks(old, new)
    assert str(change) == "location was s3://a/orders, is s3://b/orders"


def test_a_caller_need_not_send_a_value_that_was_not_required(orders, edited):
    new = odcs.load(edited(note={"required": True}))

    (change,) = compatibility.breaks(orders, new, sent=True)
    assert str(change) == "note: is required now"


def test_a_new_column_is_let_through(orders):
    new = orders.model_copy(
        update={"columns": (*orders.columns, orders.columns[-1].model_copy(update={"name": "new"}))}
    )

    assert compatibility.breaks(orders, new) == []


@pytest.mark.parametrize(("version", "lines"), [("3.0.0", 0), ("v10.0.0", 0), ("2.9.0", 2), ("2.10.0", 2)])
def test_only_a_higher_major_version_may_break(orders, edited, version, lines):
    changes = {"note": {"name": "remark"}, "boxes": {"required": False}}

    new = odcs.load(edited(contract={"version": version}, **changes))

    assert len(compatibility.breaks(orders, new)) == lines


@pytest.mark.parametrize("version", ["1.9.9", "2.0.9", "2.1", "v2.1.0-rc.1"])
def test_a_version_must_not_fall(orders, edited, version):
    old = orders.model_copy(update={"version": "2.1.1"})

    new = odcs.load(edited(contract={"version": version}))

    (change,) = compatibility.breaks(old, new)
    assert str(change) == f"the version was 2.1.1, is {version}: it must not fall"


def test_a_version_that_fell_is_told_beside_what_breaks(orders, edited):
    new = odcs.load(edited(contract={"version": "1.0.0"}, boxes={"required": False}))

    told = [str(change) for change in compatibility.breaks(orders, new)]
    assert told == ["the version was 2.1.0, is 1.0.0: it must not fall", "boxes: may be null now"]


@pytest.mark.parametrize(("status", "breaks"), [("active", True), ("deprecated", False)])
def test_a_dataset_that_is_no_longer_published_breaks_unless_a_release_said_so(edited, status, breaks):
    old = odcs.load(edited("datasets", contract={"status": status}))
    new = odcs.load(edited("", contract={"version": "3.0.0"}))

    compared = compatibility.Comparison(new, old, new)

    assert [str(change) for change in compared.changes] == ["no longer published"]
    assert bool(compared.broken) == breaks


def test_what_only_this_product_uses_may_change_as_it_likes(orders, edited):
    new = odcs.load(edited(boxes={"required": False}))

    compared = compatibility.Comparison(new, orders, new)

    assert [str(change) for change in compared.changes] == ["boxes: may be null now"]
    assert compared.broken == []
