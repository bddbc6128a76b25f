"""What is read from a real Prometheus: how objectives stand, and whether a new version may stay."""

import json
import re
import shutil
import subprocess
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
import yaml
from prometheus_client import start_http_server

from datadevops.contract import odcs
from datadevops.drill.processes import free_port
from datadevops.errors import NotRunError
from datadevops.ops import alerts, canary, own_objectives, slo
from datadevops.telemetry import prometheus, service_metrics

pytestmark = pytest.mark.drill

COUNT = "http_server_request_duration_seconds_count"
COMMAND = "shop-forecast"
HERE = f'job="{COMMAND}",http_route="{service_metrics.PREDICT}"'
IN_TIME = f'{COUNT.replace("count", "bucket")}{{{HERE},http_response_status_code!~"5..",le="0.5"}}'
ANSWERED = f'{COUNT}{{{HERE},http_response_status_code!~"5.."}}'
OBJECTIVES = {
    "availability": (0.995, {"total": f"{COUNT}{{{HERE}}}", "good": ANSWERED}),
    "latency": (0.99, {"total": ANSWERED, "good": IN_TIME}),
}
# by version: requests answered in a second, of them with an error, of them slowly
VERSIONS = {
    "1.0": (1000, 2, 6),
    "good": (1000, 2, 6),
    "bad": (100, 10, 0),
    "slow": (100, 0, 16),
    "quiet": (10, 0, 0),
}
SECONDS = 6
TIMES = 400  # of so many verdicts by two queries each, a scrape would part some


@contextmanager
def exporter(version):
    """A replica of that release, with that model: its metrics, and the address they are scraped at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTEL_RESOURCE_ATTRIBUTES", f"service.version={version}")
        metrics = service_metrics.Metrics(COMMAND)
    metrics["product_model_info"].labels(version).set(1)
    metrics["product_data_newest_timestamp_seconds"].set(time.time())
    metrics["product_model_trained_timestamp_seconds"].set(time.time())
    server, thread = start_http_server(0, "127.0.0.1", metrics.registry)
    yield metrics, f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def objective(name):
    """One of OBJECTIVES as OpenSLO has it."""
    target, selectors = OBJECTIVES[name]
    queries = {
        kind: {"metricSource": {"type": "Prometheus", "spec": {"query": query}}}
        for kind, query in selectors.items()
    }
    return {
        "apiVersion": "openslo/v1",
        "kind": "SLO",
        "metadata": {"name": name, "displayName": name, "annotations": {"alert-slow-burn": "ticket"}},
        "spec": {
            "service": COMMAND,
            "budgetingMethod": "Occurrences",
            "timeWindow": [{"duration": "28d", "isRolling": True}],
            "objectives": [{"displayName": name, "target": target}],
            "indicator": {"spec": {"ratioMetric": {"counter": True, **queries}}},
        },
    }


@pytest.fixture(scope="module")
def promised(forecast, tmp_path_factory):
    """A home with these objectives; those of the product are more than these tests need."""
    ops = tmp_path_factory.mktemp("promised") / "ops"
    (ops / "generated").mkdir(parents=True)
    text = Path(__file__).with_name("slo.yaml").read_text().replace("shop-orders", COMMAND)
    others = [each for each in yaml.safe_load_all(text) if each["kind"] != "SLO"]
    (ops / "slo.yaml").write_text(yaml.safe_dump_all([*others, *map(objective, OBJECTIVES)]))
    found = slo.load(ops / "slo.yaml", own_objectives.exported(forecast), {})
    for name, content in alerts.render(found, COMMAND).items():
        (ops / "generated" / name).write_text(content)
    return ops.parent


@pytest.fixture(autouse=True)
def home(promised, command, forecast, monkeypatch):
    monkeypatch.setattr(odcs, "load_published", odcs.load_sources)  # which promise other things
    monkeypatch.setenv(f"{forecast.prefix}HOME", str(promised))


@pytest.fixture(scope="module")
def replicas():
    """Name of a version -> its metrics, and the address they are scraped at."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(exporter(name)) for name in VERSIONS}


@pytest.fixture(scope="module")
def watched(replicas, promised, tmp_path_factory):
    """The address of a Prometheus that has seen a replica of each of VERSIONS answer requests."""
    if not (program := shutil.which("prometheus")):
        pytest.skip("NOT RUN: prometheus is not installed")
    folder = tmp_path_factory.mktemp("prometheus")
    with ExitStack() as stack:
        targets = [{"targets": [address for _, address in replicas.values()]}]
        config = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": ["rules.yml"],  # a pattern: the path of the folder may have brackets
            "scrape_configs": [{"job_name": COMMAND, "static_configs": targets}],
        }
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        shutil.copy(promised / "ops" / "generated" / "rules.yml", folder)
        port = free_port()
        command = [
            program,
            "--config.file=prometheus.yml",
            f"--web.listen-address=127.0.0.1:{port}",
            "--storage.tsdb.path=tsdb",
        ]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        stack.callback(process.wait)
        stack.callback(process.kill)
        address = f"http://127.0.0.1:{port}"
        until(lambda: len(prometheus.query(address, "up == 1")) == len(VERSIONS))
        for _ in range(SECONDS):
            for name, (requests, errors, slow) in VERSIONS.items():
                answered(replicas[name][0], requests, errors, slow)
            time.sleep(1)
        until(lambda: prometheus.query(address, 'slo:current_burn_rate:ratio{slo="latency"}'))
        yield address


def answered(metrics, requests, errors, slow):
    duration = metrics[COUNT.removesuffix("_count")]
    for number in range(requests):
        status = "500" if number < errors else "200"
        seconds = 3 if errors <= number < errors + slow else 0.01
        duration.labels("POST", service_metrics.PREDICT, status).observe(seconds)
    metrics["product_rows_total"].labels("good").inc(requests)


def until(true, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(NotRunError):  # it starts
            if true():
                return
        time.sleep(0.2)
    raise TimeoutError


def test_how_each_objective_stands_is_told(watched, command):
    answer = command("status", "--slo", "--prometheus", watched, "--json")

    found = {each["objective"]: each for each in json.loads(answer.out)}
    assert answer.code == 0
    assert set(found) == {*OBJECTIVES, "telemetry"}
    bad = sum(errors for _, errors, _ in VERSIONS.values()) / sum(all_ for all_, _, _ in VERSIONS.values())
    assert found["availability"]["burn_rate"] == pytest.approx(bad / 0.005, rel=0.1)
    assert found["availability"]["budget_left"] < 1
    assert found["telemetry"]["alerts"] == ["Watchdog (heartbeat)"]


def test_a_prometheus_that_evaluates_other_rules_knows_nothing_of_the_objectives(
    watched, promised, command, monkeypatch, tmp_path
):
    monkeypatch.setenv("SHOP_FORECAST_HOME", str(tmp_path))
    text = (promised / "ops" / "slo.yaml").read_text().replace(COMMAND, "another-product")
    (tmp_path / "ops").mkdir()
    (tmp_path / "ops" / "slo.yaml").write_text(text)

    answer = command("status", "--slo", "--prometheus", watched)

    assert answer.code == 3
    assert f"error[OP011] {watched} does not evaluate the rules of another-product" in answer.err


def test_it_is_a_table_for_people(watched, command):
    answer = command("status", "--slo", "--prometheus", watched)

    head, *rows = answer.out.splitlines()
    assert (answer.code, head.split()[0]) == (0, "objective")
    assert re.search(r"^availability  0\.\d+   +-?[\d.]+%  +[\d.]+", rows[0])


@pytest.mark.parametrize("of", [[], ["--model"]], ids=["a release", "a model"])
@pytest.mark.parametrize(
    ("version", "code", "said"),
    [
        ("good", 0, "promote good"),
        ("bad", 1, "error[OP012] bad is worse than 1.0: roll back"),
        ("slow", 1, "error[OP012] slow is worse than 1.0: roll back"),
        ("quiet", 3, "error[OP013] not enough traffic yet to judge quiet"),
        ("unseen", 3, "error[OP013] not enough traffic yet to judge unseen"),
    ],
)
def test_a_canary_is_judged_by_what_callers_get(watched, command, of, version, code, said):
    words = ("--stable", "1.0", "--canary", version, "--minutes", "20", "--prometheus", watched)

    answer = command("canary", "judge", *words, *of)

    assert (answer.code, said in answer.out + answer.err) == (code, True), answer
    assert answer.out.splitlines()[0].split()[:3] == ["objective", "bad", "with"]


def test_requests_that_come_while_a_canary_is_judged_are_no_failures(watched, replicas, promised, forecast):
    objectives, ended = own_objectives.load(forecast, promised).slos, threading.Event()
    everything = [sum(each) for each in zip(*VERSIONS.values(), strict=True)]  # the shares stay as they are

    def answer():
        while not ended.wait(0.1):
            for name in ("1.0", "good"):
                answered(replicas[name][0], *everything)

    callers = threading.Thread(target=answer)
    callers.start()
    try:
        pair = ("1.0", "good")
        words = [
            verdict.word
            for _ in range(TIMES)
            for verdict in canary.judge(watched, COMMAND, objectives, canary.RELEASE, pair, 1200)
        ]
    finally:
        ended.set()
        callers.join()

    assert set(words) == {"good"}


@pytest.mark.parametrize("of", [[], ["--model"]], ids=["a release", "a model"])
def test_beside_a_version_that_nobody_saw_no_canary_is_good(watched, command, of):
    words = ("--stable", "unseen", "--canary", "good", "--minutes", "20", "--prometheus", watched)

    answer = command("canary", "judge", *words, *of)

    assert (answer.code, "promote" in answer.out) == (3, False)
    assert "error[OP013] not enough traffic yet to judge good" in answer.err
