"""The product's own tools, run on a product the way its tox does.

In:       a baked product, and an environment in which everything it needs is installed.
Out:      the commands of the product's tox.toml, run one after the other.
Failure:  what a tool says is returned; an environment that the file does not name raises KeyError.
"""

import os
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
    uv = ["uv", "run", "--no-active"]
    return [
        [word for word in line if word not in uv and isinstance(word, str)] for line in declared["commands"]
    ]


def run(product: Path, name: str, environment: Path, *more: str) -> list[str]:
    """What the tools of one tox environment complain about in this product; none is good."""
    said = []
    for program, *arguments in commands(product, name):
        done = at_work(product, environment, program, *arguments, *more)
        if done.returncode != 0:
            line = f"{program} {' '.join(arguments)}: exit code {done.returncode}"
            said.append(f"{line}\n{done.stdout}{done.stderr}")
    return said


def main_job(product: Path, environment: Path) -> Done:
    """The product's `run`, without its having been installed."""
    (package,) = (path.parent.name for path in product.glob("src/*/cli.py"))
    return at_work(product, environment, "python", "-c", f"import {package}.cli as c; c.app()", "run")


def at_work(product: Path, environment: Path, program: str, *arguments: str) -> Done:
    """Run a program of the environment on the product's own source, whatever else is installed."""
    return bake.run(
        environment / "bin" / program,
        *arguments,
        cwd=product,
        PATH=f"{environment / 'bin'}:{bake.environment()['PATH']}",
        PYTHONPATH=sources(product),
        # Two mypy at once would spoil one cache.
        MYPY_CACHE_DIR=str(environment / f"mypy-{os.environ.get('PYTEST_XDIST_WORKER')}"),
        RUFF_NO_CACHE="true",
    )


def edit(path: Path, old: str, new: str) -> None:
    """Replace the first `old` in the file by `new`. Raises AssertionError if the file does not contain it."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} does not hold {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def sources(product: Path) -> str:
    """PYTHONPATH: the product's package and its own kit, not that of the environment."""
    return os.pathsep.join(str(product / each) for each in ("src", "vendor/datadevops-kit/src"))


def code(product: Path) -> tuple[tuple[str, bytes], ...]:
    """The Python and SQL of the product's package and its tests, byte by byte."""
    found = tree.files(product).items()
    return tuple(
        (name, path.read_bytes())
        for name, path in found
        if name.startswith(("src/", "tests/")) and path.suffix in {".py", ".sql"}
    )


def shape(product: Path) -> tuple[object, ...]:
    """The product's code, and the keys of its contracts.

    Two products of one shape differ in names and in limits only.
    """
    contracts = {
        name: path
        for name, path in tree.files(product).items()
        if name.startswith("src/") and path.suffix == ".yaml"
    }
    keys = [(name, *keys_of(tree.parsed(path))) for name, path in contracts.items()]
    return (code(product), *keys)


def keys_of(content: object, above: str = "") -> list[str]:
    """The path of every key in nested mappings and lists, e.g. `servers.0.type`."""
    if isinstance(content, dict):
        pairs = list(content.items())
    elif isinstance(content, list):
        pairs = list(enumerate(content))
    else:
        return [above]
    return [key for name, value in pairs for key in keys_of(value, f"{above}.{name}")]
