"""`copier update` brings a product up to date, whichever engine baked it, and keeps edits."""

import re
import shutil
import sys
from pathlib import Path

import pytest

import bake
import tree
import workshop
from versions import (
    HOW_TO,
    KIT,
    SRC,
    answers,
    append,
    born,
    commands,
    release,
    try_update,
    update,
    version_101,
)

pytestmark = pytest.mark.updates


@pytest.fixture
def old_template(tmp_path: Path) -> Path:
    return version_101(tmp_path / "old")


both_engines = pytest.mark.parametrize(
    "outdated", [engine.__name__ for engine in bake.ENGINES], indirect=True
)


@both_engines
def test_an_unedited_product_becomes_what_the_new_version_bakes(
    outdated: Path, products: dict[str, Path], tmp_path: Path
) -> None:
    """Except for the team's files, which stay as they were born."""
    product, before = outdated, tree.snapshot(outdated)

    update(product)

    fresh = bake.by_copier(products["template"], tmp_path / "fresh", org="globex")
    yours = tree.team_owned(product)
    updated = {name: path.read_bytes() for name, path in tree.files(product).items()}
    expected = {name: path.read_bytes() for name, path in tree.files(fresh).items()}
    assert updated == expected | {name: before[name][1] for name in yours & before.keys()}
    assert b"hourly products" in updated["NEWS"]
    assert {"README.md", str(SRC / "contracts" / "sources" / "weather.yaml")} <= yours


# Of the team, of the template, and both in a folder that an update writes to.
DELETED = [
    "CODEOWNERS",
    f"{SRC}/transforms/labels.sql",
    "ops/runbooks/Watchdog.md",
    "docs/rollback.md",
    "ci/run.sh",
]


@pytest.fixture(scope="module", params=[engine.__name__ for engine in bake.ENGINES])
def edited(
    products: dict[str, Path], tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> tuple[Path, dict[str, bytes]]:
    """A product after an update over edits of every kind, and the team's files as they were before it."""
    made = products[request.param]
    product = shutil.copytree(made, tmp_path_factory.mktemp("edited") / made.name)
    append(product / "README.md", "Ours.\n")
    append(product / SRC / "contracts" / "sources" / "weather.yaml", "# Ours.\n")
    append(product / ".yamllint.yaml", "# ours\n")
    workshop.edit(product / ".gitignore", ".venv/\n", ".venv/  # ours\n")
    append(product / KIT / "errors.py", "# Ours, at three in the morning.\n")
    append(product / KIT / "job.py", "# Ours, where the kit has not changed.\n")
    (product / SRC / "extra.py").write_text("# Ours.\n")
    for name in DELETED:
        (product / name).unlink()
    mine = {name: (product / name).read_bytes() for name in tree.team_owned(product)}
    bake.commit(product, "our edits")
    update(product)
    return product, mine


def test_edits_survive_and_the_templates_changes_arrive(edited: tuple[Path, dict[str, bytes]]) -> None:
    product, mine = edited

    assert {name: (product / name).read_bytes() for name in mine} == mine
    assert b"Ours." in mine["README.md"]
    assert "# ours\n" in (product / ".yamllint.yaml").read_text(encoding="utf-8")
    assert "hourly products" in (product / "NEWS").read_text(encoding="utf-8")
    assert not (product / "OLD").exists()
    recorded = answers(product)
    assert (recorded["_commit"], recorded["org"], recorded["schedule"]) == ("v1.1.0", "globex", "hourly")


def test_two_edits_of_one_line_are_both_kept_between_markers(edited: tuple[Path, dict[str, bytes]]) -> None:
    product, _ = edited

    text = (product / ".gitignore").read_text(encoding="utf-8")
    assert "<<<<<<< before updating\n.venv/  # ours\n" in text
    assert ".cache/\n>>>>>>> after updating\n" in text
    assert bake.run("git", "diff", "--check", cwd=product).returncode != 0


def test_an_emergency_edit_of_the_kit_meets_the_update_as_a_conflict(
    edited: tuple[Path, dict[str, bytes]],
) -> None:
    product, _ = edited

    text = (product / KIT / "errors.py").read_text(encoding="utf-8")
    assert "<<<<<<< before updating\n# Ours, at three in the morning.\n" in text
    assert "# A new line of the kit.\n>>>>>>> after updating\n" in text
    assert (product / KIT / "job.py").read_text("utf-8").endswith("has not changed.\n")


def test_deleted_files_stay_deleted_and_new_files_of_the_team_arrive(
    edited: tuple[Path, dict[str, bytes]],
) -> None:
    product, _ = edited

    assert [name for name in DELETED if (product / name).exists()] == []
    assert (product / "ops" / "runbooks" / "New.md").exists()


def test_with_a_relative_path_a_deleted_file_of_the_team_comes_back_as_the_guide_says(outdated: Path) -> None:
    product = outdated
    """copier looks for it from another folder then."""
    for name in ("CODEOWNERS", "ci/run.sh"):
        (product / name).unlink()
    bake.commit(product, "our edits")

    done = bake.run(sys.executable, "-m", "copier", "update", "--defaults", cwd=product)

    assert done.returncode == 0, done.stderr
    assert (product / "CODEOWNERS").exists()
    assert not (product / "ci" / "run.sh").exists()
    assert "without it, a file of yours that you deleted comes back" in HOW_TO.replace("\n", " ")


def test_a_template_that_names_no_file_of_the_team_would_change_them(
    old_template: Path, tmp_path: Path
) -> None:
    """The check above bites: without `_yours` the template's change arrives in the README."""
    product = born(bake.by_cookiecutter, old_template, tmp_path)
    workshop.edit(old_template / "cookiecutter.json", '    "README.md",\n', "")
    release(old_template)

    update(product)

    assert "A new line in the sample README." in (product / "README.md").read_text(encoding="utf-8")


def test_an_update_over_uncommitted_edits_is_refused(outdated: Path) -> None:
    product = outdated
    append(product / ".gitignore", "/ours/\n")
    before = tree.snapshot(product)

    assert try_update(product).returncode != 0
    assert {k: v for k, v in tree.snapshot(product).items() if not k.startswith(".git/")} == {
        k: v for k, v in before.items() if not k.startswith(".git/")
    }


def test_a_newer_version_is_announced_by_exit_code_two(old_template: Path, tmp_path: Path) -> None:
    product = born(bake.by_cookiecutter, old_template, tmp_path)
    command = [sys.executable, "-m", "copier", "check-update", "--quiet"]

    assert bake.run(*command, cwd=product).returncode == 0
    release(old_template)
    assert bake.run(*command, cwd=product).returncode == 2
    assert "`uvx copier check-update --quiet` exits with 2" in HOW_TO


def test_a_product_that_is_renamed_as_the_guide_says_keeps_what_the_team_wrote(outdated: Path) -> None:
    product = outdated
    append(product / SRC / "model.py", "# Ours.\n")
    bake.commit(product, "our edit")

    done = bake.run("bash", "-ec", "\n".join(commands("## Another name of the product")), cwd=product)

    assert done.returncode == 0, done.stderr
    assert (product / "src/snow_forecast/model.py").read_text(encoding="utf-8").endswith("# Ours.\n")
    assert "rain_forecast" not in (product / "src/snow_forecast/__init__.py").read_text(encoding="utf-8")
    assert not (product / SRC).exists()
    assert 'name = "snow-forecast"' in (product / "pyproject.toml").read_text(encoding="utf-8")
    assert bake.git("diff", "--name-only", "--diff-filter=U", cwd=product) == ""


def test_the_command_of_a_product_s_readme_changes_its_purpose_in_the_template_s_files(
    outdated: Path,
) -> None:
    product = outdated
    readme = (product / "README.md").read_text(encoding="utf-8")
    command = re.search(r"`uvx (copier update .*) description=", readme)
    assert command

    done = bake.run(
        sys.executable, "-m", *command[1].split(), "description=Does it snow tomorrow?", cwd=product
    )

    assert done.returncode == 0, done.stderr
    for name in ("pyproject.toml", "Dockerfile", ".copier-answers.yml"):
        assert "Does it snow tomorrow?" in (product / name).read_text(encoding="utf-8")


def test_a_file_of_the_team_that_the_template_leaves_to_the_teams_is_not_deleted(
    old_template: Path, tmp_path: Path
) -> None:
    product = born(bake.by_cookiecutter, old_template, tmp_path)
    for name in ("SECURITY.md", "CONTRIBUTING.md"):
        (old_template / bake.TREE / name).unlink()
    workshop.edit(
        old_template / "cookiecutter.json", '"_left_to_teams": []', '"_left_to_teams": ["SECURITY.md"]'
    )
    workshop.edit(old_template / "cookiecutter.json", '    "SECURITY.md",\n', "")
    workshop.edit(old_template / "cookiecutter.json", '    "CONTRIBUTING.md",\n', "")
    release(old_template)

    update(product)

    assert (product / "SECURITY.md").exists()
    assert not (product / "CONTRIBUTING.md").exists(), "nothing else would keep it"
