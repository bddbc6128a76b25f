"""The tests of an alert catch what can go wrong in its rule, whatever the objective."""

import shutil
from pathlib import Path

import pytest
import yaml

from datadevops.ops import rule_tests
from datadevops.ops.objectives import Objective, Objectives

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


def objective(days=30, target=0.99, **measured):
    alerts = (
        {"alert": "page"} if "query" in measured else {"alert-fast-burn": "page", "alert-slow-burn": "ticket"}
    )
    alerts |= measured.pop("alerts", {})
    return Objective("orders", "Orders are taken", target, days, alerts, **measured)


FAILURES = objective(total="all{}", bad="bad{}")
PROBED = objective(total="all{}", bad="bad{}", alerts={"silent-after": "20m"})
SUCCESSES = objective(total="all{}", good="good{}")
AGE = objective(query="time() - max(at{})", limit=7200)
QUIET, ALWAYS, BURNS, BREACH = set(), {"Watchdog"}, {"OrdersBurnFast"}, {"OrdersBreach"}
MISSING = {"Watchdog", "TelemetryMissing"}
# An objective, words of the name of a case -> its series from minute 0 on, as promtool writes them; which
# alerts fire at which minute.
CASES = {
    "a budget that burns slowly": (
        (FAILURES, "4.5 times"),
        {"all{}": "0+100x19 2000+100x19 4000+300x29", "bad{}": "0+0.6x19 12+4.5x19 102+0x29"},
        {20: QUIET, 40: {"OrdersBurnSlow"}, 68: QUIET},
    ),
    "nothing but failures": (
        (FAILURES, "total failure"),
        {"all{}": "0+360x19 7200+60x59 10800+60x9 11400+60x39", "bad{}": "0+0x19 0+0x59 0+60x9 600+0x39"},
        {86: QUIET, 90: BURNS, 125: QUIET},
    ),
    "failures by a label": (
        (objective(28, 0.995, total='all{code=~"2..|5.."}', bad='all{code=~"5.."}'), "total failure"),
        {
            'all{code="200"}': "0+360x19 7200+60x59 10800+0x5 10800+60x39",
            'all{code="500"}': "0+0x19 0+0x59 0+60x5 360+0x39",
        },
        {82: QUIET, 86: BURNS, 121: QUIET},
    ),
    "no more successes": (
        (objective(7, 0.9, total="all{}", good="good{}"), "total failure"),
        {
            "all{}": "0+360x19 7200+60x59 10800+60x21 12120+60x39",
            "good{}": "0+360x19 7200+60x59 10800+0x21 10800+60x39",
        },
        {98: QUIET, 102: BURNS, 137: QUIET},
    ),
    "no success yet": ((SUCCESSES, "no success"), {"all{}": "0+60x59"}, {50: BURNS}),
    "no failure yet": ((FAILURES, "no series of failures"), {"all{}": "0+60x59"}, {50: QUIET}),
    "little traffic": (
        (FAILURES, "two failures"),
        {"all{}": "0+0.01x59 0.6+2x0 2.6+0.01x59", "bad{}": "0+0x59 0+2x0 2+0x59"},
        {63: QUIET},
    ),
    "little traffic with probes": (
        (PROBED, "two failures"),
        {"all{}": "0+0.1x59 6+2x0 8+0.1x59", "bad{}": "0+0x59 0+2x0 2+0x59"},
        {63: QUIET},
    ),
    "silence": (
        (PROBED, "no good event"),
        {"all{}": "0+1x29 30+0x29 30+1x9", "bad{}": "0+0x29 0+0x29 0+0x9"},
        {52: QUIET, 57: {"OrdersSilent"}, 64: QUIET},
    ),
    "an age": (
        (AGE, "above the limit"),
        {"at{}": "-6840+60x29 -5760+60x29 -3240+60x29"},
        {39: QUIET, 42: BREACH, 63: QUIET},
    ),
    "a number": (
        (objective(query="max(length{})", limit=40), "above the limit"),
        {"length{}": "38+0x29 42+0x29 38+0x29"},
        {39: QUIET, 42: BREACH, 63: QUIET},
    ),
    "not even one": (
        (objective(query="max(broken{})", limit=0), "above the limit"),
        {"broken{}": "0+0x29 1+0x29 0+0x29"},
        {39: QUIET, 42: BREACH, 63: QUIET},
    ),
    "health, of events": (
        (FAILURES, "healthy: only"),
        {"up{}": "1x89", "all{}": "0+60x89", "bad{}": "0+0x89"},
        {15: ALWAYS, 80: ALWAYS},
    ),
    "health, of an age": (
        (AGE, "healthy: only"),
        {"up{}": "1x89", "at{}": "-6840+60x89"},
        {15: ALWAYS, 80: ALWAYS},
    ),
    "no metric, with probes": ((PROBED, "no metric"), {}, dict.fromkeys((7, 12), MISSING | {"OrdersSilent"})),
    "no metric of an age": ((AGE, "no metric"), {}, {7: MISSING, 12: MISSING | BREACH}),
    "no metric, which is well": (
        (objective(query="max(broken{})", alerts={"absent": "good"}), "no metric"),
        {},
        {7: MISSING, 12: MISSING},
    ),
}


@pytest.mark.parametrize(("of", "series", "fires"), CASES.values(), ids=CASES)
def test_what_happens_and_which_alert_fires_when_depends_on_the_objective_alone(of, series, fires):
    """Another kit that says otherwise makes ops/generated of every product stale."""
    objective, words = of
    fires = ({4: ALWAYS} if words == "no metric" else {}) | fires

    found = rule_tests.cases(Objectives({"annotations": {"alive": "up{}"}}, {}, [objective], []))

    (case,) = [each for each in found if words in each.name]
    assert case.series == series
    assert {check.minute: check.fires for check in case.checks} == fires


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
