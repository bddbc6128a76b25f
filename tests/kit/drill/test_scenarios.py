"""A scenario is played: broken, alerted, healed, resolved.

Programs of these tests stand in for Prometheus and Alertmanager: they answer what a file says, which the
fault writes. What the real ones do is what a drill shows.
"""

import json
import os
import re
import sys
import threading
import urllib.parse
from contextlib import contextmanager, nullcontext
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from datadevops.drill import lateness, scenarios, stack
from datadevops.ops import alerts, own_objectives
from datadevops.telemetry import direct

PROGRAM = """#!{python}
import json, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

(address,) = (word.partition("=")[2] for word in sys.argv if word.startswith("--web.listen-address="))
assert Path(f"{{Path(sys.argv[0]).name}}.yml").exists()

class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        says, path = json.loads(Path({says!r}).read_text()), urlsplit(self.path).path
        with Path("asked").open("a") as asked:  # in the folder of the stack
            asked.write(self.path + "\\n")
        query = parse_qs(urlsplit(self.path).query).get("query", [""])[0]
        found = next((each for name, each in says.items() if name in query), [])
        answers = {{
            "/api/v2/alerts": says["alertmanager"],
            "/api/v1/alertmanagers": {{"data": {{"activeAlertmanagers": [address]}}}},
        }}
        self.answer(answers.get(path, {{"data": {{"result": found}}}}))

    def do_POST(self):
        self.answer({{}})

    def answer(self, body):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_):
        pass

host, port = address.split(":")
ThreadingHTTPServer((host, int(port)), Answers).serve_forever()
"""
ALERT, WATCHDOG, BESIDE = "FreshnessBreach", "Watchdog", "DataQualityBreach"


class Product:
    """A product that is always healthy."""

    seen, targets = "up", ["127.0.0.1:1"]

    def __init__(self, _):
        self.healed = 0

    def heal(self):
        self.healed += 1

    def close(self):
        pass


class World:
    """What Prometheus and Alertmanager say."""

    def __init__(self, file, objectives):
        self._file, self.objectives = file, objectives
        self.known = {each.name: each for each in alerts.alerts(objectives)}
        self.says = {"up": [{"metric": {}, "values": [[100, "1"], [102, "1"], [103, "0"], [105, "1"]]}]}
        self.say()

    def say(self, *firing, inhibited=()):
        self.says["ALERTS"] = [
            {"metric": {"alertname": name, "alertstate": "firing"}, "values": [[7, "1"]]}
            for name in (WATCHDOG, *firing)
        ]
        self.says["alertmanager"] = [
            {"labels": {"alertname": name}, "status": {"inhibitedBy": ["x"] * (name in inhibited)}}
            for name in firing
        ]
        self.says["slo:sli_error"] = [{"metric": {}, "values": [[8, "0.5"], [9, "1"]]}]
        self._file.write_text(json.dumps(self.says))

    def notify(self, mine, name, status="firing"):
        """As Alertmanager would, to each receiver that production has for alerts of this severity."""
        alert = self.known.get(name)
        severity = alert.severity if alert else "heartbeat"
        labels = {"alertname": name, "severity": severity, "team": "shop-data"}
        sent = {"labels": labels, "status": status, "annotations": {"runbook_url": f"x/{name}.md"}}
        body = json.dumps({"groupKey": "one", "alerts": [sent]}).encode()
        wanted = urllib.parse.quote(self.objectives.receivers[severity], safe="")
        routes = yaml.safe_load((mine.folder / "alertmanager.yml").read_text())
        (url,) = {
            each["url"]
            for receiver in routes["receivers"]
            for each in receiver.get("webhook_configs", [])
            if each["url"].endswith(f"/{wanted}")
        }
        direct.urlopen(url, body, timeout=5).close()


@pytest.fixture
def world(statistics, tmp_path, monkeypatch):
    for name, value in {"HEALTH": 0.1, "QUIET": 0.1, "SILENCE": 0.1}.items():
        monkeypatch.setattr(scenarios, name, value)
    for name in ("prometheus", "alertmanager"):
        program = PROGRAM.format(python=sys.executable, says=str(tmp_path / "says.json"))
        (tmp_path / name).write_text(program)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return World(tmp_path / "says.json", own_objectives.load(statistics, statistics.folder))


@pytest.fixture
def plan(world, tmp_path):
    """The plan of a stack of this product, whose objectives are rendered and whose alerts have runbooks."""
    (tmp_path / "store").mkdir()
    (tmp_path / "ops" / "generated").mkdir(parents=True)
    for name, text in alerts.render(world.objectives, "shop-statistics").items():
        (tmp_path / "ops" / "generated" / name).write_text(text)
    (tmp_path / "ops" / "runbooks").mkdir()
    for name in world.known:
        (tmp_path / "ops" / "runbooks" / f"{name}.md").touch()
    idle = lateness.Lateness()
    return stack.Plan([], lambda _: {}, tmp_path, 0, tmp_path / "ops", world.objectives, idle, Product)


@pytest.fixture
def play(plan):
    """play(alert, fault, ...): the result of a scenario."""

    def run(alert, fault, **more):
        result = scenarios.Result("broken", stack.Scenario(alert, "a test", fault, **more))
        scenarios.play(result, plan, threading.Event())
        return result

    return run


def breaks(world, *names, resolves=True, inhibited=()):
    """A fault: these alerts fire and are sent, until it is repaired."""

    @contextmanager
    def fault(mine):
        world.say(*names, inhibited=inhibited)
        for name in names:
            world.notify(mine, name)
        yield
        world.say()
        for name in names if resolves else ():
            world.notify(mine, name, "resolved")

    return fault


def test_an_alert_that_fires_and_resolves_passes_with_its_times(world, play, plan):
    result = play(ALERT, breaks(world, ALERT))

    assert (result.state, result.error, result.alerted) == ("ok", "", "ticket")
    times = [result.began, result.broken, result.detected, result.healed, result.recovered]
    assert times == sorted(times)
    assert result.detected < result.broken + 10
    assert result.symptoms == set()
    assert result.errors == [(8.0, 0.5), (9.0, 1.0)]
    assert {state for _, state in result.active} == {"firing"}
    (asked,) = plan.folder.glob("*/asked")
    spans = [
        parse_qs(urlsplit(line).query) for line in asked.read_text().splitlines() if "query_range" in line
    ]
    assert len(spans) == 2
    for span in spans:
        assert float(span["start"][0]) < result.began < result.recovered < float(span["end"][0])


def test_a_symptom_beside_it_is_named(world, play):
    fault = breaks(world, ALERT, BESIDE, inhibited=[BESIDE])

    result = play(ALERT, fault, symptoms=(BESIDE, "DurationBreach"))

    assert (result.state, result.symptoms) == ("ok", {BESIDE})


FAILED = {  # what fires, what is sent at the end -> the state, what is said
    "nothing": ((), True, r"in state 'broken': timed out after \d+ s waiting for FreshnessBreach\b"),
    "another alert too": ((ALERT, BESIDE), True, "in state 'broken': DataQualityBreach fired too"),
    "no end": (
        (ALERT,),
        False,
        r"in state 'healed': timed out after \d+ s waiting for FreshnessBreach to ",
    ),
}


@pytest.mark.parametrize(("names", "resolves", "told"), FAILED.values(), ids=FAILED)
@pytest.mark.parametrize("late", [False, True], ids=["idle", "late"])
def test_what_does_not_come_or_should_not_fails_unless_the_machine_is_late(
    world, plan, play, monkeypatch, names, resolves, told, late
):
    @contextmanager
    def fault(mine):
        with breaks(world, *names, resolves=resolves)(mine):
            monkeypatch.setattr(stack, "PATIENCE", 1.0)
            if late:
                world.says["up"][0]["values"] = [[100, "1"], [105, "1"]]
                world.say(*names)
            yield

    result = play(ALERT, fault)

    assert re.match(told, result.error), result.error
    assert result.state == ("not run" if late else "failed")
    assert ("scrapes were 5 s apart" in result.error) is late
    assert (result.alerted, result.recovered) == ("ticket" if names == (ALERT,) else "", 0)


def test_where_nothing_is_broken_the_heartbeat_comes_and_nothing_else(world, play):
    @contextmanager
    def heartbeat(mine):
        world.notify(mine, WATCHDOG)
        yield

    result = play("", heartbeat)

    assert (result.state, result.error, result.alerted) == ("ok", "", "heartbeat")


def test_an_alert_where_nothing_is_broken_fails(world, play):
    result = play("", breaks(world, ALERT))

    assert result.error == "in state 'healthy': FreshnessBreach: active although no alert was expected"
    assert result.state == "failed"


def test_an_alert_before_anything_was_broken_fails(world, play):
    world.say(ALERT)

    result = play(ALERT, breaks(world, ALERT))

    assert result.error == "in state 'healthy': FreshnessBreach: active before anything was broken"
    assert (result.state, result.broken) == ("failed", 0)


def test_each_panel_of_the_dashboard_has_to_show_something_where_a_scenario_asks_for_it(
    world, play, monkeypatch
):
    @contextmanager
    def fault(mine):
        with breaks(world, ALERT)(mine):
            monkeypatch.setattr(stack, "PATIENCE", 1.0)
            yield

    result = play(ALERT, fault, panels=True)

    assert re.match(r"in state 'broken': timed out after \d+ s waiting for the panel '", result.error)


def test_a_drill_that_is_stopped_is_no_result(plan):
    stop = threading.Event()
    result = scenarios.Result("x", stack.Scenario("", "a test", lambda _: nullcontext()))
    stop.set()

    with pytest.raises(InterruptedError):
        scenarios.play(result, plan, stop)
