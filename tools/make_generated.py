"""Write ops/generated of the product tree, so that a fresh product holds what `slo render` writes.

    python tools/make_generated.py PYTHON           # write the files
    python tools/make_generated.py PYTHON --check   # change nothing; name the files that are stale

In:       the python of an environment with a product's dependencies (`uv sync` in a product); a
          product for each product_type and outage_impact, with names found again in a text.
Out:      what their `slo render` writes, as templates: those names are variables again, and lines
          that only some answers have stand in a condition.
Failure:  exit code 1 when --check finds a stale file; nothing is written then.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import groupby, product
from pathlib import Path
from tempfile import TemporaryDirectory

from cookiecutter.main import cookiecutter

ROOT = Path(__file__).resolve().parent.parent
GENERATED = ROOT / "<<cookiecutter.project_slug>>" / "ops" / "generated"
DECLARED = json.loads((ROOT / "cookiecutter.json").read_text(encoding="utf-8"))
QUESTIONS = ("product_type", "outage_impact")
NAMES = {"project_slug": "found-slug", "owner_team": "found-team", "org": "found-org"}
RENDER = "import found_slug.cli as c; c.main()"

FEWEST = 12  # lines in common between two conditions; each condition costs a millisecond of a bake
Answers = tuple[str, ...]  # to the questions
Line = tuple[str, tuple[Answers, ...]]  # a line, and the answers that have it


def written(python: str, given: Answers, folder: Path) -> dict[str, str]:
    """The text of each file that `slo render` writes for these answers, by path."""
    answers = dict(zip(QUESTIONS, given, strict=True)) | NAMES
    baked = Path(cookiecutter(str(ROOT), no_input=True, output_dir=folder, extra_context=answers))
    shutil.rmtree(baked / "ops" / "generated", ignore_errors=True)
    environment = os.environ | {"PYTHONPATH": str(baked / "src")}
    command = [python, "-c", RENDER, "slo", "render"]
    subprocess.run(command, cwd=baked, env=environment, check=True, stdout=subprocess.DEVNULL)
    return texts_below(baked / "ops" / "generated")


def texts_below(folder: Path) -> dict[str, str]:
    """The text of each file, by its path in the folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files}


def merged(texts: dict[Answers, str]) -> str:
    """One template from the text of each product.

    >>> print(merged({("a-pipeline", "high"): "a\\nb\\n", ("a-pipeline", "low"): "b\\n"}), end="")
    # <% if (cookiecutter.product_type, cookiecutter.outage_impact) in [('a-pipeline', 'high')] %>
    a
    b
    # <% endif %>
    # <% if (cookiecutter.product_type, cookiecutter.outage_impact) in [('a-pipeline', 'low')] %>
    b
    # <% endif %>
    """
    lines: list[Line] = []
    for answers, text in texts.items():
        lines = list(joined(lines, answers, text.splitlines()))
    parts: list[str] = []
    asked = ", ".join(f"cookiecutter.{question}" for question in QUESTIONS)
    for common, region in regions(lines, tuple(texts)):
        if common:
            parts += [line for line, _ in region]
            continue
        having: dict[tuple[str, ...], list[Answers]] = {}
        for answers in texts:
            own = tuple(line for line, those in region if answers in those)
            having.setdefault(own, []).append(answers)
        for own, those in having.items():
            if own:
                parts += [f"# <% if ({asked}) in {those} %>", *own, "# <% endif %>"]
    text = "\n".join(parts) + "\n"
    filters = []
    for name, value in NAMES.items():
        if value in text:  # one filter is rendered 20 times as fast as 200 variables
            text = text.replace(value, f"@{name}@")  # no answer to these may hold an @
            filters.append(f"replace('@{name}@', cookiecutter.{name})")
    return f"# <% filter {' | '.join(filters)} %>\n{text}# <% endfilter %>\n" if filters else text


def regions(lines: list[Line], every: tuple[Answers, ...]) -> Iterator[tuple[bool, list[Line]]]:
    """Runs of lines that all have, and of others; a short run of the former parts nothing."""
    runs = [
        (common, list(run)) for common, run in groupby(lines, key=lambda line: line[1] == every)
    ]
    kept = [(common and len(run) >= FEWEST, run) for common, run in runs]
    for common, group in groupby(kept, key=lambda each: each[0]):
        yield common, [line for _, run in group for line in run]


def joined(lines: list[Line], answers: Answers, new: list[str]) -> Iterator[Line]:
    """The lines of several products and those of another one, in an order that suits them all."""
    matcher = SequenceMatcher(None, [line for line, _ in lines], new, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            yield from ((line, (*those, answers)) for line, those in lines[start:end])
        else:
            yield from lines[start:end]
            yield from ((line, (answers,)) for line in new[new_start:new_end])


def templates(python: str) -> dict[str, str]:
    """The text of each file of ops/generated in the product tree."""
    with TemporaryDirectory() as folder:
        every = product(*(DECLARED[question] for question in QUESTIONS))
        rendered = {each: written(python, each, Path(folder) / "-".join(each)) for each in every}
    names = sorted({name for files in rendered.values() for name in files})
    return {
        name: merged({each: files[name] for each, files in rendered.items() if name in files})
        for name in names
    }


def main(arguments: list[str]) -> int:
    if len(arguments) not in (1, 2) or arguments[1:] not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    wanted = templates(arguments[0])
    if arguments[1:]:
        found = texts_below(GENERATED)
        names = sorted(found.keys() | wanted.keys())
        stale = [name for name in names if found.get(name) != wanted.get(name)]
        print("\n".join(stale), end="\n" if stale else "")
        return int(bool(stale))
    shutil.rmtree(GENERATED, ignore_errors=True)
    for name, text in wanted.items():
        (GENERATED / name).parent.mkdir(parents=True, exist_ok=True)
        (GENERATED / name).write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
