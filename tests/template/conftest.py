"""Fixtures: a template to bake from, and products baked from it."""

import shutil
from pathlib import Path

import pytest
from filelock import FileLock

import apart  # noqa: F401  first: copier keeps the environment that it finds
import bake
import versions
from declaration import choices

pytest_plugins = ["not_run", "own_settings"]
collect_ignore = ["own_data"]  # files of products


@pytest.fixture(scope="session")
def whole_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template as a git repository tagged v1.0.0. Read only: all tests share it."""
    return bake.copy_template(tmp_path_factory.mktemp("whole") / "datadevops-template")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without the kit's source, of which `environment` has enough for all products."""
    target = tmp_path_factory.mktemp("template") / "datadevops-template"
    return bake.copy_template(target, bake.REST, bake.KIT_SOURCE)


@pytest.fixture
def own_template(tmp_path: Path) -> Path:
    """As `template`, for a test that changes it."""
    return bake.copy_template(tmp_path / "own" / "datadevops-template", bake.REST, bake.KIT_SOURCE)


@pytest.fixture(scope="session")
def baked(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The product of the default answers, without the kit's source. Read only: copy it to break it."""
    return bake.by_cookiecutter(template, tmp_path_factory.mktemp("baked"))


@pytest.fixture(scope="session")
def by_provider(template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A product for each provider of CI. Read only: copy it to break it."""
    folder = tmp_path_factory.mktemp("by-provider")
    return {each: bake.by_cookiecutter(template, folder / each, ci=each) for each in choices()["ci"]}


@pytest.fixture(scope="session")
def products(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A product of each engine that is one version behind, and their template. Read only."""
    folder = tmp_path_factory.mktemp("released")
    template = versions.version_101(folder)
    made = {engine.__name__: versions.born(engine, template, folder) for engine in bake.ENGINES}
    versions.release(template)
    return made | {"template": template}


@pytest.fixture
def outdated(products: dict[str, Path], tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """One of them, to work on: cookiecutter's, which knows of no update, unless a test says."""
    made = products[getattr(request, "param", "by_cookiecutter")]
    return shutil.copytree(made, tmp_path / made.name)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """As `whole_template`, for a test that works in it."""
    return bake.copy_template(tmp_path / "own" / "datadevops-template")


@pytest.fixture(scope="session")
def whole_baked(whole_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The product of the default answers. Read only: copy it to break it."""
    return bake.by_cookiecutter(whole_template, tmp_path_factory.mktemp("baked"))


@pytest.fixture(scope="session")
def environment(whole_template: Path, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """What `uv sync` installs for a product, save the product itself: each brings its own."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    with FileLock(shared / "environment.lock"):
        product = shared / "environment" / "rain-forecast"
        if not product.exists():
            bake.by_cookiecutter(whole_template, product.parent)
            sync = ["uv", "sync", "--no-install-project", "--quiet"]
            done = bake.run(*sync, cwd=product)
            assert done.returncode == 0, done.stderr
            for slug in bake.DEFAULT_SLUGS.values():
                write_command(product / ".venv" / "bin", slug)
    return product / ".venv"


COMMAND = """#!/bin/sh
'''exec' "{folder}/python" "$0" "$@"
' '''
from {package}.cli import app
app()
"""


def write_command(folder: Path, slug: str) -> None:
    """The command of a product whose package is found by PYTHONPATH; shell and Python, as `folder` may
    have blanks."""
    text = COMMAND.format(folder=folder, package=slug.replace("-", "_"))
    (folder / slug).write_text(text, encoding="utf-8")
    (folder / slug).chmod(0o755)
