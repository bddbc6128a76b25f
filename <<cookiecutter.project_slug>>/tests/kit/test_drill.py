# The template's file: edits here meet template updates (copier update merges them).
"""The drill can be trusted: it says when it was not run, leaves nothing behind, and can fail."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
# <% if cookiecutter.product_type == 'model-service' %>
from dataclasses import replace
from datetime import UTC, datetime, timedelta
# <% else %>
from datetime import datetime, timedelta
# <% endif %>

import pytest
import yaml

from << cookiecutter.__package >> import drill_cli, ops_cli, settings
# <% if cookiecutter.product_type == 'model-service' %>
from << cookiecutter.__package >>.kit import aliases, drill, odcs, scenarios
from << cookiecutter.__package >>.kit.store import Store
# <% else %>
from << cookiecutter.__package >>.kit import drill, odcs, scenarios
# <% endif %>

HOME = settings.PACKAGE.parents[1]


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The product's folder ops, to be edited, beside its data."""
    location = odcs.load(settings.PACKAGE / "contracts" / "source.yaml").location
    (tmp_path / location).parent.mkdir(parents=True)
    shutil.copy(HOME / location, tmp_path / location)
    shutil.copytree(HOME / "ops", tmp_path / "ops")
    monkeypatch.setenv(f"{settings.PREFIX}HOME", str(tmp_path))
    monkeypatch.setenv(f"{settings.PREFIX}STORE", str(tmp_path / "store"))
    return tmp_path


def test_without_prometheus_it_is_not_run_and_says_how_to_get_it(home, command, monkeypatch):
    monkeypatch.setenv("PATH", "")

    code, _, err = command("drill")

    assert code == 3
    assert "error[OP004] prometheus is not on the PATH: the drill was NOT RUN" in err
    assert "apt install prometheus" in err


def test_a_scenario_that_there_is_not_is_answered_with_the_nearest(home, command):
    code, _, err = command("drill", "helthy")

    assert code == 2
    assert "error[OP007] there is no scenario 'helthy'" in err
    assert "did you mean 'healthy'?" in err


def test_where_nothing_is_promised_that_could_be_broken_it_is_not_run(home, command):
    promised = list(yaml.safe_load_all((home / "ops" / "slo.yaml").read_text()))
    kept = [each for each in promised if each["metadata"]["name"] != "data-quality"]
    (home / "ops" / "slo.yaml").write_text(yaml.safe_dump_all(kept))
    breaks = [n for n, each in drill_cli.product.SCENARIOS.items() if each.alert.startswith("DataQuality")]

    code, _, err = command("drill", *breaks)

    assert code == 3
    assert "error[OP007] none of these scenarios can be played: the drill was NOT RUN" in err


def test_every_alert_that_a_scenario_waits_for_has_a_runbook():
    awaited = {each.alert for each in drill_cli.product.SCENARIOS.values()} - {""}
    books = {path.stem for path in (HOME / "ops" / "runbooks").glob("*.md")}
    optional = {"LatencyBurnFast", "FreshnessBreach"}  # not where an outage costs little

    assert awaited - books <= optional


def test_all_times_of_a_row_move_to_today_together(orders, good, engine, tmp_path):
    fresh, now = tmp_path / "fresh.parquet", datetime(2026, 1, 1, 12, 30)

    drill_cli.refresh(engine, orders, good, now, fresh)

    late = "shipped_at - ordered_at"
    found = engine.rows(f"select max(ordered_at), min({late}), max({late}) from '{fresh}'")
    assert found == [(datetime(2026, 1, 1, 12), timedelta(days=1), timedelta(days=1))]


NOW = datetime(2026, 1, 20, 12, 30)  # a Tuesday
BEGINS = {"day": datetime(2026, 1, 20), "week": datetime(2026, 1, 19), "month": datetime(2026, 1, 1)}


@pytest.mark.parametrize(("unit", "newest"), BEGINS.items())
def test_what_begins_with_a_day_a_week_or_a_month_still_does(orders, good, engine, tmp_path, unit, newest):
    even, fresh = tmp_path / "even.parquet", tmp_path / "fresh.parquet"
    begin = f"date_trunc('{unit}', ordered_at) + interval 1 {unit} * (row_number() over () % 30)"
    engine.write(f"select * replace ({begin} as ordered_at) from '{good}'", even)

    drill_cli.refresh(engine, orders, even, NOW, fresh)

    begins = f"bool_and(ordered_at = date_trunc('{unit}', ordered_at))"
    assert engine.rows(f"select max(ordered_at), {begins} from '{fresh}'") == [(newest, True)]


def test_no_port_is_given_twice_and_none_that_the_system_lends_or_somebody_listens_at():
    first = drill.free_port()
    with ExitStack() as opened:
        taken = {opened.enter_context(server).getsockname()[1] for server in listening(first + 1, 5)}
        with ThreadPoolExecutor(8) as pool:
            given = list(pool.map(lambda _: drill.free_port(), range(200)))

    assert taken
    assert len({first, *given} | taken) == 201 + len(taken)
    assert max(given) < 32_768


def listening(first, count):
    """Sockets at those ports of the next `count` that nobody has."""
    for port in range(first, first + count):
        with suppress(OSError):
            yield socket.create_server(("127.0.0.1", port))


class Product:
    """One that is only started."""

    seen, targets = "up", ()

    def __init__(self, stack):
        self.process = stack.command()
        stack.wait(self.process.poll, "its end")
        raise drill.DrillError(stack.words)

    def close(self):
        pass


@pytest.fixture
def planned(tmp_path):
    """planned(program): the plan of a stack whose product is that Python program, and what stops it."""

    def make(program, group=0, product=Product):
        command, stop = [sys.executable, "-c", program], threading.Event()
        (tmp_path / "store").mkdir()
        ops, promise = HOME / "ops", ops_cli.promise()
        return drill.Plan(command, lambda _: {}, tmp_path, group, ops, promise, product), stop

    return make


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """Programs with the names of Prometheus, which are never started."""
    for name in ("prometheus", "alertmanager"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")


def gone(pid, seconds=10):
    """Whether the process ends within so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def sleeper(pid):
    """A program that writes its number to a file and sleeps."""
    return f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(60)"


def test_a_drill_that_is_stopped_leaves_no_process(tools, planned, tmp_path):
    plan, stop = planned(sleeper(tmp_path / "pid"))
    threading.Timer(1.5, stop.set).start()

    with pytest.raises(InterruptedError), drill.healthy(plan, stop):
        pass

    assert gone(int((tmp_path / "pid").read_text()), 0.1)


def test_a_drill_that_is_killed_leaves_no_process_and_no_file(tmp_path):
    """Nothing of it can run after `kill -9`."""
    folder, pid = tmp_path / "drill", tmp_path / "pid"
    folder.mkdir()
    program = (
        "import subprocess, sys, time; from pathlib import Path;"
        " from << cookiecutter.__package >>.kit import drill;"
        f" guard = drill.guarded(Path({str(folder)!r})); group = guard.__enter__();"
        f" subprocess.Popen([sys.executable, '-c', {sleeper(pid)!r}], process_group=group);"
        " time.sleep(60)"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([sys.executable, "-c", program], env=environment)
    while not pid.exists() or not pid.read_text():
        time.sleep(0.05)

    process.kill()
    process.wait()

    assert gone(int(pid.read_text()))
    assert not folder.exists()


def test_a_command_that_does_not_end_fails_its_scenario_and_no_other(tools, planned):
    def slow(stack):
        stack.command().wait(0)

    plan, stop = planned("import time; time.sleep(60)", product=slow)
    result = scenarios.Result("healthy", drill_cli.product.SCENARIOS["healthy"])

    scenarios.play(result, plan, stop)

    assert result.state == "failed"
    assert "timed out" in result.error


def test_a_product_that_does_not_start_is_told_with_its_last_words(tools, planned):
    plan, stop = planned("import sys; sys.exit('no such luck')")

    with pytest.raises(drill.DrillError, match="no such luck"), drill.healthy(plan, stop):
        pass


# <% if cookiecutter.product_type == 'model-service' %>
def test_stale_data_is_older_than_promised_whatever_is_promised(planned, good):
    plan, stop = planned("")
    freshness = replace(plan.promise.objectives[0], name="freshness", limit=36 * 3600)
    plan = plan._replace(promise=plan.promise._replace(objectives=[freshness]))
    broken = drill.Stack(plan, stop, ExitStack())
    predictions, now = Store(broken.store / "predictions"), datetime.now(UTC)
    made = predictions.make({}, lambda folder: shutil.copy(good, folder / "predictions.parquet") and {})
    aliases.promote(predictions, made.id, "published", "a test", now)

    with drill_cli.product.stale_data(broken):
        newest = aliases.require(predictions, "published").facts["newest"]

    assert now - datetime.fromisoformat(newest).replace(tzinfo=UTC) > timedelta(hours=36)
    assert aliases.require(predictions, "published").id == made.id


# <% endif %>
NAME = next(name for name in ("dead-process", "schema-break") if name in drill_cli.product.SCENARIOS)
ALERT = drill_cli.product.SCENARIOS[NAME].alert


@pytest.mark.drill
def test_a_drill_fails_when_the_alert_it_waits_for_is_gone(command, home, monkeypatch):
    for rules in (home / "ops" / "generated" / "rules").glob("*.yml"):
        content = yaml.safe_load(rules.read_text())
        for group in content["groups"]:
            group["rules"] = [rule for rule in group["rules"] if rule.get("alert") != ALERT]
        rules.write_text(yaml.safe_dump(content))
    monkeypatch.setattr(drill, "PATIENCE", 20.0)

    code, _, err = command("drill", NAME)

    assert code == 1, err
    assert "error[OP009] 1 of 1 scenarios failed" in err
    assert f"{ALERT} did not come" in err
    assert (home / "store" / "drill.html").exists()


@pytest.mark.drill
def test_a_drill_fails_when_an_alert_fits_no_route(command, home):
    routes = home / "ops" / "generated" / "alertmanager.yml"
    content = yaml.safe_load(routes.read_text())
    content["route"]["routes"] = [r for r in content["route"]["routes"] if "heartbeat" in r["receiver"]]
    routes.write_text(yaml.safe_dump(content))

    code, _, err = command("drill", NAME)

    assert code == 1, err
    assert ALERT in err
    assert "unrouted" in err
