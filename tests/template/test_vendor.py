"""The kit comes with the product as it is, or from an index: whole, unrendered, nothing beside it."""

import re
import shutil
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import bake
import tree
import versions
import workshop
from declaration import DECLARED, ROOT

KIT = "vendor/datadevops-kit"
INDEX = "https://packages.example.org/simple/"
# What tools leave in a folder that somebody works in.
LEFT_BEHIND = [
    ".venv/bin/python",
    ".mypy_cache/3.11/cache.db",
    "dist/datadevops_kit-1.0.0.tar.gz",
    "src/datadevops/__pycache__/errors.cpython-311.pyc",
    "src/datadevops_kit.egg-info/PKG-INFO",
]

both_engines = pytest.mark.parametrize("engine", bake.ENGINES, ids=lambda each: each.__name__)


def project(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_kit_holds_nothing_that_an_engine_would_render() -> None:
    """copier renders the files that cookiecutter copies."""
    openers = ("<<", "# <%", "# <#")
    texts = tree.texts(ROOT / bake.TREE / KIT).items()

    assert [name for name, text in texts for each in openers if each.encode() in text] == []


def test_the_link_at_the_top_leads_to_the_folder_in_the_product_tree() -> None:
    """Never the other way round: a zip would hold a text in the place of the kit."""
    assert (ROOT / "kit").is_symlink()
    assert (ROOT / "kit").readlink().as_posix() == f"{bake.TREE}/{KIT}"
    assert not any(path.is_symlink() for path in (ROOT / bake.TREE / "vendor").rglob("*"))


@both_engines
def test_the_kit_is_baked_as_it_is(engine: bake.Engine, whole_template: Path, tmp_path: Path) -> None:
    product = engine(whole_template, tmp_path)

    ours = tree.snapshot(whole_template / bake.TREE / KIT)
    assert tree.differences(ours, tree.snapshot(product / KIT)) == []


@pytest.mark.parametrize("check", tree.CHECKS, ids=lambda check: check.__name__)
def test_a_product_with_its_kit_passes(check: Callable[[Path], list[str]], whole_baked: Path) -> None:
    assert check(whole_baked) == []


@both_engines
def test_no_environment_cache_or_build_is_baked(
    engine: bake.Engine, whole_template: Path, tmp_path: Path, whole_baked: Path
) -> None:
    folder = shutil.copytree(whole_template, tmp_path / "t", ignore=shutil.ignore_patterns(".git"))
    for name in [*LEFT_BEHIND, "../../tests/__pycache__/conftest.cpython-311.pyc"]:
        path = folder / bake.TREE / KIT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\0")

    product = engine(folder, tmp_path / "out")

    assert set(tree.files(product)) == set(tree.files(whole_baked))


@pytest.fixture(scope="module")
def indexed(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A product that takes the kit from an index. Read only."""
    return bake.by_cookiecutter(template, tmp_path_factory.mktemp("indexed"), kit_index=INDEX)


def test_from_an_index_the_kit_comes_from_that_one_alone(indexed: Path) -> None:
    uv = project(indexed)["tool"]["uv"]

    assert uv["sources"]["datadevops-kit"] == {"index": "kit"}
    assert uv["index"] == [{"name": "kit", "url": INDEX, "explicit": True}]
    assert not (indexed / "vendor").exists()


def test_from_an_index_no_machinery_speaks_of_a_folder_that_is_not_there(indexed: Path) -> None:
    names = [".dockerignore", ".gitattributes", ".gitignore", ".pre-commit-config.yaml"]
    names += ["Dockerfile", "pyproject.toml", "tox.toml"]

    texts = {name: (indexed / name).read_text(encoding="utf-8") for name in names}
    label = "org.opencontainers.image.vendor="
    assert [name for name, text in texts.items() if "vendor" in text.replace(label, "")] == []


@both_engines
def test_both_engines_leave_the_kit_out(
    engine: bake.Engine, indexed: Path, template: Path, tmp_path: Path
) -> None:
    product = engine(template, tmp_path, kit_index=INDEX)

    assert tree.differences(tree.snapshot(product), tree.snapshot(indexed)) == []


def test_one_number_is_used() -> None:
    """Of the kit, of its package, and of the range that a product asks for."""
    kit = project(ROOT / bake.TREE / KIT)["project"]["version"]
    source = (ROOT / bake.TREE / KIT / "src/datadevops/__init__.py").read_text(encoding="utf-8")
    text = (ROOT / bake.TREE / "pyproject.toml").read_text(encoding="utf-8")
    ranges = set(re.findall(r'"datadevops-kit(?:\[service\])?>=(\d+)\.(\d+),<(\d+)"', text))

    major, minor, _ = kit.split(".")
    assert re.findall(r'^__version__ = "(.+)"$', source, re.M) == [kit]
    assert ranges == {(major, minor, str(int(major) + 1))}
    assert (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").count(f"## [{kit}]") == 1


def misnumbered(tags: list[str], kit: str) -> list[str]:
    """A candidate comes before its release; a fork leaves the kit's number, and counts by year and month."""
    return [tag for tag in tags if tag != f"v{kit}" and not re.search(r"-|^v20\d\d\.\d+\.\d+$", tag)]


def test_a_tag_has_the_number_of_the_kit() -> None:
    """Of a commit that is tagged; the release workflow runs on it."""
    kit = project(ROOT / bake.TREE / KIT)["project"]["version"]
    tags = bake.run("git", "tag", "--points-at", "HEAD", "v*", cwd=ROOT).stdout.split()

    assert misnumbered(tags, kit) == []
    assert misnumbered(["v1.1.0", "v1.1.0-rc1", "v2026.12.0", "v1.0.0", "v1.1.0+acme.1"], "1.1.0") == [
        "v1.0.0",
        "v1.1.0+acme.1",
    ]


def test_the_kit_is_committed_whatever_somebodys_global_ignore_says(
    whole_baked: Path, tmp_path: Path
) -> None:
    product = shutil.copytree(whole_baked, tmp_path / "product")
    for name in LEFT_BEHIND:
        (product / KIT / name).parent.mkdir(parents=True, exist_ok=True)
        (product / KIT / name).write_text("x")
    (tmp_path / "ignore").write_text("vendor/\nstore/\nmodels/\n*.html\n", encoding="utf-8")
    bake.git("init", "-q", cwd=product)
    bake.git("config", "core.excludesFile", tmp_path / "ignore", cwd=product)

    bake.git("add", "--all", cwd=product)

    committed = set(bake.git("ls-files", "vendor", cwd=product).splitlines())
    assert committed == {name for name in tree.files(whole_baked) if name.startswith(tree.VENDOR)}


def test_git_shows_and_merges_what_is_edited_in_the_kit(baked: Path) -> None:
    """`-diff` would let copier overwrite an emergency edit without a word."""
    lines = (baked / ".gitattributes").read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if line.startswith("vendor")] == ["vendor/** linguist-vendored"]


@pytest.mark.life
@pytest.mark.parametrize("product_type", DECLARED["product_type"])
def test_a_product_works_with_the_wheel_of_a_flat_index(
    product_type: str, whole_template: Path, tmp_path: Path
) -> None:
    """A folder stands in for the index: uv asks it, and no other place, for the kit."""
    asked = {"product_type": product_type, "kit_index": INDEX}
    product = bake.by_cookiecutter(whole_template, tmp_path, **asked)
    source = shutil.copytree(whole_template / bake.TREE / KIT, tmp_path / "kit")
    empty, index = tmp_path / "empty", tmp_path / "index"
    empty.mkdir()
    built = bake.run("uv", "build", "--wheel", "--out-dir", index, cwd=source)
    assert built.returncode == 0, built.stderr

    missing = locked(product, empty)
    found = locked(product, index)
    run = bake.run("uv", "run", "python", "-c", "import datadevops", cwd=product)

    assert missing.returncode != 0
    assert "datadevops-kit" in missing.stderr
    assert found.returncode == 0, found.stderr
    assert run.returncode == 0, run.stderr
    text = (product / "uv.lock").read_text(encoding="utf-8")
    (version,) = re.findall(r'name = "datadevops-kit"\nversion = "([0-9.]+)"\nsource = .+/index"', text)

    workshop.edit(source / "pyproject.toml", f'version = "{version}"', f'version = "{version}.1"')
    assert bake.run("uv", "build", "--wheel", "--out-dir", index, cwd=source).returncode == 0
    assert locked(product, index).returncode == 0
    kept = (product / "uv.lock").read_text(encoding="utf-8")
    (command,) = re.findall(r"`(uv lock --upgrade-package .*?)`", versions.HOW_TO)
    upgraded = bake.run(*command.split(), cwd=product)
    assert upgraded.returncode == 0, upgraded.stderr
    newer = (product / "uv.lock").read_text(encoding="utf-8")
    assert [f'"{version}.1"' in text for text in (kept, newer)] == [False, True]


def locked(product: Path, index: Path) -> workshop.Done:
    """What `uv lock` says with that folder in the place of the index."""
    path = product / "pyproject.toml"
    text = path.read_text(encoding="utf-8")
    flat = f'url = "{index}"\nformat = "flat"'
    path.write_text(re.sub(r'^url = ".*"(\nformat = "flat")?$', flat, text, flags=re.M))
    return bake.run("uv", "lock", cwd=product)


def test_an_import_that_points_up_is_seen(tmp_path: Path) -> None:
    """The order of the rooms is held by `tox -e lint`."""
    kit = shutil.copytree(ROOT / bake.TREE / KIT / "src", tmp_path / "src")
    with (kit / "datadevops/contract/values.py").open("a", encoding="utf-8") as file:
        file.write("\n\ndef late() -> None:\n    from ..engine import checks\n\n    print(checks)\n")

    words: list[str | Path] = ["--config", ROOT / "pyproject.toml", "--no-cache"]
    program = "import sys; from importlinter.cli import lint_imports_command as c; c()"
    done = bake.run(sys.executable, "-c", program, *words, cwd=ROOT, PYTHONPATH=str(kit))

    assert done.returncode == 1
    assert "datadevops.contract.values -> datadevops.engine.checks" in done.stdout
