"""What the tests share: contracts, engines, a job; the products are in products/product_fixtures.py."""

import os
import subprocess
from pathlib import Path

import apart  # noqa: F401  before all that may start git
import pytest
import yaml

import shop_forecast
import shop_statistics
from datadevops.contract import odcs, synthetic
from datadevops.engine import checks
from datadevops.engine.duckdb_engine import DuckDB
from datadevops.errors import SettingsError
from datadevops.job import Job
from datadevops.product import Settings
from datadevops.store.versions import Store
from runs import NOON

pytest_plugins = ["not_run", "product_fixtures"]
ORDERS = Path(__file__).with_name("orders.yaml")
PRODUCTS = (shop_forecast.PRODUCT, shop_statistics.PRODUCT)
CONTRACTS = [
    file
    for each in PRODUCTS
    for place in ("", "datasets")
    for file in sorted((each.contracts / place).glob("*.yaml"))
    if not file.is_symlink()
]


@pytest.fixture(scope="session")
def orders():
    """The contract in orders.yaml, which only these tests use."""
    return odcs.load(ORDERS)


@pytest.fixture(scope="session", params=[ORDERS, *CONTRACTS], ids=lambda path: path.stem)
def contract(request):
    """Every contract: orders.yaml first, then those of the products."""
    return odcs.load(request.param)


@pytest.fixture(scope="session")
def one_engine():
    with DuckDB() as engine:
        yield engine


@pytest.fixture
def engine(one_engine):
    """An engine without tables and with its own settings: one for all tests, as each start takes 35 ms."""
    yield one_engine
    for kind in ("view", "table"):
        for (name,) in one_engine.rows(
            f"select {kind}_name from duckdb_{kind}s() where temporary and not internal"
        ):
            one_engine.rows(f'drop {kind} "{name}"')
    for setting in ("threads", "timezone"):
        one_engine.rows(f"reset {setting}")


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


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=[pytest.mark.spark, pytest.mark.long])])
def judging(request, engine):
    """Each engine that checks tables against contracts; all give the same answers."""
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
    """edited(quantity={...}, orders={...}, contract={...}): the path of an orders.yaml with these
    entries changed in the column `quantity`, in the table and in the contract; in that folder."""

    def edit(folder="", **changes):
        content = yaml.safe_load(ORDERS.read_text(encoding="utf-8"))
        (table,) = content["schema"]
        places = {"contract": content, "orders": table} | {c["name"]: c for c in table["properties"]}
        for place, entries in changes.items():
            places[place].update(entries)
        path = tmp_path / folder / f"{table['name']}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        return path

    return edit


@pytest.fixture
def split(engine, judging, orders, good, tmp_path):
    """split(sql, contract): runs the SQL on the good rows and checks the result against the contract."""

    def run(sql, contract=orders):
        engine.read("good", good)
        engine.write(sql, tmp_path / "in.parquet")
        judging.read(contract.name, tmp_path / "in.parquet")
        return checks.split(judging, contract, tmp_path)

    return run


@pytest.fixture
def job(forecast, tmp_path):
    """job(engine, orders=contract): a job before its first step."""
    settings = Settings(tmp_path, tmp_path, None, None, "duckdb", local=True)
    return lambda engine, **contracts: Job(
        forecast, settings, engine, contracts, "code", NOON, lambda *_: None, {}
    )


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "models")


@pytest.fixture
def git(monkeypatch):
    """git(folder, *words): what git prints there, as a person without settings of their own."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    named = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "core.fsync=none"]

    def run(folder, *words):
        return subprocess.run(
            ["git", *named, "-C", str(folder), *words], check=True, capture_output=True, text=True
        ).stdout

    return run
