"""The product's code is clean by the product's own checks, in every combination of answers.

One environment, made by one real `uv sync`, serves all products and all test processes. The
product's own tests, minutes of them, are run by `tox -e life`, with all else of its tox.
"""

import shutil
from collections.abc import Callable
from importlib.metadata import distributions
from pathlib import Path

import pytest

import bake
import workshop
from declaration import Answers, answer_sets, keeps
from test_exact_answers import EXACT, MARKED


def baked_with(answers: Answers, template: Path, folder: Path) -> Path:
    return bake.by_cookiecutter(template, folder, **answers)


@pytest.fixture(scope="module")
def products(template: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A product for each combination of answers."""
    folder = tmp_path_factory.mktemp("products")
    return [baked_with(each, template, folder / str(n)) for n, each in enumerate(answer_sets())]


def distinct(products: list[Path], key: Callable[[Path], object]) -> list[Path]:
    """One product for each value of the key."""
    return list({key(product): product for product in products}.values())


@pytest.mark.parametrize("number", range(len(answer_sets())))
def test_every_combination_passes_ruff(number: int, products: list[Path], environment: Path) -> None:
    assert not (said := workshop.run(products[number], "lint", environment)), "\n".join(said)


@pytest.mark.parametrize("answers", EXACT.values(), ids=EXACT)
def test_no_allowed_answer_breaks_ruff(
    answers: Answers, template: Path, tmp_path: Path, environment: Path
) -> None:
    product = baked_with(MARKED | answers, template, tmp_path)

    assert not (said := workshop.run(product, "lint", environment)), "\n".join(said)


def test_other_values_in_model_py_leave_it_as_ruff_writes_it(
    template: Path, tmp_path: Path, environment: Path
) -> None:
    product = bake.by_cookiecutter(template, tmp_path)
    (model,) = product.glob("src/*/model.py")
    workshop.edit(model, "timedelta(hours=1)", "timedelta(days=1, hours=12)")
    workshop.edit(model, "Limits()", "Limits(champion_loss=0.02, group_rows=1_000)")

    assert not (said := workshop.run(product, "lint", environment)), "\n".join(said)


def test_every_distinct_code_passes_mypy(products: list[Path], environment: Path) -> None:
    """Products with the same Python, byte by byte, are read once."""
    for product in distinct(products, workshop.code):
        assert not (said := workshop.run(product, "type", environment)), "\n".join(said)


@pytest.mark.life
@pytest.mark.long
def test_every_shape_of_contracts_runs_the_main_job(products: list[Path], environment: Path) -> None:
    started = [product for product in products if (product / ".example-files").exists()]
    for product in distinct(started, workshop.shape):
        done = workshop.main_job(product, environment)
        assert done.returncode == 0, done.stdout + done.stderr


BREAKS = {
    "an unused import": ("lint", "model.py", "import os\n"),
    "another style": ("lint", "model.py", "x = {'a':1}\n"),
    "a wrong type": ("type", "model.py", 'number: int = "one"\n'),
}


@pytest.mark.parametrize(("name", "file", "line"), BREAKS.values(), ids=BREAKS)
def test_broken_code_fails_its_check(
    name: str, file: str, line: str, baked: Path, tmp_path: Path, environment: Path
) -> None:
    broken = shutil.copytree(baked, tmp_path / "broken")
    path = broken / "src" / "rain_forecast" / file
    path.write_text(path.read_text(encoding="utf-8") + line, encoding="utf-8")

    assert file in "".join(workshop.run(broken, name, environment))


def test_a_failing_test_of_the_product_fails_its_check(
    baked: Path, tmp_path: Path, environment: Path
) -> None:
    broken = shutil.copytree(baked, tmp_path / "broken")
    (broken / "tests" / "test_broken.py").write_text("def test_it() -> None:\n    assert 1 == 2\n")

    said = workshop.run(broken, "test", environment, "tests/test_broken.py")

    assert "1 failed" in "".join(said)


def test_no_slug_hides_a_dependency_of_the_product(environment: Path) -> None:
    """Neither the project's name, which uv resolves, nor a module's, which Python imports."""
    installed = list(distributions(path=[str(next(environment.glob("lib/python*/site-packages")))]))
    projects = {each.metadata["Name"].lower().replace("_", "-") for each in installed}
    modules = {Path(file.parts[0]).stem for each in installed for file in each.files or []}
    names = projects | {module.lower().replace("_", "-") for module in modules}

    assert {"duckdb", "scikit-learn", "typing-extensions"} <= names
    assert sorted(name for name in names if keeps("project_slug", name)) == []
