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
KINDS = {slug: kind for kind, slug in bake.DEFAULT_SLUGS.items()}


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
    for part, name in {"Start": "start.patch", "Solution": "solution.patch"}.items():
        if f"```{{literalinclude}} {name}\n" not in texts[part] or f"[{name}]({name})" not in texts[part]:
            yield f"{folder.name}: {part} does not show {name}, or has no link to load it"
        if f"git apply ../datadevops-template/docs/katas/{folder.name}/{name}\n" not in texts[part]:
            yield f"{folder.name}: {part} does not apply {name}"
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
    for kind in KINDS.values():
        bake.by_cookiecutter(whole_template, folder, product_type=kind)
    return folder


@pytest.mark.life
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_kata_is_red_for_its_reason_until_its_solution(
    folder: Path, fresh: Path, environment: Path, tmp_path: Path
) -> None:
    texts = parts(folder / "index.md")
    (slug,) = {slug for slug in KINDS if f"uv run {slug}" in "".join(texts.values())} or {"rain-forecast"}
    product = shutil.copytree(fresh / slug, tmp_path / slug)
    (tmp_path / "datadevops-template").symlink_to(ROOT)

    def typed(commands: str) -> workshop.Done:
        """What these lines give in a shell, as if `uv sync` had been typed before."""
        settings = {"UV_PROJECT_ENVIRONMENT": str(environment), "UV_NO_SYNC": "1", "OMP_NUM_THREADS": "1"}
        return bake.run(
            "bash", "-ec", commands, cwd=product, PYTHONPATH=workshop.sources(product), **settings
        )

    for commands, said in [*steps(texts["Start"]), *steps(texts["Hint"]), *steps(texts["Solution"])]:
        done = typed(commands)
        output = done.stdout + done.stderr
        assert [line for line in said.splitlines() if line.strip() not in output] == [], output
        assert said or done.returncode == 0, f"{commands}\n{output}"
    assert workshop.run(product, "lint", environment) == []
    assert workshop.run(product, "type", environment) == []
