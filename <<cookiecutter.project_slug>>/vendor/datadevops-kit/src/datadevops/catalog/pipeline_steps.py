"""The steps of a pipeline as its source says them, without importing or running it.

In:       pipeline.py of a product.
Out:      each call that gets the job, in order: its name, the steps whose results it gets, its comment.
Failure:  ContractError CT006 (the file cannot be parsed).
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ..errors import ContractError


class Step(NamedTuple):
    name: str
    needs: list[str]  # earlier steps
    about: str  # the comment on its line


def read(path: Path) -> list[Step]:
    """The steps of the function `run` in the file; none if there is no such file or function."""
    if not path.is_file():
        return []
    text = path.read_text(encoding="utf-8")
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise ContractError("CT006", f"{path} cannot be parsed: {error}", "correct that line") from None
    runs = [each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == "run"]
    return [step for run in runs for step in _steps(run, text.splitlines())]


def _steps(run: ast.FunctionDef, lines: list[str]) -> Iterator[Step]:
    job, makers = run.args.args[0].arg if run.args.args else "job", dict[str, str]()
    for node in _in_order(run):
        if isinstance(node, ast.For) and (call := _call(node.iter, job)):
            yield _step(call, makers, lines)
            makers |= dict.fromkeys(_names(node.target), _name(call))
        elif isinstance(node, ast.Assign | ast.Expr | ast.Return) and (call := _call(node.value, job)):
            yield _step(call, makers, lines)
            targets = node.targets if isinstance(node, ast.Assign) else []
            makers |= {name: _name(call) for target in targets for name in _names(target)}


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    """The node and all within it, as they are written."""
    yield node
    for each in ast.iter_child_nodes(node):
        yield from _in_order(each)


def _call(node: ast.AST | None, job: str) -> ast.Call | None:
    """The call that gets the job, if it is one."""
    given = node.args if isinstance(node, ast.Call) else []
    found = any(isinstance(each, ast.Name) and each.id == job for each in given)
    return node if found and isinstance(node, ast.Call) else None


def _step(call: ast.Call, makers: dict[str, str], lines: list[str]) -> Step:
    values = [*call.args, *(each.value for each in call.keywords)]
    used = [makers[name] for value in values for name in _names(value) if name in makers]
    comment = lines[(call.end_lineno or 1) - 1].partition("  # ")[2].strip()
    return Step(_name(call), list(dict.fromkeys(used)), comment)


def _names(node: ast.AST) -> list[str]:
    return [each.id for each in ast.walk(node) if isinstance(each, ast.Name)]


def _name(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]
