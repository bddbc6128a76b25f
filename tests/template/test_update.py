"""`copier update` brings a product up to date, whichever engine baked it, and keeps edits."""

import re
import shutil
import sys
from pathlib import Path

import pytest
import yaml

import bake
import tree
from declaration import ROOT

HOW_TO = (ROOT / "docs" / "how-to" / "update-a-product.md").read_text(encoding="utf-8")
SRC, TEMPLATE_SRC = Path("src/rain_forecast"), Path("src/<<cookiecutter.__package>>")
KIT = Path("vendor/datadevops-kit/src/datadevops")


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
    append(product / KIT / "errors.py", "# A new line of the kit.\n")
    append(
        product / TEMPLATE_SRC / "contracts" / "sources" / "weather.yaml",
        "# A new line in the sample contract.\n",
    )
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


@pytest.fixture
def old_template(tmp_path: Path) -> Path:
    return version_101(tmp_path / "old")


def version_101(folder: Path) -> Path:
    """Version 1.0.1 with a file that the next version drops; of the kit, what is in no room."""
    template = bake.copy_template(folder / "datadevops-template", bake.REST, bake.KIT_ROOMS)
    (template / bake.TREE / "OLD").write_text("Old.\n")
    bake.commit(template, "a file to drop", tag="v1.0.1")
    return template


def born(engine: bake.Engine, template: Path, folder: Path) -> Path:
    """A product of the template's version, committed."""
    product = engine(template, folder / engine.__name__, org="globex")
    bake.commit(product, "baked")
    return product


@pytest.fixture(scope="module")
def products(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A product of each engine that is one version behind, and their template. Read only."""
    folder = tmp_path_factory.mktemp("released")
    template = version_101(folder)
    made = {engine.__name__: born(engine, template, folder) for engine in bake.ENGINES}
    release(template)
    return made | {"template": template}


both_engines = pytest.mark.parametrize("product", [engine.__name__ for engine in bake.ENGINES], indirect=True)


@pytest.fixture
def product(products: dict[str, Path], tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """One of them, to work on: cookiecutter's, which knows of no update, unless a test says."""
    made = products[getattr(request, "param", "by_cookiecutter")]
    return shutil.copytree(made, tmp_path / made.name)


@both_engines
def test_an_unedited_product_becomes_what_the_new_version_bakes(
    product: Path, products: dict[str, Path], tmp_path: Path
) -> None:
    """Except for the team's files, which stay as they were born."""
    before = tree.snapshot(product)

    update(product)

    fresh = bake.by_copier(products["template"], tmp_path / "fresh", org="globex")
    yours = tree.team_owned(product)
    updated = {name: path.read_bytes() for name, path in tree.files(product).items()}
    expected = {name: path.read_bytes() for name, path in tree.files(fresh).items()}
    assert updated == expected | {name: before[name][1] for name in yours}
    assert b"hourly products" in updated["NEWS"]
    assert {"README.md", str(SRC / "contracts" / "sources" / "weather.yaml")} <= yours


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
    edit(product / ".gitignore", ".venv/\n", ".venv/  # ours\n")
    append(product / KIT / "errors.py", "# Ours, at three in the morning.\n")
    append(product / KIT / "job.py", "# Ours, where the kit has not changed.\n")
    (product / "CODEOWNERS").unlink()
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
    answers = yaml.safe_load((product / ".copier-answers.yml").read_text(encoding="utf-8"))
    found = (answers["_commit"], answers["org"], answers["schedule"])
    assert found == ("v1.1.0", "globex", "hourly")


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


def test_a_deleted_file_of_the_team_comes_back_as_the_guide_says(
    edited: tuple[Path, dict[str, bytes]],
) -> None:
    product, mine = edited

    assert "CODEOWNERS" not in mine
    assert (product / "CODEOWNERS").exists()
    assert "| yours, but deleted by you | it comes back" in HOW_TO


def test_a_template_that_names_no_file_of_the_team_would_change_them(
    old_template: Path, tmp_path: Path
) -> None:
    """The check above bites: without `_yours` the template's change arrives in the README."""
    product = born(bake.by_cookiecutter, old_template, tmp_path)
    edit(old_template / "cookiecutter.json", '    "README.md",\n', "")
    release(old_template)

    update(product)

    assert "A new line in the sample README." in (product / "README.md").read_text(encoding="utf-8")


def test_an_update_over_uncommitted_edits_is_refused(product: Path) -> None:
    append(product / ".gitignore", "/ours/\n")
    before = tree.snapshot(product)

    done = bake.run(*the_how_tos_command(), cwd=product)

    assert done.returncode != 0
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


def test_a_product_that_is_renamed_as_the_guide_says_keeps_what_the_team_wrote(product: Path) -> None:
    append(product / SRC / "model.py", "# Ours.\n")
    bake.commit(product, "our edit")
    block = HOW_TO.partition("## Another name of the product")[2].partition("```sh\n")[2].partition("```")[0]
    commands = block.replace("uvx copier", f"{sys.executable} -m copier")

    done = bake.run("bash", "-ec", commands, cwd=product)

    assert done.returncode == 0, done.stderr
    assert (product / "src/snow_forecast/model.py").read_text(encoding="utf-8").endswith("# Ours.\n")
    assert "rain_forecast" not in (product / "src/snow_forecast/__init__.py").read_text(encoding="utf-8")
    assert not (product / SRC).exists()
    assert 'name = "snow-forecast"' in (product / "pyproject.toml").read_text(encoding="utf-8")
    assert bake.git("diff", "--name-only", "--diff-filter=U", cwd=product) == ""


def test_the_command_of_a_product_s_readme_changes_its_purpose_in_the_template_s_files(product: Path) -> None:
    readme = (product / "README.md").read_text(encoding="utf-8")
    command = re.search(r"`uvx (copier update .*) description=", readme)
    assert command

    done = bake.run(
        sys.executable, "-m", *command[1].split(), "description=Does it snow tomorrow?", cwd=product
    )

    assert done.returncode == 0, done.stderr
    for name in ("pyproject.toml", "Dockerfile", ".copier-answers.yml"):
        assert "Does it snow tomorrow?" in (product / name).read_text(encoding="utf-8")
