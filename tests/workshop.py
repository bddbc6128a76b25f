"""The product's own tools, run on a product the way its tox does.

In:       a baked product, and an environment in which everything it needs is installed.
Out:      the commands of the product's tox.toml, run one after the other.
Failure:  what a tool says is returned; an environment that the file does not name raises KeyError.
"""

import subprocess
import tomllib
from pathlib import Path
from typing import Any

import bake
import tree

Done = subprocess.CompletedProcess[str]


def commands(product: Path, name: str) -> list[list[str]]:
    """What the environment `name` of the product's tox runs, without what a user may add."""
    tox: dict[str, Any] = tomllib.loads((product / "tox.toml").read_text(encoding="utf-8"))
    declared = tox["env_run_base"] | tox["env"][name]
    return [[word for word in line if isinstance(word, str)] for line in declared["commands"]]


def run(product: Path, name: str, environment: Path, *more: str) -> list[str]:
    """What the tools of one tox environment complain about in this product; none is good."""
    said = []
    for program, *arguments in commands(product, name):
        done = bake.run(
            environment / "bin" / program,
            *arguments,
            *more,
            cwd=product,
            PATH=f"{environment / 'bin'}:{bake.environment()['PATH']}",
            PYTHONPATH=str(product / "src"),
            MYPY_CACHE_DIR=str(environment / "mypy-cache"),
            RUFF_NO_CACHE="true",
            PYTHONDONTWRITEBYTECODE="1",
        )
        if done.returncode != 0:
            said.append(f"{program} {' '.join(arguments)}\n{done.stdout}{done.stderr}")
    return said


def code(product: Path) -> dict[str, bytes]:
    """The product's Python and SQL, byte by byte."""
    found = tree.files(product).items()
    return {name: path.read_bytes() for name, path in found if path.suffix in {".py", ".sql"}}


def shape(product: Path) -> tuple[object, ...]:
    """What decides whether the product's own tests pass: its code, and its contracts' keys.

    Two products of one shape differ in names and limits only.
    """
    found = tree.files(product).items()
    contracts = {name: tree.parsed(path) for name, path in found if path.suffix == ".yaml"}
    keys = {name: tuple(keys_of(content)) for name, content in contracts.items()}
    return (*sorted(code(product).items()), *sorted(keys.items()))


def keys_of(content: object, above: str = "") -> list[str]:
    """The path of every key in nested mappings and lists, e.g. `servers.0.type`."""
    if isinstance(content, dict):
        pairs = list(content.items())
    elif isinstance(content, list):
        pairs = list(enumerate(content))
    else:
        return [above]
    return [key for name, value in pairs for key in keys_of(value, f"{above}.{name}")]
