"""A server in its own process, on a store with two small models of the contract `orders`."""

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
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import yaml
from sklearn.ensemble import HistGradientBoostingClassifier

from datadevops import Product
from datadevops.contract import odcs, synthetic
from datadevops.engine.duckdb_engine import DuckDB
from datadevops.models import artifact, drift, scorer
from datadevops.models.fitting import Fitted
from datadevops.service import example
from datadevops.store import aliases
from datadevops.store.versions import Store
from wire import Reply

ORDERS = Path(__file__).parents[1] / "orders.yaml"
SERVER = Path(__file__).with_name("serve_process.py")
SERVED = ("shop", "ordered_at", "quantity", "stars", "unit_price", "discount", "paid")


@cache
def example_row(contract):
    return json.loads(example.body(odcs.load(contract)))["rows"][0]


class Served(NamedTuple):
    """A store with two versions of a model, the first of them champion, and their contract."""

    root: Path
    contract: Path
    versions: tuple[str, str]
    product: Product = Product("shop_orders", title="Shop Orders", kind="model-service")

    @property
    def models(self):
        return Store(self.root / "models")

    @property
    def features(self):
        return odcs.load(self.contract)

    def body(self, rows=1, **changes):
        return json.dumps({"rows": [example_row(self.contract) | changes] * rows}).encode()

    def promote(self, version, alias="champion"):
        aliases.promote(self.models, version, alias, "a test", datetime.now(UTC))


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
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
                engine.keep("orders", synthetic.sql(contract, 3000, seed))
                x = scorer.matrix(inputs, engine.columns("from orders"))
                base = drift.baseline(engine, contract, "orders")
            y = x[:, 0] + np.random.default_rng(seed).normal(0, 20, len(x)) > 50
            fitted = HistGradientBoostingClassifier(max_iter=5, random_state=seed).fit(x, y)
            onnx, _ = artifact.export(Fitted(fitted, {"kind": "binary"}), x[:500])
            (path / scorer.MODEL).write_bytes(onnx)
            return {
                "inputs": inputs,
                "output": {"kind": "binary", "threshold": 0.5},
                "figures": {"all": {"candidate": {"brier": 0.1}}},
                "drift_baseline": base,
                "forecast_baseline": drift.of_forecast(fitted.predict_proba(x)[:, 1], ()),
            }

        return Store(folder / "store" / "models").make({"seed": seed}, write).id

    served = Served(folder / "store", folder / "orders.yaml", (train(0), train(1)))
    served.promote(served.versions[0])
    return served


@pytest.fixture
def served(trained, tmp_path):
    """A copy of `trained` in its own folder."""
    shutil.copytree(trained.root, tmp_path / "store")
    return trained._replace(root=tmp_path / "store")


class Running(NamedTuple):
    process: subprocess.Popen
    port: int
    management_port: int
    log: Path

    def ask(self, path="/v1/predict", body=None, method=None, management=False, timeout=10, **headers):
        """Send a request and return the answer; with a body, the default is a POST of JSON."""
        port = self.management_port if management else self.port
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            sent = {"content-type": "application/json"} | sent
        try:
            connection.request(method or ("GET" if body is None else "POST"), path, body, sent)
            answer = connection.getresponse()
            return Reply(answer.status, dict(answer.headers), answer.read())
        finally:
            connection.close()

    def metric(self, name):
        """The value of one series, as `name{label="value"}` shows it."""
        text = self.ask("/metrics", management=True).body.decode()
        found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else None

    def until(self, true, seconds=5):
        """Whether `true()` becomes true within so many seconds."""
        end = time.monotonic() + seconds
        while not true() and time.monotonic() < end:
            time.sleep(0.05)
        return true()

    def lines(self):
        """The lines of its log; the last one may still be incomplete."""
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").split("\n")[:-1]]


@contextmanager
def started(command, log, **environment):
    """A server in its own process, with known ports; always killed afterwards."""
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

    def run(*words, **environment):
        command = [SERVER, served.root, served.contract, *words]
        return started(command, tmp_path / "log.jsonl", **environment)

    return run


@pytest.fixture(scope="module")
def running(trained, tmp_path_factory):
    """One server for tests that only send requests."""
    log = tmp_path_factory.mktemp("running") / "log.jsonl"
    with started([SERVER, trained.root, trained.contract], log) as server:
        yield server


@pytest.fixture(scope="module")
def limited(trained, tmp_path_factory):
    """A server for at most 20 connections, 10 of them from one address."""
    log = tmp_path_factory.mktemp("limited") / "log.jsonl"
    with started([SERVER, trained.root, trained.contract], log, LIMITS="20 10") as server:
        yield server
