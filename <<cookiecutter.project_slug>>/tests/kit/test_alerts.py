# The template's file: edits here meet template updates (copier update merges them).
"""What is made from objectives: up to date, tested, told to somebody, and of metrics that exist."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from << cookiecutter.__package >> import ops_cli, settings
from << cookiecutter.__package >>.kit import alerts, slo

GENERATED = settings.PACKAGE.parents[1] / "ops" / "generated"
PROMISE = Path(__file__).with_name("promise.yaml")
METRICS = {"orders_total": [], "orders_failed_total": [], "stock_seconds": []}


def ask(folder, tool, *words):
    """The exit code of the tool; what it says is shown where the test fails."""
    if not shutil.which(tool):
        pytest.skip(f"NOT RUN: {tool} is not installed")
    done = subprocess.run([tool, *words], cwd=folder, capture_output=True, text=True)
    print(done.stdout, done.stderr)
    return done.returncode


@pytest.fixture(scope="session")
def rules():
    """Every rule of the product."""
    files = sorted((GENERATED / "rules").glob("*.yml"))
    groups = [group for file in files for group in yaml.safe_load(file.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"]]


@pytest.fixture(scope="session")
def told(rules):
    """Every alert of the product."""
    return [rule for rule in rules if "alert" in rule]


def test_the_products_files_are_what_its_objectives_say():
    difference = ops_cli.differences(GENERATED, alerts.render(ops_cli.promise()))

    assert difference == ""


def test_an_edited_a_missing_and_a_stray_file_are_differences(tmp_path):
    texts = alerts.render(slo.load(PROMISE, METRICS, {}))
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)

    (tmp_path / "alertmanager.yml").write_text("route: {}\n")
    (tmp_path / "dashboard.json").unlink()
    (tmp_path / "rules" / "old.yml").write_text("groups: []\n")

    difference = ops_cli.differences(tmp_path, texts)
    assert re.findall(r"^--- (\S+)", difference, re.M) == [
        "alertmanager.yml",
        "dashboard.json",
        "rules/old.yml",
    ]
    assert "-route: {}" in difference


def test_the_text_is_the_same_in_every_process():
    program = (
        "import hashlib, sys; from pathlib import Path;"
        " from << cookiecutter.__package >>.kit import alerts, slo;"
        f" made = alerts.render(slo.load(Path(sys.argv[1]), {METRICS!r}, {{}}));"
        " print(hashlib.sha256(repr(made).encode()).hexdigest())"
    )
    environments = [
        os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)} for seed in "12"
    ]

    command = [sys.executable, "-c", program, PROMISE]
    hashes = {subprocess.check_output(command, env=each) for each in environments}

    assert len(hashes) == 1


def test_every_alert_says_who_answers_what_it_means_and_where_to_read_on(told):
    for alert in told:
        assert set(alert["labels"]) == {"slo_service", "slo", "slo_id", "severity", "team", "tier"}
        assert all(alert["labels"].values())
        assert len(alert["annotations"]["summary"].split()) > 8
        assert alert["annotations"]["impact"]
        assert alert["annotations"]["runbook_url"].endswith(f"/{alert['alert']}.md")


def test_every_alert_is_seen_to_fire_and_seen_to_be_quiet(told):
    files = (GENERATED / "tests").glob("*.yml")
    cases = [case for file in files for case in yaml.safe_load(file.read_text())["tests"]]
    checks = [check for case in cases for check in case["alert_rule_test"]]

    fires = {check["alertname"] for check in checks if check.get("exp_alerts")}
    quiet = {check["alertname"] for check in checks if not check.get("exp_alerts")}

    names = {alert["alert"] for alert in told}
    assert fires == names
    assert quiet == names - {"Watchdog"}


def test_every_alert_has_a_route_of_the_owning_team(told):
    for alert in told:
        labels = [f"{name}={value}" for name, value in alert["labels"].items()]
        receiver = f"{alert['labels']['team']}-{alert['labels']['severity']}"
        if alert["labels"]["severity"] == "dashboard":
            receiver = "dashboard"

        verified = f"--verify.receivers={receiver}"
        assert (
            ask(
                GENERATED,
                "amtool",
                "config",
                "routes",
                "test",
                "--config.file=alertmanager.yml",
                verified,
                *labels,
            )
            == 0
        )


def test_an_alert_that_fits_no_route_is_seen():
    verified = "--verify.receivers=unrouted"

    code = ask(
        GENERATED,
        "amtool",
        "config",
        "routes",
        "test",
        "--config.file=alertmanager.yml",
        verified,
        "team=nobody",
    )

    assert code == 0


def test_every_panel_asks_prometheus_and_has_room():
    panels = json.loads((GENERATED / "dashboard.json").read_text())["panels"]

    places = [(each["gridPos"]["x"], each["gridPos"]["y"]) for each in panels]
    assert len(set(places)) == len(panels) > 10
    assert all(each["gridPos"]["x"] + each["gridPos"]["w"] <= 24 for each in panels)
    assert all(target["expr"] for each in panels for target in each["targets"])


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """The files made from promise.yaml, in a folder."""
    folder = tmp_path_factory.mktemp("made")
    for name, text in alerts.render(slo.load(PROMISE, METRICS, {})).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize("name", ["availability", "stock-age", "telemetry", "healthy"])
def test_rules_keep_their_tests(made, name):
    assert ask(made, "promtool", "test", "rules", f"tests/{name}.yml") == 0


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
def test_a_spoilt_rule_fails_its_tests(made, file, fault, tmp_path):
    spoilt = shutil.copytree(made, tmp_path / "spoilt")
    rules = spoilt / "rules" / f"{file}.yml"
    old, new = SPOILT[file][fault]

    assert old in rules.read_text()
    rules.write_text(rules.read_text().replace(old, new))

    tests = ["tests/healthy.yml"] if fault == "another job" else []
    assert ask(spoilt, "promtool", "test", "rules", f"tests/{file}.yml", *tests) != 0
