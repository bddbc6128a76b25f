"""Any repository becomes a product by `copier copy`, and nothing in it is overwritten unasked."""

import re
import shutil
import sys
from pathlib import Path

import pytest

import bake
import versions
import workshop
from declaration import ROOT

pytestmark = pytest.mark.updates

GUIDE = (ROOT / "docs" / "how-to" / "adopt-a-repository.md").read_text(encoding="utf-8")
OF_TEAM = {
    "README.md": "# Shop\n",
    "CODEOWNERS": "* @globex/shop\n",
    "src/shop_orders/__init__.py": "ORDERS = 7\n",
    "src/shop_orders/stock.py": "STOCK = 7\n",
    "tests/test_stock.py": "def test_stock(): pass\n",
}
OF_TEMPLATE = {
    "pyproject.toml": '[project]\nname = "shop"\nversion = "0.1"\ndependencies = ["polars"]\n',
    ".gitignore": "vendor/\n*.log\n",
    ".github/workflows/release.yml": "on: push\n",
}
OTHER = {".github/workflows/ci.yml": "on: push\n", "notebooks/look.ipynb": "{}\n", "Makefile": "all:\n"}
ALL = OF_TEAM | OF_TEMPLATE | OTHER


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a team had before it knew of the template. Read only."""
    folder = tmp_path_factory.mktemp("shop") / "shop"
    for name, text in ALL.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    bake.commit(folder, "a shop")
    return folder


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return versions.version_101(tmp_path_factory.mktemp("released"))


@pytest.fixture(scope="module")
def adopted(repository: Path, template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository after the first step of the guide. Read only."""
    folder = shutil.copytree(repository, tmp_path_factory.mktemp("adopted") / "shop")
    command, commit = versions.commands("## 1. Add what is missing", GUIDE)
    answers = "--defaults --data project_slug=shop-orders --data example=none"
    shell(command.replace("gh:org/datadevops-template", f"{answers} {template}"), folder)
    shell(commit, folder)
    return folder


def shell(line: str, folder: Path) -> workshop.Done:
    done = bake.run("bash", "-c", line, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done


def texts(folder: Path, names: dict[str, str]) -> dict[str, str]:
    return {name: (folder / name).read_text(encoding="utf-8") for name in names}


def take_over(adopted: Path, folder: Path) -> Path:
    """The repository after the second step."""
    product = shutil.copytree(adopted, folder / "shop")
    for line in versions.commands("## 2. Take over the machinery", GUIDE):
        shell(line, product)
    return product


def test_the_first_step_adds_what_is_missing_and_leaves_every_file(adopted: Path) -> None:
    assert texts(adopted, ALL) == ALL
    committed = bake.git("ls-files", cwd=adopted).splitlines()
    assert {".copier-answers.yml", "src/shop_orders/pipeline.py", "ops/slo.yaml", "tox.toml"} <= set(
        committed
    )
    assert "src/shop_orders/contracts" not in "\n".join(committed), "no example"


def test_the_command_starts_after_the_guide_s_lines_are_added_to_the_package(
    adopted: Path, environment: Path, tmp_path: Path
) -> None:
    product = shutil.copytree(adopted, tmp_path / "shop")
    shutil.rmtree(product / "vendor")  # a part of the kit; the environment has all of it
    package = product / "src" / "shop_orders" / "__init__.py"
    (lines,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    words = ["python", "-c", "import shop_orders as s, shop_orders.cli; print(s.ORDERS, s.PRODUCT.title)"]

    before = workshop.at_work(product, environment, *words)
    versions.append(package, lines)
    after = workshop.at_work(product, environment, *words)

    assert "cannot import name 'PRODUCT'" in before.stderr
    assert "cannot import name 'PRODUCT'" in GUIDE
    assert after.stdout == "7 Shop Orders\n", after.stderr


def test_the_guide_s_lines_are_those_of_a_product(template: Path, tmp_path: Path) -> None:
    product = bake.by_cookiecutter(template, tmp_path, project_name="Shop Orders", project_slug="shop-orders")

    (lines,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)

    assert (product / "src/shop_orders/__init__.py").read_text(encoding="utf-8").endswith(f"\n{lines}")


def test_the_second_step_takes_over_only_what_belongs_to_the_template(adopted: Path, tmp_path: Path) -> None:
    product = take_over(adopted, tmp_path)

    assert texts(product, OF_TEAM | OTHER) == OF_TEAM | OTHER
    for name, text in OF_TEMPLATE.items():
        assert "Template-owned" in (product / name).read_text(encoding="utf-8")
        assert bake.git("show", f"HEAD:{name}", cwd=product) == text, "git has it"
    changed = bake.git("diff", "--name-only", cwd=product).splitlines()
    assert sorted(changed) == sorted(OF_TEMPLATE)
    bake.commit(product, "the template's machinery")
    assert "vendor/datadevops-kit/pyproject.toml" in bake.git("ls-files", cwd=product)


def test_an_adopted_repository_is_updated_like_any_other(
    adopted: Path, template: Path, tmp_path: Path
) -> None:
    """Also if it kept a file of its own in the place of the template's: both are shown."""
    product = take_over(adopted, tmp_path / "product")
    bake.git("restore", ".gitignore", cwd=product)
    bake.commit(product, "the template's machinery, but for .gitignore")
    newer = shutil.copytree(template, tmp_path / "newer", symlinks=True)
    versions.release(newer)
    workshop.edit(product / ".copier-answers.yml", str(template), str(newer))
    bake.commit(product, "the template moved")

    versions.update(product)

    assert versions.answers(product)["_commit"] == "v1.1.0"
    assert texts(product, OF_TEAM | OTHER) == OF_TEAM | OTHER
    assert (product / "ops" / "runbooks" / "New.md").exists()
    assert "*.log\n" in (product / ".gitignore").read_text(encoding="utf-8")
    conflicts = bake.git("diff", "--name-only", "--diff-filter=U", cwd=product).split()
    assert conflicts == [".gitignore"]


def test_without_the_option_copier_asks_before_it_overwrites(
    repository: Path, template: Path, tmp_path: Path
) -> None:
    """Without a terminal nobody can answer, and it stops."""
    folder = shutil.copytree(repository, tmp_path / "shop")
    command = [sys.executable, "-m", "copier", "copy", "--defaults"]

    done = bake.run(*command, "--data", "project_slug=shop-orders", template, folder, cwd=folder)

    assert done.returncode != 0
    assert "Consider using `--overwrite`" in done.stderr
    assert texts(folder, ALL) == ALL
