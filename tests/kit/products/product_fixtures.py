"""The two small products, their data, their runs and their commands, for all tests."""

import shutil
import sys
from dataclasses import dataclass, replace
from functools import cache

import pytest

import rows as generator
import shop_forecast
import shop_statistics
from datadevops.engine.duckdb_engine import DuckDB
from runs import run_into

PRODUCTS = (shop_forecast.PRODUCT, shop_statistics.PRODUCT)


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
    """The product of `command` and `ran`; modules for the other product override it."""
    return forecast


@pytest.fixture
def own(product, tmp_path):
    """A copy of the product, for tests that edit contracts or SQL."""
    return replace(product, at=shutil.copytree(product.folder, tmp_path / "own" / product.package))


@pytest.fixture(scope="session")
def homes(tmp_path_factory):
    """homes(product): a folder like its checkout, with the data and the objectives."""

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
    """altered("select ... from sample") writes the result of the SQL to a parquet file."""
    return lambda sql: write_altered(sql, tmp_path / "altered.parquet")


@pytest.fixture
def shorter(altered):
    """Two of its five months: other data, with faster training."""
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
    """One run on the sample, for tests that only read."""
    return run_once(product)


@pytest.fixture
def second_run(run_twice, product):
    """Two runs: a champion or a dataset, and a previous one."""
    return run_twice(product)


def copied(run, folder):
    shutil.copytree(run.store, folder / "store", symlinks=True)
    return replace(run, store=folder / "store")


@pytest.fixture
def ran(first_run, tmp_path):
    """A copy of `first_run`, for tests that continue from there."""
    return copied(first_run, tmp_path)


@pytest.fixture
def ran_twice(second_run, tmp_path):
    """A copy of `second_run`."""
    return copied(second_run, tmp_path)


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


@pytest.fixture
def command(product, homes, monkeypatch, capsys, tmp_path):
    """command("check", file, ...) returns what a user sees; `store`: the folder of the versions."""
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
