"""Products to review: one for each pair of answers, baked once. Read only: copy one to break it."""

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from datadevops_review import kit
from foreign import PACKAGE, build

import apart  # noqa: F401  first: copier keeps the environment that it finds
import bake
from breaking import append, edit
from breaks import BREAKS
from declaration import Answers, answer_sets

pytest_plugins = ["not_run", "own_settings"]

WAIVER = 'DD404 = {reason = "moves", owner = "payments", until = 2027-03-31}'
VENDORED = "vendor/datadevops-kit"


@pytest.fixture(scope="session")
def small_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template with as much of the kit as a review looks at, sealed as a release is; without the
    standard of its own that a fork has."""
    target = tmp_path_factory.mktemp("template") / "datadevops-template"
    bake.copy_template(target, bake.REST, bake.KIT_ROOMS, f"{bake.TREE}/datadevops.toml")
    folder = target / bake.TREE / VENDORED
    (folder / kit.PACKAGE / "release.sha256").write_text(f"{kit.seal(folder)}\n", encoding="utf-8")
    bake.commit(target, "sealed")
    bake.git("tag", "--force", "v1.0.0", cwd=target)
    return target


@pytest.fixture(scope="session")
def products(small_template: Path, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Answers, Path]]:
    """Each set of answers with its product."""
    folder = tmp_path_factory.mktemp("products")
    return [
        (answers, bake.by_cookiecutter(small_template, folder / str(number), **answers))
        for number, answers in enumerate(answer_sets())
    ]


@pytest.fixture(scope="session")
def fresh(small_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """fresh(ci="gitlab"): a product of these answers, baked at its first use."""

    @cache
    def baked(**answers: str) -> Path:
        return bake.by_cookiecutter(small_template, tmp_path_factory.mktemp("fresh"), **answers)

    return baked


@pytest.fixture
def product(fresh: Callable[..., Path], tmp_path: Path) -> Path:
    """A product of the default answers, for a test that breaks it."""
    source = fresh()
    return shutil.copytree(source, tmp_path / "rain-forecast")


@pytest.fixture
def fleet(fresh: Callable[..., Path], tmp_path: Path) -> Path:
    """A good product, a broken one, one with a waiver, one that no template made; and a list of some."""
    folder = tmp_path / "fleet"
    for name in ("good", "broken", "waived"):
        shutil.copytree(fresh(), folder / name)
    BREAKS["DD404"](folder / "broken")
    BREAKS["DD404"](folder / "waived")
    BREAKS["DD412"](folder / "broken")
    append("pyproject.toml", f"\n[tool.datadevops-review.waivers]\n{WAIVER}\n")(folder / "waived")
    edit("catalog-info.yaml", ("group:weather-data", "group:payments"))(folder / "waived")
    build(folder / "foreign", PACKAGE)
    bake.commit(folder / "good", "as baked")
    (tmp_path / "list.txt").write_text(
        "# ours\nfleet/good\nfleet/broken # soon\n\nfleet/gone\n", encoding="utf-8"
    )
    return folder
