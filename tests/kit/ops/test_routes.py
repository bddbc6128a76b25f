"""One fault is one page: what a real Alertmanager sends on, and what it holds back."""

import json
import shutil
import subprocess
import time
import urllib.request
from contextlib import suppress

import pytest

import shop_forecast
import shop_statistics
from datadevops.drill.processes import free_port
from datadevops.ops import alerts, own_objectives

STEADY = 10
FORECAST, STATISTICS = shop_forecast.PRODUCT, shop_statistics.PRODUCT
PAIRS = {
    FORECAST: ("AvailabilityBurnFast", "LatencyBurnFast"),
    STATISTICS: ("RunSuccessBreach", "FreshnessBreach"),
}


@pytest.fixture
def product():
    return FORECAST


@pytest.fixture
def manager(product, tmp_path):
    """The address of an Alertmanager with the product's routes."""
    program = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if not program:
        pytest.skip("NOT RUN: alertmanager is not installed")
    objectives = own_objectives.load(product, product.folder)
    text = alerts.render(objectives, product.command)["alertmanager.yml"]
    (tmp_path / "alertmanager.yml").write_text(text)
    at = f"127.0.0.1:{free_port()}"
    words = ["--config.file=alertmanager.yml", f"--web.listen-address={at}", "--cluster.listen-address="]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen([program, *words], cwd=tmp_path, stdout=log, stderr=log)
    yield f"http://{at}/api/v2/alerts"
    process.kill()
    process.wait()


def sent(address, product, firing):
    """The names among `firing` that are not inhibited; name -> severity of each."""
    known = {each.name: each for each in alerts.alerts(own_objectives.load(product, product.folder))}
    service = product.command
    posted = [
        {
            "labels": {
                "alertname": name,
                "severity": severity,
                "slo": known[name].objective,
                "slo_service": service,
                "slo_id": f"{service}-{known[name].objective}",
                "team": "orders",
            }
        }
        for name, severity in firing.items()
    ]
    body, headers = json.dumps(posted).encode(), {"content-type": "application/json"}
    end, answers = time.monotonic() + 30, []
    while time.monotonic() < end:
        with suppress(OSError):
            urllib.request.urlopen(urllib.request.Request(address, body, headers)).close()
            with urllib.request.urlopen(address) as answer:
                found = json.load(answer)
            if len(found) == len(firing) and all(each["status"]["state"] != "unprocessed" for each in found):
                answers.append({e["labels"]["alertname"] for e in found if not e["status"]["inhibitedBy"]})
            # What silences the others is noted a moment after an alert has come: the same answer, ten times.
            if len(answers) >= STEADY and all(each == answers[-1] for each in answers[-STEADY:]):
                return answers[-1]
        time.sleep(0.05)
    raise TimeoutError("Alertmanager does not take the alerts")


@pytest.mark.parametrize("product", PAIRS, ids=lambda product: product.package)
@pytest.mark.parametrize(
    ("severities", "both"),
    [
        (("page", "page"), False),
        (("page", "ticket"), False),
        (("ticket", "ticket"), False),
        (("ticket", "page"), True),  # a ticket silences no page
    ],
)
def test_the_alert_with_the_better_runbook_silences_the_symptom(manager, product, severities, both):
    cause, symptom = PAIRS[product]

    passed = sent(manager, product, dict(zip((cause, symptom), severities, strict=True)))

    assert passed == ({cause, symptom} if both else {cause})


def test_a_slow_burn_silences_no_other_objective(manager, product):
    firing = {"AvailabilityBurnSlow": "page", "LatencyBurnFast": "page"}

    assert sent(manager, product, firing) == set(firing)


def test_without_metrics_all_other_alerts_are_silent(manager, product):
    firing = dict.fromkeys([*PAIRS[product], "TelemetryMissing"], "page")

    assert sent(manager, product, firing) == {"TelemetryMissing"}
