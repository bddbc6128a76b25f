"""Write ops/generated of the product tree, so that a fresh product holds what `slo render` writes.

    python tools/make_generated.py PYTHON           # write the files
    python tools/make_generated.py PYTHON --check   # change nothing; name the files that are stale

In:       the python of an environment with a product's dependencies (`uv sync` in a product); a
          product of each type for each answer to outage_impact, with names that are found again in a text.
Out:      what their `slo render` writes, as templates: those names are variables again, and lines
          that only some products have stand in a condition.
Failure:  exit code 1 when --check finds a stale file; nothing is written then.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from cookiecutter.main import cookiecutter

ROOT = Path(__file__).resolve().parent.parent
GENERATED = ROOT / "<<cookiecutter.project_slug>>" / "ops" / "generated"
QUESTIONS = json.loads((ROOT / "cookiecutter.json").read_text(encoding="utf-8"))
IMPACTS, TYPES = QUESTIONS["outage_impact"], QUESTIONS["product_type"]
PRODUCTS = [f"{type_} {impact}" for type_ in TYPES for impact in IMPACTS]
NAMES = {"project_slug": "found-slug", "owner_team": "found-team", "org": "found-org"}
RENDER = "import found_slug.cli as c; c.main()"

Line = tuple[str, tuple[str, ...]]  # a line, and the products that have it


def written(python: str, product_type: str, impact: str, folder: Path) -> dict[str, str]:
    """The text of each file that `slo render` writes for a product, by path."""
    answers = {"product_type": product_type, "outage_impact": impact, **NAMES}
    product = Path(cookiecutter(str(ROOT), no_input=True, output_dir=folder, extra_context=answers))
    shutil.rmtree(product / "ops" / "generated", ignore_errors=True)
    environment = os.environ | {"PYTHONPATH": str(product / "src")}
    command = [python, "-c", RENDER, "slo", "render"]
    subprocess.run(command, cwd=product, env=environment, check=True, stdout=subprocess.DEVNULL)
    files = [path for path in (product / "ops" / "generated").rglob("*") if path.is_file()]
    root = product / "ops" / "generated"
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in files}


def merged(texts: dict[str, str]) -> str:
    """One template from the text of each product, among those that have it at all.

    >>> print(merged({"model-service high": "a\\nb\\n", "model-service low": "a\\n"}), end="")
    a
    # <% if cookiecutter.outage_impact in ['high'] %>
    b
    # <% endif %>
    """
    lines: list[Line] = []
    for product, text in texts.items():
        lines = list(joined(lines, product, text.splitlines()))
    parts = []
    for products, group in groupby(lines, key=lambda line: line[1]):
        block = [line for line, _ in group]
        if set(products) != set(texts):
            opening = f"# <% if {condition(products, tuple(texts))} %>"
            block = [opening, *block, "# <% endif %>"]
        parts += block
    text = "\n".join(parts) + "\n"
    for name, value in NAMES.items():
        text = text.replace(value, f"<< cookiecutter.{name} >>")
    return text


def condition(products: tuple[str, ...], among: tuple[str, ...]) -> str:
    """What is true of these products and of no other one.

    >>> condition(("a high", "a low"), ("a high", "a low", "b high", "b low"))
    "cookiecutter.product_type in ['a']"
    """
    for place, question in enumerate(("product_type", "outage_impact")):
        answers = list(dict.fromkeys(each.split()[place] for each in products))
        if {each for each in among if each.split()[place] in answers} == set(products):
            return f"cookiecutter.{question} in {answers}"
    both = "cookiecutter.product_type ~ ' ' ~ cookiecutter.outage_impact"
    return f"{both} in {list(products)}"


def joined(lines: list[Line], product: str, new: list[str]) -> Iterator[Line]:
    """The lines of several products and those of another one, in an order that suits them all."""
    matcher = SequenceMatcher(None, [line for line, _ in lines], new, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            yield from ((line, (*products, product)) for line, products in lines[start:end])
        else:
            yield from lines[start:end]
            yield from ((line, (product,)) for line in new[new_start:new_end])


def templates(python: str) -> dict[str, str]:
    """The text of each file of ops/generated in the product tree."""
    with TemporaryDirectory() as folder:
        rendered = {
            each: written(python, *each.split(), Path(folder) / each.replace(" ", "-"))
            for each in PRODUCTS
        }
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
    found = {
        path.relative_to(GENERATED).as_posix(): path.read_text(encoding="utf-8")
        for path in GENERATED.rglob("*")
        if path.is_file()
    }
    if arguments[1:]:
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
