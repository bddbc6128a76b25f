# The template's file: edits here meet template updates (copier update merges them).
"""The cases of an alert catch what can go wrong in its rule, whatever the objective."""

import shutil
from pathlib import Path

import pytest

PROMISE = Path(__file__).with_name("promise.yaml")


@pytest.fixture(scope="session")
def made(made_from, tmp_path_factory):
    """The files made from promise.yaml, in a folder."""
    folder = tmp_path_factory.mktemp("made")
    made_from(PROMISE, folder)
    return folder


@pytest.mark.parametrize("name", ["availability", "stock-age", "telemetry", "healthy"])
def test_rules_keep_their_tests(made, ask, name):
    assert ask(made, "promtool", "test", "rules", f"tests/{name}.yml") == 0


OTHERS = {
    "a week": ("30d", "7d"),
    "a quarter": ("30d", "90d"),
    "a high target": ("target: 0.99}", "target: 0.9999}"),
    "a low target": ("target: 0.99}", "target: 0.95}"),
    "a long silence": ("silent-after: 10m", "silent-after: 45m"),
    "failures by label": ("orders_failed_total{job", 'orders_total{state=~"lost|late",job'),
    "successes": ("bad: {metricSource", "good: {metricSource"),
    "a plain limit": ("time() - max(stock", "max(stock"),
    "absent is well": ("{tell: ticket}", "{tell: ticket, absent: good}"),
}


@pytest.mark.parametrize(("old", "new"), OTHERS.values(), ids=OTHERS)
def test_other_objectives_keep_their_tests_too(made_from, ask, old, new, tmp_path):
    text = PROMISE.read_text()
    assert old in text
    (tmp_path / "slo.yaml").write_text(text.replace(old, new))

    made_from(tmp_path / "slo.yaml", tmp_path)

    tests = ["tests/availability.yml", "tests/stock-age.yml", "tests/healthy.yml"]
    assert ask(tmp_path, "promtool", "test", "rules", *tests) == 0


# file -> what could go wrong in its rules: old text, new text
SPOILT = {
    "availability": {
        "a threshold too high": ("> 14.4 * 0.01", "> 1440 * 0.01"),
        "a threshold too low": ("> 14.4 * 0.01", "> 1.44 * 0.01"),
        "another window": ("ratio_rate1h{", "ratio_rate5m{"),
        "no guard": (">= 20)", ">= 0)"),
        "no guard of tickets": (">= 5)", ">= 0)"),
        "another metric": ("orders_failed_total{", "orders_lost_total{"),
        "a shorter silence": ("[10m]", "[2m]"),
    },
    "stock-age": {
        "another limit": ("> bool 86400", "> bool 864000"),
        "another team": ('team: "order-data"', 'team: "order-date"'),
        "another severity": ("severity: ticket", "severity: page"),
        "another tier": ('tier: "2"', 'tier: "1"'),
        "another runbook": ("StockAgeBreach.md", "StockBreach.md"),
        "no patience": ("for: 10m", "for: 0m"),
        "absent is well": ("or vector(1)", "or vector(0)"),
        "another record": ("- record: slo:sli_bad_slice", "- record: slo:sli_bad_slices"),
        "no alert": ("- alert: StockAgeBreach", "- alert: StockAgeBreaches"),
    },
    "telemetry": {
        "another job": ('up{job="shop-orders"}', 'up{job="shop-order"}'),
        "a sleepy watchdog": ("vector(1)", "vector(1) > 1"),
    },
}
EVERY = [(file, name) for file, faults in SPOILT.items() for name in faults]


@pytest.mark.parametrize(("file", "fault"), EVERY, ids=[f"{file}: {name}" for file, name in EVERY])
def test_a_spoilt_rule_fails_its_tests(made, ask, file, fault, tmp_path):
    spoilt = shutil.copytree(made, tmp_path / "spoilt")
    rules = spoilt / "rules" / f"{file}.yml"
    old, new = SPOILT[file][fault]

    assert old in rules.read_text()
    rules.write_text(rules.read_text().replace(old, new))

    tests = ["tests/healthy.yml"] if fault == "another job" else []
    assert ask(spoilt, "promtool", "test", "rules", f"tests/{file}.yml", *tests) != 0
