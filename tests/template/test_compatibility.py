"""Between two releases questions and choices only grow, and what is the team's stays the team's."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import bake
from declaration import DECLARED, ROOT, questions

TOOL = "tools/compatibility.py"
LABELS = "src/<<cookiecutter.__package>>/transforms/labels.sql"


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """What the tool looks at, tagged v1.2.0: the declaration, the changelog, and files that are empty."""
    listed = bake.git("ls-files", "-z", "--", bake.TREE, cwd=ROOT).split("\0")[:-1]
    for name in [name for name in listed if "/vendor/" not in name]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    for name in ("cookiecutter.json", "CHANGELOG.md", TOOL):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    bake.commit(tmp_path, "a release", "v1.2.0")
    return tmp_path


def compare(repository: Path) -> tuple[int, str, str]:
    done = bake.run(sys.executable, TOOL, cwd=repository)
    return done.returncode, done.stdout, done.stderr


def declare(repository: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = repository / "cookiecutter.json"
    declared = json.loads(path.read_text(encoding="utf-8"))
    change(declared)
    path.write_text(json.dumps(declared), encoding="utf-8")


def test_nothing_is_lost_since_the_last_release() -> None:
    code, found, why = compare(ROOT)

    if "no release yet" in why:
        pytest.skip("no release yet, so no product could lose anything")
    if code == 3:
        pytest.skip(why)
    assert code == 0, found + why


def remove_question(declared: dict[str, Any]) -> None:
    del declared["owner_team"]


def rename_question(declared: dict[str, Any]) -> None:
    declared["team"] = declared.pop("owner_team")


def remove_choice(declared: dict[str, Any]) -> None:
    declared["license"].remove("MIT")


def make_free_text(declared: dict[str, Any]) -> None:
    declared["license"] = "MIT"


def take_over(declared: dict[str, Any]) -> None:
    declared["_yours"].remove("README.md")


def bring_for_fewer_answers(declared: dict[str, Any]) -> None:
    declared["_only_if"]["ci"]["github"].append("SECURITY.md")


def bring_for_a_new_answer_only(declared: dict[str, Any]) -> None:
    declared["policy"] = ["none", "written"]
    declared["_only_if"]["policy"] = {"written": ["SECURITY.md"]}


LOSSES = {
    "owner_team": [remove_question, rename_question],
    "license=MIT": [remove_choice],
    "license=Apache-2.0": [make_free_text],
    "README.md": [take_over],
    "SECURITY.md": [bring_for_fewer_answers, bring_for_a_new_answer_only],
}


@pytest.mark.parametrize(("name", "change"), [(name, each) for name in LOSSES for each in LOSSES[name]])
def test_a_loss_needs_a_migration_in_the_changelog(name: str, change: Any, released: Path) -> None:
    declare(released, change)

    code, found, error = compare(released)
    assert code == 1
    assert f"{name}: " in found
    assert "begins with: Migration of `NAME`:" in error

    lost = [line.partition(": ")[0] for line in found.splitlines()]
    entries = "".join(f"- Migration of `{each}`: what to do.\n" for each in lost)
    changelog = released / "CHANGELOG.md"
    changelog.write_text(changelog.read_text(encoding="utf-8") + entries, encoding="utf-8")
    assert compare(released)[0] == 0


def test_a_file_of_the_team_that_the_template_has_no_more_is_left_to_the_teams(released: Path) -> None:
    """An update deletes what only the old version has, see test_update.py."""
    (released / bake.TREE / LABELS).unlink()

    assert compare(released)[:2] == (
        1,
        f"{LABELS}: an update would delete it, with any answer (`_left_to_teams` keeps it)\n",
    )
    declare(released, lambda declared: declared["_left_to_teams"].append("src/*/transforms/labels.sql"))
    assert compare(released) == (0, "", "")


def test_growth_is_no_loss(released: Path) -> None:
    """A question, a choice, another order, a file of each kind; and a file that becomes the team's."""

    def grow(declared: dict[str, Any]) -> None:
        declared["schedule"] = "hourly"
        declared["license"] = ["MIT", *DECLARED["license"][:2], "BSD"]
        declared["_yours"].append("compose.yaml")

    declare(released, grow)
    for name in ("NEWS", "ops/runbooks/New.md"):
        (released / bake.TREE / name).touch()

    assert compare(released) == (0, "", "")


@pytest.mark.parametrize("tag", ["", "v1.3.0rc1"])
def test_without_a_release_nothing_was_compared(tag: str, released: Path) -> None:
    """A candidate is none."""
    bake.git("tag", "--delete", "v1.2.0", cwd=released)
    if tag:
        bake.git("tag", tag, cwd=released)
    declare(released, remove_question)

    assert compare(released) == (3, "", "NOT RUN: there is no release yet to compare with\n")


def test_a_shallow_clone_knows_no_release(released: Path, tmp_path: Path) -> None:
    bake.git("clone", "-q", "--depth", "1", "--no-tags", released.as_uri(), tmp_path / "s", cwd=tmp_path)

    code, _, error = compare(tmp_path / "s")

    assert (code, error.startswith("NOT RUN: this clone is shallow")) == (3, True)


@pytest.mark.parametrize("name", questions())
def test_each_question_counts(name: str, released: Path) -> None:
    """Also one that `_only_if` still names."""
    declare(released, lambda declared: declared.pop(name))

    code, found, error = compare(released)

    assert f"{name}: the question is gone" in found
    assert (code, "of these would hit products of v1.2.0" in error) == (1, True), error
