"""What the pipelines really run: through scripts, tox, make, nox and the hooks of a commit.

In:       a repository.
Out:      lines of commands. `bash ci/run.sh` gives the lines of that script too; `tox -e "$GATE"` those
          of each environment whose name a pipeline gives to GATE.
Failure:  none: what cannot be followed is left as it is written.

Read as text, never run: a command behind `if` counts. That is enough to see that nothing calls the tests.
"""

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

from . import task_runners
from .pipelines import given, pipelines, said
from .repository import Repository

VARIABLE = re.compile(
    r"\$\{\{\s*(?:\w+\.)*(\w+)[^}]*\}\}|\$\{(\w+)[^}]*\}|\$\((\w+)\)|\$(\w+)|<<\s*(?:\w+\.)*(\w+)\s*>>"
)
SCRIPT = re.compile(
    r"(?:^|[;&|]\s*|\b(?:bash|sh|python3?|pwsh|source|run|exec)\s+(?:-\S+\s+)*)[\"']?"
    r"((?:\./)?[\w./-]+\.(?:sh|py|bash|ps1))\b([^\n;|&]*)"
)
MAX_LINES = 5_000
MAX_ROUNDS = 3  # variables that name variables


@lru_cache(maxsize=4)
def lines(repository: Repository, on_change: bool = True) -> tuple[str, ...]:
    """All lines that pipelines run; with `on_change`, only those that run for a proposed or merged change."""
    found: dict[str, None] = {}
    for pipeline in pipelines(repository):
        if pipeline.on_change or not on_change:
            values = given(pipeline.document, {})
            for command in said(pipeline.document):
                _follow(repository, command, values, found)
            called = [str(each) for each in values.get("USES", [])]
            found |= dict.fromkeys(called)
    return tuple(found)


def _follow(
    repository: Repository, command: str, values: dict[str, list[str]], found: dict[str, None]
) -> None:
    for line in command.replace("\\\n", " ").splitlines():
        for each in substituted(line.strip(), values):
            if not each or each.startswith("#") or each in found or len(found) > MAX_LINES:
                continue
            found[each] = None
            for more in _behind(repository, each):
                _follow(repository, more, values, found)


def substituted(line: str, values: dict[str, list[str]], rounds: int = MAX_ROUNDS) -> list[str]:
    """The line with its variables: one line for each value that the first of them has."""
    for used in VARIABLE.finditer(line):
        # `GATE: ${{ matrix.gate }}` names itself
        found = [each for each in values.get(_name(used), []) if _name(used) not in _names(each)]
        if found and rounds:
            start, end = used.span()
            made = (line[:start] + value + line[end:] for value in dict.fromkeys(found))
            return [each for one in made for each in substituted(one, values, rounds - 1)]
    return [line]


def _names(text: str) -> set[str]:
    return {_name(each) for each in VARIABLE.finditer(text)}


def _name(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group).upper()


def _behind(repository: Repository, line: str) -> Iterator[str]:
    """What a line starts: a script of the repository, or what a task runner has under that name."""
    for path, arguments in SCRIPT.findall(line):
        name = path.removeprefix("./")
        if repository.first(name):
            text = repository.text(name)
            yield _called(text, arguments.split()) if name.endswith(".py") else text
    yield from task_runners.behind(repository, line)


def _called(source: str, arguments: list[str]) -> str:
    """The functions of a script that its arguments name, or all of it; the words of a list as one command."""
    functions = _functions(source)
    named = [functions[word] for word in arguments if word in functions]
    return re.sub(r"[\"',\[\]]+", " ", "\n".join(named or [functions[""]]))


@lru_cache(maxsize=32)
def _functions(source: str) -> dict[str, str]:
    """The text of each function of a module, and below "" of all, without comments and docstrings."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return {"": source}
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]
    functions = (each for each in tree.body if isinstance(each, ast.FunctionDef))
    return {"": ast.unparse(tree)} | {each.name: ast.unparse(each) for each in functions}


def reaches(repository: Repository, pattern: str, on_change: bool = True) -> bool:
    """Whether a line that pipelines run matches the regular expression."""
    return any(re.search(pattern, line) for line in lines(repository, on_change))
