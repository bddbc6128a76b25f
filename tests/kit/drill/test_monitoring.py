"""Prometheus and Alertmanager of a drill have the rules and routes of production, with short waits."""

import urllib.parse

import pytest
import yaml

from datadevops.drill import monitoring
from datadevops.ops import alerts, own_objectives


@pytest.fixture
def generated(forecast, tmp_path):
    """ops/generated of the product, and what it says."""
    folder = tmp_path / "generated"
    folder.mkdir()
    for name, text in alerts.render(own_objectives.load(forecast, forecast.folder), "shop-forecast").items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def content(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def rules_of(folder):
    return [rule for group in content(folder / "rules.yml")["groups"] for rule in group["rules"]]


def test_each_rule_is_that_of_production_and_waits_as_short_as_a_failed_scrape(generated, tmp_path):
    monitoring.write_rules(tmp_path, generated)

    made, known = rules_of(tmp_path), rules_of(generated)
    assert [rule | {"for": ""} for rule in made] == [rule | {"for": ""} for rule in known]
    waits = [rule.get("for") for rule in known]
    assert {None} < {*waits}
    assert [rule.get("for") for rule in made] == [wait and "4s" for wait in waits]


def test_each_notification_goes_to_one_address_that_names_where_production_sends_it(generated, tmp_path):
    jobs = {"shop-forecast": ["127.0.0.1:1", "127.0.0.1:2"], "run": ["127.0.0.1:3"]}

    monitoring.write(tmp_path, generated, jobs, "127.0.0.1:4", "http://127.0.0.1:5")

    made, known = content(tmp_path / "alertmanager.yml"), content(generated / "alertmanager.yml")
    asked = [each["url"] for receiver in made["receivers"] for each in receiver.get("webhook_configs", [])]
    urls = [each["url"] for receiver in known["receivers"] for each in receiver.get("webhook_configs", [])]
    assert asked
    assert [urllib.parse.unquote(url) for url in asked] == [f"http://127.0.0.1:5/{url}" for url in urls]
    routes = [made["route"], *made["route"]["routes"]]
    assert {(each["group_wait"], each["group_interval"]) for each in routes} == {("1s", "1s")}
    assert [each["receiver"] for each in made["route"]["routes"]] == [
        each["receiver"] for each in known["route"]["routes"]
    ]


def test_each_job_is_scraped_at_all_of_its_addresses(generated, tmp_path):
    jobs = {"shop-forecast": ["127.0.0.1:1", "127.0.0.1:2"], "run": ["127.0.0.1:3"]}

    monitoring.write(tmp_path, generated, jobs, "127.0.0.1:4", "http://127.0.0.1:5")

    made = content(tmp_path / "prometheus.yml")
    scraped = {each["job_name"]: each["static_configs"][0]["targets"] for each in made["scrape_configs"]}
    assert scraped == jobs
    assert made["alerting"] == {"alertmanagers": [{"static_configs": [{"targets": ["127.0.0.1:4"]}]}]}
