"""`copier update` brings a product up to date, whichever engine baked it, and keeps edits."""

import re
import sys
from pathlib import Path

import pytest
import yaml

import bake
import tree
from declaration import ROOT

HOW_TO = (ROOT / "docs" / "how-to" / "update-a-product.md").read_text(encoding="utf-8")
SRC, KIT = Path("src/rain_forecast"), Path("src/<<cookiecutter.__package>>")


def the_how_tos_command() -> list[str]:
    """The first command of the guide, with the copier of these tests in the place of uvx."""
    found = re.search(r"```sh\n(uvx copier update .*)\n", HOW_TO)
    assert found
    return [sys.executable, "-m", *found.group(1).split()[1:]]


def update(product: Path) -> str:
    done = bake.run(*the_how_tos_command(), cwd=product)
    assert done.returncode == 0, done.stderr
    return done.stderr


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path.name} holds {old!r} {text.count(old)} times"
    path.write_text(text.replace(old, new), encoding="utf-8")


def append(path: Path, line: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + line, encoding="utf-8")


def release(template: Path) -> None:
    """Version 1.1.0: changes in files of both kinds, a new file, a new question, one file less."""
    product = template / bake.TREE
    append(product / KIT / "kit" / "errors.py", "# A new line of the kit.\n")
    append(product / KIT / "contracts" / "source.yaml", "# A new line in the sample contract.\n")
    append(product / "README.md", "A new line in the sample README.\n")
    edit(product / ".gitignore", ".venv/\n", ".venv/\n.cache/\n")
    (product / "NEWS").write_text("News for << cookiecutter.schedule >> products.\n")
    (product / "OLD").unlink()
    edit(
        template / "cookiecutter.json",
        '  "org": "acme"',
        '  "schedule": "hourly",\n  "org": "acme"',
    )
    edit(
        template / "cookiecutter.json",
        '  "__prompts__": {',
        '  "__prompts__": {\n    "schedule": "How often does it run?",',
    )
    made = bake.run(sys.executable, "tools/make_copier_yml.py", cwd=template)
    assert made.returncode == 0, made.stderr
    bake.commit(template, "one more", tag="v1.1.0")


both_engines = pytest.mark.parametrize(
    "engine", bake.ENGINES, ids=lambda engine: engine.__name__, indirect=True
)


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> bake.Engine:
    """What made the product; cookiecutter, which knows of no update, where a test does not say."""
    born_by: bake.Engine = getattr(request, "param", bake.by_cookiecutter)
    return born_by


@pytest.fixture
def old_template(own_template: Path) -> Path:
    """Version 1.0.1 of the template, with a file that the next version drops."""
    (own_template / bake.TREE / "OLD").write_text("Old.\n")
    bake.commit(own_template, "a file to drop", tag="v1.0.1")
    return own_template


@pytest.fixture
def product(engine: bake.Engine, old_template: Path, tmp_path: Path) -> Path:
    """A product of version 1.0.1, committed."""
    baked = engine(old_template, tmp_path / "born", org="globex")
    bake.commit(baked, "baked")
    return baked


@both_engines
def test_an_unedited_product_becomes_what_the_new_version_bakes(
    product: Path, old_template: Path, tmp_path: Path
) -> None:
    """Except for the team's files, which stay as they were born."""
    born = tree.snapshot(product)
    release(old_template)

    update(product)

    fresh = bake.by_copier(old_template, tmp_path / "fresh", org="globex")
    yours = tree.team_owned(product)
    updated = {name: path.read_bytes() for name, path in tree.files(product).items()}
    expected = {name: path.read_bytes() for name, path in tree.files(fresh).items()}
    assert updated == expected | {name: born[name][1] for name in yours}
    assert b"hourly products" in updated["NEWS"]
    assert {"README.md", str(SRC / "contracts" / "source.yaml")} <= yours


@both_engines
def test_edits_survive_and_the_templates_changes_arrive(product: Path, old_template: Path) -> None:
    append(product / "README.md", "Ours.\n")
    append(product / SRC / "contracts" / "source.yaml", "# Ours.\n")
    append(product / ".gitignore", "/ours/\n")
    mine = {name: (product / name).read_bytes() for name in tree.team_owned(product)}
    bake.commit(product, "our edits")
    release(old_template)

    update(product)

    assert {name: (product / name).read_bytes() for name in mine} == mine
    kit = (product / SRC / "kit" / "errors.py").read_text(encoding="utf-8")
    ignored = (product / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert kit.endswith("# A new line of the kit.\n")
    assert {".cache/", "/ours/"} <= set(ignored)
    assert not (product / "OLD").exists()
    answers = yaml.safe_load((product / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert (answers["_commit"], answers["org"], answers["schedule"]) == (
        "v1.1.0",
        "globex",
        "hourly",
    )


def test_a_template_that_names_no_file_of_the_team_would_change_them(
    product: Path, old_template: Path
) -> None:
    """The check above bites: without `_yours` the template's change arrives in the README."""
    edit(old_template / "cookiecutter.json", '    "README.md",\n', "")
    release(old_template)

    update(product)

    assert "A new line in the sample README." in (product / "README.md").read_text(encoding="utf-8")


def test_two_edits_of_one_line_are_both_kept_between_markers(
    product: Path, old_template: Path
) -> None:
    edit(product / ".gitignore", ".venv/\n", ".venv/  # ours\n")
    bake.commit(product, "our edit")
    release(old_template)

    update(product)

    text = (product / ".gitignore").read_text(encoding="utf-8")
    assert "<<<<<<< before updating\n.venv/  # ours\n" in text
    assert ".cache/\n>>>>>>> after updating\n" in text
    assert bake.run("git", "diff", "--check", cwd=product).returncode != 0


def test_an_update_over_uncommitted_edits_is_refused(product: Path, old_template: Path) -> None:
    append(product / ".gitignore", "/ours/\n")
    release(old_template)
    before = tree.snapshot(product)

    done = bake.run(*the_how_tos_command(), cwd=product)

    assert done.returncode != 0
    assert {k: v for k, v in tree.snapshot(product).items() if not k.startswith(".git/")} == {
        k: v for k, v in before.items() if not k.startswith(".git/")
    }


def test_a_deleted_file_of_the_team_comes_back_as_the_guide_says(
    product: Path, old_template: Path
) -> None:
    (product / SRC / "contracts" / "source.yaml").unlink()
    bake.commit(product, "not needed")
    release(old_template)

    update(product)

    assert (product / SRC / "contracts" / "source.yaml").exists()
    assert "| yours, but deleted by you | it comes back" in HOW_TO


def test_a_newer_version_is_announced_by_exit_code_two(product: Path, old_template: Path) -> None:
    command = [sys.executable, "-m", "copier", "check-update", "--quiet"]

    assert bake.run(*command, cwd=product).returncode == 0
    release(old_template)
    assert bake.run(*command, cwd=product).returncode == 2
    assert "`uvx copier check-update --quiet` exits with 2" in HOW_TO
