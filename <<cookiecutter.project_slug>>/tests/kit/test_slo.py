# The template's file: edits here meet template updates (copier update merges them).
"""A file of objectives is understood, or refused with the place and the remedy."""

import re
from pathlib import Path

import pytest

from << cookiecutter.__package >>.kit import odcs, slo
from << cookiecutter.__package >>.kit.errors import SloError

PROMISE = Path(__file__).with_name("promise.yaml")
METRICS = {
    "orders_total": {"state": ["new", "lost"]},
    "orders_failed_total": {},
    "stock_seconds": {"shelf": []},
}


def load(path, promised=None):
    return slo.load(path, METRICS, promised or {})


def test_objectives_owner_and_addresses_are_read():
    promise = load(PROMISE)

    availability, stock = promise.objectives
    assert promise.service["labels"] == {"team": "order-data", "tier": "2"}
    assert promise.targets["page"] == "https://example.com/page"
    assert (availability.target, availability.budget, availability.days) == (0.99, 0.01, 30)
    assert availability.burns() == {"fast": "page", "slow": "ticket"}
    assert (stock.limit, stock.absent_is_bad) == (86400, True)


WRONG = {
    "no YAML": (r"apiVersion.*", "a: b: c", "OP001", "cannot be read"),
    "a misspelt key": ("displayName: taken", "displayname: taken", "OP001", "did you mean 'displayName'?"),
    "no owner": ("team: order-data, ", "", "OP001", "Service metadata.labels: 'team' is a required property"),
    "another kind": ("kind: Service", "kind: Servise", "OP001", "document 1: its kind is none of"),
    "no SLO's metadata": (r"metadata: \{name: stock-age.*", "", "OP001", "'metadata' is a required property"),
    "no objective": (r"(?s)---\napiVersion: openslo/v1\nkind: SLO.*", "", "OP001", "it must hold an SLO"),
    "nowhere to page": ("name: page", "name: ticket", "OP001", "there is no AlertNotificationTarget page"),
    "one name twice": (
        "name: stock-age",
        "name: availability",
        "OP001",
        "SLO availability: it is there twice",
    ),
    "a query too rich": (
        r"orders_total\{job=.shop-orders.\}",
        "sum(orders_total)",
        "OP001",
        "does not match",
    ),
    "a limit that burns": ("tell: ticket", "tell-slow: ticket", "OP001", "tell"),
    "a target above one": ("target: 0.99", "target: 99", "OP001", "99 is greater than the maximum"),
    "a target without an error": ("target: 0.99", "target: 0.9999999", "OP001", "greater than the maximum"),
    "the name of a file for all": ("name: stock-age", "name: healthy", "OP001", "'healthy' should not be"),
    "alive by no series": (r"alive: .up.*1.", "alive: up", "OP001", "'up' does not match"),
    "an alert too dull": ("target: 0.99", "target: 0.9", "OP002", "a fast burn is never told: 144% of all"),
    "an unknown metric": ("orders_total", "order_total", "OP002", "did you mean 'orders_total'?"),
    "a value that cannot be": (
        r"orders_total\{job",
        'orders_total{state="newer",job',
        "OP002",
        "no state of orders_total is 'newer', did you mean 'new'?",
    ),
    "a pattern that nothing fits": (
        r"orders_total\{job",
        'orders_total{state=~"l.",job',
        "OP002",
        "is 'l.', there",
    ),
    "a pattern that is none": (
        r"orders_total\{job",
        'orders_total{state=~"l[",job',
        "OP002",
        "state of orders_total: 'l[' is no pattern",
    ),
    "a value left out that cannot be": (
        r"orders_total\{job",
        'orders_total{state!="old",job',
        "OP002",
        "is 'old'",
    ),
    "another job": (
        'job="shop-orders"',
        'job="shop"',
        "OP002",
        "no job of up is 'shop', there is: shop-orders",
    ),
    "an unknown label": (r"orders_total\{job", "orders_total{shop", "OP002", "has no label 'shop'"),
}


@pytest.mark.parametrize(("old", "new", "error_id", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named(old, new, error_id, message, tmp_path):
    path = tmp_path / "slo.yaml"
    path.write_text(re.sub(old, new, PROMISE.read_text(), count=1))

    with pytest.raises(SloError) as refused:
        load(path)

    assert refused.value.id == error_id
    assert message in str(refused.value)


def test_another_target_than_the_contract_promises_is_refused():
    with pytest.raises(SloError, match=r"availability: 0\.99, but the contract promises 0\.999"):
        load(PROMISE, {"availability": (99.9, "percent")})


@pytest.mark.parametrize("availability", [99.0, 99])
@pytest.mark.parametrize("age", [{"value": 24, "unit": "h"}, {"value": 1, "unit": "d"}])
def test_what_a_contract_promises_in_its_units_may_be_the_targets(edited, availability, age):
    promises = [
        {"property": "availability", "value": availability, "unit": "percent"},
        {"property": "stock-age", **age},
        {"property": "retention", "value": 3, "unit": "y"},  # no objective asks for it
        {"property": "support", "value": "by mail"},
    ]
    contract = odcs.load(edited(contract={"slaProperties": promises}))

    assert len(load(PROMISE, slo.promised(contract)).objectives) == 2


INCOMPARABLE = [{"value": 1, "unit": "week"}, {"value": 86400}, {"value": "one", "unit": "d"}]


@pytest.mark.parametrize("said", INCOMPARABLE)
def test_a_promise_that_cannot_be_compared_with_its_objective_is_named(edited, said):
    contract = odcs.load(edited(contract={"slaProperties": [{"property": "stock-age", **said}]}))

    with pytest.raises(SloError, match=r"OP002(?s:.*)stock-age: .*a number with a unit: percent, s, m, h, d"):
        load(PROMISE, slo.promised(contract))
