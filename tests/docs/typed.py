"""Whether the commands that a document shows can be typed, without running them.

In:       the text of a Markdown file; a product of each kind, whose command line is asked.
Out:      a sentence for each command that no program would take.
Failure:  none of its own.
"""

import re
import shlex
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

from datadevops import Product, cli
from datadevops.testing import commands

import bake
from declaration import ROOT

TREE = "<<cookiecutter.project_slug>>"
KINDS = {"rain-forecast": "model-service", "rain-statistics": "data-pipeline"}
FENCE = re.compile(r"^ *```([^\n]*)\n(.*?)^ *``` *$", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`([^`]+)`")
COMMANDS = {
    "copier": ["check-update", "copy", "recopy", "update"],
    "datadevops-review": ["explain", "fleet", "rules"],
}
ENVIRONMENTS = {
    name
    for file in (ROOT / "tox.toml", ROOT / TREE / "tox.toml")
    for name in re.findall(r"^\[env\.([\w-]+)\]", file.read_text(encoding="utf-8"), re.MULTILINE)
}


class _Told(Product):
    """A product without a package: its command line is the kit's alone."""

    def module(self, name: str) -> Any:  # noqa: ARG002  # only `cli` is asked for
        return type("Module", (), {"app": cli.application(self)})


def shown(text: str) -> Iterator[str]:
    """Each command line of the text: of blocks of shell, and of words in backticks."""
    for language, block in FENCE.findall(text):
        if language == "sh":
            yield from block.replace("\\\n", " ").splitlines()
    yield from (" ".join(span.split()) for span in SPAN.findall(FENCE.sub("", text)))


def faults(text: str) -> Iterator[str]:
    """What is wrong with the commands of the text; nothing if all can be typed."""
    for line in shown(text):
        for part in re.split(r"&&|\||;", line):
            try:
                words = shlex.split(part, comments=True)
            except ValueError:
                continue  # words in backticks that are no command line
            yield from (f"{part.strip()}: {wrong}" for wrong in _fault(words))


def _fault(words: list[str]) -> Iterator[str]:
    while words and re.match(r"\w+=|uv$|uvx$|run$|--with$|tox-uv$|--from$|\w+\+\w+://", words[0]):
        words = words[1:]
    if len(words) > 1 and words[0] in KINDS:
        yield from _of_product(words[0], words[1:])
    elif words[:1] == ["tox"]:
        yield from _tox(words)
    elif len(words) > 1 and words[0] in ("cookiecutter", "copier", "datadevops-review"):
        yield from _by_its_help(words)
    elif words and re.match(r"(\.ci|tools|benchmarks)/\w", words[0]) and not (ROOT / words[0]).exists():
        yield "there is no such file"


def _of_product(command: str, words: Sequence[str]) -> Iterator[str]:
    product = _Told(command.replace("-", "_"), title=command, kind=KINDS[command])  # type: ignore[arg-type]
    yield from commands.fault(product, words)


def _tox(words: Sequence[str]) -> Iterator[str]:
    chosen = [after for word, after in pairwise(words) if word == "-e"]
    for name in ",".join(chosen).split(",") if chosen else []:
        if name not in ENVIRONMENTS:
            yield f"there is no environment {name!r} in tox.toml"


def _by_its_help(words: Sequence[str]) -> Iterator[str]:
    """What the program's own help does not list. PROGRAM, its command if it has commands, options."""
    named = [word for word in words[1:2] if word in COMMANDS.get(words[0], [])]
    if words[0] == "copier" and not named:
        yield f"copier has no command {words[1]!r}"
        return
    options = {word[2:].partition("=")[0] for word in words if word.startswith("--")}
    known = set(re.findall(r"--([\w-]+)", _help(words[0], *named)))
    yield from (f"there is no option --{name}" for name in sorted(options - known))


@cache
def _help(*words: str) -> str:
    return bake.run(bake.command(words[0]), *words[1:], "--help", cwd=ROOT).stdout
