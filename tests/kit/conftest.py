"""What the tests share: two small products and their runs, a contract with every kind of rule, engines."""

import os
import shutil
import sys
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest
import yaml

import rows as generator
import shop_forecast
import shop_statistics
from datadevops.contract import odcs, synthetic
from datadevops.engine import checks
from datadevops.engine.duckdb_engine import DuckDB
from datadevops.errors import SettingsError
from datadevops.job import Job
from datadevops.product import Settings
from datadevops.store.versions import Store
from runs import NOON, run_into

ORDERS = Path(__file__).with_name("orders.yaml")
PRODUCTS = (shop_forecast.PRODUCT, shop_statistics.PRODUCT)
CONTRACTS = [
    file for each in PRODUCTS for file in sorted(each.contracts.glob("*.yaml")) if not file.is_symlink()
]


@pytest.fixture(scope="session")
def forecast():
    """The product with a model."""
    return shop_forecast.PRODUCT


@pytest.fixture(scope="session")
def statistics():
    """The product with a dataset of months."""
    return shop_statistics.PRODUCT


@pytest.fixture
def product(forecast):
    """The product that `command` and `ran` are about; a module about the other one overrides it."""
    return forecast


@pytest.fixture
def own(product, tmp_path):
    """The product in a folder of its own, for tests that spoil contracts or SQL."""
    return replace(product, at=shutil.copytree(product.folder, tmp_path / "own" / product.package))


@pytest.fixture(scope="session")
def homes(tmp_path_factory):
    """homes(product): a folder as its checkout is, with the data and the objectives."""

    @cache
    def make(product):
        home = tmp_path_factory.mktemp("home")
        (home / "data").mkdir()
        generator.write(home / "data" / "shops.parquet")
        shutil.copytree(product.folder / "ops", home / "ops")
        return home

    return make


@pytest.fixture(scope="session")
def sample(homes, forecast):
    """The rows of both products; see products/rows.py."""
    return homes(forecast) / "data" / "shops.parquet"


@pytest.fixture(scope="session")
def write_altered(sample):
    def write(sql, path):
        with DuckDB() as engine:
            engine.read("sample", sample)
            engine.write(sql, path)
        return path

    return write


@pytest.fixture
def altered(write_altered, tmp_path):
    """altered("select ... from sample") writes what the SQL makes of the sample to a parquet file."""
    return lambda sql: write_altered(sql, tmp_path / "altered.parquet")


@pytest.fixture
def shorter(altered):
    """Two of its five months: other data, sooner learnt from."""
    return altered("from sample where opened_at < '2025-03-01'")


@pytest.fixture(scope="session")
def run_once(sample, tmp_path_factory):
    """run_once(product): one run on the sample, the same for all tests of a process."""
    return cache(lambda product: run_into(product, tmp_path_factory.mktemp("once") / "store", sample))


@pytest.fixture(scope="session")
def run_twice(sample, write_altered, tmp_path_factory):
    """run_twice(product): the second of two runs; the first was on a sample that ends a week earlier."""

    @cache
    def make(product):
        folder = tmp_path_factory.mktemp("twice")
        before = write_altered("from sample where opened_at < '2025-05-24'", folder / "shorter.parquet")
        run_into(product, folder / "store", before)
        return run_into(product, folder / "store", sample)

    return make


@pytest.fixture
def first_run(run_once, product):
    """One run on the sample, for tests that only look."""
    return run_once(product)


@pytest.fixture
def second_run(run_twice, product):
    """Two runs: a champion or a dataset, and another one before it."""
    return run_twice(product)


def copied(run, folder):
    shutil.copytree(run.store, folder / "store", symlinks=True)
    return replace(run, store=folder / "store")


@pytest.fixture
def ran(first_run, tmp_path):
    """`first_run` in a folder of its own, for tests that go on from there."""
    return copied(first_run, tmp_path)


@pytest.fixture
def ran_twice(second_run, tmp_path):
    """`second_run` in a folder of its own."""
    return copied(second_run, tmp_path)


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


@pytest.fixture
def command(product, homes, monkeypatch, capsys, tmp_path):
    """command("check", file, ...) is what a user sees; `store` is where the versions are."""
    for each in PRODUCTS:
        monkeypatch.setenv(f"{each.prefix}HOME", str(homes(each)))
        monkeypatch.setenv(f"{each.prefix}LOCAL", "yes")  # no test publishes to an object store

    from datadevops.cli import application

    def call(*words, store=tmp_path / "store", product=product):
        monkeypatch.setenv(f"{product.prefix}STORE", str(store))
        monkeypatch.setattr(sys, "argv", [product.command, *map(str, words)])
        with pytest.raises(SystemExit) as exit_:
            application(product)()
        answer = capsys.readouterr()
        return Answer(int(exit_.value.code or 0), answer.out, answer.err)

    return call


@pytest.fixture(scope="session")
def orders():
    """The contract in orders.yaml; it belongs to these tests alone."""
    return odcs.load(ORDERS)


@pytest.fixture(scope="session", params=[ORDERS, *CONTRACTS], ids=lambda path: path.stem)
def contract(request):
    """Each contract there is: orders.yaml first, then those of the products."""
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
        from datadevops.engine.spark_engine import Spark

        engine = Spark()
    except SettingsError as error:
        pytest.exit(f"NOT RUN: {error}", returncode=3)  # not skipped: that would look green
    with engine:
        yield engine


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def judging(request, engine):
    """Each engine that checks tables against contracts; whatever it is, the answers are the same."""
    return engine if request.param == "duckdb" else request.getfixturevalue("spark")


@pytest.fixture(scope="session")
def good(orders, tmp_path_factory):
    """A parquet file with 1,000 rows that keep the contract `orders`."""
    file = tmp_path_factory.mktemp("good") / "orders.parquet"
    with DuckDB() as engine:
        engine.write(synthetic.sql(orders, 1000), file)
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
    """split(sql, contract): the result of checking what DuckDB makes of the good rows against it."""

    def run(sql, contract=orders):
        engine.read("good", good)
        engine.write(sql, tmp_path / "in.parquet")
        judging.read(contract.name, tmp_path / "in.parquet")
        return checks.split(judging, contract, tmp_path)

    return run


@pytest.fixture
def job(forecast, tmp_path):
    """job(engine, orders=contract): a job of which nothing was run yet."""
    settings = Settings(tmp_path, tmp_path, None, None, "duckdb", local=True)
    return lambda engine, **contracts: Job(
        forecast, settings, engine, contracts, "code", NOON, lambda *_: None, {}
    )


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "models")
