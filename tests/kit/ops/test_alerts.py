"""What is rendered from objectives: valid, tested, sent to somebody, the same on every machine."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import shop_forecast
import shop_statistics
from datadevops.cli.objectives import differences
from datadevops.ops import alerts, own_objectives, prometheus_rule

OBJECTIVES = Path(__file__).with_name("slo.yaml")
PRODUCTS = [shop_forecast.PRODUCT, shop_statistics.PRODUCT]


@pytest.fixture(scope="session", params=PRODUCTS, ids=lambda product: product.package)
def generated(request, tmp_path_factory):
    """The folder ops/generated of each product."""
    folder = tmp_path_factory.mktemp("generated")
    for name, text in alerts.render(
        own_objectives.load(request.param, request.param.folder), request.param.command
    ).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def rules(generated):
    groups = yaml.safe_load((generated / "rules.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


@pytest.fixture(scope="session")
def fired(rules):
    """Every alert of the product."""
    return [rule for rule in rules if "alert" in rule]


def test_four_files_are_rendered(generated):
    assert sorted(path.name for path in generated.iterdir()) == sorted(alerts.FILES)


def test_an_edited_a_missing_and_a_stray_file_are_differences(render, tmp_path):
    render(OBJECTIVES, tmp_path)
    texts = {path.name: path.read_text() for path in tmp_path.iterdir()}

    (tmp_path / "alertmanager.yml").write_text("route: {}\n")
    (tmp_path / "dashboard.json").unlink()
    (tmp_path / "old.yml").write_text("groups: []\n")

    difference = differences(tmp_path, texts)
    assert re.findall(r"^--- (\S+)", difference, re.M) == ["alertmanager.yml", "dashboard.json", "old.yml"]
    assert "-route: {}" in difference


def test_the_text_is_the_same_in_every_process():
    program = (
        "import hashlib; from shop_statistics import PRODUCT;"
        " from datadevops.ops import alerts, own_objectives;"
        " made = alerts.render(own_objectives.load(PRODUCT, PRODUCT.folder), PRODUCT.command);"
        " print(hashlib.sha256(repr(made).encode()).hexdigest())"
    )
    around = [os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)} for seed in "12"]

    hashes = {subprocess.check_output([sys.executable, "-c", program], env=each) for each in around}

    assert len(hashes) == 1


def test_what_lasts_for_minutes_only_alerts_nobody(rendered):
    groups = yaml.safe_load((rendered / "rules.yml").read_text())["groups"]

    waits = {
        rule["alert"]: rule.get("for", "0m") for group in groups for rule in group["rules"] if "alert" in rule
    }

    assert waits == {
        "AvailabilityBurnFast": "0m",
        "AvailabilityBurnSlow": "0m",
        "AvailabilitySilent": "5m",
        "StockAgeBreach": "10m",
        "TelemetryMissing": "5m",
        "Watchdog": "0m",
    }


SEVERITIES = {  # an alert of slo.yaml, another one in its place -> the severity of a silent Prometheus
    "a page is the most urgent": ("alert: ticket", "alert: dashboard", "page"),
    "a ticket is, where there is no page": ("alert-fast-burn: page", "alert-fast-burn: dashboard", "ticket"),
    "one page is enough": ("alert-fast-burn: page, alert-slow-burn: ticket", "alert-slow-burn: page", "page"),
}


@pytest.mark.parametrize(("old", "new", "severity"), SEVERITIES.values(), ids=SEVERITIES)
def test_without_metrics_the_alert_is_as_urgent_as_the_most_urgent_that_is_lost(
    render, tmp_path, old, new, severity
):
    text = OBJECTIVES.read_text()
    assert old in text
    (tmp_path / "slo.yaml").write_text(text.replace(old, new))

    rules = yaml.safe_load((render(tmp_path / "slo.yaml", tmp_path) / "rules.yml").read_text())["groups"]

    severities = {
        rule["alert"]: rule["labels"]["severity"]
        for group in rules
        for rule in group["rules"]
        if "alert" in rule
    }
    assert (severities["TelemetryMissing"], severities["Watchdog"]) == (severity, "heartbeat")


def test_every_alert_says_who_answers_what_it_means_and_where_to_read_on(fired):
    for alert in fired:
        assert set(alert["labels"]) == {"slo_service", "slo", "slo_id", "severity", "team", "tier"}
        assert all(alert["labels"].values())
        assert len(alert["annotations"]["summary"].split()) > 8
        assert alert["annotations"]["impact"]
        assert alert["annotations"]["runbook_url"].endswith(f"/{alert['alert']}.md")


def test_every_alert_is_seen_to_fire_and_seen_to_be_quiet(fired, generated):
    cases = yaml.safe_load((generated / "rules_test.yml").read_text())["tests"]
    checks = [check for case in cases for check in case["alert_rule_test"]]

    fires = {check["alertname"] for check in checks if check.get("exp_alerts")}
    quiet = {check["alertname"] for check in checks if not check.get("exp_alerts")}

    names = {alert["alert"] for alert in fired}
    assert fires == names
    assert quiet == names - {"Watchdog"}


def test_rules_and_routes_are_valid(generated, ask):
    assert ask(generated, "promtool", "check", "rules", "rules.yml") == 0
    assert ask(generated, "amtool", "check-config", "alertmanager.yml") == 0


def routed(ask, folder, receiver, *labels):
    """amtool's exit code: 0 where an alert with these labels comes to the receiver alone."""
    words = ("config", "routes", "test", "--config.file=alertmanager.yml", f"--verify.receivers={receiver}")
    return ask(folder, "amtool", *words, *labels)


def test_every_alert_has_a_route_of_the_owning_team(fired, generated, ask):
    for alert in fired:
        labels = [f"{name}={value}" for name, value in alert["labels"].items()]
        receiver = f"{alert['labels']['team']}-{alert['labels']['severity']}"
        if alert["labels"]["severity"] == "dashboard":
            receiver = "dashboard"

        assert routed(ask, generated, receiver, *labels) == 0


def test_an_alert_that_fits_no_route_is_seen(generated, ask):
    assert routed(ask, generated, "unrouted", "team=nobody") == 0


def test_every_panel_asks_prometheus_and_has_room(generated):
    panels = json.loads((generated / "dashboard.json").read_text())["panels"]

    places = [(each["gridPos"]["x"], each["gridPos"]["y"]) for each in panels]
    assert len(set(places)) == len(panels) > 5
    assert all(each["gridPos"]["x"] + each["gridPos"]["w"] <= 24 for each in panels)
    assert all(target["expr"] for each in panels for target in each["targets"])


def test_the_resource_for_kubernetes_holds_the_same_rules(generated):
    text = (generated / "rules.yml").read_text()

    ((_, resource),) = prometheus_rule.render(text, "shop").items()

    found = yaml.safe_load(resource)
    assert (found["kind"], found["metadata"]["name"]) == ("PrometheusRule", "shop")
    assert found["spec"] == yaml.safe_load(text)
