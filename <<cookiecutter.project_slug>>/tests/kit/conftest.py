# The template's file: edits here meet template updates (copier update merges them).
"""What the tests of the kit share: a contract with every kind of rule, good rows, a real engine."""

import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import yaml

from << cookiecutter.__package >> import cli, settings
from << cookiecutter.__package >>.kit import aliases, checks, odcs, synth
from << cookiecutter.__package >>.kit.engine import DuckDB
from << cookiecutter.__package >>.kit.errors import SettingsError
from << cookiecutter.__package >>.kit.store import Store

ORDERS = Path(__file__).with_name("orders.yaml")
PRODUCT = sorted((settings.PACKAGE / "contracts").glob("*.yaml"))


@pytest.fixture(scope="session")
def orders():
    """The contract in orders.yaml; it belongs to these tests alone."""
    return odcs.load(ORDERS)


@pytest.fixture(scope="session", params=[ORDERS, *PRODUCT], ids=lambda path: path.stem)
def contract(request):
    """Each contract there is, orders.yaml first, then those of the product, whatever they hold."""
    return odcs.load(request.param)


@pytest.fixture
def engine():
    with DuckDB() as engine:
        yield engine


@pytest.fixture(scope="session")
def spark():
    """Spark on this machine, one for all tests of a process: it takes 10 s to start."""
    os.environ.setdefault("PYSPARK_SUBMIT_ARGS", "--conf spark.sql.shuffle.partitions=2 pyspark-shell")
    try:
        from << cookiecutter.__package >>.kit.spark import Spark

        engine = Spark()
    except SettingsError as error:
        pytest.exit(f"NOT RUN: {error}", returncode=3)  # not skipped: that would look green
    with engine:
        yield engine


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def judging(request, engine):
    """Each engine that holds tables against contracts; whatever it is, the answers are the same."""
    return engine if request.param == "duckdb" else request.getfixturevalue("spark")


@pytest.fixture(scope="session")
def good(orders, tmp_path_factory):
    """A parquet file with 1,000 rows that keep the contract `orders`."""
    file = tmp_path_factory.mktemp("good") / "orders.parquet"
    with DuckDB() as engine:
        engine.write(synth.sql(orders, 1000), file)
    return file


@pytest.fixture
def edited(tmp_path):
    """edited(quantity={...}, orders={...}, contract={...}): the path of an orders.yaml in which these
    entries of the column `quantity`, of the table and of the contract are others."""

    def edit(**changes):
        content = yaml.safe_load(ORDERS.read_text(encoding="utf-8"))
        (table,) = content["schema"]
        places = {"contract": content, "orders": table} | {c["name"]: c for c in table["properties"]}
        for place, entries in changes.items():
            places[place].update(entries)
        path = tmp_path / f"{table['name']}.yaml"
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        return path

    return edit


@pytest.fixture
def split(engine, judging, orders, good, tmp_path):
    """split(sql, contract): the result of holding what DuckDB makes of the good rows against it."""

    def run(sql, contract=orders):
        engine.read("good", good)
        engine.write(sql, tmp_path / "in.parquet")
        judging.read(contract.name, tmp_path / "in.parquet")
        return checks.split(judging, contract, tmp_path)

    return run


SERVED = ("shop", "ordered_at", "quantity", "stars", "unit_price", "discount", "paid")


class Served(NamedTuple):
    """A store with two versions of a model, the first of them champion, and their contract."""

    root: Path
    contract: Path
    versions: tuple[str, str]

    @property
    def models(self):
        return Store(self.root / "models")

    @property
    def features(self):
        return odcs.load(self.contract)

    def body(self, rows=1, **changes):
        from << cookiecutter.__package >>.kit import example  # not every product has it

        row = json.loads(example.body(self.features))["rows"][0] | changes
        return json.dumps({"rows": [row] * rows}).encode()

    def promote(self, version, alias="champion"):
        aliases.promote(self.models, version, alias, "a test", datetime.now(UTC))


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    # Not every product has these.
    from sklearn.ensemble import HistGradientBoostingClassifier

    from << cookiecutter.__package >>.kit import artifact, drift, scorer

    folder = tmp_path_factory.mktemp("served")
    content = yaml.safe_load(ORDERS.read_text(encoding="utf-8"))
    (table,) = content["schema"]
    table["quality"] = []
    table["properties"] = [column for column in table["properties"] if column["name"] in SERVED]
    (folder / "orders.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    contract = odcs.load(folder / "orders.yaml")
    inputs = scorer.inputs_of(contract)

    def train(seed):
        def write(path):
            with DuckDB() as engine:
                engine.keep("orders", synth.sql(contract, 3000, seed))
                x = scorer.matrix(inputs, engine.columns("from orders"))
                base = drift.baseline(engine, contract, "orders")
            y = x[:, 0] + np.random.default_rng(seed).normal(0, 20, len(x)) > 50
            fitted = HistGradientBoostingClassifier(max_iter=5, random_state=seed).fit(x, y)
            (path / scorer.MODEL).write_bytes(artifact.export(fitted, x[:500]))
            return {
                "inputs": inputs,
                "threshold": 0.5,
                "figures": {"all": {"candidate": {"brier": 0.1}}},
                "drift_baseline": base,
            }

        return Store(folder / "store" / "models").make({"seed": seed}, write).id

    served = Served(folder / "store", folder / "orders.yaml", (train(0), train(1)))
    served.promote(served.versions[0])
    return served


@pytest.fixture
def served(trained, tmp_path):
    """The same, in a folder of its own."""
    shutil.copytree(trained.root, tmp_path / "store")
    return trained._replace(root=tmp_path / "store")


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class Running(NamedTuple):
    process: subprocess.Popen
    port: int
    management_port: int
    log: Path

    def ask(self, path="/v1/predict", body=None, method=None, management=False, timeout=10, **headers):
        """What comes back; a body makes it a POST of JSON where nothing else is said."""
        port = self.management_port if management else self.port
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            told = {"content-type": "application/json"} | told
        try:
            connection.request(method or ("GET" if body is None else "POST"), path, body, told)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.headers), answer.read())
        finally:
            connection.close()

    def metric(self, name):
        """The value of one series, as `name{label="value"}` shows it."""
        text = self.ask("/metrics", management=True).body.decode()
        found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else None

    def until(self, true, seconds=5):
        """Whether `true()` holds within so many seconds."""
        end = time.monotonic() + seconds
        while not true() and time.monotonic() < end:
            time.sleep(0.05)
        return true()

    def lines(self):
        """What it has logged; the last line may not be written to its end yet."""
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").split("\n")[:-1]]


@contextmanager
def started(command, log, **environment):
    """A server as a process of its own, its ports known; it is gone afterwards whatever happens."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), **environment}
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, *map(str, command)], env=environment, stdout=subprocess.PIPE, stderr=errors
        )
    try:
        ports = re.findall(r"http://127.0.0.1:(\d+)/", process.stdout.readline().decode())
        assert len(ports) == 2, log.read_text(encoding="utf-8")
        yield Running(process, int(ports[0]), int(ports[1]), log)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def start(served, tmp_path):
    """start(...) runs serve_process.py on the store `served`."""

    def run(*words):
        command = [ORDERS.with_name("serve_process.py"), served.root, served.contract, *words]
        return started(command, tmp_path / "log.jsonl")

    return run


@pytest.fixture(scope="module")
def running(trained, tmp_path_factory):
    """One server for tests that only ask."""
    log = tmp_path_factory.mktemp("running") / "log.jsonl"
    with started([ORDERS.with_name("serve_process.py"), trained.root, trained.contract], log) as server:
        yield server


@pytest.fixture
def command(monkeypatch, capsys):
    """command("status", ...): exit code, results, messages."""

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["x", *words])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        told = capsys.readouterr()
        return int(exit_.value.code or 0), told.out, told.err

    return call


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "models")


@pytest.fixture
def process(store):
    """process("make"): store_process.py at work on the store; killed at the end of the test."""
    started = []

    def start(what, root=store.root):
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, ORDERS.with_name("store_process.py"), what, root]
        started.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for each in started:
        each.kill()
        each.wait()
        each.stdout.close()


@pytest.fixture(scope="session")
def made_from():
    """made_from(path, folder): the texts made from an slo.yaml, written below the folder."""
    from << cookiecutter.__package >>.kit import alerts, slo

    def make(path, folder):
        metrics = {"orders_total": {"state": []}, "orders_failed_total": {}, "stock_seconds": {}}
        texts = alerts.render(slo.load(path, metrics, {}))
        for name, text in texts.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text)
        return texts

    return make


@pytest.fixture
def ask():
    """ask(folder, tool, ...): the exit code of a tool; what it says is shown where the test fails."""

    def run(folder, tool, *words):
        if not (program := shutil.which(tool)):
            pytest.skip(f"NOT RUN: {tool} is not installed")
        done = subprocess.run([program, *words], cwd=folder, capture_output=True, text=True)
        print(done.stdout, done.stderr)
        return done.returncode

    return run


@pytest.fixture
def ops(tmp_path, monkeypatch):
    """The product's folder ops, to be edited, where no tool of Prometheus is installed."""
    monkeypatch.setenv(f"{settings.PREFIX}HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    return shutil.copytree(settings.PACKAGE.parents[1] / "ops", tmp_path / "ops")
