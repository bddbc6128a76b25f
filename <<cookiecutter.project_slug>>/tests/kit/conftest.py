# The template's file: edits here meet template updates (copier update merges them).
"""What the tests of the kit share: a contract with every kind of rule, good rows, a real engine."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from << cookiecutter.__package >> import settings
from << cookiecutter.__package >>.kit import alerts, checks, odcs, slo, synth
from << cookiecutter.__package >>.kit.engine import DuckDB
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
def split(engine, orders, good, tmp_path):
    """split(sql, contract): the result of holding what `sql` makes of the good rows against it."""

    def run(sql, contract=orders):
        engine.read("good", good)
        engine.write(sql, tmp_path / "in.parquet")
        engine.read(contract.name, tmp_path / "in.parquet")
        return checks.split(engine, contract, tmp_path)

    return run


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

    def make(path, folder):
        metrics = {"orders_total": ["state"], "orders_failed_total": [], "stock_seconds": []}
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
