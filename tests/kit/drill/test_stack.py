"""The stack of a drill leaves nothing behind, whatever happens, and reports why it does not start."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from datadevops.contract import odcs
from datadevops.drill import faults, lateness, processes, scenarios, stack
from datadevops.ops import own_objectives
from datadevops.store import aliases
from datadevops.store.versions import Store


def test_ports_are_given_once_and_are_neither_in_use_nor_ephemeral():
    first = processes.free_port()
    with ExitStack() as opened:
        taken = {opened.enter_context(server).getsockname()[1] for server in listening(first + 1, 5)}
        with ThreadPoolExecutor(8) as pool:
            given = list(pool.map(lambda _: processes.free_port(), range(200)))

    assert taken
    assert len({first, *given} | taken) == 201 + len(taken)
    assert max(given) < 32_768


def listening(first, count):
    """Sockets at the free ports among the next `count`."""
    for port in range(first, first + count):
        with suppress(OSError):
            yield socket.create_server(("127.0.0.1", port))


class Started:
    """A product that only starts."""

    seen, targets = "up", ()

    def __init__(self, mine):
        self.process = mine.command()
        mine.wait(self.process.poll, "its end")
        raise stack.DrillError(mine.output)

    def close(self):
        pass


@pytest.fixture
def planned(forecast, tmp_path):
    """planned(program): the plan of a stack whose product is that Python program, and its stop event."""

    def make(program, group=0, product=Started):
        command, stop = [sys.executable, "-c", program], threading.Event()
        (tmp_path / "store").mkdir()
        ops = forecast.folder / "ops"
        objectives = own_objectives.load(forecast, forecast.folder)
        idle = lateness.Lateness()
        return stack.Plan(command, lambda _: {}, tmp_path, group, ops, objectives, idle, product), stop

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
    """A program that writes its process id to a file and sleeps."""
    return f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(60)"


def test_a_drill_that_is_stopped_leaves_no_process(tools, planned, tmp_path):
    plan, stop = planned(sleeper(tmp_path / "pid"))
    threading.Timer(1.5, stop.set).start()

    with pytest.raises(InterruptedError), stack.healthy(plan, stop):
        pass

    assert gone(int((tmp_path / "pid").read_text()), 0.1)


def test_a_drill_that_is_killed_leaves_no_process_and_no_file(tmp_path):
    """No cleanup code of its own can run after `kill -9`."""
    folder, pid = tmp_path / "drill", tmp_path / "pid"
    folder.mkdir()
    program = (
        "import subprocess, sys, time; from pathlib import Path;"
        " from datadevops.drill import processes;"
        f" guard = processes.guarded(Path({str(folder)!r})); group = guard.__enter__();"
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
    result = scenarios.Result("healthy", faults.SCENARIOS["healthy"])

    scenarios.play(result, plan, stop)

    assert result.state == "failed"
    assert "timed out" in result.error


LATE = "of work ended 500 ms late"


@pytest.fixture(params=[False, True], ids=["on an idle machine", "on a late machine"])
def late(request):
    return request.param


def ending(error):
    """A product whose start ends with this error."""

    def start(_):
        raise error

    return start


@pytest.mark.parametrize(
    "error",
    [TimeoutError("no alert came"), stack.UnexpectedAlertError("LatencyBurnFast fired too")],
    ids=["nothing in time", "an alert of something else"],
)
def test_what_a_late_machine_may_cause_is_not_judged_there(tools, planned, late, error):
    plan, stop = planned("", product=ending(error))
    result = scenarios.Result("healthy", faults.SCENARIOS["healthy"])
    if late:
        plan.lateness.read(f"{time.time() + 1} 0.5" for _ in range(3))

    scenarios.play(result, plan, stop)

    assert str(error) in result.error
    assert (result.state, LATE in result.error) == (("not run", True) if late else ("failed", False))


def test_what_is_wrong_on_any_machine_fails_on_a_late_one_too(tools, planned):
    plan, stop = planned("", product=ending(stack.DrillError("there is no runbook")))
    result = scenarios.Result("healthy", faults.SCENARIOS["healthy"])
    plan.lateness.read([f"{time.time() + 1} 0.5"])

    scenarios.play(result, plan, stop)

    assert result.state == "failed"


def test_lateness_is_seen_beside_programs_that_keep_all_cores_busy():
    busy = [sys.executable, "-c", "while True: pass"]
    with ExitStack() as opened:
        for _ in range(4 * os.cpu_count()):
            program = opened.enter_context(subprocess.Popen(busy))
            opened.callback(program.kill)
        began = time.time()
        with lateness.measured(0) as found:
            while len(found) < 5:
                time.sleep(0.05)

    assert found.since(began) > lateness.WORK
    assert found.factor() > 2


def test_a_product_that_does_not_start_is_reported_with_its_last_output(tools, planned):
    plan, stop = planned("import sys; sys.exit('no such luck')")

    with pytest.raises(stack.DrillError, match="no such luck"), stack.healthy(plan, stop):
        pass


def test_stale_data_is_older_than_the_objective_whatever_its_limit(planned, good):
    plan, stop = planned("")
    freshness = replace(plan.objectives.slos[0], name="freshness", limit=36 * 3600)
    plan = plan._replace(objectives=plan.objectives._replace(slos=[freshness]))
    broken = stack.Stack(plan, stop, ExitStack())
    predictions, now = Store(broken.store / "predictions"), datetime.now(UTC)
    made = predictions.make({}, lambda folder: shutil.copy(good, folder / "predictions.parquet") and {})
    aliases.promote(predictions, made.id, "published", "a test", now)

    with faults.stale_data(broken):
        newest = aliases.require(predictions, "published").facts["newest"]

    assert now - datetime.fromisoformat(newest).replace(tzinfo=UTC) > timedelta(hours=36)
    assert aliases.require(predictions, "published").id == made.id


def test_predictions_of_an_old_sample_count_as_fresh_until_a_fault_makes_them_old(forecast, ran):
    predictions = Store(ran.store / "predictions")
    before = aliases.require(predictions, "published")

    faults.starter(odcs.load_all(forecast.contracts), ran.store.parent, {})

    after = aliases.require(predictions, "published")
    age = datetime.now(UTC) - datetime.fromisoformat(after.facts["newest"]).replace(tzinfo=UTC)
    assert timedelta(0) <= age < timedelta(minutes=5)
    assert after.file("predictions.parquet").read_bytes() == before.file("predictions.parquet").read_bytes()
