"""What tox, make, just, nox and pre-commit have under a name.

In:       a line that calls one of them.
Out:      the commands behind it.
Failure:  none: an unknown name has no commands.
"""

import configparser
import re
import shlex
from collections.abc import Iterator
from typing import Any

from .pipelines import strings
from .repository import Repository


def behind(repository: Repository, line: str) -> Iterator[str]:
    if call := re.search(r"\btox\b(?!\S)(.*)", line):
        yield from _tox(repository, call[1])
    if call := re.search(r"\b(make|just)\b(?!\S)(.*)", line):
        for target in call[2].split():
            yield from _target(repository, target)
    if re.search(r"\bnox\b", line) and repository.first("noxfile.py"):
        yield re.sub(r"[\"',\[\]()]+", " ", repository.text("noxfile.py"))
    if re.search(r"\b(pre-commit|prek)\s+run\b", line) or "pre-commit/action" in line:
        for name in repository.matching(".pre-commit-config.yaml"):
            yield from (text for document in repository.documents(name) for text in strings(document))


def _tox(repository: Repository, words: str) -> Iterator[str]:
    environments = _environments(repository)
    named = [each for group in re.findall(r"-e[\s=]*[\"']?([\w.,-]+)", words) for each in group.split(",")]
    chosen = named if re.search(r"\s-e", words) else environments.get("", [])
    for name in chosen:
        yield from environments.get(name, environments.get("env_run_base", []))


def _environments(repository: Repository) -> dict[str, list[str]]:
    """Commands by environment of tox; below "" the environments that run without a name."""
    if repository.first("tox.ini"):
        return _from_ini(repository.text("tox.ini"))
    declared = repository.toml("tox.toml") if repository.first("tox.toml") else {}
    tox = declared or repository.pyproject.get("tool", {}).get("tox", {})
    if isinstance(tox.get("legacy_tox_ini"), str):
        return _from_ini(tox["legacy_tox_ini"])
    found = {name: _commands(settings) for name, settings in _mapping(tox.get("env")).items()}
    base = {"env_run_base": _commands(tox.get("env_run_base"))}
    return base | found | {"": [str(each) for each in tox.get("env_list", []) if isinstance(each, str)]}


def _commands(settings: Any) -> list[str]:
    commands = _mapping(settings).get("commands", [])
    lists = [each for each in commands if isinstance(each, list)]
    return [shlex.join(word for word in each if isinstance(word, str)) for each in lists]


def _from_ini(text: str) -> dict[str, list[str]]:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return {}
    found = {
        name.removeprefix("testenv:"): parser.get(name, "commands", fallback="").splitlines()
        for name in parser.sections()
    }
    names = re.split(
        r"[\s,]+", parser.get("tox", "envlist", fallback=parser.get("tox", "env_list", fallback=""))
    )
    return found | {"env_run_base": found.get("testenv", []), "": [each for each in names if each]}


def _target(repository: Repository, target: str) -> Iterator[str]:
    """The recipe of a target, and those of what it needs."""
    name = repository.first("Makefile", "makefile", "GNUmakefile", "justfile", "Justfile")
    if not name:
        return
    recipe = re.compile(rf"^{re.escape(target)}\s*:(?!=)(.*)\n((?:[ \t]+.*\n|\n)*)", re.M)
    if found := recipe.search(repository.text(name) + "\n"):
        yield found[2]
        yield from (f"make {each}" for each in found[1].split() if re.fullmatch(r"[\w-]+", each))


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
