"""The names of promises: a misspelt one is refused, one of its own is named."""

import re

import pytest

from datadevops.contract import odcs, promises
from datadevops.errors import ContractError


def sla(*names):
    return {"slaProperties": [{"property": name, "value": 1, "unit": "h"} for name in names]}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("availabilty", "availability"),
        ("Freshness", "freshness"),
        ("timetodetect", "timeToDetect"),
        ("retentions", "retention"),
    ],
)
def test_a_misspelt_promise_is_refused_with_the_word_that_was_meant(edited, name, meant):
    told = re.escape(f"slaProperties.{name}: did you mean '{meant}'?")

    with pytest.raises(ContractError, match=rf"(?s)CT003.*{told}"):
        odcs.load(edited(contract=sla(name)))


def test_a_promise_that_is_there_twice_is_refused(edited):
    told = "slaProperties.freshness: promised 2 times; keep one of them"

    with pytest.raises(ContractError, match=rf"(?s)CT003.*{told}"):
        odcs.load(edited(contract=sla("freshness", "latency", "freshness")))


@pytest.mark.parametrize("name", ["stock-age", "uptime", "availability-eu", "timeToDeliver", "latencies"])
def test_a_promise_with_a_name_of_its_own_is_taken_and_named(edited, name):
    contract = odcs.load(edited(contract=sla(name, "throughput")))

    assert promises.unknown(contract) == [name]


def test_a_check_of_the_contracts_names_a_promise_that_is_no_word_of_the_standard(own, command):
    path = own.contracts / "predictions.yaml"
    text = path.read_text(encoding="utf-8")
    more = "slaProperties:\n  - {property: uptime, value: 99, unit: percent}\n"
    path.write_text(text.replace("slaProperties:\n", more), encoding="utf-8")

    answer = command("contract", "check", product=own)

    assert answer.code == 0
    assert "predictions promises uptime, which is no word of the standard" in answer.out
    assert answer.out.count("is no word of the standard") == 1
