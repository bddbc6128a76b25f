"""What outage_impact promises is what the rules hold, and who it says is told is told.

The rules of each impact pass promtool; where promtool is not installed that is NOT RUN.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import bake
import workshop

pytestmark = pytest.mark.gates

IMPACTS = ["critical", "high", "moderate", "low"]
# objective -> its target and its limit in seconds, by impact; None: there is no such objective
OBJECTIVES: dict[str, dict[str, tuple[float, float] | None]] = {
    "availability": {
        "critical": (0.999, 0),
        "high": (0.995, 0),
        "moderate": (0.99, 0),
        "low": (0.95, 0),
    },
    "latency": {
        "critical": (0.99, 0.25),
        "high": (0.99, 0.5),
        "moderate": (0.95, 1),
        "low": None,
    },
    "freshness": {
        "critical": (0.99, 5400),
        "high": (0.99, 10800),
        "moderate": (0.99, 7200),
        "low": None,
    },
}
STOPPED = {"AvailabilityBurnFast", "AvailabilitySilent", "LatencyBurnFast", "TelemetryMissing"}
PAGES = {
    "critical": STOPPED | {"FreshnessBreach"},
    "high": STOPPED,
    "moderate": set(),
    "low": set(),
}


@pytest.fixture(scope="module", params=IMPACTS)
def impact(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def product(impact: str, template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("operations")
    return bake.by_cookiecutter(template, folder, outage_impact=impact)


def need(tool: str) -> None:
    if not shutil.which(tool):
        pytest.skip(f"NOT RUN: {tool} is not installed")


def slo(product: Path, environment: Path, *words: str, path: str | None = None) -> workshop.Done:
    """A command of the product about its objectives, with another PATH if one is given."""
    (package,) = (each.parent.name for each in product.glob("src/*/cli.py"))
    tools = "" if path is None else f"import os; os.environ['PATH'] = {path!r}; "
    program = f"{tools}import {package}.cli as c; c.app()"
    return workshop.at_work(product, environment, "python", "-c", program, "slo", *words)


def alerts(product: Path) -> Iterator[dict[str, Any]]:
    for path in [product / "ops" / "generated" / "rules.yml"]:
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]:
            yield from (rule for rule in group["rules"] if "alert" in rule)


def told(product: Path, alert: dict[str, Any]) -> str:
    """Who receives an alert, as Alertmanager decides."""
    labels = [f"{name}={value}" for name, value in alert["labels"].items()]
    command = ["amtool", "config", "routes", "test", "--config.file=alertmanager.yml", *labels]
    done = bake.run(*command, cwd=product / "ops" / "generated")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


SELDOM = [
    pytest.param(each, marks=[pytest.mark.long] * (each in ("critical", "moderate"))) for each in IMPACTS
]


@pytest.mark.parametrize("impact", SELDOM, indirect=True)
def test_the_rules_of_each_impact_are_up_to_date_valid_and_tested(product: Path, environment: Path) -> None:
    need("promtool")
    need("amtool")

    done = slo(product, environment, "check")

    assert done.returncode == 0, done.stdout + done.stderr


def test_each_impact_promises_what_the_table_says(product: Path, impact: str) -> None:
    documents = yaml.safe_load_all((product / "ops" / "slo.yaml").read_text(encoding="utf-8"))
    slos = {each["metadata"]["name"]: each["spec"] for each in documents if each["kind"] == "SLO"}

    for name, by_impact in OBJECTIVES.items():
        if (expected := by_impact[impact]) is None:
            assert name not in slos
            continue
        (objective,) = slos[name]["objectives"]
        bucket = re.search(r'le="([\d.]+)"', str(slos[name]["indicator"]))
        limit = float(bucket[1]) if bucket else objective.get("value", 0)
        assert (objective["target"], limit) == expected


def test_each_impact_tells_whom_the_table_says(product: Path, impact: str) -> None:
    need("amtool")
    quiet = "dashboard" if impact == "low" else "weather-data-ticket"

    receivers = {alert["alert"]: told(product, alert) for alert in alerts(product)}

    assert receivers.pop("Watchdog") == "weather-data-heartbeat"
    assert len(receivers) > 6
    pages = PAGES[impact]
    for name, receiver in receivers.items():
        assert (name, receiver) == (name, "weather-data-page" if name in pages else quiet)
    assert pages <= receivers.keys()


def test_every_alert_bears_the_answers(product: Path, impact: str) -> None:
    for alert in alerts(product):
        assert alert["labels"]["team"] == "weather-data"
        assert alert["labels"]["tier"] == str(IMPACTS.index(impact) + 1)
        assert alert["annotations"]["impact"].startswith(f"{impact}: ")


@pytest.mark.parametrize("engine", bake.ENGINES, ids=lambda engine: engine.__name__)
def test_answers_that_yaml_would_take_for_something_else_change_nothing(
    engine: Callable[..., Path], template: Path, tmp_path: Path, environment: Path
) -> None:
    answers = {
        "owner_team": "no",
        "org": "null",
        "project_slug": "on-off",
        "project_name": "It's: 5",
    }
    product = engine(template, tmp_path, **answers)

    done = slo(product, environment, "check", path="")

    assert "error[OP004]" in done.stderr  # up to date; not tested, as there is no tool on this path
    assert done.returncode == 3
    assert {alert["labels"]["team"] for alert in alerts(product)} == {"no"}


def test_a_rule_that_is_edited_by_hand_is_seen_by_the_products_tests_and_by_slo_check_alone(
    baked: Path, tmp_path: Path, environment: Path
) -> None:
    """Each check of tests/test_product.py is broken in tests/kit/testing."""
    need("promtool")
    need("amtool")
    broken = shutil.copytree(baked, tmp_path / "broken")
    workshop.edit(broken / "ops/generated/rules.yml", "> bool 0.25", "> bool 0.5")

    done = workshop.at_work(broken, environment, "pytest", "tests/test_product.py", "-k", "not edge")

    failed = re.findall(r"^FAILED \S+::test_product\[(.+?)\]", done.stdout, re.M)
    assert failed == ["ops/generated is what ops/slo.yaml says"], done.stdout
    assert slo(broken, environment, "check").returncode == 1
