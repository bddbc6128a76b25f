# The template's file: edits here meet template updates (copier update merges them).
"""What is made from objectives: up to date, tested, told to somebody, and of metrics that exist."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from << cookiecutter.__package >> import ops_cli, settings

GENERATED = settings.PACKAGE.parents[1] / "ops" / "generated"
PROMISE = Path(__file__).with_name("promise.yaml")
METRICS = {"orders_total": {}, "orders_failed_total": {}, "stock_seconds": {}}


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
    difference = ops_cli.differences(GENERATED, ops_cli.texts_of(ops_cli.promise()))

    assert difference == ""


def test_an_edited_a_missing_and_a_stray_file_are_differences(made_from, tmp_path):
    texts = made_from(PROMISE, tmp_path)

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


def routed(ask, receiver, *labels):
    """amtool's exit code: 0 where an alert with these labels comes to the receiver alone."""
    words = ("config", "routes", "test", "--config.file=alertmanager.yml", f"--verify.receivers={receiver}")
    return ask(GENERATED, "amtool", *words, *labels)


def test_every_alert_has_a_route_of_the_owning_team(told, ask):
    for alert in told:
        labels = [f"{name}={value}" for name, value in alert["labels"].items()]
        receiver = f"{alert['labels']['team']}-{alert['labels']['severity']}"
        if alert["labels"]["severity"] == "dashboard":
            receiver = "dashboard"

        assert routed(ask, receiver, *labels) == 0


def test_an_alert_that_fits_no_route_is_seen(ask):
    code = routed(ask, "unrouted", "team=nobody")

    assert code == 0


def test_every_panel_asks_prometheus_and_has_room():
    panels = json.loads((GENERATED / "dashboard.json").read_text())["panels"]

    places = [(each["gridPos"]["x"], each["gridPos"]["y"]) for each in panels]
    assert len(set(places)) == len(panels) > 5
    assert all(each["gridPos"]["x"] + each["gridPos"]["w"] <= 24 for each in panels)
    assert all(target["expr"] for each in panels for target in each["targets"])
