"""The gates of a product, run as its tox runs them, on programs that stand in for services of others.

In:       a product, an environment in which all that it needs is installed, a gate of its tox.toml.
Out:      what the gate says; a PATH without a program, or with a script instead of it.
Failure:  an environment that the file does not name raises KeyError.
"""

import os
import shutil
import tomllib
from pathlib import Path

import bake
import workshop


def released(baked: Path, environment: Path, folder: Path) -> Path:
    """A product as its team has it: locked, committed, released."""
    product = shutil.copytree(baked, folder / "rain-forecast")
    shutil.copy(environment.parent / "uv.lock", product)
    bake.commit(product, "as baked", "v1.0.0")
    return product


def gate(product: Path, environment: Path, name: str, *more: str, **settings: str) -> workshop.Done:
    """What a gate says; its words and settings may be added to."""
    tox = tomllib.loads((product / "tox.toml").read_text(encoding="utf-8"))["env"][name]
    done = None
    for command in tox["commands"]:
        done = bake.run(
            *(word for word in command if isinstance(word, str)),
            *more,
            cwd=product,
            UV_PROJECT_ENVIRONMENT=str(environment),
            UV_NO_SYNC="1",
            PYTHONPATH=workshop.sources(product),
            **(tox.get("set_env", {}) | settings),
        )
        if done.returncode:
            return done
    assert done
    return done


def without(tool: str, folder: Path) -> str:
    """A PATH with every program but one."""
    folder.mkdir()
    for place in reversed(os.environ["PATH"].split(os.pathsep)):
        for program in Path(place).glob("*"):
            (folder / program.name).unlink(missing_ok=True)
            (folder / program.name).symlink_to(program)
    (folder / tool).unlink(missing_ok=True)
    return str(folder)


def stand_in(tool: str, script: str, folder: Path) -> str:
    """A PATH on which `tool` is a script that first writes down how it was called."""
    folder.mkdir()
    program = folder / tool
    program.write_text(f'#!/bin/sh\necho "$@" >> "$0.log"\n{script}\n', encoding="utf-8")
    program.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"
