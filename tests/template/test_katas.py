"""Each kata of docs/katas begins red for the reason that its page shows, and its solution is green.

In a fresh product, the commands of the page are typed in its order: start, hint, solution. Slow: `tox -e
life`.
"""

import re
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

import bake
import workshop
from declaration import ROOT

KATAS = ROOT / "docs" / "katas"
FOLDERS = sorted(path for path in KATAS.iterdir() if path.is_dir())
PARTS = ["The situation", "What you learn", "Start", "Hint", "Solution", "What it means"]
BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def parts(page: Path) -> dict[str, str]:
    """The text of each part of a page, by its heading."""
    found = re.split(r"^## (.*)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return dict(zip(found[::2], found[1::2], strict=True))


def steps(text: str) -> list[tuple[str, str]]:
    """Each block of commands, and what the page says that it shows; nothing where it says nothing."""
    found = [*BLOCK.findall(text), ("sh", "")]
    return [
        (block, said if after == "text" else "")
        for (kind, block), (after, said) in pairwise(found)
        if kind == "sh"
    ]


def faults(folder: Path) -> Iterator[str]:
    """What the folder of a kata lacks."""
    for name in ("index.md", "start.patch", "solution.patch"):
        if not (folder / name).exists():
            yield f"{folder.name} has no {name}"
            return
    texts = parts(folder / "index.md")
    if list(texts) != PARTS:
        yield f"{folder.name}: its parts are not {', '.join(PARTS)}"
        return
    for part, name, apply in (
        ("Start", "start.patch", "apply --index"),
        ("Solution", "solution.patch", "apply"),
    ):
        if f"```{{literalinclude}} {name}\n" not in texts[part] or f"[{name}]({name})" not in texts[part]:
            yield f"{folder.name}: {part} does not show {name}, or has no link to load it"
        if f"git {apply} ../datadevops-template/docs/katas/{folder.name}/{name}\n" not in texts[part]:
            yield f"{folder.name}: {part} does not apply {name}"
    if "\ngit commit " not in texts["Start"]:
        yield f"{folder.name}: Start does not commit its patch, so `git restore` would solve it"
    if not any(said and "pytest" in block for block, said in steps(texts["Start"])):
        yield f"{folder.name}: Start does not show how its test fails"
    if not any("pytest" in block for block, said in steps(texts["Solution"]) if not said):
        yield f"{folder.name}: Solution does not run the test"
    if f"]({folder.name}/index.md) |" not in (folder.parent / "index.md").read_text(encoding="utf-8"):
        yield f"{folder.name} is not in the table of the katas"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_kata_has_a_start_a_hint_and_a_solution(folder: Path) -> None:
    assert list(faults(folder)) == []


@pytest.mark.parametrize(
    ("broken", "old", "new", "fault"),
    [
        ("solution.patch", None, None, "late-data has no solution.patch"),
        ("index.md", "## Hint", "## Help", "late-data: its parts are not The situation, What you learn,"),
        (
            "index.md",
            "{literalinclude} start.patch",
            "{literalinclude} old.patch",
            "does not show start.patch",
        ),
        ("index.md", "late-data/solution.patch\n", "other/solution.patch\n", "does not apply solution.patch"),
        (
            "index.md",
            "```text\nAssertionError",
            "```\nAssertionError",
            "Start does not show how its test fails",
        ),
        (
            "index.md",
            "uv run pytest tests/test_late_data.py tests",
            "ls tests",
            "Solution does not run the test",
        ),
        ("index.md", "git commit --message", "git status", "Start does not commit its patch"),
        ("../index.md", "(late-data/index.md)", "(x/index.md)", "late-data is not in the table of the katas"),
    ],
)
def test_a_kata_that_lacks_a_part_is_found(
    broken: str, old: str | None, new: str | None, fault: str, tmp_path: Path
) -> None:
    folder = shutil.copytree(KATAS, tmp_path / "katas") / "late-data"
    if old and new:
        workshop.edit(folder / broken, old, new)
    else:
        (folder / broken).unlink()

    (found,) = faults(folder)

    assert fault in found


@pytest.fixture(scope="module")
def fresh(whole_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A product of each kind, beside a clone of the template. Read only: copy it to break it."""
    folder = tmp_path_factory.mktemp("katas")
    for kind in bake.DEFAULT_SLUGS:
        bake.commit(bake.by_cookiecutter(whole_template, folder, product_type=kind), "As baked", "v0.1.0")
    return folder


def beside(fresh: Path, folder: Path, target: Path) -> Path:
    """A product of the kind that the kata is about, beside the clone of the template that has the kata."""
    page = (folder / "index.md").read_text(encoding="utf-8")
    slug = "rain-statistics" if "uv run rain-statistics" in page else "rain-forecast"
    (target / "datadevops-template").symlink_to(folder.parents[2])
    product = shutil.copytree(fresh / slug, target / slug)
    bake.git("update-index", "-q", "--refresh", cwd=product)  # the copies have other times than git noted
    return product


def otherwise(folder: Path, product: Path, environment: Path) -> str:
    """The first commands of the page that give something else than it says, and what they give."""
    settings = {"UV_PROJECT_ENVIRONMENT": str(environment), "UV_NO_SYNC": "1", "OMP_NUM_THREADS": "1"}
    settings["PYTHONPATH"] = workshop.sources(product)
    for part in ("Start", "Hint", "Solution"):
        for commands, said in steps(parts(folder / "index.md")[part]):
            done = bake.run("bash", "-ec", commands, cwd=product, **settings)
            output = done.stdout + done.stderr
            if (done.returncode and not said) or any(line not in output for line in said.splitlines()):
                return f"{part}: {commands}{said}\n{output}"
    return ""


@pytest.mark.life
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_kata_is_red_for_its_reason_until_its_solution(
    folder: Path, fresh: Path, environment: Path, tmp_path: Path
) -> None:
    product = beside(fresh, folder, tmp_path)

    assert otherwise(folder, product, environment) == ""

    patches = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.patch"))
    assert workshop.run(product, "lint", environment) == []
    if re.search(r"^\+\+\+ b/src/.*\.py$", patches, re.MULTILINE):
        assert workshop.run(product, "type", environment) == []


@pytest.mark.life
@pytest.mark.parametrize(
    ("patch", "old", "new", "part", "shown"),
    [
        ("start.patch", "value: complete", "value: additions", "Start", "1 passed"),
        (
            "solution.patch",
            "+      - {property: deliveries, value: additions",
            "+      - {property: deliveries, value: complete",
            "Solution",
            "1 failed",
        ),
    ],
)
def test_a_start_that_is_green_and_a_solution_that_is_red_are_found(
    patch: str, old: str, new: str, part: str, shown: str, fresh: Path, environment: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(KATAS, tmp_path / "clone" / "docs" / "katas") / "late-data"
    workshop.edit(folder / patch, old, new)

    found = otherwise(folder, beside(fresh, folder, tmp_path), environment)

    assert found.startswith(f"{part}: ")
    assert shown in found
