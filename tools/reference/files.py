"""The page of the rendered files.

In:       cookiecutter.json, the files of the product tree, a sentence for each.
Out:      a page: what each file is for, whose it is, for which answers it is there.
Failure:  ValueError names the files without a sentence, and the sentences without a file.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatch
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

PACKAGE = "<<cookiecutter.__package>>"
KIT = "vendor/datadevops-kit/"
HEAD = """\
<!-- Made by tools/make_reference.py from the product tree and tools/file_sentences.yaml. Do not edit. -->
# Files of a product

What `team` owns, an update never touches. What `template` owns, `copier update` merges with your edits;
its first line says so, where the format has comments. PACKAGE is `project_slug` with `_` instead of `-`.
A file without a remark is there for all answers.
"""
TOP = "At the top"


def rendered(tree: Path, ignored: Sequence[str]) -> list[str]:
    """The paths that a bake may write, the kit as one, in the order of the page: the top first."""
    paths = [path.relative_to(tree) for path in tree.rglob("*") if path.is_file()]
    kept = [path for path in paths if not any(fnmatch(part, one) for part in path.parts for one in ignored)]
    names = {path.as_posix().replace(PACKAGE, "PACKAGE") for path in kept}
    names = {KIT if name.startswith(KIT) else name for name in names}
    return sorted(names, key=lambda name: (_folder(name) != TOP, name.lower()))


def sentences(path: Path) -> dict[str, str]:
    """What each file is for."""
    text: dict[str, str] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return text


def page(declared: dict[str, Any], names: Sequence[str], about: Mapping[str, str]) -> str:
    """The text of the page. Raises ValueError unless each file has a sentence, and each sentence a file."""
    unsaid, unknown = [*_without(names, about)], [*_without(about, names)]
    if unsaid or unknown:
        found = [f"{name} has no sentence in tools/file_sentences.yaml" for name in unsaid]
        raise ValueError("\n".join([*found, *(f"{name} is no file of the product tree" for name in unknown)]))
    return HEAD + "".join(
        f"\n## {folder}\n\n| file | what it is for | owner | only with |\n|---|---|---|---|\n"
        + "".join(_row(declared, name, about[name]) for name in group)
        for folder, group in groupby(names, key=_folder)
    )


def owner(declared: dict[str, Any], name: str) -> str:
    """Whose the file is: `team` or `template`."""
    return "team" if any(_covers(pattern, name) for pattern in declared["_yours"]) else "template"


def conditions(declared: dict[str, Any], name: str) -> dict[str, list[str]]:
    """The answers that bring the file, by question; one answer of each question must be given."""
    asked = {
        question: [
            choice for choice, paths in choices.items() if any(_covers(pattern, name) for pattern in paths)
        ]
        for question, choices in declared["_only_if"].items()
    }
    return {question: choices for question, choices in asked.items() if choices}


def _row(declared: dict[str, Any], name: str, about: str) -> str:
    only = "; ".join(f"{' or '.join(choices)}" for choices in conditions(declared, name).values())
    return f"| `{name}` | {about} | {owner(declared, name)} | {only} |\n"


def _folder(name: str) -> str:
    first, slash, _ = name.partition("/")
    return f"{first}/" if slash else TOP


def _covers(pattern: str, name: str) -> bool:
    """Whether the pattern names the file, or a folder that it is in."""
    parts, wanted = name.split("/"), pattern.split("/")
    return len(parts) >= len(wanted) and all(map(fnmatch, parts, wanted))


def _without(names: Iterable[str], others: Iterable[str]) -> Iterator[str]:
    known = set(others)
    yield from (name for name in names if name not in known)
