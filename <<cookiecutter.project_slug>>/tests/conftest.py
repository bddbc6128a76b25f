"""A product in a folder of its own: real engine, real files, the sample data."""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from << cookiecutter.__package >> import cli, settings
from << cookiecutter.__package >>.kit.engine import DuckDB
from << cookiecutter.__package >>.kit.store import Version

os.environ[f"{settings.PREFIX}LOCAL"] = "yes"  # no test publishes to an object store
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
A_WEEK_LESS = "from sample where observed_at < '2013-12-24'"
SAMPLE = Path(__file__).parents[1] / "data" / "weather.parquet"


@pytest.fixture(scope="session")
def sample() -> Path:
    return SAMPLE


def write_altered(sql: str, path: Path) -> Path:
    with DuckDB() as engine:
        engine.read("sample", SAMPLE)
        engine.write(sql, path)
    return path


@pytest.fixture
def altered(tmp_path: Path) -> Callable[[str], Path]:
    """altered("select ... from sample") writes what the SQL makes of the sample to a parquet file."""
    return lambda sql: write_altered(sql, tmp_path / "altered.parquet")


@pytest.fixture
def shorter(altered: Callable[[str], Path]) -> Path:
    """A third of the sample: other data, sooner learnt from."""
    return altered("from sample where observed_at < '2013-05-01'")


@dataclass(frozen=True)
class Run:
    store: Path
    report: Version
    steps: list[str]  # the pieces of work that were really done


def run_into(store: Path, source: Path = SAMPLE, *span: Any) -> Run:
    from << cookiecutter.__package >> import pipeline  # it takes seconds, and not in every process

    steps: list[str] = []
    with DuckDB() as engine:
        report = pipeline.run(engine, store, source, NOON, lambda step, *_: steps.append(step), *span)
    return Run(store, report, steps)


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One run on the sample, for tests that only look."""
    return run_into(tmp_path_factory.mktemp("first") / "store")


@pytest.fixture
def ran(first_run: Run, tmp_path: Path) -> Run:
    """The same, in a folder of its own, for tests that go on from there."""
    shutil.copytree(first_run.store, tmp_path / "store", symlinks=True)
    return replace(first_run, store=tmp_path / "store")


@pytest.fixture(scope="session")
def second_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Two runs, the first on a shorter sample: a champion, and another one before it."""
    folder = tmp_path_factory.mktemp("second")
    run_into(folder / "store", write_altered(A_WEEK_LESS, folder / "shorter.parquet"))
    return run_into(folder / "store")


@pytest.fixture
def ran_twice(second_run: Run, tmp_path: Path) -> Run:
    """The same, in a folder of its own."""
    shutil.copytree(second_run.store, tmp_path / "store", symlinks=True)
    return replace(second_run, store=tmp_path / "store")


@pytest.fixture
def run() -> Callable[..., Run]:
    return run_into


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., Answer]:
    """command("check", file, ...) is what a user sees; `store` is where the versions lie."""

    def call(*words: object, store: Path = tmp_path / "store") -> Answer:
        monkeypatch.setenv(f"{settings.PREFIX}STORE", str(store))
        monkeypatch.setattr(sys, "argv", ["<< cookiecutter.project_slug >>", *map(str, words)])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        told = capsys.readouterr()
        return Answer(int(exit_.value.code or 0), told.out, told.err)

    return call


@pytest.fixture
def contracts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A copy of the package's contracts, to be spoilt."""
    shutil.copytree(settings.PACKAGE / "contracts", tmp_path / "contracts")
    monkeypatch.setattr(settings, "PACKAGE", tmp_path)
    return tmp_path / "contracts"
