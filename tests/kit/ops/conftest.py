"""What is rendered from objectives: those of slo.yaml, of every kind and for these tests, and others."""

import shutil
import subprocess
from pathlib import Path

import pytest

from datadevops.ops import alerts, own_objectives, slo

OBJECTIVES = Path(__file__).with_name("slo.yaml")
METRICS = {"orders_total": {"state": []}, "orders_failed_total": {}, "stock_seconds": {}}


def written(texts, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def render():
    """render(path, folder) writes what is rendered from an slo.yaml to the folder."""
    return lambda path, folder: written(alerts.render(slo.load(path, METRICS, {}), "shop-orders"), folder)


@pytest.fixture(scope="session")
def rendered(render, tmp_path_factory):
    """The folder with what is rendered from slo.yaml."""
    return render(OBJECTIVES, tmp_path_factory.mktemp("rendered"))


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
def home_of(command, tmp_path, monkeypatch):
    """home_of(product): its home, to be edited, with ops/generated as it should be."""

    def make(product):
        home = tmp_path / "home"
        shutil.copytree(product.folder / "ops", home / "ops")
        written(
            alerts.render(own_objectives.load(product, home), product.command), home / "ops" / "generated"
        )
        monkeypatch.setenv(f"{product.prefix}HOME", str(home))
        return home

    return make


@pytest.fixture
def home(home_of, product):
    return home_of(product)
