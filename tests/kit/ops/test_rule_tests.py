"""The tests of an alert catch what can go wrong in its rule, whatever the objective."""

import shutil
from pathlib import Path

import pytest
import yaml

OBJECTIVES = Path(__file__).with_name("slo.yaml")
TEST = ("promtool", "test", "rules", "rules_test.yml")


def test_rules_keep_their_tests(rendered, ask):
    assert ask(rendered, *TEST) == 0


def test_a_case_looks_at_its_alerts_in_the_order_of_time_and_at_last_when_they_have_ended(rendered):
    cases = yaml.safe_load((rendered / "rules_test.yml").read_text())["tests"]
    ending = [case["alert_rule_test"] for case in cases if "ends" in case["name"]]

    assert len(ending) == 3
    for checks in ending:
        minutes = [int(check["eval_time"].removesuffix("m")) for check in checks]
        assert minutes == sorted(minutes)
        assert [bool(check.get("exp_alerts")) for check in checks] == [False, True, False]


# Objectives of other kinds, two at a time: promtool takes 3 s.
OTHERS = {
    "failures by label, a plain limit": {
        "orders_failed_total{job": 'orders_total{state=~"lost|late",job',
        "time() - max(stock": "max(stock",
    },
    "successes, absent is well": {
        "bad: {metricSource": "good: {metricSource",
        "{alert: ticket}": "{alert: ticket, absent: good}",
    },
    "a week": {"30d": "7d"},
    "a quarter": {"30d": "90d"},
    "a high target": {"target: 0.99}": "target: 0.9999}"},
    "a low target": {"target: 0.99}": "target: 0.95}"},
    "a long silence": {"silent-after: 10m": "silent-after: 45m"},
}
EVERY = [
    pytest.param(changes, id=name, marks=[pytest.mark.long] * (len(changes) == 1))
    for name, changes in OTHERS.items()
]


@pytest.mark.parametrize("changes", EVERY)
def test_other_objectives_keep_their_tests_too(render, ask, changes, tmp_path):
    text = OBJECTIVES.read_text()
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    (tmp_path / "slo.yaml").write_text(text)

    assert ask(render(tmp_path / "slo.yaml", tmp_path), *TEST) == 0


BURN, QUIET = "availability: 0.6 times as many", "availability: two failures in hours"
OUTAGE, SILENT = "availability: a total failure", "availability: no good event"
STALE, BLIND = "stock-age: above the limit", "no metric at all"
# What could go wrong in the rules: the test that sees it, old text, new text.
SPOILT = {
    "a threshold a quarter too high": (OUTAGE, "> 0.48", "> 0.6"),
    "a threshold too low": (BURN, "> 0.48", "> 0.08"),
    "another window": (OUTAGE, 'window="1h"} > 0.48', 'window="5m"} > 0.48'),
    "no guard": (QUIET, ">= 20", ">= 2"),
    "no guard of tickets": (QUIET, ">= 5", ">= 2"),
    "another metric": (OUTAGE, "orders_failed_total{", "orders_lost_total{"),
    "a shorter silence": (SILENT, "[10m]", "[6m]"),
    "a longer silence": (SILENT, "[10m]", "[13m]"),
    "a limit a tenth higher": (STALE, "> bool 86400", "> bool 95040"),
    "a limit a tenth lower": (STALE, "> bool 86400", "> bool 77760"),
    "another team": (STALE, '"team": "order-data"', '"team": "order-date"'),
    "another severity": (STALE, '"severity": "ticket"', '"severity": "page"'),
    "another tier": (STALE, '"tier": "2"', '"tier": "1"'),
    "another runbook": (STALE, "StockAgeBreach.md", "StockBreach.md"),
    "less patience": (STALE, "for: 10m", "for: 8m"),
    "more patience": (STALE, "for: 10m", "for: 13m"),
    "absent is well": (BLIND, "or vector(1)", "or vector(0)"),
    "another record": (STALE, "- record: slo:sli_bad_slice", "- record: slo:sli_bad_slices"),
    "no alert": (STALE, "- alert: StockAgeBreach", "- alert: StockAgeBreaches"),
    "another job": ("healthy", 'up{job="shop-orders"}', 'up{job="shop-order"}'),
    "a sleepy watchdog": (
        BLIND,
        "          vector(1)\n        labels",
        "          vector(1) > 1\n        labels",
    ),
}


@pytest.mark.parametrize(("case", "old", "new"), SPOILT.values(), ids=SPOILT)
def test_a_spoilt_rule_fails_its_test(rendered, ask, case, old, new, tmp_path):
    spoilt = shutil.copytree(rendered, tmp_path / "spoilt")
    tests = yaml.safe_load((spoilt / "rules_test.yml").read_text())
    tests["tests"] = [each for each in tests["tests"] if each["name"].startswith(case)]
    assert len(tests["tests"]) == 1
    (spoilt / "rules_test.yml").write_text(yaml.safe_dump(tests))
    text = (spoilt / "rules.yml").read_text()
    assert old in text

    (spoilt / "rules.yml").write_text(text.replace(old, new))

    assert ask(spoilt, *TEST) != 0
