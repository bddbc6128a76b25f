"""The declared consumers: what they read is there, or they are named; a change names whom it breaks."""

import pytest
import yaml

from datadevops.contract import consumers, odcs, readers
from datadevops.contract.compatibility import Comparison
from datadevops.errors import ContractError

TILL = {
    "team": "tills",
    "contact": "mailto:tills@example.com",
    "reads": [
        {
            "table": "orders",
            "version": 2,
            "columns": {"shop": "string", "quantity": "integer"},
            "freshness": {"value": 3, "unit": "h"},
        }
    ],
}
(READ,) = TILL["reads"]
FRESH = [{"property": "freshness", "value": 120, "unit": "m"}]


@pytest.fixture
def declare(tmp_path):
    """declare(till={...}): a file for each consumer; those that are declared."""

    def write(**files):
        folder = tmp_path / "contracts"
        (folder / "consumers").mkdir(parents=True, exist_ok=True)
        for who, content in files.items():
            (folder / "consumers" / f"{who}.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
        return consumers.load(folder)

    return write


@pytest.fixture
def promised(edited):
    """promised(**changes): the contracts of a product that publishes orders, and gets weather."""

    def load(**changes):
        contract = {"slaProperties": FRESH} | changes.pop("contract", {})
        return {
            "orders": odcs.load(edited("datasets", contract=contract, **changes)),
            "weather": odcs.load(edited("sources")),
        }

    return load


def reading(**changes):
    return TILL | {"reads": [{name: each for name, each in (READ | changes).items() if each is not None}]}


def test_a_consumer_that_reads_what_is_promised_is_accepted(declare, promised):
    (till,) = declare(till=TILL)

    readers.require([till], promised())

    assert str(till) == "till (tills@example.com)"


def test_without_the_folder_there_are_no_consumers(tmp_path):
    assert consumers.load(tmp_path) == []


UNREADABLE = {
    "no mapping": (["tills"], "till.yaml cannot be read: it is no mapping"),
    "a key that there is not": (
        TILL | {"path": "x"},
        "till.yaml cannot be read: no key 'path'; there is: team",
    ),
    "a misspelt key": (TILL | {"contakt": "x"}, "till.yaml: no key 'contakt', did you mean 'contact'?"),
    "a misspelt key of a table": (
        reading(freshnes={"value": 3}),
        "till.yaml: reads.0: no key 'freshnes', did you mean 'freshness'?",
    ),
    "nobody to reach": (
        TILL | {"contact": ""},
        "till.yaml: contact: String should have at least 1 character",
    ),
    "no columns": (reading(columns={}), "till.yaml: reads.0.columns: Dictionary should have at least 1 item"),
    "no version": (reading(version=None), "till.yaml: reads.0.version: Field required"),
    "an unknown unit": (
        reading(freshness={"value": 3, "unit": "hours"}),
        "till.yaml: reads.0.freshness.unit: 'hours' is no unit, there is: s, m, h, d",
    ),
}


@pytest.mark.parametrize(("content", "told"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_is_none_is_refused_with_the_place(declare, content, told):
    with pytest.raises(ContractError) as raised:
        declare(till=content)

    assert raised.value.id == "CT030"
    assert told in raised.value.message


def test_every_wrong_file_is_named_at_once(declare):
    with pytest.raises(ContractError) as raised:
        declare(till=TILL | {"team": ""}, yard=["yard"], stock=TILL)

    assert [line.split("/")[-1].split()[0] for line in raised.value.message.splitlines()] == [
        "till.yaml:",
        "yard.yaml",
    ]


MISFITS = {
    "an unknown table": ({"table": "order"}, "order is not a table of this product; did you mean 'orders'?"),
    "a source": ({"table": "weather"}, "weather is not published, so nobody else can read it"),
    "a version to come": ({"version": 3}, "orders: version 3 is read, and the contract has version 2.1.0"),
    "an unknown column": (
        {"columns": {"quantty": "integer"}},
        "orders.quantty is not a column, did you mean 'quantity'?",
    ),
    "another type": (
        {"columns": {"quantity": "number"}},
        "orders.quantity is read as number, and is integer",
    ),
    "fresher than promised": (
        {"freshness": {"value": 119, "unit": "m"}},
        "orders.freshness: 119 m is needed, and 120 m is promised",
    ),
}


@pytest.mark.parametrize(("changes", "told"), MISFITS.values(), ids=MISFITS)
def test_a_consumer_that_reads_what_is_not_promised_is_refused(declare, promised, changes, told):
    declared = declare(till=reading(**changes))

    with pytest.raises(ContractError) as raised:
        readers.require(declared, promised())

    assert raised.value.id == "CT030"
    assert told in raised.value.message
    assert "till.yaml" in raised.value.message


def test_a_freshness_that_nobody_promises_is_refused(declare, promised):
    declared = declare(till=TILL)

    with pytest.raises(ContractError, match="3 h is needed, and none is promised"):
        readers.require(declared, promised(contract={"slaProperties": []}))


def test_what_was_promised_in_an_older_major_version_is_not_asked_of_the_new_one(declare, promised):
    declared = declare(till=reading(version=1, columns={"price": "number"}))

    readers.require(declared, promised())


BROKEN = {
    "a column that somebody reads": (
        {"quantity": {"required": False}},
        ["till (tills@example.com) reads quantity"],
    ),
    "a column that nobody reads": ({"boxes": {"required": False}}, ["no declared consumer reads boxes"]),
    "the key": (
        {"boxes": {"primaryKey": True}},
        ["till (tills@example.com) reads version 2", "yard (tills@example.com) reads version 2"],
    ),
    "the freshness": (
        {"contract": {"slaProperties": [FRESH[0] | {"value": 150}]}},
        ["till (tills@example.com) needs a freshness"],
    ),
}


@pytest.mark.parametrize(("changes", "told"), BROKEN.values(), ids=BROKEN)
def test_a_breaking_change_names_whom_it_breaks_and_by_what(declare, promised, changes, told):
    declared = declare(
        till=TILL,
        yard=reading(columns={"shop": "string"}, freshness=None),
        old=reading(version=1),
    )
    old, new = promised()["orders"], promised(**changes)["orders"]

    compared = Comparison(new, old, new)

    (change,) = compared.broken
    assert readers.who_breaks(declared, compared, change) == told


def test_a_major_version_can_be_retired_when_no_consumer_is_left_on_it(declare, promised):
    declared = declare(till=TILL, yard=reading(version=3))
    contract = promised(contract={"version": "4.0.0"})["orders"]

    assert list(readers.described(declared, contract)) == [
        "version 1: nobody is declared to read it, so it can be retired",
        "version 2: read by till (tills@example.com)",
        "version 3: read by yard (tills@example.com)",
        "version 4: nobody is declared to read it",
    ]
