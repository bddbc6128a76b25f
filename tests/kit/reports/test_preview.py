"""What a dry run announces is the difference between the store and the copy in which the run was made."""

import shutil
from datetime import UTC, datetime

import pytest

from datadevops.reports.preview import preview
from datadevops.store import aliases
from datadevops.store.versions import Store

NOW = datetime(2025, 3, 1, tzinfo=UTC)
PLACE = "s3://somewhere/orders"


@pytest.fixture
def before(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def after(tmp_path):
    return tmp_path / "copy"


@pytest.fixture
def make():
    """make(folder, "orders", "a"): the version of a table that is made from `a`."""
    return lambda root, table, made_from: Store(root / table).make({"sha256": made_from}, lambda _: {}).id


@pytest.fixture
def promote():
    def call(root, table, version, alias=aliases.PUBLISHED):
        aliases.promote(Store(root / table), version, alias, "a test", NOW)

    return call


@pytest.fixture
def announced(orders, before, after):
    """announced(tables=[...]): the preview of these two stores, with these facts."""
    contracts = {"orders": orders.model_copy(update={"location": PLACE})}

    def call(tables=(), **facts):
        nothing = {"sources": {}, "checks": {}}
        about = nothing | {"tables": dict.fromkeys(tables)} | facts
        return preview(about, contracts, {"orders": "orders.csv"}, before, after)

    return call


def test_what_only_the_copy_has_is_made_and_what_it_lacks_is_deleted(make, announced, before, after):
    kept, gone = make(before, "orders", "kept"), make(before, "orders", "gone")
    make(after, "orders", "kept")
    new = make(after, "orders", "new")

    found = announced(["orders"])

    assert kept not in found["make"]["orders"]
    assert (found["make"], found["delete"]) == ({"orders": [new]}, {"orders": [gone]})


def test_tables_stand_in_the_order_of_the_run_and_its_report_is_not_among_them(make, announced, after):
    for table in ("areas", "models", "orders", "orders/partitions", "reports"):
        make(after, table, "new")

    found = announced(["orders", "features", "areas"])

    assert list(found["make"]) == ["orders", "areas", "models", "orders/partitions"]


def test_before_the_first_run_nothing_is_deleted_and_nothing_replaced(make, promote, announced, after):
    version = make(after, "orders", "new")
    promote(after, "orders", version)

    found = announced(["orders"])

    assert found["delete"] == {}
    assert found["publish"] == [
        {"table": "orders", "alias": "published", "version": version, "replaces": None, "location": PLACE}
    ]


def test_only_an_alias_that_moves_is_announced_and_with_an_address_only_where_its_contract_has_one(
    make, promote, announced, before, after
):
    old = make(before, "models", "old")
    promote(before, "models", old, "champion")
    promote(before, "models", old, "challenger")
    promote(before, "orders", make(before, "orders", "same"))
    shutil.copytree(before, after)
    new = make(after, "models", "new")
    promote(after, "models", new, "champion")

    found = announced(["orders"])

    assert found["publish"] == [
        {"table": "models", "alias": "champion", "version": new, "replaces": old, "location": None}
    ]


STATES = {"absent": (False, "known"), "known": (True, "known"), "new": (True, "other")}


@pytest.mark.parametrize("state", STATES)
def test_a_file_is_absent_known_or_new(make, announced, before, after, state):
    delivered, sha256 = STATES[state]
    make(before, "orders", "known")
    shutil.copytree(before, after)
    about = {"version": "1", "arrived_at": "2025-03-01", "newest": None}
    source = about | {"delivered": delivered, "sha256": sha256, "file": "elsewhere"}

    found = announced(["orders"], sources={"orders": source})

    assert found["read"] == {"orders": {"file": "orders.csv", "state": state, **about}}


@pytest.mark.parametrize("where", ["checks", "datasets"])
def test_the_rows_of_sources_and_of_datasets_are_judged_by_their_contracts(announced, after, orders, where):
    after.mkdir()
    check = {"read": 20, "good": 17, "bad": 3}
    facts = {"checks": {"orders": check}} if where == "checks" else {"datasets": {"orders": {"check": check}}}

    found = announced(**facts)

    allowed = orders.allowed_bad_ratio
    assert found["judge"] == {"orders": {"rows": 20, "bad": 3, "allowed_bad_ratio": allowed}}
