"""A newer kit alone, without the template's other changes."""

import shutil
from pathlib import Path

import pytest

import bake
from versions import KIT, answers, append, commands, update

pytestmark = pytest.mark.updates


@pytest.fixture(scope="module")
def newer_kit(products: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A product with edits inside and outside the kit, after an update of the kit alone. Read only."""
    product = shutil.copytree(products["by_cookiecutter"], tmp_path_factory.mktemp("kit") / "rain-forecast")
    append(product / KIT / "errors.py", "# Ours, at three in the morning.\n")
    append(product / KIT / "job.py", "# Ours, where the kit has not changed.\n")
    append(product / ".yamllint.yaml", "# ours\n")
    bake.commit(product, "our edits")
    done = bake.run("bash", "-c", commands("## The kit alone")[0], cwd=product)
    assert done.returncode == 0, done.stderr
    return product


def test_an_edit_in_the_kit_is_shown_as_a_conflict_and_nothing_else_is_touched(newer_kit: Path) -> None:
    text = (newer_kit / KIT / "errors.py").read_text(encoding="utf-8")
    assert "<<<<<<< before updating\n# Ours, at three in the morning.\n" in text
    assert "# A new line of the kit.\n>>>>>>> after updating\n" in text
    assert bake.git("status", "--porcelain", cwd=newer_kit) == f"UU {KIT}/errors.py\n"
    assert (newer_kit / KIT / "job.py").read_text("utf-8").endswith("has not changed.\n")
    assert answers(newer_kit)["_commit"] == "v1.0.1"


def test_the_next_full_update_brings_the_rest(newer_kit: Path, tmp_path: Path) -> None:
    product = shutil.copytree(newer_kit, tmp_path / "rain-forecast")
    bake.git("checkout", "--theirs", "--", KIT / "errors.py", cwd=product)
    bake.commit(product, "the kit's line")

    update(product)

    assert answers(product)["_commit"] == "v1.1.0"
    assert (product / "NEWS").exists()
    assert bake.git("diff", "--name-only", "--diff-filter=U", cwd=product) == ""
    assert (product / KIT / "errors.py").read_text("utf-8").count("# A new line of the kit.\n") == 1
    assert (product / KIT / "job.py").read_text("utf-8").endswith("has not changed.\n")
