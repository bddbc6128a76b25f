"""The good versions of a source: what a run goes on with, and what is never deleted."""

import os

import pytest

from datadevops.errors import StoreError
from datadevops.store import accepted
from small_contract import column, contract_of

CONTRACT = contract_of(
    column("id", "integer", primaryKey=True),
    customProperties=[{"property": "allowedBadRatio", "value": 0.1}],
)
GOOD = {"read": 10, "bad": 0, "good": 10, "failures": []}
CHECKS = {  # of the rows of a version; whether a run goes on with them
    "good": (GOOD, True),
    "as many bad ones as are allowed": (GOOD | {"bad": 1, "good": 9}, True),
    "one bad one too many": (GOOD | {"bad": 2, "good": 8}, False),
    "no row": (GOOD | {"read": 0, "good": 0}, False),
    "a rule of the table does not hold": (GOOD | {"failures": ["rowCount"]}, False),
}


@pytest.fixture
def deliver(store):
    """deliver(check, sha256, ...): a version with these figures, a minute newer than the one before."""

    def make(check=GOOD, sha256="a", **inputs):
        number = len(store.versions())

        def write(folder):
            (folder / "rows").write_text(f"{number}", encoding="utf-8")
            return {"check": check}

        made = store.make({"number": number, "sha256": sha256} | inputs, write)
        for place in (made.folder, made.folder / "manifest.json"):
            os.utime(place, (60 * number, 60 * number))
        return made.id

    return make


def damage(store, version):
    (store.root / version / "manifest.json").write_text("{}", encoding="utf-8")


@pytest.mark.parametrize(("check", "is_good"), CHECKS.values(), ids=CHECKS)
def test_a_run_goes_on_with_the_newest_version_that_keeps_the_contract(store, deliver, check, is_good):
    deliver()
    before, last = deliver(), deliver(check)

    assert accepted.newest(store, CONTRACT).id == (last if is_good else before)
    assert accepted.needed(store, CONTRACT) == {last if is_good else before}


def test_without_a_good_version_there_is_none_to_go_on_with_and_none_is_needed(store, deliver):
    deliver(GOOD | {"good": 0})

    assert accepted.newest(store, CONTRACT) is None
    assert accepted.needed(store, CONTRACT) == set()


def test_a_damaged_version_stops_a_run_and_protects_no_other(store, deliver):
    before, last = deliver(), deliver()
    damage(store, last)

    assert accepted.needed(store, CONTRACT) == {before}
    with pytest.raises(StoreError, match=f"ST002.*{last}"):
        accepted.newest(store, CONTRACT)


def test_rows_arrived_when_their_file_came_first(store, deliver):
    deliver()
    deliver(sha256="b", arrived_at="1970-01-01T00:00:30+00:00")
    deliver(sha256="b")
    again = store.open(deliver(sha256="b", arrived_at="1970-01-01T00:05:00+00:00"))
    other = store.open(deliver(sha256="c"))

    assert accepted.arrived_at(store, again) == "1970-01-01T00:00:30+00:00"
    assert accepted.arrived_at(store, other) == "1970-01-01T00:04:00+00:00"


def test_a_damaged_version_of_the_same_file_is_passed_over(store, deliver):
    first, last = deliver(), store.open(deliver())
    damage(store, first)

    assert accepted.arrived_at(store, last) == "1970-01-01T00:01:00+00:00"


def test_the_last_delivery_is_the_newest_version_with_rows_good_or_bad(store, deliver):
    assert accepted.last_delivery(store) is None

    deliver()
    bad = deliver(GOOD | {"good": 0, "bad": 10})
    deliver(GOOD | {"read": 0, "good": 0})

    assert accepted.last_delivery(store).id == bad
