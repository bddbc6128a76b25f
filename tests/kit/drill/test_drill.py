"""The drill can be trusted: it reports when it was not run, and it can fail."""

import shutil

import pytest
import yaml

from datadevops.drill import deliveries, faults, rehearsal, scenarios, stack
from datadevops.ops import alerts, own_objectives


@pytest.fixture
def product(forecast):
    return forecast


@pytest.fixture
def home(product, homes, command, tmp_path, monkeypatch):
    """An editable home of the product, with rendered files and a runbook for each alert."""
    home = shutil.copytree(homes(product), tmp_path / "home")
    objectives = own_objectives.load(product, home)
    (home / "ops" / "generated").mkdir()
    for name, text in alerts.render(objectives, product.command).items():
        (home / "ops" / "generated" / name).write_text(text, encoding="utf-8")
    (home / "ops" / "runbooks").mkdir()
    for alert in alerts.alerts(objectives):
        text = f"# {alert.name}\n\n```sh\n{product.command} models rollback --why drill\n```\n"
        (home / "ops" / "runbooks" / f"{alert.name}.md").write_text(text)
    monkeypatch.setenv(f"{product.prefix}HOME", str(home))
    return home


@pytest.mark.usefixtures("home")
def test_without_prometheus_it_is_not_run_and_says_how_to_get_it(command, monkeypatch):
    monkeypatch.setenv("PATH", "")

    answer = command("drill")

    assert answer.code == 3
    assert "error[OP004] prometheus is not on the PATH: the drill was NOT RUN" in answer.err
    assert "apt install prometheus" in answer.err


@pytest.mark.usefixtures("home")
def test_for_an_unknown_scenario_the_nearest_one_is_suggested(command):
    answer = command("drill", "helthy")

    assert answer.code == 2
    assert "error[OP007] there is no scenario 'helthy'" in answer.err
    assert "did you mean 'healthy'?" in answer.err


def test_without_an_objective_that_could_be_broken_it_is_not_run(home, command):
    documents = list(yaml.safe_load_all((home / "ops" / "slo.yaml").read_text()))
    kept = [each for each in documents if each["metadata"]["name"] != "data-quality"]
    (home / "ops" / "slo.yaml").write_text(yaml.safe_dump_all(kept))
    breaks = [name for name, each in faults.SCENARIOS.items() if each.alert.startswith("DataQuality")]

    answer = command("drill", *breaks)

    assert breaks
    assert answer.code == 3
    assert "error[OP007] none of these scenarios can be played: the drill was NOT RUN" in answer.err


@pytest.mark.parametrize(("name", "kind"), [("forecast", faults), ("statistics", deliveries)])
def test_every_alert_that_a_scenario_waits_for_exists_in_its_kind_of_product(request, name, kind):
    product = request.getfixturevalue(name)
    known = {alert.name for alert in alerts.alerts(own_objectives.load(product, product.folder))}

    assert {each.alert for each in kind.SCENARIOS.values()} - {""} <= known


@pytest.mark.parametrize(
    ("states", "code", "message"),
    [
        (("ok", "ok"), 0, ""),
        (
            ("ok", "not run"),
            3,
            "error[OP014] NOT RUN: 1 of 2 scenarios, as this machine is too slow to judge",
        ),
        (("failed", "not run"), 1, "error[OP009] 1 of 2 scenarios failed"),
    ],
)
@pytest.mark.usefixtures("home")
def test_a_scenario_that_could_not_be_judged_is_neither_green_nor_failed(
    command, monkeypatch, tmp_path, states, code, message
):
    def play(result, *_):
        result.state = states[result.name == "healthy"]
        result.error = "" if result.state == "ok" else "no alert came"
        result.broken, result.detected, result.symptoms = 100.0, 102.34, {"DriftBreach"}

    monkeypatch.setattr(rehearsal, "play", play)
    monkeypatch.setattr(rehearsal, "prepare", lambda *_: None)

    answer = command("drill", "healthy", "bad-data", store=tmp_path / "new" / "store")

    assert answer.code == code, answer.err
    assert message in answer.err
    lines = [" ".join(line.split()) for line in answer.out.splitlines()]
    assert f"bad-data DataQualityBurnSlow 2.3 s {states[0]}, also DriftBreach" in lines
    assert f"healthy none 2.3 s {states[1]}, also DriftBreach" in lines
    ends = [f": {state}" + ", no alert came" * (state != "ok") for state in states]
    assert {f"bad-data{ends[0]}", f"healthy{ends[1]}"} <= {*answer.err.splitlines()}
    assert (tmp_path / "new" / "store" / "drill.html").exists()


NAMES = {"forecast": "dead-process", "statistics": "schema-break"}


@pytest.mark.drill
@pytest.mark.parametrize("name", [pytest.param("forecast", marks=pytest.mark.long), "statistics"])
class TestEachKind:
    @pytest.fixture
    def product(self, request, name):
        return request.getfixturevalue(name)

    @pytest.fixture
    def alert(self, name):
        return (faults if name == "forecast" else deliveries).SCENARIOS[NAMES[name]].alert

    @pytest.mark.long  # in CI the drills of baked products play them all
    @pytest.mark.usefixtures("home")
    def test_a_drill_of_all_scenarios_passes(self, command, name):
        answer = command("drill")

        assert answer.code == 0, answer.err

    def test_a_drill_fails_when_the_alert_it_waits_for_is_gone(
        self, command, home, monkeypatch, name, alert, tmp_path
    ):
        rules = home / "ops" / "generated" / "rules.yml"
        content = yaml.safe_load(rules.read_text())
        for group in content["groups"]:
            group["rules"] = [rule for rule in group["rules"] if rule.get("alert") != alert]
        rules.write_text(yaml.safe_dump(content))
        monkeypatch.setattr(stack, "PATIENCE", 20.0)
        monkeypatch.setattr(scenarios, "SLOW", 60.0)  # judge on any machine

        answer = command("drill", NAMES[name])

        assert answer.code == 1, answer.err
        assert "error[OP009] 1 of 1 scenario failed" in answer.err
        assert f"waiting for {alert}" in answer.err
        assert (tmp_path / "store" / "drill.html").exists()

    def test_a_drill_fails_when_an_alert_matches_no_route(self, command, home, name, alert):
        routes = home / "ops" / "generated" / "alertmanager.yml"
        content = yaml.safe_load(routes.read_text())
        content["route"]["routes"] = [r for r in content["route"]["routes"] if "heartbeat" in r["receiver"]]
        routes.write_text(yaml.safe_dump(content))

        answer = command("drill", NAMES[name])

        assert answer.code == 1, answer.err
        assert alert in answer.err
        assert "unrouted" in answer.err
